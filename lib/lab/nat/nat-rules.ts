import * as nft from '../../nft';
import type { Nat } from './behavior';
import { natText } from './nat-text';

// The rules of a router. Conntrack gives each connection a mapping of its own, and lets in what belongs to a connection: it maps and filters by
// address and port. What depends on less than that is kept in maps, which the packets themselves fill on their way out, behind their
// translation. A mapping that is in a map is used again, and what comes in by a mapping that is in a map begins a connection.

export const NAT_TABLE = { family: 'inet', name: 'lab-nat' } as const;

const { ct, ip, meta, th, udp } = nft;
const { addRule, dnat, drop, goto, match, not, snat, updateSet } = nft;

const chain = <const T extends Omit<nft.Chain, 'table'>>(definition: T) => ({
  table: NAT_TABLE,
  ...definition,
});

const CHAINS = {
  /** Translates what comes in by a mapping to who has it. */
  arriving: chain({ name: 'arriving', type: 'nat', hook: 'prerouting', priority: 'dstnat' }),
  leaving: chain({ name: 'leaving', type: 'nat', hook: 'postrouting', priority: 'srcnat' }),
  mapping: chain({ name: 'mapping' }),
  /** Behind the translation, where a packet has its port outside. */
  learning: chain({ name: 'learning', hook: 'postrouting', priority: nft.PRIORITIES.srcnat + 10 }),
  through: chain({ name: 'through', hook: 'forward', priority: 'filter' }),
  local: chain({ name: 'local', hook: 'input', priority: 'filter' }),
} as const;

/** What the maps hold. There are not more ports than that. */
const SIZE = 65_536;

const OUTER_KEYS = {
  endpointIndependent: ['ipv4_addr', 'inet_service'],
  addressDependent: ['ipv4_addr', 'inet_service', 'ipv4_addr'],
} as const;

/** All that a NAT may have; `natOperations` makes those that it needs. */
function setsOf({ mapping, lasting }: Nat) {
  const dynamic = { table: NAT_TABLE, flags: ['dynamic'], timeout: lasting * 1000, size: SIZE } as const;
  return {
    /** From a port outside to who has it. */
    inner: { ...dynamic, name: 'inner', key: 'inet_service', value: ['ipv4_addr', 'inet_service'] },
    /** The ports of `inner` once more, as a set, because older kernels look into a map only for a value. */
    taken: { ...dynamic, name: 'taken', key: 'inet_service' },
    /** From an address and port inside, and maybe whom they send to, to the address and port outside. */
    outer: {
      ...dynamic,
      name: 'outer',
      key: OUTER_KEYS[mapping === 'addressDependent' ? mapping : 'endpointIndependent'],
      value: ['ipv4_addr', 'inet_service'],
    },
    /** Ports outside, each with an address to which it has sent. */
    permitted: { ...dynamic, name: 'permitted', key: ['inet_service', 'ipv4_addr'] },
  } as const satisfies Record<string, nft.NftSet>;
}

/** From a published port to a node's address and port. */
export const PUBLISHED = {
  table: NAT_TABLE,
  name: 'published',
  key: ['inet_proto', 'inet_service'],
  value: ['ipv4_addr', 'inet_service'],
} as const satisfies nft.NftSet;

type Sets = ReturnType<typeof setsOf>;

/** The table of a NAT, in the place of one that is there. */
export function natOperations(nat: Nat): nft.Operation[] {
  const sets = setsOf(nat);
  const { addr } = nat;
  return [
    nft.deleteTable(NAT_TABLE, { ifMissing: 'ignore' }),
    nft.addTable({ ...NAT_TABLE, comment: natText(nat) }),
    ...(addr === undefined ? [] : usedSets(nat, sets).map((set) => nft.addSet(set))),
    nft.addSet(PUBLISHED),
    nft.addElements(
      PUBLISHED,
      nat.published.map(({ protocol, port, addr: to, toPort }) => ({
        key: [protocol, port],
        value: [to, toPort],
      })),
    ),
    ...Object.values(CHAINS).map((one) => nft.addChain(one)),
    ...(addr === undefined
      ? []
      : [...arrivingRules(nat, addr, sets), ...leavingRules(nat, addr, sets), ...learningRules(nat, sets)]),
    ...throughRules(nat),
    ...localRules(nat),
  ];
}

const isRemapping = ({ mapping }: Nat): boolean => mapping !== 'addressAndPortDependent';
const isPermitting = ({ filtering }: Nat): boolean => filtering === 'addressDependent';

function usedSets(nat: Nat, { inner, taken, outer, permitted }: Sets): nft.NftSet[] {
  return [inner, taken, ...(isRemapping(nat) ? [outer] : []), ...(isPermitting(nat) ? [permitted] : [])];
}

const isUdp = match(meta.l4proto, 'udp');

function arrivingRules({ device, filtering, hairpinning }: Nat, addr: string, sets: Sets): nft.Operation[] {
  const mapped = dnat({ key: udp.dport, map: sets.inner });
  const here = [match(ip.daddr, addr), isUdp];
  const outside = match(meta.iifname, device);
  const inside = match(meta.iifname, not(device));
  const rules: readonly (readonly nft.Statement[])[] = [
    [match(ip.daddr, addr), dnat({ key: [meta.l4proto, th.dport], map: PUBLISHED })],
    ...(filtering === 'endpointIndependent' ? [[outside, ...here, mapped]] : []),
    ...(filtering === 'addressDependent'
      ? [[outside, ...here, match([udp.dport, ip.saddr], sets.permitted), mapped]]
      : []),
    ...(hairpinning ? [[inside, ...here, mapped]] : []),
  ];
  return rules.map((rule) => addRule(CHAINS.arriving, rule));
}

function leavingRules(nat: Nat, addr: string, sets: Sets): nft.Operation[] {
  const { device, mapping, ports } = nat;
  const preserving = ports === 'preserve';
  const anyPort = snat({
    address: addr,
    ...(typeof ports === 'object' && { port: ports }),
    fullyRandom: true,
  });
  const again = snat({
    key: [ip.saddr, th.sport, ...(mapping === 'addressDependent' ? [ct.original.ipDaddr] : [])],
    map: sets.outer,
  });
  const isLeaving = match(meta.oifname, device);
  const isReturning = [match(meta.iifname, not(device)), match(meta.oifname, not(device))];
  return [
    addRule(CHAINS.leaving, [isLeaving, match(ip.saddr, not(addr)), goto('mapping')]),
    // hairpinning: those inside see each other by their ports outside
    addRule(CHAINS.leaving, [...isReturning, match(ct.status, 'dnat'), goto('mapping')]),
    ...(isRemapping(nat) ? [addRule(CHAINS.mapping, [isUdp, again])] : []),
    ...(preserving
      ? [addRule(CHAINS.mapping, [isUdp, match(udp.sport, not(sets.taken)), snat({ address: addr })])]
      : []),
    addRule(CHAINS.mapping, [isUdp, anyPort]),
    addRule(CHAINS.mapping, [match(meta.l4proto, 'tcp'), preserving ? snat({ address: addr }) : anyPort]),
    addRule(CHAINS.mapping, [snat({ address: addr })]),
  ];
}

/** A packet of a connection that began inside has its own endpoint in `ct original`, an answer to one that began outside in `ct reply`. */
function learningRules(nat: Nat, { inner, taken, outer, permitted }: Sets): nft.Operation[] {
  const directions = [
    {
      side: ct.original,
      remote: ct.original.ipDaddr,
      from: [match(ct.status, 'snat'), match(ct.direction, 'original')],
    },
    {
      side: ct.reply,
      remote: ct.original.ipSaddr,
      from: [match(ct.status, 'dnat'), match(ct.direction, 'reply')],
    },
  ];
  return directions.map(({ side, remote, from }) => {
    const endpoint = [side.ipSaddr, side.protoSrc];
    const key = [...endpoint, ...(nat.mapping === 'addressDependent' ? [remote] : [])];
    return addRule(CHAINS.learning, [
      isUdp,
      ...from,
      updateSet(inner, udp.sport, { value: endpoint }),
      updateSet(taken, udp.sport),
      ...(isRemapping(nat) ? [updateSet(outer, key, { value: [ip.saddr, udp.sport] })] : []),
      ...(isPermitting(nat) ? [updateSet(permitted, [udp.sport, remote])] : []),
    ]);
  });
}

const isNew = match(ct.state, 'new');
const isIpv4 = match(meta.nfproto, 'ipv4');
const isIpv6 = match(meta.nfproto, 'ipv6');

function throughRules({ device, blockUdp, ipv6 }: Nat): nft.Operation[] {
  const [comes, leaves] = [match(meta.iifname, device), match(meta.oifname, device)];
  const rules: readonly (readonly nft.Statement[])[] = [
    ...(blockUdp ? [[leaves, isUdp]] : []),
    [comes, isIpv4, isNew, match(ct.status, not('dnat'))],
    // conntrack does not translate what it can make nothing of
    [leaves, isIpv4, match(ct.state, 'invalid')],
    ...(ipv6 === 'firewall' ? [[comes, isIpv6, isNew]] : []),
  ];
  return rules.map((rule) => addRule(CHAINS.through, [...rule, drop()]));
}

/**
 * What nobody inside has asked for does not come to the router itself. A connection that conntrack knew of it would take the port from who has
 * it: of two who send to each other at once, the second one would get another port (6.18).
 */
function localRules({ device, ipv6 }: Nat): nft.Operation[] {
  const families = ipv6 === 'firewall' ? [] : [isIpv4];
  return (['udp', 'tcp'] as const).map((protocol) =>
    addRule(CHAINS.local, [
      match(meta.iifname, device),
      ...families,
      match(meta.l4proto, protocol),
      isNew,
      drop(),
    ]),
  );
}
