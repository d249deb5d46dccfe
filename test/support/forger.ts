import { join } from 'node:path';
import type { Netns } from '../../lib';
import { run } from './ip';

/**
 * Lets another process of the namespace, with CAP_NET_ADMIN there, send what the kernel would send: answers to every
 * rtnetlink socket, or events to the group of links, some of them malformed.
 *
 * @returns what became of each: 'ok' or an errno.
 */
export async function forge(netns: Netns, what: 'answers' | 'events'): Promise<string[]> {
  return (await run(netns, 'python3', join(__dirname, 'forger.py'), what)).trim().split('\n');
}
