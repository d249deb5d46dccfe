import { coalesceFor } from '../../common/coalesce';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { readElements } from './elements';
import { BRIDGE_TABLE, EGRESS_SETS, NETWORK_SETS, TABLE } from './sets';
import { type ChainOfRules, lackingParts, type TableParts } from './table-parts';

// The chains that hold limited members to what they may reach. They are base chains of their own, and let pass what is no
// business of theirs: the chains of the networks decide about that. The rules are always the same, however many members are
// limited, and whatever they may reach.

/** The chain that refused packets end in. */
export const REFUSED_CHAIN = 'refused';

/** Before the chains of the networks, whose priority is 0. */
const PRIORITY = -5;

/** Packets a second, and at once, that are reported of each member. */
const REPORTED = { rate: 10, burst: 50 } as const;

const {
  accept,
  ct,
  drop,
  fib,
  goto,
  icmpv6,
  ip,
  ip6,
  limit,
  match,
  meta,
  not,
  reject,
  th,
  trace,
  updateSet,
} = nft;
const {
  allowed4,
  allowed6,
  checked,
  limited4,
  limited6,
  noise4,
  noise6,
  reached4,
  reached6,
  senders4,
  senders6,
} = EGRESS_SETS;

const withPorts = () => match(meta.l4proto, ['tcp', 'udp', 'sctp']);
const noisy = () => ({ each: limit(REPORTED) });

// What belongs to a connection passes: answers of the member, and connections whose addresses are allowed no longer.
const sorting = () => [
  [match(ct.state, ['established', 'related']), accept()],
  [match([meta.iifname, ip.saddr], limited4), goto('egress')],
  [match([meta.iifname, ip6.saddr], limited6), goto('egress')],
];

const chainsOfInet = (): readonly ChainOfRules[] => [
  {
    name: REFUSED_CHAIN,
    rules: [
      [match(fib.daddrType, ['broadcast', 'multicast']), drop()],
      [updateSet(noise4, [meta.iifname, ip.saddr], noisy()), trace()],
      [updateSet(noise6, [meta.iifname, ip6.saddr], noisy()), trace()],
      // not by ICMP, of which the kernel sends a member one a second (icmp_ratelimit): further connections would hang
      [match(meta.l4proto, 'tcp'), reject('tcp reset')],
      [reject({ icmpx: 'admin-prohibited' })],
    ],
  },
  {
    name: 'egress',
    rules: [
      [match(ct.state, 'invalid'), drop()],
      // With br_netfilter, frames between members come by here, too. Published ports are the host's.
      [match([meta.iifname, meta.oifname], NETWORK_SETS.loops), match(ct.status, not('dnat')), accept()],
      [match(icmpv6.type, ['nd-neighbor-solicit', 'nd-neighbor-advert']), accept()],
      [match([meta.iifname, ip.saddr, ip.daddr], reached4), accept()],
      [match([meta.iifname, ip6.saddr, ip6.daddr], reached6), accept()],
      [withPorts(), match([meta.iifname, ip.saddr, ip.daddr, meta.l4proto, th.dport], allowed4), accept()],
      [withPorts(), match([meta.iifname, ip6.saddr, ip6.daddr, meta.l4proto, th.dport], allowed6), accept()],
      [goto(REFUSED_CHAIN)],
    ],
  },
  { name: 'egress_forward', hook: 'forward', priority: PRIORITY, rules: sorting() },
  { name: 'egress_input', hook: 'input', priority: PRIORITY, rules: sorting() },
];

/** What comes up from a port of a bridge, to be forwarded or for the host itself. */
const chainsOfBridges = (): readonly ChainOfRules[] => [
  {
    name: 'input',
    hook: 'input',
    priority: 'filter',
    rules: [
      [match(meta.iifname, not(checked)), accept()],
      [match(meta.protocol, 'arp'), accept()],
      [match([meta.iifname, ip.saddr], senders4), accept()],
      [match([meta.iifname, ip6.saddr], senders6), accept()],
      // the discovery of neighbours, by addresses that are not forwarded
      [match(ip6.saddr, 'fe80::/10'), match(meta.l4proto, 'ipv6-icmp'), accept()],
      [match(ip6.saddr, '::'), match(meta.l4proto, 'ipv6-icmp'), accept()],
      [drop()],
    ],
  },
];

const inTable = (parts: Omit<TableParts, 'sets'>): TableParts => ({
  ...parts,
  sets: Object.values(EGRESS_SETS).filter(({ table }) => table.family === parts.table.family),
});

/** What limits members, in both tables. Building the rules takes a while, which `require` does not have to wait for. */
const egressParts = (): readonly TableParts[] => [
  inTable({ table: TABLE, chains: chainsOfInet() }),
  inTable({ table: BRIDGE_TABLE, chains: chainsOfBridges() }),
];

async function inBothTables(
  host: Netns,
  operationsFor: (parts: TableParts, there: nft.Ruleset) => nft.Operation[],
): Promise<nft.Operation[]> {
  const all = egressParts().map(async (parts) => {
    const { family, name } = parts.table;
    return operationsFor(parts, await nft.listRuleset(host, { family, table: name, elements: false }));
  });
  return (await Promise.all(all)).flat();
}

/** Adds the chains and the sets of limited members to the tables, where they are missing. */
export const ensureEgress = coalesceFor(async (host: Netns) => {
  const lacking = async () => inBothTables(host, lackingParts);
  if ((await lacking()).length > 0) await nft.apply(host, lacking);
});

/** Removes them, unless there is a limited member. */
export const removeUnusedEgress = coalesceFor(async (host: Netns) => {
  await nft.apply(host, async () => {
    const limited = await readElements(host, ['limited4', 'limited6', 'grants']);
    return limited.length > 0 ? [] : inBothTables(host, removals);
  });
});

function removals({ table, chains, sets }: TableParts, there: nft.Ruleset): nft.Operation[] {
  if (table.family === BRIDGE_TABLE.family) return there.tables.length > 0 ? [nft.deleteTable(table)] : [];
  const isThere = (names: readonly { name: string }[]) => {
    const all = new Set(names.map(({ name }) => name));
    return ({ name }: { name: string }) => all.has(name);
  };
  // those first that refer to others
  const ownChains = chains.filter(isThere(there.chains)).reverse();
  return [
    ...ownChains.map(({ name }) => nft.deleteChain({ table, name })),
    ...sets.filter(isThere(there.sets)).map((set) => nft.deleteSet(set)),
  ];
}
