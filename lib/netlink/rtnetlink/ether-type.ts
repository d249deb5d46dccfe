import { be16, choice } from '../codec';

/** linux/if_ether.h, ETH_P_*: the protocols of frames that filters name. */
export const ETHER_TYPES = {
  ip: 0x0800, // ETH_P_IP
  arp: 0x0806, // ETH_P_ARP
  ipv6: 0x86dd, // ETH_P_IPV6
  '802.1Q': 0x8100, // ETH_P_8021Q
  '802.1ad': 0x88a8, // ETH_P_8021AD
  mpls_uc: 0x8847, // ETH_P_MPLS_UC
  mpls_mc: 0x8848, // ETH_P_MPLS_MC
} as const;

/**
 * The protocol of a frame, by its name or its number.
 *
 * @useDeclaredType
 */
export type EtherType = keyof typeof ETHER_TYPES | number;

export const etherType = choice(be16, ETHER_TYPES);

/** Finds the names of numbers, where they have some. */
export function naming<T extends string | number>(numbers: Readonly<Record<string, number>>) {
  const names = new Map<string | number, string>(
    Object.entries(numbers).map(([name, number]) => [number, name]),
  );
  return (value: T | undefined): T | undefined =>
    value === undefined ? undefined : ((names.get(value) as T | undefined) ?? value);
}

/** The name of a number that has one. */
export const etherTypeName = naming<EtherType>(ETHER_TYPES);
