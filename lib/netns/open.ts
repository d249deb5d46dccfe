import { Netns, NETNS_DIRECTORY, type NetnsDetails } from './netns';
import { toBytes } from '../common/byte-text';
import { checkNetnsName } from '../common/check';
import { whileLocked } from './directory';
import { NAMING_WORDS, NetnsError, toNetnsError } from './netns-error';
import { checkOptions, optionTable } from '../common/options';
import { shown } from '../common/shown';
import type { Words } from '../common/error-text';
import { isSystemError } from '../common/system-error';
import { PROC_SYS_READ_ONLY } from '../common/wants';
import { native } from '../addon/native';
import { routeSocket } from '../netlink/sockets';

const NOT_WRITABLE = 'ipv6: this process may not write the sysctl net.ipv6.conf.all.disable_ipv6';

/** Where IPv6 cannot be turned off in a new namespace. */
const IPV6_WORDS: Words = {
  EACCES: NOT_WRITABLE,
  ENOENT: 'ipv6: it cannot be turned off, because there is no /proc/sys',
  EPERM: NOT_WRITABLE,
  EROFS: `ipv6: ${PROC_SYS_READ_ONLY}`,
};

/** @internal A new namespace, at once: `createNetns` without its consideration for the kernel. */
export async function makeNetns(
  name?: string,
  { ipv6 = true, dispose }: Pick<NetnsDetails, 'dispose'> & { ipv6?: boolean } = {},
): Promise<Netns> {
  try {
    const file = name === undefined ? null : toBytes(name);
    const create = async () => native().createNetns(NETNS_DIRECTORY, file, routeSocket, ipv6);
    const opened = await (name === undefined ? create() : whileLocked('create namespace', name, create));
    return new Netns({ opened, name, socket: opened.socket, dispose });
  } catch (error) {
    const words = isSystemError(error) && error.syscall === 'disable_ipv6' ? IPV6_WORDS : NAMING_WORDS;
    throw toNetnsError(error, 'create namespace', name ?? '(without a name)', words);
  }
}

/** What to open: a name in /run/netns, any path, a process, or an open descriptor of this process. */
export type NetnsReference = string | { path: string } | { pid: number } | { fd: number };

/**
 * Opens a namespace by its name, by a path such as `{ path: '/proc/1/ns/net' }`, by a process `{ pid }`, or by
 * a descriptor `{ fd }`, which stays the caller's.
 *
 * @throws {@link NetnsError} ENOENT where there is none; ERR_NOT_A_NETNS for a file that is no network namespace,
 * such as a stale one in /run/netns; EACCES for a process of another user.
 * @example
 * ```ts
 * const byName = await openNetns('red');
 * const byProcess = await openNetns({ pid: process.pid });
 * console.log(byName.ino === red.ino, byProcess.ino === red.ino); // true false
 * for (const handle of [byName, byProcess]) handle.close();
 * ```
 */
export async function openNetns(reference: NetnsReference): Promise<Netns> {
  return openAt(locate(reference));
}

/**
 * The namespace of the calling thread: of the process, but in a worker that lives in a namespace of its own.
 *
 * @example
 * ```ts
 * await using here = await currentNetns();
 * console.log((await listLinks(here)).map(({ name }) => name));
 * ```
 */
export async function currentNetns(): Promise<Netns> {
  const path = '/proc/thread-self/ns/net';
  return openAt({ path, shown: path }, { ofCurrentThread: true });
}

/** The file that an open namespace is had from. */
export interface NetnsFile {
  path: string;
  /** What errors call it. */
  shown: string;
  name?: string;
  /** What ENOENT means. */
  missing?: string;
}

const REFERENCE = optionTable<Exclude<NetnsReference, string>>({ path: true, pid: true, fd: true });

export function locate(reference: NetnsReference): NetnsFile {
  if (typeof reference === 'string') {
    checkNetnsName(reference);
    return { path: `${NETNS_DIRECTORY}/${reference}`, shown: reference, name: reference };
  }
  if (typeof reference !== 'object' || (reference as unknown) === null) refuseReference(reference);
  checkOptions(reference, REFERENCE, { whole: 'reference' });
  const { path, pid, fd } = reference as { path?: unknown; pid?: unknown; fd?: unknown };
  if (path !== undefined) {
    checkPath(path);
    return { path, shown: path };
  }
  if (pid !== undefined) {
    checkNumber('pid', pid);
    return { path: `/proc/${pid}/ns/net`, shown: `of process ${pid}`, missing: 'there is no such process' };
  }
  if (fd === undefined) refuseReference(reference);
  checkNumber('fd', fd);
  const missing = 'this process has no such descriptor';
  return { path: `/proc/self/fd/${fd}`, shown: `of descriptor ${fd}`, missing };
}

function refuseReference(reference: unknown): never {
  const rule = 'expected a name, { path }, { pid } or { fd } of a namespace';
  throw new TypeError(`reference: ${rule}, got ${shown(reference)}`);
}

export function checkPath(path: unknown): asserts path is string {
  if (typeof path !== 'string') throw new TypeError(`path: expected a string, got ${shown(path)}`);
  if (path === '' || path.includes('\0')) {
    throw new RangeError(`path: a path is not empty and holds no NUL, got ${shown(path)}`);
  }
  toBytes(path, 'path');
}

export function checkNumber(option: string, value: unknown): asserts value is number {
  const message = `${option}: expected a non-negative integer, got ${shown(value)}`;
  if (typeof value !== 'number') throw new TypeError(message);
  if (!Number.isInteger(value) || value < 0) throw new RangeError(message);
}

// eslint-disable-next-line @typescript-eslint/require-await -- every refusal is a rejection
export async function openAt(
  { path, shown: where, name, missing }: NetnsFile,
  details: Pick<NetnsDetails, 'ofCurrentThread' | 'dispose'> = {},
): Promise<Netns> {
  const operation = 'open namespace';
  try {
    return new Netns({ opened: native().openNetns(toBytes(path)), name, ...details });
  } catch (error) {
    if ((error as { syscall?: unknown }).syscall === 'NS_GET_NSTYPE') {
      const reason =
        name === undefined
          ? 'this is not a network namespace'
          : `no network namespace is mounted on ${path}: a stale file, which deleteNetns and 'rtnetns clean' remove`;
      throw new NetnsError({ code: 'ERR_NOT_A_NETNS', operation, netns: where, reason }, { cause: error });
    }
    throw toNetnsError(error, operation, where, missing === undefined ? {} : { ENOENT: missing });
  }
}
