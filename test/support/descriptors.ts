import { readdirSync, readlinkSync } from 'node:fs';

/** The descriptors of this process: '22 net:[4026532178]'. */
export function descriptors(): string[] {
  return readdirSync('/proc/self/fd')
    .sort()
    .flatMap((fd) => {
      try {
        return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
      } catch {
        return []; // the one that was reading the directory
      }
    });
}
