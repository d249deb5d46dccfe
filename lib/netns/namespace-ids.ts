import { existsSync, readlinkSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { shown } from '../common/shown';
import { toNetnsError } from './netns-error';

/** The kinds under /proc/PID/ns: namespaces(7). */
export const NAMESPACE_KINDS = ['net', 'mnt', 'pid', 'uts', 'ipc', 'user', 'cgroup', 'time'] as const;

/**
 * One of {@link NAMESPACE_KINDS}.
 *
 * @useDeclaredType
 */
export type NamespaceKind = (typeof NAMESPACE_KINDS)[number];

/** The number of each namespace: two processes share one if it is the same. A kind that the kernel lacks has none. */
export type NamespaceIds = { net: number } & Partial<Record<NamespaceKind, number>>;

// A kernel may be built without kinds of namespaces, such as CONFIG_TIME_NS.
const isThere = (kind: NamespaceKind) => kind === 'net' || existsSync(`/proc/thread-self/ns/${kind}`);

/**
 * The namespaces that a process is in, of all kinds; those of the calling thread without a `pid`.
 *
 * @throws {@link NetnsError} ENOENT where there is no such process, EACCES for one of another user.
 * @see namespaces(7)
 * @example
 * ```ts
 * import { once } from 'node:events';
 * const child = spawn(red, 'sh', ['-c', 'echo ready; exec sleep 10']);
 * await once(child.stdout, 'data');
 * console.log((await getNamespaceIds(child.pid)).net === red.ino); // true
 * child.kill();
 * ```
 */
export async function getNamespaceIds(pid?: number): Promise<NamespaceIds> {
  if (process.platform !== 'linux') throw new Error('rtnetns works on Linux only');
  if (pid !== undefined && (!Number.isInteger(pid) || pid < 1)) {
    throw new RangeError(`pid: expected a positive integer, got ${shown(pid)}`);
  }
  try {
    const entries = await Promise.all(
      NAMESPACE_KINDS.filter(isThere).map(async (kind) => {
        // "thread-self" is the thread that asks: for the caller's own, that must not be one of libuv's pool
        const target =
          pid === undefined
            ? readlinkSync(`/proc/thread-self/ns/${kind}`)
            : await readlink(`/proc/${pid}/ns/${kind}`);
        return [kind, Number(/\d+/.exec(target)?.[0])] as const;
      }),
    );
    return Object.fromEntries(entries) as NamespaceIds;
  } catch (error) {
    const ENOENT = 'there is no such process';
    throw toNetnsError(error, 'read namespaces of process', String(pid ?? 'self'), { ENOENT });
  }
}
