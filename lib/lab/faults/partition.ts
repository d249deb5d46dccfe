import { inWords } from '../../common/in-words';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import type { LabCore } from '../lab-core';
import { addrsOfNodes } from './addrs-of-nodes';
import type { FaultWork } from './fault';
import { dropFault, type FaultRules, newFaultId, putFault, setOf } from './fault-tables';
import { natsAround } from './nats-around';
import { nodesOf } from './targets';

/** The addresses of a header, of IPv4 and of IPv6. */
const FAMILIES = [
  { family: 4, key: 'ipv4_addr', ...nft.ip },
  { family: 6, key: 'ipv6_addr', ...nft.ip6 },
] as const;

const comesIn = nft.match(nft.meta.iifname, nft.not('lo'));

type Side = 'a' | 'b';

/**
 * Nothing passes from the addresses of one group to those of the other. It is dropped where it arrives, before connection tracking: a
 * program that sends UDP would see it if the packet was dropped where it is sent (EPERM). Where it goes by a router that translates, it
 * is dropped there, because behind the router it has another address.
 */
export function partitionOf(
  groupA: string | readonly string[],
  groupB: string | readonly string[],
  core: LabCore,
): FaultWork {
  const groups = { a: nodesOf(groupA, core.spaces), b: nodesOf(groupB, core.spaces) };
  const both = groups.a.find((node) => groups.b.includes(node));
  if (both !== undefined) throw new RangeError(`groupB: '${both}' is in both groups`);
  const id = newFaultId('partition');
  const places = new Set<Netns>();
  const put = async (): Promise<void> => {
    const rules = await rulesOf(id, groups, core);
    for (const { netns } of rules) places.add(netns);
    await putFault(id, rules);
  };
  return {
    kind: 'partition',
    title: `partition of ${inWords(groups.a)} from ${inWords(groups.b)}`,
    details: { groups: [groups.a, groups.b] },
    begin: put,
    end: async () => dropFault(id, places),
    // addresses may have come
    follow: async (steps) => {
      if (steps.length > 0) await put();
      return undefined;
    },
  };
}

async function rulesOf(
  id: string,
  groups: Readonly<Record<Side, readonly string[]>>,
  { spaces, things }: LabCore,
): Promise<FaultRules[]> {
  const there = (nodes: readonly string[]) => nodes.filter((node) => spaces.nodes.has(node));
  const [a, b] = await Promise.all(
    [groups.a, groups.b].map(async (nodes) => addrsOfNodes(there(nodes).map((node) => spaces.node(node)))),
  );
  const sets = FAMILIES.flatMap(({ key, family }) => [
    { name: `${id}-a${family}`, key, addrs: a?.[family] ?? [] },
    { name: `${id}-b${family}`, key, addrs: b?.[family] ?? [] },
  ]);
  const of = (role: Side | 'between', node: string): FaultRules => ({
    netns: spaces.node(node),
    sets,
    chains: [{ role, hook: 'prerouting', rules: rulesFor(id, role).map((statements) => ({ statements })) }],
  });
  const own = [
    ...there(groups.a).map((node) => of('a', node)),
    ...there(groups.b).map((node) => of('b', node)),
  ];
  const nats = new Set([...groups.a, ...groups.b].flatMap((node) => natsAround(node, things)));
  const between = there([...nats]).filter((node) => ![...groups.a, ...groups.b].includes(node));
  return [...own, ...between.map((node) => of('between', node))];
}

/**
 * As ARP passes, so does what IPv6 has in its place: else a neighbor that could not be found is asked for again a second after the partition has
 * ended, and no sooner.
 */
const finding = [nft.match(nft.icmpv6.type, ['nd-neighbor-solicit', 'nd-neighbor-advert']), nft.accept()];

function rulesFor(id: string, role: Side | 'between'): nft.Statement[][] {
  const dropped = FAMILIES.flatMap(({ family, key, saddr, daddr }) => {
    const set = { a: setOf(`${id}-a${family}`, key), b: setOf(`${id}-b${family}`, key) };
    const rules = [
      [comesIn, nft.match(saddr, set.a), nft.match(daddr, set.b), nft.drop()],
      [comesIn, nft.match(saddr, set.b), nft.match(daddr, set.a), nft.drop()],
    ];
    if (role === 'between') return rules;
    const other = role === 'a' ? set.b : set.a;
    // what is for all on the wire, and so for this node
    const toAll = (['broadcast', 'multicast'] as const).map((type) => [
      comesIn,
      nft.match(nft.meta.pkttype, type),
      nft.match(saddr, other),
      nft.drop(),
    ]);
    return [...rules, ...toAll];
  });
  return role === 'between' ? dropped : [finding, ...dropped];
}
