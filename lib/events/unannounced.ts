import { AF_UNSPEC } from '../addon/socket-constants';
import type { Message } from '../netlink/message';
import { address } from '../netlink/rtnetlink/address';
import { link, linkHeader } from '../netlink/rtnetlink/link';
import { qdisc, trafficClass } from '../netlink/rtnetlink/traffic';

// The kernel removes routes, or marks them as dead, without an event (6.18): all IPv4 routes by a device that goes down,
// is deleted, is moved, or loses its last address or its master; routes with a source address that is removed; routes of
// a removed nexthop object. And the kernel takes a removed source address off IPv6 routes.

// linux/rtnetlink.h
const RTM_NEWNEXTHOP = 104;
const RTM_DELNEXTHOP = 105;

const linkState = link.reading('carrier', 'operState', 'master', 'mtu');

/** A test for the messages after which the routes have to be dumped again. It has to see all messages, in their order. */
export function unannouncedRouteChanges(): (message: Message) => boolean {
  const states = new Map<number, string>();
  const tests: Readonly<Record<number, (message: Message) => boolean>> = {
    [link.verbs.add]: (message) => {
      const { family, index, flags, carrier, operState, master, mtu } = linkState.read(message);
      if (family !== AF_UNSPEC) return false;
      const state = JSON.stringify([flags, carrier, operState, master, mtu]);
      const before = states.get(index);
      states.set(index, state);
      return before !== state;
    },
    [link.verbs.remove]: (message) => {
      const { family, index } = linkHeader.read(message);
      if (family === AF_UNSPEC) states.delete(index);
      return family === AF_UNSPEC;
    },
    [address.verbs.remove]: () => true,
    [RTM_NEWNEXTHOP]: () => true,
    [RTM_DELNEXTHOP]: () => true,
  };
  return (message) => tests[message.type]?.(message) ?? false;
}

/**
 * The same for queueing disciplines. The kernel reports the one that is removed, but none below it (6.18), and none that goes with its class or
 * its device.
 */
export function unannouncedQdiscChanges(): (message: Message) => boolean {
  const types: readonly number[] = [qdisc.verbs.remove, trafficClass.verbs.remove];
  return (message) =>
    types.includes(message.type) ||
    (message.type === link.verbs.remove && linkHeader.read(message).family === AF_UNSPEC);
}
