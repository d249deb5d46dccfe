import { AF_UNSPEC } from '../addon/socket-constants';
import type { Message } from '../netlink/message';
import { address } from '../netlink/rtnetlink/address';
import { link } from '../netlink/rtnetlink/link';

// The kernel takes routes away, or marks them as dead, without a word (6.18): all those of IPv4 by a device that goes
// down, is deleted, moved, or loses its last address or its master; those that were to be used with a source address
// that is removed; those of a removed nexthop object. And it takes the source address off those of IPv6.

// linux/rtnetlink.h
const RTM_NEWNEXTHOP = 104;
const RTM_DELNEXTHOP = 105;

/** Says of each message whether it is time to look at the routes again. */
export function silence(): (message: Message) => boolean {
  const links = new Map<number, string>();
  const told: Readonly<Record<number, (message: Message) => boolean>> = {
    [link.verbs.add]: (message) => {
      const { family, index, flags, carrier, operState, master, mtu } = link.read(message);
      if (family !== AF_UNSPEC) return false;
      const state = JSON.stringify([flags, carrier, operState, master, mtu]);
      const before = links.get(index);
      links.set(index, state);
      return before !== state;
    },
    [link.verbs.remove]: (message) => {
      const { family, index } = link.read(message);
      if (family === AF_UNSPEC) links.delete(index);
      return family === AF_UNSPEC;
    },
    [address.verbs.remove]: () => true,
    [RTM_NEWNEXTHOP]: () => true,
    [RTM_DELNEXTHOP]: () => true,
  };
  return (message) => told[message.type]?.(message) ?? false;
}
