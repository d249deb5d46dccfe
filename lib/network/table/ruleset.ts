import * as nft from '../../nft';

// All networks of a namespace share one table. Its chains and rules are always the same: a network, a member and a
// published port are elements of sets and maps. So publishing one port more adds one element, and the number of rules does
// not grow.

export const TABLE = { family: 'inet', name: 'rtnetns', comment: 'rtnetns networks, 1' } as const;

export function isOurTable({ family, name }: nft.TableReference): boolean {
  return family === TABLE.family && name === TABLE.name;
}

const set = <const T extends Omit<nft.NftSet, 'table'>>(definition: T) => ({ table: TABLE, ...definition });

const PAIR = ['ifname', 'ifname'] as const;
const port = (...address: ('ipv4_addr' | 'ipv6_addr')[]) =>
  [...address, 'inet_proto', 'inet_service'] as const;

/** The comment of an element names its owner: a network, or the port of a member. */
export const SETS = {
  bridges: set({ name: 'bridges', key: 'ifname' }),
  /** Bridges of internal networks, which nothing is forwarded to or from. */
  internal: set({ name: 'internal', key: 'ifname' }),
  /** Bridges that new connections from outside reach only by published ports. */
  closed: set({ name: 'closed', key: 'ifname' }),
  /** Bridges without connections from and to other networks of the table. */
  isolated: set({ name: 'isolated', key: 'ifname' }),
  /** Pairs of a bridge and itself, which match what is forwarded within a network. */
  loops: set({ name: 'loops', key: PAIR }),
  /** The same pairs, of the networks whose members reach each other (icc). */
  talking: set({ name: 'talking', key: PAIR }),
  /** Subnets that are masqueraded. */
  nat4: set({ name: 'nat4', key: 'ipv4_addr', flags: ['interval'] }),
  nat6: set({ name: 'nat6', key: 'ipv6_addr', flags: ['interval'] }),
  /** Subnets, each with its bridge. */
  subnets4: set({ name: 'subnets4', key: ['ipv4_addr', 'ifname'], flags: ['interval'] }),
  subnets6: set({ name: 'subnets6', key: ['ipv6_addr', 'ifname'], flags: ['interval'] }),
  /** From a member's port to its bridge. */
  members: set({ name: 'members', key: 'ifname', value: 'ifname' }),
  /**
   * A member's port and its state. The state of a member that is attached is an even number, random for each attachment;
   * while a process attaches or detaches the member, it is the odd number of that process's life sign. A change deletes the
   * state that was read, and so fails with ENOENT where another process changed the member first.
   */
  states: set({ name: 'states', key: ['ifname', 'mark'] }),
  /** Addresses of bridges and of members, each with the MAC address of its owner. */
  addresses4: set({ name: 'addresses4', key: ['ifname', 'ipv4_addr'], value: 'ether_addr' }),
  addresses6: set({ name: 'addresses6', key: ['ifname', 'ipv6_addr'], value: 'ether_addr' }),
  /** Families that were not forwarded before the first network: what is neither from nor to a network is not forwarded now. */
  guarded: set({ name: 'guarded', key: 'nf_proto' }),
  /** Ports published on all addresses of the host. */
  ports4: set({ name: 'ports4', key: port(), value: ['ipv4_addr', 'inet_service'] }),
  ports6: set({ name: 'ports6', key: port(), value: ['ipv6_addr', 'inet_service'] }),
  /** Ports published on one address of the host. */
  published4: set({ name: 'published4', key: port('ipv4_addr'), value: ['ipv4_addr', 'inet_service'] }),
  published6: set({ name: 'published6', key: port('ipv6_addr'), value: ['ipv6_addr', 'inet_service'] }),
} as const satisfies Record<string, nft.NftSet>;

export type SetName = keyof typeof SETS;

const { accept, ct, dnat, drop, fib, ip, ip6, masquerade, match, meta, not, th, verdict } = nft;
const { bridges, closed, guarded, internal, isolated, loops, talking } = SETS;

const LOOPBACK = '127.0.0.0/8';
const both = [meta.iifname, meta.oifname];
const withPorts = () => match(meta.l4proto, ['tcp', 'udp', 'sctp']);

// Packets to an address of this host. The maps of ports that are published on one address come first.
const publishing = () => [
  [withPorts(), dnat({ key: [ip.daddr, meta.l4proto, th.dport], map: SETS.published4 })],
  [withPorts(), dnat({ key: [ip6.daddr, meta.l4proto, th.dport], map: SETS.published6 })],
  [
    match(meta.nfproto, 'ipv4'),
    withPorts(),
    match(fib.daddrType, 'local'),
    dnat({ key: [meta.l4proto, th.dport], map: SETS.ports4 }),
  ],
  [
    match(meta.nfproto, 'ipv6'),
    withPorts(),
    match(fib.daddrType, 'local'),
    dnat({ key: [meta.l4proto, th.dport], map: SETS.ports6 }),
  ],
];

/** The chain that keeps members from 127.0.0.0/8 of the host. */
const LOCALNET_CHAIN = 'raw';

interface ChainOfRules extends Omit<nft.Chain, 'table'> {
  rules: readonly (readonly nft.Statement[])[];
}

// A function, because building the rules takes 17 ms in a fresh process, which `require` does not have to wait for.
export const wantedChains = (): readonly ChainOfRules[] => [
  {
    // A bridge has route_localnet, for the host's own connections to published ports. These rules drop what members
    // send to or from 127.0.0.0/8, because they would otherwise reach the host's own services that listen there.
    name: LOCALNET_CHAIN,
    hook: 'prerouting',
    priority: 'raw',
    // Every packet comes by this chain, so the comparison that costs least comes first.
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
    // Packets to 127.0.0.0/8 are not translated here. Those of a neighbour are for routing to refuse; the host's own were
    // translated in the chain `output`.
    rules: [[match(ip.daddr, LOOPBACK), verdict('return')], ...publishing()],
  },
  {
    name: 'output',
    type: 'nat',
    hook: 'output',
    priority: 'dstnat',
    // Packets to ::1 are not translated, because IPv6 has no route_localnet. The socket that holds the port refuses the
    // connection at once, and a client tries 127.0.0.1 next.
    rules: [[match(ip6.daddr, '::1'), verdict('return')], ...publishing()],
  },
  {
    name: 'postrouting',
    type: 'nat',
    hook: 'postrouting',
    priority: 'srcnat',
    rules: [
      // A member's connection to a published port of its own network is masqueraded, because the answer would otherwise
      // not come by the host. The source address is matched instead of the incoming device, because with br_netfilter the
      // packet has none (6.18).
      [match(ct.status, 'dnat'), match([ip.saddr, meta.oifname], SETS.subnets4), masquerade()],
      [match(ct.status, 'dnat'), match([ip6.saddr, meta.oifname], SETS.subnets6), masquerade()],
      [match(meta.oifname, bridges), match(ip.saddr, LOOPBACK), masquerade()],
      // What leaves by a bridge keeps its source address.
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
      // Frames that stay on a bridge of others come by this chain, too, where br_netfilter is on, and they look like packets
      // that are forwarded from the bridge to the bridge.
      [match(meta.iifkind, 'bridge'), match(meta.oifkind, 'bridge'), accept()],
      [
        match(meta.nfproto, guarded),
        match(meta.iifname, not(bridges)),
        match(meta.oifname, not(bridges)),
        drop(),
      ],
    ],
  },
];

/** Operations that add to the table what it lacks: chains, rules, sets. */
export function missingParts({ tables, chains, rules, sets }: nft.Ruleset): nft.Operation[] {
  const existing = {
    chains: new Set(chains.map(({ name }) => name)),
    sets: new Set(sets.map(({ name }) => name)),
  };
  const parts: nft.Operation[] = [];
  if (tables.length === 0) parts.push(nft.addTable(TABLE));
  for (const one of Object.values(SETS)) if (!existing.sets.has(one.name)) parts.push(nft.addSet(one));
  for (const { rules: wanted, ...chain } of wantedChains()) {
    const own = { table: TABLE, ...chain };
    const count = rules.filter((rule) => rule.chain.name === chain.name).length;
    if (existing.chains.has(chain.name) && count === wanted.length) continue;
    parts.push(nft.addChain(own), nft.flushChain(own));
    for (const statements of wanted) parts.push(nft.addRule(own, statements));
  }
  return parts;
}

/** Whether the rules are there that keep members from 127.0.0.0/8 of the host. */
export function isLocalnetGuarded({ tables, rules }: Pick<nft.Ruleset, 'tables' | 'rules'>): boolean {
  const wanted = wantedChains().find(({ name }) => name === LOCALNET_CHAIN);
  const there = rules.filter(({ chain }) => isOurTable(chain.table) && chain.name === LOCALNET_CHAIN);
  const active = tables.some((table) => isOurTable(table) && table.flags?.includes('dormant') !== true);
  return active && there.length === wanted?.rules.length;
}
