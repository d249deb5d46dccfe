import type { Family } from '../common/check';

/** A subnet of a network, with the bridge's address in it. */
export interface Subnet {
  family: Family;
  /** '10.200.0.0/24' */
  subnet: string;
  /** '10.200.0.1' */
  gateway: string;
  prefixLength: number;
}

/** What a network is to be: its options, checked and resolved before the first system call. */
export interface NetworkPlan {
  name: string;
  subnets: readonly Subnet[];
  mtu: number | undefined;
  nat: boolean;
  isolated: boolean;
  internal: boolean;
  icc: boolean;
  allowOverlap: boolean;
}
