import {
  addBridgeVlan,
  addClass,
  type AddClassOptions,
  addFdb,
  type AddFdbOptions,
  addFilter,
  addFilterChain,
  addMdb,
  type AddMdbOptions,
  addMplsRoute,
  addNexthop,
  type AddNexthopOptions,
  addQdisc,
  type AddQdiscOptions,
  addRoute,
  createLink,
  type CreateLinkOptions,
  getChannels,
  getLinkSettings,
  getPause,
  getRings,
  type Netns,
  removeBridgeVlan,
  removeClass,
  removeFdb,
  removeFilter,
  removeFilterChain,
  removeMdb,
  removeNexthop,
  removeQdisc,
  setChannels,
  setNeighborTable,
  type SetNeighborTableOptions,
  setPause,
  setRings,
} from '../../lib';
import { EXAMPLES as FILTERS } from '../integration/traffic/filter-examples';
import { KEY_EXAMPLES } from '../integration/traffic/key-examples';
import { AT_INGRESS, EXAMPLES as QDISCS } from '../integration/traffic/examples';
import { MPLS_ROUTES } from '../support/mpls-routes';
import { WRAPPED } from '../support/wrapped-routes';
import { EXAMPLES as LINKS } from '../support/link-kinds/examples';

// The commands of ip, bridge, tc and ethtool beside the calls that do the same. capture-pairs.mjs writes what the commands send.

/** A command, and a call that does the same. */
export interface Pair {
  command: string;
  call: (netns: Netns) => Promise<unknown>;
}

export interface Noun {
  /** RTM_NEW… of what the commands ask for; none of generic netlink, whose families have no numbers of their own. */
  types: readonly number[];
  pairs: readonly Pair[];
}

/** The devices of all commands, by name: besides lo a bridge, and pairs of veth devices. */
export const DEVICES = { lo: 1, br0: 10, v0: 11, v1: 12, lower: 20, other: 21, eth0: 30, eth1: 31 } as const;

/** The kinds that stand on another device. */
const ON_ANOTHER: ReadonlySet<string> = new Set(['ipvlan', 'ipvtap', 'macsec', 'macvlan', 'macvtap']);

const words = (...parts: readonly (string | undefined)[]) => parts.filter(Boolean).join(' ');

const links: readonly Pair[] = LINKS.filter(({ then }) => then === undefined).map((example) => {
  const below = ON_ANOTHER.has(example.kind);
  const { kind, own } = example;
  const options = { kind, name: 'x0', ...(below && { link: 'lower' }), ...own };
  return {
    command: words('ip link add', below ? 'link lower' : '', 'name x0 type', kind, example.words),
    call: async (netns) => createLink(netns, options as unknown as CreateLinkOptions),
  };
});

const MAC = '02:00:00:00:00:99';

const fdb = (device: string, options: AddFdbOptions, more: string): Pair[] => [
  {
    command: words('bridge fdb add', MAC, 'dev', device, more),
    call: async (netns) => addFdb(netns, device, MAC, options),
  },
];

const mdb = (group: string, options: AddMdbOptions, more: string): Pair => ({
  command: words('bridge mdb add dev br0', more),
  call: async (netns) => addMdb(netns, 'br0', group, options),
});

const vlan = (
  device: string,
  of: Parameters<typeof addBridgeVlan>[2],
  options: Parameters<typeof addBridgeVlan>[3],
  more: string,
): Pair => ({
  command: words('bridge vlan add dev', device, 'vid', more),
  call: async (netns) => addBridgeVlan(netns, device, of, options),
});

const nexthop = (options: AddNexthopOptions, more: string): Pair => ({
  command: words('ip', more.startsWith('-6') ? '-6' : '', 'nexthop add id 7', more.replace(/^-6 /, '')),
  call: async (netns) => addNexthop(netns, { id: 7, ...options }),
});

const PARAMETERS: readonly (readonly [keyof SetNeighborTableOptions, string])[] = [
  ['baseReachableTime', 'base_reachable'],
  ['retransmitTime', 'retrans'],
  ['gcStaleTime', 'gc_stale'],
  ['delayProbeTime', 'delay_probe'],
  ['queueLength', 'queue'],
  ['appProbes', 'app_probes'],
  ['unicastProbes', 'ucast_probes'],
  ['multicastProbes', 'mcast_probes'],
  ['anycastDelay', 'anycast_delay'],
  ['proxyDelay', 'proxy_delay'],
  ['proxyQueueLength', 'proxy_queue'],
  ['lockTime', 'locktime'],
];

const qdiscs: readonly Pair[] = QDISCS.map((example) => {
  const { kind, own } = example;
  const atIngress = AT_INGRESS.has(kind);
  const options = { kind, ...(!atIngress && { handle: '1:' }), ...own };
  return {
    command: words('tc qdisc add dev v0', atIngress ? '' : 'root handle 1:', kind, example.words),
    call: async (netns) => addQdisc(netns, 'v0', options as unknown as AddQdiscOptions),
  };
});

const trafficClass = (options: AddClassOptions, more: string): Pair => ({
  command: words('tc class add dev v0 parent 1: classid', options.handle, options.kind, more),
  call: async (netns) => addClass(netns, 'v0', { parent: '1:', ...options }),
});

/** A program has blanks within one word. */
const KEYS = KEY_EXAMPLES.filter(({ words: all }) => !all.includes('bytecode'));

const filters: readonly Pair[] = [...FILTERS, ...KEYS].map(({ options, words: more, place = 'ingress' }) => ({
  command: words('tc filter add dev v0', place === '1:' ? 'parent 1:' : place, more),
  call: async (netns) => addFilter(netns, 'v0', { parent: place, ...options }),
}));

export const NOUNS = {
  kinds: { types: [16], pairs: links },
  fdb: {
    types: [28],
    pairs: [
      ...fdb('v0', { table: 'master' }, 'master static'),
      ...fdb('v0', { table: 'master', state: 'permanent', vlan: 7 }, 'master permanent vlan 7'),
      ...fdb('v0', { table: 'master', state: 'dynamic', sticky: true }, 'master dynamic sticky'),
      ...fdb('v0', { table: 'master', externLearn: true, use: true }, 'master static extern_learn use'),
      ...fdb('v0', { table: 'self' }, 'self permanent'),
      ...fdb('v1', { dst: 'fd00::9' }, 'self permanent dst fd00::9'),
      ...fdb(
        'v1',
        { dst: '10.0.0.1', port: 99, vni: 7, srcVni: 5, via: 'v0', state: 'dynamic' },
        'self dynamic dst 10.0.0.1 port 99 vni 7 src_vni 5 via v0',
      ),
      ...fdb('v1', { nexthopId: 7 }, 'self permanent nhid 7'),
      {
        command: `bridge fdb replace ${MAC} dev v0 master static`,
        call: async (netns) => addFdb(netns, 'v0', MAC, { table: 'master', ifExists: 'replace' }),
      },
      {
        command: `bridge fdb append ${MAC} dev v1 self permanent dst 10.0.0.2`,
        call: async (netns) => addFdb(netns, 'v1', MAC, { dst: '10.0.0.2', ifExists: 'append' }),
      },
      {
        command: `bridge fdb del ${MAC} dev v0 master vlan 7`,
        call: async (netns) => removeFdb(netns, 'v0', MAC, { table: 'master', vlan: 7 }),
      },
    ],
  },
  mdb: {
    types: [84],
    pairs: [
      mdb('239.1.1.1', { port: 'v0' }, 'port v0 grp 239.1.1.1 permanent'),
      mdb('239.1.1.1', { port: 'v0', permanent: false, vlan: 7 }, 'port v0 grp 239.1.1.1 temp vid 7'),
      mdb('ff15::1', { port: 'v0' }, 'port v0 grp ff15::1 permanent'),
      mdb('01:00:5e:00:00:09', { port: 'v0' }, 'port v0 grp 01:00:5e:00:00:09 permanent'),
      mdb('239.1.1.1', { port: 'v0', source: '10.0.0.1' }, 'port v0 grp 239.1.1.1 src 10.0.0.1 permanent'),
      mdb('ff15::1', { port: 'v0', source: 'fd00::1' }, 'port v0 grp ff15::1 src fd00::1 permanent'),
      mdb('239.1.1.1', {}, 'port br0 grp 239.1.1.1 temp'),
      {
        command: 'bridge mdb del dev br0 port v0 grp 239.1.1.1',
        call: async (netns) => removeMdb(netns, 'br0', '239.1.1.1', { port: 'v0' }),
      },
    ],
  },
  bridgeVlans: {
    types: [16],
    pairs: [
      vlan('v0', 10, { self: false }, '10'),
      vlan('v0', 10, { pvid: true, untagged: true, self: false }, '10 pvid untagged'),
      vlan('v0', { from: 10, to: 19 }, { untagged: true, self: false }, '10-19 untagged'),
      vlan('br0', 30, { self: true }, '30 self'),
      {
        command: 'bridge vlan del dev v0 vid 10-19',
        call: async (netns) => removeBridgeVlan(netns, 'v0', { from: 10, to: 19 }, { self: false }),
      },
    ],
  },
  nexthops: {
    types: [104],
    pairs: [
      nexthop({ via: '10.0.0.7', device: 'v0' }, 'via 10.0.0.7 dev v0'),
      nexthop({ device: 'v1' }, 'dev v1'),
      nexthop({ device: 'v1', family: 6 }, '-6 dev v1'),
      nexthop({ via: 'fd00::7', device: 'v0', protocol: 'static' }, 'via fd00::7 dev v0 proto static'),
      nexthop({ via: '10.99.0.1', device: 'v1', onlink: true }, 'via 10.99.0.1 dev v1 onlink'),
      nexthop({ blackhole: true }, 'blackhole'),
      nexthop({ blackhole: true, family: 6 }, '-6 blackhole'),
      nexthop({ via: '10.0.0.7', fdb: true }, 'via 10.0.0.7 fdb'),
      nexthop({ group: [{ id: 1, weight: 5 }, { id: 2 }], protocol: 77 }, 'group 1,5/2 proto 77'),
      nexthop(
        {
          group: [{ id: 1, weight: 3 }, { id: 2 }],
          resilient: { buckets: 16, idleTimer: 60, unbalancedTimer: 300 },
        },
        'group 1,3/2 type resilient buckets 16 idle_timer 60 unbalanced_timer 300',
      ),
      { command: 'ip nexthop del id 7', call: async (netns) => removeNexthop(netns, 7) },
    ],
  },
  encapsulations: {
    types: [24],
    pairs: WRAPPED.map(([options, more]) => ({
      command: words('ip', options.to.includes(':') ? '-6' : '', 'route add', more),
      call: async (netns: Netns) => addRoute(netns, options),
    })),
  },
  mplsRoutes: {
    types: [24],
    pairs: MPLS_ROUTES.map(([options, more]) => ({
      command: words('ip -f mpls route add', more),
      call: async (netns: Netns) => addMplsRoute(netns, options),
    })),
  },
  neighborTables: {
    types: [64],
    pairs: PARAMETERS.map(([option, word], i) => ({
      command: `ip ntable change name ndisc_cache dev v0 ${word} ${i + 100}`,
      call: async (netns: Netns) => setNeighborTable(netns, 6, { device: 'v0', [option]: i + 100 }),
    })),
  },
  qdiscs: {
    types: [36],
    pairs: [
      ...qdiscs,
      { command: 'tc qdisc del dev v0 root', call: async (netns) => removeQdisc(netns, 'v0') },
    ],
  },
  classes: {
    types: [40],
    pairs: [
      trafficClass({ kind: 'htb', handle: '1:10', rate: 1_000_000 }, 'rate 1mbit'),
      trafficClass(
        {
          ...{ kind: 'htb', handle: '1:1a', rate: 1_000_000, ceil: 2_000_000, burst: 3000, ceilBurst: 4000 },
          ...{ quantum: 5000, priority: 3, overhead: 24, mpu: 64 },
        },
        'rate 1mbit ceil 2mbit burst 3000 cburst 4000 quantum 5000 prio 3 overhead 24 mpu 64',
      ),
      trafficClass(
        { kind: 'htb', handle: '1:20', rate: 40_000_000_000, ceil: 80_000_000_000 },
        'rate 40gbit ceil 80gbit',
      ),
      trafficClass(
        {
          ...{ kind: 'hfsc', handle: '1:10' },
          realTime: { rate: 500_000, firstRate: 1_000_000, firstTime: 10 },
          linkShare: { rate: 2_000_000, firstRate: 0, firstTime: 0 },
          upperLimit: { rate: 5_000_000, firstRate: 0, firstTime: 0 },
        },
        'rt m1 1mbit d 10ms m2 500kbit ls m2 2mbit ul m2 5mbit',
      ),
      {
        command: 'tc class del dev v0 classid 1:10',
        call: async (netns) => removeClass(netns, 'v0', { handle: '1:10' }),
      },
    ],
  },
  filters: {
    types: [44],
    pairs: [
      ...filters,
      {
        command: 'tc filter del dev v0 ingress protocol ip prio 5 handle 0x7 u32',
        call: async (netns) =>
          removeFilter(netns, 'v0', {
            parent: 'ingress',
            protocol: 'ip',
            priority: 5,
            handle: 7,
            kind: 'u32',
          }),
      },
      {
        command: 'tc filter del dev v0 ingress prio 5',
        call: async (netns) => removeFilter(netns, 'v0', { parent: 'ingress', priority: 5 }),
      },
    ],
  },
  filterChains: {
    types: [100],
    pairs: [
      {
        command: 'tc chain add dev v0 ingress chain 5',
        call: async (netns) => addFilterChain(netns, 'v0', { parent: 'ingress', chain: 5 }),
      },
      {
        command: 'tc chain add dev v0 ingress chain 6 protocol ip flower src_ip 0.0.0.0/8',
        call: async (netns) =>
          addFilterChain(netns, 'v0', {
            parent: 'ingress',
            chain: 6,
            template: { etherType: 'ip', source: '0.0.0.0/8' },
          }),
      },
      {
        command: 'tc chain del dev v0 ingress chain 5',
        call: async (netns) => removeFilterChain(netns, 'v0', { parent: 'ingress', chain: 5 }),
      },
    ],
  },
  ethtool: {
    types: [],
    pairs: [
      { command: 'ethtool -l v0', call: async (netns) => getChannels(netns, 'v0') },
      { command: 'ethtool -g v0', call: async (netns) => getRings(netns, 'v0') },
      { command: 'ethtool -a v0', call: async (netns) => getPause(netns, 'v0') },
      { command: 'ethtool v0', call: async (netns) => getLinkSettings(netns, 'v0') },
      {
        command: 'ethtool -L v0 rx 2 tx 1',
        call: async (netns) => setChannels(netns, 'v0', { rx: 2, tx: 1 }),
      },
      {
        command: 'ethtool -G v0 rx 512 tx 256',
        call: async (netns) => setRings(netns, 'v0', { rx: 512, tx: 256 }),
      },
      {
        command: 'ethtool -A v0 autoneg off rx on tx off',
        call: async (netns) => setPause(netns, 'v0', { autoneg: false, rx: true, tx: false }),
      },
    ],
  },
} as const satisfies Readonly<Record<string, Noun>>;
