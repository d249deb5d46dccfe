import * as nft from '../../nft';
import { type ChainOfRules, lackingParts } from './table-parts';
import { isOurTable, NETWORK_SETS, TABLE } from './sets';

const { accept, ct, dnat, drop, fib, ip, ip6, masquerade, match, meta, not, th, verdict } = nft;
const { bridges, closed, guarded, internal, isolated, loops, talking } = NETWORK_SETS;

const LOOPBACK = '127.0.0.0/8';
const both = [meta.iifname, meta.oifname];
const withPorts = () => match(meta.l4proto, ['tcp', 'udp', 'sctp']);

// Packets to an address of this host. The maps of ports that are published on one address come first.
const publishing = () => [
  [withPorts(), dnat({ key: [ip.daddr, meta.l4proto, th.dport], map: NETWORK_SETS.published4 })],
  [withPorts(), dnat({ key: [ip6.daddr, meta.l4proto, th.dport], map: NETWORK_SETS.published6 })],
  [
    match(meta.nfproto, 'ipv4'),
    withPorts(),
    match(fib.daddrType, 'local'),
    dnat({ key: [meta.l4proto, th.dport], map: NETWORK_SETS.ports4 }),
  ],
  [
    match(meta.nfproto, 'ipv6'),
    withPorts(),
    match(fib.daddrType, 'local'),
    dnat({ key: [meta.l4proto, th.dport], map: NETWORK_SETS.ports6 }),
  ],
];

/** The chain that keeps members from 127.0.0.0/8 of the host. */
const LOCALNET_CHAIN = 'raw';

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
      [match(ct.status, 'dnat'), match([ip.saddr, meta.oifname], NETWORK_SETS.subnets4), masquerade()],
      [match(ct.status, 'dnat'), match([ip6.saddr, meta.oifname], NETWORK_SETS.subnets6), masquerade()],
      [match(meta.oifname, bridges), match(ip.saddr, LOOPBACK), masquerade()],
      // What leaves by a bridge keeps its source address.
      [match(meta.oifname, bridges), verdict('return')],
      [match(ip.daddr, '224.0.0.0/4'), verdict('return')],
      [match(ip6.daddr, 'ff00::/8'), verdict('return')],
      [match(ip.saddr, NETWORK_SETS.nat4), masquerade()],
      [match(ip6.saddr, NETWORK_SETS.nat6), masquerade()],
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
export function missingParts(ruleset: nft.Ruleset): nft.Operation[] {
  return lackingParts({ table: TABLE, sets: Object.values(NETWORK_SETS), chains: wantedChains() }, ruleset);
}

/** Whether the rules are there that keep members from 127.0.0.0/8 of the host. */
export function isLocalnetGuarded({ tables, rules }: Pick<nft.Ruleset, 'tables' | 'rules'>): boolean {
  const wanted = wantedChains().find(({ name }) => name === LOCALNET_CHAIN);
  const there = rules.filter(({ chain }) => isOurTable(chain.table) && chain.name === LOCALNET_CHAIN);
  const active = tables.some((table) => isOurTable(table) && table.flags?.includes('dormant') !== true);
  return active && there.length === wanted?.rules.length;
}
