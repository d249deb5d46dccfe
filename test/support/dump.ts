import { join } from 'node:path';
import type { Netns } from '../../lib';
import { run } from './ip';

// struct ifaddrmsg, fib_rule_hdr, ndmsg, br_vlan_msg
const SIZES = { address: [22, 8], rule: [34, 12], neighbor: [30, 12], 'bridge VLAN': [114, 8] } as const;

/** An object's attributes by their numbers, in hexadecimal. */
export type RawObject = Readonly<Record<string, string>>;

/** What the kernel has of a kind, of one family, as python reads it: ip(8) does not show all of it. */
export async function dumped(
  netns: Netns,
  kind: keyof typeof SIZES,
  family: 2 | 7 | 10,
): Promise<RawObject[]> {
  const args = [...SIZES[kind].slice(0, 1), family, ...SIZES[kind].slice(1)].map(String);
  return JSON.parse(await run(netns, 'python3', join(__dirname, 'dump.py'), ...args)) as RawObject[];
}
