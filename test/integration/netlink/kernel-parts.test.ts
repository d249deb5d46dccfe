// A kernel may be built without a part, or the module of a part may be missing. To these programs, this kernel is without it
// (test/support/old-kernel.c). KERNEL_WITHOUT names the parts of which a kernel is really without: see docs/kernels.md.
import { createNetns, listLinks, listNetns } from '../../../lib';
import { kernelHas } from '../../support/capabilities';
import { onOldKernel } from '../../support/old-kernel';
import { program, runProgram, type Tools } from '../../support/program';

interface Refusal {
  name: string;
  code: string;
  message: string;
}

/** Makes calls that need a part of the kernel, and tells how each was refused. */
async function refusals({ rtnetns, tell }: Tools, part: string) {
  const {
    addAddr,
    addNeighbor,
    addRoute,
    addRule,
    createBridge,
    createBridgeNetwork,
    createNetns,
    createStar,
  } = rtnetns;
  const { createVeth, deleteStar, getRoute, listAddrs, listConntrack, listLinks, listRoutes, nft } = rtnetns;
  const {
    capture,
    doctor,
    getFeatures,
    listRules,
    openNetns,
    ping,
    removeAddr,
    setFeatures,
    setLink,
    watch,
  } = rtnetns;
  const red = await openNetns('red');
  const table = { family: 'inet', name: 't' } as const;
  const six = { family: 6 } as const;
  const lookForFaults = async () => {
    const found = await doctor(red);
    if (found.some(({ code }) => code === 'not-seen')) throw new Error(JSON.stringify(found));
  };
  const attach = async () => {
    const network = await createBridgeNetwork(red, { name: 'net0', subnet: '10.200.0.0/24' });
    const member = await createNetns();
    await network.attach(member, { publish: [{ hostPort: 8080, port: 80 }] });
    await network.detach(member);
    await network.remove();
    member.close();
  };
  const calls: Record<string, Record<string, () => Promise<unknown>>> = {
    ipv6: {
      createVeth: async () => createVeth({ netns: red, name: 'va', addrs: ['fd00::1/64'] }, { netns: red }),
      addAddr: async () => addAddr(red, 'lo', 'fd00::1/64'),
      removeAddr: async () => removeAddr(red, 'lo', 'fd00::1/64'),
      addRoute: async () => addRoute(red, { to: 'fd01::/64', device: 'lo' }),
      getRoute: async () => getRoute(red, 'fd01::1'),
      addRule: async () => addRule(red, { from: 'fd00::/8', table: 5 }),
      addNeighbor: async () => addNeighbor(red, 'lo', 'fd00::9', { mac: '02:00:00:00:00:01' }),
      setLink: async () => setLink(red, 'lo', { addrGenMode: 'none' }),
      ping: async () => ping(red, '::1', { count: 1 }),
      createStar: async () => {
        const members = [{ device: { addrs: ['10.0.0.2/24'] } }, { device: { addrs: ['10.0.0.3/24'] } }];
        const star = await createStar(red, { bridge: { name: 'br0' }, ipv6: false, members });
        await deleteStar(red, star, { wait: true });
      },
      lists: async () => {
        await setLink(red, 'lo', { up: true });
        const found = [...(await listAddrs(red, six)), ...(await listRoutes(red, { ...six, table: 'all' }))];
        if (found.some(({ family }) => family !== 6)) throw new Error(JSON.stringify(found));
      },
      attach,
    },
    nf_tables: {
      doctor: lookForFaults,
      listRuleset: async () => nft.listRuleset(red),
      apply: async () => nft.apply(red, [nft.addTable(table)]),
      createBridgeNetwork: async () => createBridgeNetwork(red, { name: 'net0', subnet: '10.200.0.0/24' }),
    },
    nf_tables_inet: {
      apply: async () => nft.apply(red, [nft.addTable(table)]),
      createBridgeNetwork: async () => createBridgeNetwork(red, { name: 'net0', subnet: '10.200.0.0/24' }),
    },
    'element-statements': {
      apply: async () => {
        const set = { table, name: 's', key: 'ipv4_addr' } as const;
        const counter = { name: 'counter', data: {} } as const;
        const element = { key: '10.0.0.1', expressions: [counter, counter] };
        const asked = [nft.addTable(table), nft.addSet(set), nft.addElements(set, [element])];
        await nft.apply(red, asked);
      },
    },
    nf_conntrack: { listConntrack: async () => listConntrack(red), attach },
    ethtool: {
      getFeatures: async () => getFeatures(red, 'lo'),
      setFeatures: async () => setFeatures(red, 'lo', { gro: false }),
    },
    nfnetlink: {
      doctor: lookForFaults,
      listRuleset: async () => nft.listRuleset(red),
      apply: async () => nft.apply(red, [nft.addTable(table)]),
      listConntrack: async () => listConntrack(red),
    },
    rules: {
      addRule: async () => addRule(red, { from: '10.0.0.0/8', table: 5 }),
      lists: async () => {
        const found = await listRules(red);
        if (found.length > 0) throw new Error(JSON.stringify(found));
      },
      watch: async () => {
        for await (const event of watch(red)) if (event.kind === 'ready') break;
      },
    },
    nexthops: {
      addNexthop: async () => rtnetns.addNexthop(red, { via: '10.0.0.1', device: 'lo' }),
      removeNexthop: async () => rtnetns.removeNexthop(red, 7),
      getNexthop: async () => rtnetns.getNexthop(red, 7),
      listNexthops: async () => rtnetns.listNexthops(red),
    },
    rules4: { addRule: async () => addRule(red, { from: '10.0.0.0/8', table: 5 }) },
    af_packet: { capture: async () => capture(red, 'lo').ready },
    veth: {
      createVeth: async () => createVeth({ netns: red, name: 'va' }, { netns: red }),
      createStar: async () => createStar(red, { bridge: { name: 'br0' }, members: [{}, { name: 'two' }] }),
    },
    'strict-checking': {
      listLinks: async () => listLinks(red),
      createVeth: async () => createVeth({ netns: red, name: 'va' }, { netns: red }),
    },
    bridge: {
      createBridge: async () => createBridge(red, 'br0'),
      createBridgeNetwork: async () => createBridgeNetwork(red, { name: 'net0', subnet: '10.200.0.0/24' }),
    },
  };
  for (const [name, call] of Object.entries(calls[part] ?? {})) {
    const { code, message } = await call().then(
      () => ({ code: 'none', message: '' }),
      (error: unknown) => error as Refusal,
    );
    tell({ name, code, message });
  }
}

const NO_IPV6 = 'this kernel has no IPv6: its module ipv6 is not there, or it was booted with ipv6.disable=1';
const NO_RULES =
  'this kernel has no rules of the routing policy: CONFIG_IP_MULTIPLE_TABLES, for IPv6 CONFIG_IPV6_MULTIPLE_TABLES';
const NO_PACKETS = 'this kernel has no sockets of packets: CONFIG_PACKET, module af_packet (socket)';
const NO_NF_TABLES = 'this kernel has no nf_tables: CONFIG_NF_TABLES, module nf_tables';
const FAMILIES = 'nf_tables in the families ip, ip6 and inet';
const NO_INET = 'this kernel has no nf_tables for the family inet: CONFIG_NF_TABLES_INET';
const NO_CONNTRACK = 'this kernel has no ctnetlink: CONFIG_NF_CT_NETLINK, module nf_conntrack_netlink';
const NO_NFNETLINK = 'this kernel has no netlink for netfilter: CONFIG_NETFILTER_NETLINK, module nfnetlink';
const NO_ETHTOOL = 'this kernel has no netlink for ethtool: CONFIG_ETHTOOL_NETLINK, since Linux 5.6';
const noKind = (kind: string) =>
  `Unknown device type: this kernel has no links of the kind ${kind}: its module is not there (modprobe rtnl-link-${kind})`;

const NO_NEXTHOPS = 'this kernel has no next hop objects: Linux has them since 5.3';

const TOO_OLD = 'this kernel has no such option of sockets: rtnetns needs Linux 5.10 (setsockopt)';

/** How the message of each call ends, by the part that is missing. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ipv6: {
    createVeth: NO_IPV6,
    addAddr: NO_IPV6,
    removeAddr: NO_IPV6,
    addRoute: NO_IPV6,
    getRoute: NO_IPV6,
    addRule: NO_IPV6,
    addNeighbor: NO_IPV6,
    setLink: NO_IPV6,
    ping: `${NO_IPV6} (socket)`,
    createStar: '',
    lists: '',
    attach: '',
  },
  nf_tables: {
    doctor: '',
    listRuleset: NO_NF_TABLES,
    apply: NO_NF_TABLES,
    createBridgeNetwork: NO_NF_TABLES,
  },
  nf_tables_inet: { apply: NO_INET, createBridgeNetwork: NO_INET },
  'element-statements': { apply: 'on this kernel an element has one statement: several take Linux 5.11' },
  nf_conntrack: { listConntrack: NO_CONNTRACK, attach: '' },
  ethtool: { getFeatures: NO_ETHTOOL, setFeatures: NO_ETHTOOL },
  nfnetlink: { doctor: '', listRuleset: NO_NFNETLINK, apply: NO_NFNETLINK, listConntrack: NO_NFNETLINK },
  rules: { addRule: NO_RULES, lists: '', watch: '' },
  nexthops: {
    addNexthop: NO_NEXTHOPS,
    removeNexthop: NO_NEXTHOPS,
    getNexthop: NO_NEXTHOPS,
    listNexthops: NO_NEXTHOPS,
  },
  rules4: { addRule: NO_RULES },
  af_packet: { capture: NO_PACKETS },
  veth: { createVeth: noKind('veth'), createStar: noKind('veth') },
  'strict-checking': { listLinks: TOO_OLD, createVeth: TOO_OLD },
  bridge: { createBridge: noKind('bridge'), createBridgeNetwork: noKind('bridge') },
};

const without = process.env['KERNEL_WITHOUT'] ?? '';
const parts = without === '' ? Object.keys(EXPECTED) : without.split(',');

/** Parts that only networks are made without, which want nf_tables first. */
const OF_NETWORKS = ['nf_tables_inet', 'element-statements', 'bridge'];
const lacking = kernelHas(FAMILIES) ? parts : parts.filter((part) => !OF_NETWORKS.includes(part));

describe('NetlinkError', () => {
  test.each(lacking)('names %s where the kernel lacks it, and nothing is left', async (part) => {
    await using red = await createNetns('red');
    const text = program(refusals, part);
    const { told, stderr } = await (without === ''
      ? onOldKernel(text, `RTNETNS_LACKS=${part}`)
      : runProgram(text));
    expect(stderr).toBe('');
    const found = (told as Refusal[]).map(({ name, message }) => {
      const end = EXPECTED[part]![name]!;
      return [name, end !== '' && message.endsWith(end) ? end : message];
    });
    // networks take nf_tables as well
    const isTried = ([name = '']: string[]) => name !== 'attach' || kernelHas(FAMILIES);
    const expected = Object.entries(EXPECTED[part]!).filter(isTried);
    expect(Object.fromEntries(found.filter(isTried))).toEqual(Object.fromEntries(expected));
    expect(await listLinks(red)).toMatchObject([{ name: 'lo' }]);
    expect(await listNetns()).toMatchObject([{ name: 'red' }]);
  });
});
