import { addRoute, type AddRouteOptions, removeRoute } from '../../../lib/routes/routes';
import { getRoute, type GetRouteOptions } from '../../../lib/routes/get-route';
import type { RouteOptions } from '../../../lib/routes/route-request';
import { route } from '../../../lib/netlink/rtnetlink/route';
import { fakeNetns, ipSaid, said } from '../support/fake-netns';

const ipSays = (command: string) => ipSaid('route', command, route.codec);
const via = '10.0.1.254';
const device = 'va';

test.each<[command: string, options: AddRouteOptions]>([
  ['ip route add default via 10.0.1.254', { to: 'default', via }],
  ['ip route add 10.1.0.0/16 dev va', { to: '10.1.0.0/16', device }],
  [
    'ip route add 10.2.0.0/16 via 10.0.1.254 dev va src 10.0.1.2 metric 100',
    { to: '10.2.0.0/16', via, device, src: '10.0.1.2', metric: 100 },
  ],
  ['ip route add 10.3.0.1 via 10.0.1.254', { to: '10.3.0.1', via }],
  ['ip route add 10.4.0.0/16 via 10.0.1.254 table 100', { to: '10.4.0.0/16', via, table: 100 }],
  ['ip route add 10.4.0.0/16 via 10.0.1.254 table 1000', { to: '10.4.0.0/16', via, table: 1000 }],
  ['ip route add blackhole 10.5.1.0/24', { to: '10.5.1.0/24', type: 'blackhole' }],
  ['ip route add unreachable 10.5.2.0/24', { to: '10.5.2.0/24', type: 'unreachable' }],
  ['ip route add prohibit 10.5.3.0/24', { to: '10.5.3.0/24', type: 'prohibit' }],
  ['ip route add throw 10.5.4.0/24 table 100', { to: '10.5.4.0/24', type: 'throw', table: 100 }],
  [
    'ip route add local 10.5.5.0/24 dev va table local',
    { to: '10.5.5.0/24', type: 'local', device, table: 'local' },
  ],
  [
    'ip route add 10.6.0.0/16 nexthop via 10.0.1.254 dev va weight 3 nexthop via 10.0.2.254 dev vb',
    {
      to: '10.6.0.0/16',
      nexthops: [
        { via, device, weight: 3 },
        { via: '10.0.2.254', device: 'vb' },
      ],
    },
  ],
  [
    'ip route add 10.7.0.0/16 via 192.0.2.1 dev va onlink',
    { to: '10.7.0.0/16', via: '192.0.2.1', device, onlink: true },
  ],
  [
    'ip route add 10.9.0.0/16 via inet6 fd00:1::254 dev va',
    { to: '10.9.0.0/16', via: 'fd00:1::254', device },
  ],
  [
    'ip route add 10.9.1.0/24 nexthop via 10.0.1.254 dev va nexthop via 192.0.2.1 dev vb onlink',
    {
      to: '10.9.1.0/24',
      nexthops: [
        { via, device },
        { via: '192.0.2.1', device: 'vb', onlink: true },
      ],
    },
  ],
  [
    'ip route add 10.8.0.0/16 via 10.0.1.254 mtu 1300 advmss 1260 window 65536 rto_min 200ms initcwnd 20',
    {
      to: '10.8.0.0/16',
      via,
      mtu: 1300,
      advertisedMss: 1260,
      window: 65536,
      minimumRto: 200,
      initialWindow: 20,
    },
  ],
  [
    'ip route add 10.8.2.0/24 via 10.0.1.254 rtt 100ms rttvar 50ms ssthresh 11 cwnd 12 reordering 13 hoplimit 64 ' +
      'features ecn initrwnd 30 quickack 1 fastopen_no_cookie 1',
    {
      to: '10.8.2.0/24',
      via,
      rtt: 100,
      rttVariance: 50,
      slowStartThreshold: 11,
      congestionWindow: 12,
      reordering: 13,
      hopLimit: 64,
      features: ['ecn'],
      initialReceiveWindow: 30,
      quickAck: true,
      fastOpenNoCookie: true,
    },
  ],
  [
    'ip route add 10.8.3.0/24 via 10.0.1.254 realms 2/3',
    { to: '10.8.3.0/24', via, realms: { from: 2, to: 3 } },
  ],
  [
    'ip route add 10.8.1.0/24 via 10.0.1.254 mtu lock 1300 congctl cubic',
    { to: '10.8.1.0/24', via, mtu: 1300, congestionControl: 'cubic', locked: ['mtu'] },
  ],
  [
    'ip route add 10.10.0.0/16 dev va proto static scope global tos 0x10',
    { to: '10.10.0.0/16', device, protocol: 'static', scope: 'global', tos: 0x10 },
  ],
  [
    'ip route add fd00:2::/64 via fd00:1::254 dev va metric 50 pref high expires 600',
    { to: 'fd00:2::/64', via: 'fd00:1::254', device, metric: 50, preference: 'high', expires: 600 },
  ],
  ['ip route add fd00:3::/64 dev va table 1000', { to: 'fd00:3::/64', device, table: 1000 }],
  ['ip route add blackhole fd00:4::/64', { to: 'fd00:4::/64', type: 'blackhole' }],
  [
    'ip route add fd00:5::/64 nexthop via fd00:1::253 dev va nexthop via fd00:1::254 dev va weight 256',
    {
      to: 'fd00:5::/64',
      nexthops: [
        { via: 'fd00:1::253', device },
        { via: 'fd00:1::254', device, weight: 256 },
      ],
    },
  ],
  ['ip route replace 10.1.0.0/16 via 10.0.1.254', { to: '10.1.0.0/16', via, ifExists: 'replace' }],
  [
    'ip route append 10.1.0.0/16 via 10.0.1.253',
    { to: '10.1.0.0/16', via: '10.0.1.253', ifExists: 'append' },
  ],
])('as %s: addRoute %j', async (command, options) => {
  const { netns, asked } = fakeNetns();
  await addRoute(netns, options);
  expect(asked().map((one) => said(one, route.codec))).toEqual([ipSays(command)]);
});

test('the default route of IPv6, whose destination ip sends although it is empty', async () => {
  const { netns, asked } = fakeNetns();
  await addRoute(netns, { to: 'default', via: 'fd00:1::254' });
  const ours = said(asked()[0]!, route.codec);
  const { type, flags, value } = ipSays('ip -6 route add default via fd00:1::254');
  expect({ ...ours, value: { ...(ours.value as object), dst: '::' } }).toEqual({ type, flags, value });
});

test('an MTU is one of the metrics', async () => {
  const { netns, asked } = fakeNetns();
  await addRoute(netns, { to: '10.8.0.0/16', via, mtu: 1300 });
  expect(said(asked()[0]!, route.codec).value).toMatchObject({ metrics: { mtu: 1300 } });
});

test.each<[command: string, options: RouteOptions]>([
  ['ip route del 10.1.0.0/16 via 10.0.1.253', { to: '10.1.0.0/16', via: '10.0.1.253' }],
  ['ip route del 10.2.0.0/16 metric 100', { to: '10.2.0.0/16', metric: 100 }],
  ['ip route del 10.4.0.0/16 table 1000', { to: '10.4.0.0/16', table: 1000 }],
  ['ip route del blackhole 10.5.1.0/24', { to: '10.5.1.0/24', type: 'blackhole' }],
  ['ip route del fd00:3::/64 dev va table 1000', { to: 'fd00:3::/64', device, table: 1000 }],
  ['ip route del default', { to: 'default' }],
])('as %s: removeRoute %j', async (command, options) => {
  const { netns, asked } = fakeNetns();
  await removeRoute(netns, options);
  expect(asked().map((one) => said(one, route.codec))).toEqual([ipSays(command)]);
});

// `ip` asks which table answered (RTM_F_LOOKUP_TABLE), and wants no acknowledgement.
test.each<[command: string, address: string, options: GetRouteOptions]>([
  ['ip route get 10.2.3.4', '10.2.3.4', {}],
  ['ip route get 10.0.2.1 from 10.0.1.9 iif va', '10.0.2.1', { from: '10.0.1.9', inputDevice: 'va' }],
  ['ip route get fd00:2::7', 'fd00:2::7', {}],
])('as %s: getRoute %s %j', async (command, address, options) => {
  const { netns, asked } = fakeNetns();
  // the fake kernel has no answer
  await expect(getRoute(netns, address, options)).rejects.toThrow();
  const { type, value } = said(asked()[0]!, route.codec);
  const ip = ipSays(command);
  const lookupTable = { flags: (ip.value as { flags: number }).flags };
  expect({ type, value: { ...(value as object), ...lookupTable } }).toEqual({
    type: ip.type,
    value: ip.value,
  });
});

test.each<[options: object, message: string]>([
  [{}, 'to: '],
  [{ to: '' }, 'to: '],
  [{ to: '10.0.0.1/8' }, 'to: address bits beyond the prefix length'],
  [{ to: '10.0.0.0/8', via: '10.0.0' }, 'via: '],
  [{ to: '10.0.0.0/8', device: 'a/b' }, 'device: '],
  [{ to: '10.0.0.0/8', src: 'fd00::1' }, 'src: the route is IPv4'],
  [{ to: '10.0.0.0/8', family: 6 }, 'family: '],
  [{ to: '10.0.0.0/8', metric: -1 }, 'metric: '],
  [{ to: '10.0.0.0/8', table: 0 }, 'table: '],
  [{ to: '10.0.0.0/8', table: 'mine' }, 'table: '],
  [{ to: '10.0.0.0/8', type: 'nonsense' }, 'type: '],
  [{ to: '10.0.0.0/8', nexthops: [] }, 'nexthops: expected at least one'],
  [
    { to: 'fd01::/64', via: 'fe80::1' },
    'via: a link-local gateway needs its device: the option \'device\', or a zone as in "fe80::1%eth0", got "fe80::1"',
  ],
  [{ to: '10.0.0.0/8', via: 'fe80::1' }, 'via: a link-local gateway needs its device'],
  [
    { to: 'fd01::/64', device, nexthops: [{ via: 'fe80::1', device }, { via: 'fe80::2' }] },
    'nexthops[1].via: a link-local gateway needs its device',
  ],
  [{ to: '10.0.0.0/8', nexthops: [{ via: 'abc' }] }, 'nexthops'],
  [{ to: '10.0.0.0/8', rtt: -1 }, 'rtt: expected milliseconds, from 0 to 536870911, got -1'],
  [{ to: '10.0.0.0/8', hopLimit: 256 }, 'hopLimit: expected an integer from 0 to 255'],
  [{ to: '10.0.0.0/8', locked: ['mtu'] }, "locked: it needs the option 'mtu'"],
  [{ to: '10.0.0.0/8', locked: ['mtuu'] }, 'locked[0]: expected one of mtu, '],
  [{ to: '10.0.0.0/8', features: ['ecm'] }, 'features[0]: expected one of ecn, '],
  [{ to: '10.0.0.0/8', realms: {} }, 'realms: expected at least one'],
  [{ to: '10.0.0.0/8', realms: { to: 0x10000 } }, 'realms.to: expected an integer from 1 to 65535'],
  [{ to: '10.0.0.0/8', expires: 7 }, 'expires: only IPv6 has it, and the route is IPv4'],
  [{ to: '10.0.0.0/8', from: '10.0.0.0/8' }, 'from: only IPv6 has it, and the route is IPv4'],
  [{ to: '10.0.0.0/8', preference: 'low' }, 'preference: only IPv6 has it'],
  [{ to: 'fd00::/8', tos: 16 }, 'tos: only IPv4 has it, and the route is IPv6'],
  [{ to: 'fd00::/8', realms: { to: 1 } }, 'realms: only IPv4 has it'],
  [{ to: 'fd00::/8', from: '10.0.0.0/8' }, 'from: expected an IPv6 network, got "10.0.0.0/8"'],
  [{ to: '10.0.0.0/8', encap: { type: 'ip', data: 'abc' } }, 'encap.data: expected bytes'],
  [{ to: '10.0.0.0/8', encap: { type: 'ip' } }, 'encap.dst: it has to be given'],
  [{ to: '10.0.0.0/8', encap: { type: 'bpf' } }, 'encap.data: it has to be given'],
  [{ to: 'fd00::7', encap: { type: 'ila', locator: '1:2:3' } }, 'encap.locator: expected half an address'],
  [
    { to: 'fd00::/8', encap: { type: 'ioam6', namespace: 1, traceType: 1, size: 6 } },
    'encap.size: expected a multiple of 4',
  ],
  [{ to: '10.0.0.0/8', encap: { type: 'ip', dst: 'fd00::1' } }, 'encap.dst: expected an IPv4 address'],
  [
    { to: '10.0.0.0/8', encap: { type: 'ip', dst: '10.0.0.7', hopLimit: 1 } },
    'encap.hopLimit: there is no such',
  ],
  [
    { to: '10.0.0.0/8', encap: { type: 'ip', dst: '10.0.0.7', id: -1 } },
    'encap.id: expected an integer from 0',
  ],
  [
    { to: '10.0.0.0/8', encap: { type: 'mpls', labels: [0x100000] } },
    'encap.labels[0]: expected an integer from 0',
  ],
  [{ to: '10.0.0.0/8', encap: { type: 'mpls', labels: [] } }, 'encap.labels: expected 1 to 30 labels'],
  [{ to: 'fd00::/8', encap: { type: 'seg6', mode: 'encap' } }, 'encap.segments: it has to be given'],
  [
    { to: 'fd00::/8', encap: { type: 'seg6', mode: 'outline', segments: [] } },
    'encap.mode: expected a number, or',
  ],
  [{ to: 'fd00::/8', encap: { type: 'seg6', mode: 1, segments: [] } }, 'encap.segments: expected 1 to'],
  [{ to: 'fd00::/8', encap: { type: 'seg6local', action: 'End.Y' } }, 'encap.action: expected a number, or'],
  [
    { to: 'fd00::/8', encap: { type: 'seg6local', action: 'End', flavors: ['x'] } },
    'encap.flavors[0]: expected',
  ],
  [
    { to: 'fd00::/8', encap: { type: 'seg6local', action: 'End.T', table: 'most' } },
    'table: expected default, main',
  ],
  [
    { to: 'fd00::/8', encap: { type: 'seg6local', action: 'End.X', via: 'x' } },
    'encap.via: expected an address like',
  ],
  [
    { to: '10.0.0.0/8', encap: { type: 'ipx', data: '0x' } },
    'encap.type: expected a number, or one of mpls, ',
  ],
  [{ to: '10.0.0.0/8', nexthopId: 0 }, 'nexthopId: expected an integer from 1 to 4294967295'],
  [{ to: '10.0.0.0/8', nexthops: [{ via, weight: 257 }] }, 'nexthops[0].weight: '],
])('addRoute %j is refused before anything is asked', async (options, message) => {
  const { netns, asked } = fakeNetns();
  await expect(addRoute(netns, options as AddRouteOptions)).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});
