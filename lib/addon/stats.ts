import { native, type Stats } from './native';

/**
 * What the addon did so far in this thread: trips to its threads, time in them, system calls on netlink sockets.
 *
 * @example
 * ```ts
 * const { sends } = getStats();
 * await Promise.all([getLink(red, 'lo'), getLink(red, 'eth0')]);
 * console.log(getStats().sends - sends); // 1
 * ```
 */
export function getStats(): Stats {
  return native().stats();
}
