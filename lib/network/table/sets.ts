import type * as nft from '../../nft';

// All networks of a namespace share one table. Its chains and rules are always the same: a network, a member and a
// published port are elements of sets and maps. So publishing one port more adds one element, and the number of rules does
// not grow.

export const TABLE = { family: 'inet', name: 'rtnetns', comment: 'rtnetns networks, 1' } as const;

export function isOurTable({ family, name }: nft.TableReference): boolean {
  return family === TABLE.family && name === TABLE.name;
}

/** What keeps limited members from sending by addresses of others: only tables of this family see by which port a packet comes. */
export const BRIDGE_TABLE = { family: 'bridge', name: 'rtnetns', comment: 'rtnetns egress, 1' } as const;

const set = <const T extends Omit<nft.NftSet, 'table'>>(definition: T) => ({ table: TABLE, ...definition });
const ofBridges = <const T extends Omit<nft.NftSet, 'table'>>(definition: T) => ({
  table: BRIDGE_TABLE,
  ...definition,
});

const PAIR = ['ifname', 'ifname'] as const;
const port = (...address: ('ipv4_addr' | 'ipv6_addr')[]) =>
  [...address, 'inet_proto', 'inet_service'] as const;

/** The comment of an element names its owner: a network, or the port of a member. */
export const NETWORK_SETS = {
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

const v4 = <const T extends readonly nft.TypeName[]>(...more: T) => ['ifname', 'ipv4_addr', ...more] as const;
const v6 = <const T extends readonly nft.TypeName[]>(...more: T) => ['ifname', 'ipv6_addr', ...more] as const;
const NOISE = { flags: ['dynamic', 'timeout'], timeout: 60_000, size: 4096 } as const;

/**
 * What limited members may reach. These sets are there from the first limited member on. A key that has a member's address
 * begins with the bridge, because networks may have the same addresses.
 */
export const EGRESS_SETS = {
  /** Addresses of limited members. */
  limited4: set({ name: 'limited4', key: v4() }),
  limited6: set({ name: 'limited6', key: v6() }),
  /** A member's port, the number of a grant, and a protocol and a port that the grant is for; 0 and 0 are for all. */
  grants: set({ name: 'grants', key: ['ifname', 'mark', 'inet_proto', 'inet_service'] }),
  /** A member's port, the number of a grant, and the place of a pattern in its list. The comment is the pattern. */
  names: set({ name: 'names', key: ['ifname', 'mark', 'mark'] }),
  /** From a member to an address, a protocol and a port. The comment has the patterns of the names that led there. */
  allowed4: set({ name: 'allowed4', key: v4('ipv4_addr', 'inet_proto', 'inet_service'), flags: ['timeout'] }),
  allowed6: set({ name: 'allowed6', key: v6('ipv6_addr', 'inet_proto', 'inet_service'), flags: ['timeout'] }),
  /** From a member to an address by all protocols. */
  reached4: set({ name: 'reached4', key: v4('ipv4_addr'), flags: ['timeout'] }),
  reached6: set({ name: 'reached6', key: v6('ipv6_addr'), flags: ['timeout'] }),
  /** Members that packets were refused of: each has a rate of its own by which refusals are reported. */
  noise4: set({ name: 'noise4', key: v4(), ...NOISE }),
  noise6: set({ name: 'noise6', key: v6(), ...NOISE }),
  /** Ports of limited members, and the addresses that packets may come from by each. */
  checked: ofBridges({ name: 'checked', key: 'ifname' }),
  senders4: ofBridges({ name: 'senders4', key: v4() }),
  senders6: ofBridges({ name: 'senders6', key: v6() }),
} as const satisfies Record<string, nft.NftSet>;

export const SETS = { ...NETWORK_SETS, ...EGRESS_SETS } as const;

export type SetName = keyof typeof SETS;
