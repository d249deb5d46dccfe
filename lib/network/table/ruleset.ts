import * as nft from '../../nft';

// One table for all networks of a namespace. Its chains and rules are always the same: what is particular to a network,
// a member or a published port is an element of a set or map, so that a port more is an element more, in one message,
// and rules do not grow with anything.

export const TABLE = { family: 'inet', name: 'rtnetns', comment: 'rtnetns networks, 1' } as const;

export function isOurTable({ family, name }: nft.TableReference): boolean {
  return family === TABLE.family && name === TABLE.name;
}

const set = <const T extends Omit<nft.NftSet, 'table'>>(definition: T) => ({ table: TABLE, ...definition });

const PAIR = ['ifname', 'ifname'] as const;
const port = (...address: ('ipv4_addr' | 'ipv6_addr')[]) =>
  [...address, 'inet_proto', 'inet_service'] as const;

/** Elements have a comment that says whose they are: a network's name, or the name of a member's port. */
export const SETS = {
  bridges: set({ name: 'bridges', key: 'ifname' }),
  /** Where no way leads in or out. */
  internal: set({ name: 'internal', key: 'ifname' }),
  /** Where no new connections come in from other places, but to published ports. */
  closed: set({ name: 'closed', key: 'ifname' }),
  /** Without connections from and to other networks of ours. */
  isolated: set({ name: 'isolated', key: 'ifname' }),
  /** A bridge and itself. */
  loops: set({ name: 'loops', key: PAIR }),
  /** The same, of those whose members may talk to each other. */
  talking: set({ name: 'talking', key: PAIR }),
  /** What is masqueraded. */
  nat4: set({ name: 'nat4', key: 'ipv4_addr', flags: ['interval'] }),
  nat6: set({ name: 'nat6', key: 'ipv6_addr', flags: ['interval'] }),
  /** The subnets, each with its bridge. */
  subnets4: set({ name: 'subnets4', key: ['ipv4_addr', 'ifname'], flags: ['interval'] }),
  subnets6: set({ name: 'subnets6', key: ['ipv6_addr', 'ifname'], flags: ['interval'] }),
  /** A member's port, and its bridge. */
  members: set({ name: 'members', key: 'ifname', value: 'ifname' }),
  /**
   * A member's port, and an even number where it is attached, another one each time, or else whose sign of life it is
   * attached or taken away by. Each change takes the one out that was seen, and so fails where somebody else was first.
   */
  states: set({ name: 'states', key: ['ifname', 'mark'] }),
  /** Who has which address: a bridge's gateway, or a member. */
  addresses4: set({ name: 'addresses4', key: ['ifname', 'ipv4_addr'], value: 'ether_addr' }),
  addresses6: set({ name: 'addresses6', key: ['ifname', 'ipv6_addr'], value: 'ether_addr' }),
  /** Ports published on all addresses of the host. */
  ports4: set({ name: 'ports4', key: port(), value: ['ipv4_addr', 'inet_service'] }),
  ports6: set({ name: 'ports6', key: port(), value: ['ipv6_addr', 'inet_service'] }),
  /** Those published on one address of it. */
  published4: set({ name: 'published4', key: port('ipv4_addr'), value: ['ipv4_addr', 'inet_service'] }),
  published6: set({ name: 'published6', key: port('ipv6_addr'), value: ['ipv6_addr', 'inet_service'] }),
} as const satisfies Record<string, nft.NftSet>;

export type SetName = keyof typeof SETS;

const { accept, ct, dnat, drop, fib, ip, ip6, masquerade, match, meta, th, verdict } = nft;
const { bridges, closed, internal, isolated, loops, talking } = SETS;

const LOOPBACK = '127.0.0.0/8';
const both = [meta.iifname, meta.oifname];
const withPorts = match(meta.l4proto, ['tcp', 'udp', 'sctp']);

// To an address of this host, whichever that is: of two maps, the one that is asked first is more particular.
const publishing = [
  [withPorts, dnat({ key: [ip.daddr, meta.l4proto, th.dport], map: SETS.published4 })],
  [withPorts, dnat({ key: [ip6.daddr, meta.l4proto, th.dport], map: SETS.published6 })],
  [
    match(meta.nfproto, 'ipv4'),
    withPorts,
    match(fib.daddrType, 'local'),
    dnat({ key: [meta.l4proto, th.dport], map: SETS.ports4 }),
  ],
  [
    match(meta.nfproto, 'ipv6'),
    withPorts,
    match(fib.daddrType, 'local'),
    dnat({ key: [meta.l4proto, th.dport], map: SETS.ports6 }),
  ],
];

interface ChainOfRules extends Omit<nft.Chain, 'table'> {
  rules: readonly (readonly nft.Statement[])[];
}

export const CHAINS: readonly ChainOfRules[] = [
  {
    // 127.0.0.1 is let through to the bridges (route_localnet), for the host's own connections to published ports. From
    // there, members are not to get at the host's own services by it.
    name: 'raw',
    hook: 'prerouting',
    priority: 'raw',
    // Every packet comes by here, so what is quick to tell is asked first.
    rules: [
      [match(ip.daddr, LOOPBACK), match(meta.iifname, bridges), drop()],
      [match(ip.saddr, LOOPBACK), match(meta.iifname, bridges), drop()],
    ],
  },
  {
    name: 'prerouting',
    type: 'nat',
    hook: 'prerouting',
    priority: 'dstnat',
    // A neighbour may well send to 127.0.0.1, and routing would refuse it, if it still were for that. The host's own
    // packets have been through the chain for output.
    rules: [[match(ip.daddr, LOOPBACK), verdict('return')], ...publishing],
  },
  {
    name: 'output',
    type: 'nat',
    hook: 'output',
    priority: 'dstnat',
    // for ::1 there is no route_localnet: refused at once, by who holds the port, a client tries 127.0.0.1 next
    rules: [[match(ip6.daddr, '::1'), verdict('return')], ...publishing],
  },
  {
    name: 'postrouting',
    type: 'nat',
    hook: 'postrouting',
    priority: 'srcnat',
    rules: [
      // Back to where it came from, by a published port: without this the answer would not come by here. With br_netfilter
      // the packet has no device that it came by (6.18), so it is told by its source.
      [match(ct.status, 'dnat'), match([ip.saddr, meta.oifname], SETS.subnets4), masquerade()],
      [match(ct.status, 'dnat'), match([ip6.saddr, meta.oifname], SETS.subnets6), masquerade()],
      [match(meta.oifname, bridges), match(ip.saddr, LOOPBACK), masquerade()],
      // between networks, addresses are as they are
      [match(meta.oifname, bridges), verdict('return')],
      [match(ip.daddr, '224.0.0.0/4'), verdict('return')],
      [match(ip6.daddr, 'ff00::/8'), verdict('return')],
      [match(ip.saddr, SETS.nat4), masquerade()],
      [match(ip6.saddr, SETS.nat6), masquerade()],
    ],
  },
  {
    name: 'forward',
    hook: 'forward',
    priority: 'filter',
    rules: [
      [match(ct.state, ['established', 'related']), accept()],
      [match(meta.iifname, bridges), match(ct.state, 'invalid'), drop()],
      [match(meta.oifname, bridges), match(ct.state, 'invalid'), drop()],
      [match(both, talking), accept()],
      [match(meta.iifname, internal), drop()],
      [match(meta.oifname, internal), drop()],
      [match(meta.oifname, bridges), match(ct.status, 'dnat'), accept()],
      [match(both, loops), drop()],
      [match(meta.iifname, isolated), match(meta.oifname, bridges), drop()],
      [match(meta.iifname, bridges), match(meta.oifname, isolated), drop()],
      [match(meta.iifname, bridges), match(meta.oifname, bridges), accept()],
      [match(meta.oifname, closed), drop()],
    ],
  },
];

/** What makes the table what it has to be, where it is not. */
export function missingParts({ tables, chains, rules, sets }: nft.Ruleset): nft.Operation[] {
  const known = {
    chains: new Set(chains.map(({ name }) => name)),
    sets: new Set(sets.map(({ name }) => name)),
  };
  const parts: nft.Operation[] = [];
  if (tables.length === 0) parts.push(nft.addTable(TABLE));
  for (const one of Object.values(SETS)) if (!known.sets.has(one.name)) parts.push(nft.addSet(one));
  for (const { rules: wanted, ...chain } of CHAINS) {
    const own = { table: TABLE, ...chain };
    const count = rules.filter((rule) => rule.chain.name === chain.name).length;
    if (known.chains.has(chain.name) && count === wanted.length) continue;
    parts.push(nft.addChain(own), nft.flushChain(own));
    for (const statements of wanted) parts.push(nft.addRule(own, statements));
  }
  return parts;
}
