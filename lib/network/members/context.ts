import type { Netns } from '../../netns/netns';
import type { NetworkPlan } from '../plan';
import type { RefusedNames } from '../egress/refused-names';
import type { MemberRecord } from '../table/member-records';
import type { AddressBook } from './address-book';
import type { HeldPorts } from './held-ports';
import type { LifeSign } from './life-sign';

/** What one process keeps of a network. */
export interface NetworkContext {
  host: Netns;
  /** Descriptor of the host's namespace: good while the host is lent. */
  hostFd: number;
  plan: NetworkPlan;
  /** MTU of the bridge. */
  mtu: number;
  /** MAC address of the bridge. */
  mac: string;
  lifeSign: LifeSign;
  book: AddressBook;
  heldPorts: HeldPorts;
  /** Ports of the members that this object is attaching. */
  attachingHere: Set<string>;
  /**
   * Members that this object has changed, as they were then, by their ports. Other processes may have changed them since, which their
   * state shows.
   */
  known: Map<string, MemberRecord>;
  /** Names that this object's resolver refuses limited members. */
  refusedNames: RefusedNames;
}
