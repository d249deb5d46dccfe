import { readFileSync } from 'node:fs';

/** linux/capability.h */
const CAP_NET_ADMIN = 12n;

/** Whether the calling thread has CAP_NET_ADMIN in its own user namespace; undefined where there is no /proc. */
export function hasNetAdmin(): boolean | undefined {
  let status: string;
  try {
    status = readFileSync('/proc/thread-self/status', 'utf8');
  } catch {
    return undefined;
  }
  const effective = /^CapEff:\s*(\S+)$/m.exec(status)?.[1];
  return effective === undefined ? undefined : ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n;
}
