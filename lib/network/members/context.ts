import type { Netns } from '../../netns/netns';
import type { AddressBook } from './address-book';
import type { Attachment } from '../table/member-records';
import type { NetworkPlan } from '../plan';
import type { Reservations } from './reservation';
import type { Sign } from './life-sign';

/** What one process has of a network. */
export interface NetworkContext {
  host: Netns;
  plan: NetworkPlan;
  /** Of the bridge. */
  mtu: number;
  mac: string;
  sign: Sign;
  book: AddressBook;
  reservations: Reservations;
  /** Ports of members that are being attached here. */
  busy: Set<string>;
  /** Members that were attached here, as they were then, by their ports. */
  known: Map<string, Attachment>;
}
