import { existsSync, readFileSync } from 'node:fs';
import type { Words } from '../common/error-text';

// Reasons that the system's error number does not give. They are looked for only after a refusal.

/** linux/capability.h */
const CAP_SYS_ADMIN = 21n;
/** linux/seccomp.h, SECCOMP_MODE_FILTER */
const FILTER = '2';

const STATUS = '/proc/self/status';

/** What a refusal is due to, where the process itself shows that: no /proc, or a seccomp filter. */
export function ownReason(code: string): string | undefined {
  return OWN_REASONS[code]?.();
}

const OWN_REASONS: Readonly<Partial<Record<keyof Words, () => string | undefined>>> = {
  ENOENT: () =>
    existsSync(STATUS)
      ? undefined
      : 'there is no /proc, by whose files namespaces are found: mount -t proc proc /proc',
  EPERM: () => {
    if (!existsSync(STATUS)) return undefined;
    const status = readFileSync(STATUS, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(status)?.[1];
    const capable = (BigInt(`0x${field('CapEff') ?? '0'}`) >> CAP_SYS_ADMIN) & 1n;
    if (capable === 0n || field('Seccomp') !== FILTER) return undefined;
    return (
      'the process has CAP_SYS_ADMIN, so its seccomp filter refuses the system call (a container: allow unshare, ' +
      'setns and mount), or the namespace belongs to another user namespace'
    );
  },
};
