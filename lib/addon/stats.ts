import { native, type Stats } from './native';

/** What the addon did so far in this thread: trips to its threads, time in them, system calls on netlink sockets. */
export function getStats(): Stats {
  return native().stats();
}
