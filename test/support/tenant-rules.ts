import { join } from 'node:path';
import type { Netns } from '../../lib';
import { run } from './ip';

/**
 * Lets another process of the namespace make rules by raw netlink that no command of nft makes. nft (1.0.6) aborts when it
 * lists them.
 *
 * @returns how many rules the kernel has taken.
 */
export async function makeRules(
  netns: Netns,
  ...what: ['lookups'] | ['fuzz', seed: string, count: string]
): Promise<number> {
  return Number(await run(netns, 'python3', join(__dirname, 'tenant-rules.py'), ...what));
}
