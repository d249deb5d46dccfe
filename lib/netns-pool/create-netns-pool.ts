import { checkOptions } from '../common/options';
import type { NetnsPool } from './netns-pool';
import { NetnsStock } from './netns-stock';
import { checkMost, NETNS_POOL_OPTIONS, type NetnsPoolOptions } from './options';

/**
 * Creates a pool of namespaces that are made ahead, and are handed out at once. It resolves when the first one is ready; the others
 * are made in the background, in turns of the event loop of their own, and do not keep the process alive.
 *
 * What is ready has no name, so nothing is left of it when the process ends, even after SIGKILL. A namespace that waits holds
 * two descriptors. Where a namespace cannot be made or prepared, whoever waits is given the error, and another attempt is
 * made after 100 ms; each further failure doubles the pause, up to 10 s.
 *
 * @throws what the first namespace could not be made or prepared for, such as {@link NetnsError} EPERM without
 * CAP_SYS_ADMIN. Nothing is left behind then.
 * @example
 * ```ts
 * await using pool = await createNetnsPool({ size: 20, prepare: (netns) => setLink(netns, 'lo', { up: true }) });
 * await using sandbox = await pool.acquire();
 * console.log((await listLinks(sandbox)).map(({ name, up }) => `${name} ${up}`)); // [ 'lo true' ]
 * ```
 */
export async function createNetnsPool(options: NetnsPoolOptions): Promise<NetnsPool> {
  checkOptions(options, NETNS_POOL_OPTIONS);
  checkMost(options);
  return NetnsStock.open(options);
}
