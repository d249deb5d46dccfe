import type { Netns } from '../../netns/netns';
import type { PublishedPort } from '../table/published-ports';
import type { Addresses } from './address-book';

/** Which member of a network: one for each namespace and device. */
export interface MemberIdentity {
  netns: Netns;
  /** Name of the device in that namespace. */
  device: string;
  /** Name of the port, the host's end of the pair, which is derived from network, namespace and device. */
  port: string;
}

/** What a member is to be: its options, checked and resolved before the first system call. */
export interface MemberPlan extends MemberIdentity {
  /** Alias of the port, which records whose port it is. */
  alias: string;
  /** The device's MAC address: the one that was asked for, or a random one. */
  mac: string;
  /** Whether that MAC address was asked for. */
  macAskedFor: boolean;
  /** The addresses that were asked for; of a family that is missing, the next free one. */
  addresses: Addresses;
  published: readonly PublishedPort[];
  /** Whether default routes lead to the gateways. */
  defaultRoute: boolean;
  /** Undefined: depends on br_netfilter, at the time when the port is configured. */
  hairpin: boolean | undefined;
}
