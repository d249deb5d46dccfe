import { setTimeout as delay } from 'node:timers/promises';
import { isSystemError } from '../common/system-error';
import { NETNS_DIRECTORY } from './netns';
import { NetnsError } from './netns-error';

const LONGEST_MS = 2000;
const PAUSE_MS = 10;

const HELD =
  `somebody holds the lock (flock) on ${NETNS_DIRECTORY}, which has to become a mount point; ` +
  `'fuser ${NETNS_DIRECTORY}' shows who`;

/**
 * Tries again while somebody holds the lock on the directory of the names, as `ip netns add` does for a moment while it
 * makes the directory a mount point. After two seconds it gives up, because whoever may open the directory can hold the
 * lock for as long as they like. Once the directory is a mount point, nobody needs the lock.
 */
export async function whileLocked<T>(operation: string, netns: string, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + LONGEST_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isSystemError(error) || error.syscall !== 'flock') throw error;
      if (performance.now() < end) {
        await delay(PAUSE_MS);
        continue;
      }
      const { code, errno } = error;
      throw new NetnsError({ code, errno, operation, netns, reason: HELD }, { cause: error });
    }
  }
}
