import { readdir, stat } from 'node:fs/promises';
import { fromBytes, toBytes } from '../common/byte-text';
import { checkNetnsName } from '../common/check';
import { processesByNetns } from '../common/processes';
import { isSystemError } from '../common/system-error';
import { whileLocked } from './directory';
import { NAMING_WORDS, toNetnsError } from './netns-error';
import { native } from '../addon/native';
import { checkNetns, checkNetnsOrName } from './check-netns';
import { type Netns, NETNS_DIRECTORY } from './netns';
import { openNetns } from './open';

/** An entry of /run/netns. */
export interface NamedNetns {
  /** A byte of the name that is not UTF-8 is U+DC00 and the byte: '\udcff'. */
  name: string;
  /** Inode of the namespace; undefined for a stale file, on which no namespace is mounted. */
  ino?: number;
  /** A plain file, left behind by a crash: `deleteNetns` removes it. `ip netns list` shows it like any other. */
  stale: boolean;
}

/**
 * The named namespaces, in the order of their names.
 *
 * @throws {@link NetnsError} EACCES where the directory may not be read; ENOENT without /proc.
 * @see ip-netns(8): `ip netns list`
 * @example
 * ```ts
 * for (const { name, stale } of await listNetns()) {
 *   if (stale) console.log(name, 'was left behind by a crash');
 * }
 * ```
 */
export async function listNetns(): Promise<NamedNetns[]> {
  native();
  let names: string[];
  // all namespaces have the device number of the nsfs file system
  const { dev } = await stat('/proc/self/ns/net').catch((error: unknown) => {
    throw toNetnsError(error, 'list namespaces in', NETNS_DIRECTORY);
  });
  try {
    const files = await readdir(NETNS_DIRECTORY, { encoding: 'buffer' });
    names = files.map((file) => fromBytes(file));
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return [];
    throw toNetnsError(error, 'list namespaces in', NETNS_DIRECTORY);
  }
  const entries = await Promise.all(names.sort().map((name) => describe(name, dev)));
  return entries.filter((entry) => entry !== undefined);
}

async function describe(name: string, nsfs: number): Promise<NamedNetns | undefined> {
  try {
    // One call returns both numbers. Between two calls, the namespace might be unmounted, and the second number would
    // be that of the file below.
    const { dev, ino } = await stat(toBytes(`${NETNS_DIRECTORY}/${name}`));
    return dev === nsfs ? { name, ino, stale: false } : { name, stale: true };
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined; // deleted since
    throw toNetnsError(error, 'look at namespace', name);
  }
}

/**
 * Gives a name to the namespace of a process, or to an open namespace.
 *
 * @throws {@link NetnsError} EEXIST where the name is taken; ENOENT where there is no such process.
 * @see ip-netns(8): `ip netns attach NAME PID`
 * @example
 * ```ts
 * await attachNetns('green', host); // or the process that is in it: its number
 * console.log((await listNetns()).map(({ name }) => name)); // [ 'blue', 'green', 'red' ]
 * ```
 */
export async function attachNetns(name: string, target: number | Netns): Promise<void> {
  checkNetnsName(name);
  if (typeof target !== 'number') checkNetns(target, 'target');
  const netns = typeof target === 'number' ? await openNetns({ pid: target }) : target;
  try {
    await netns.lend('attach namespace', async ({ descriptor }) =>
      whileLocked('attach namespace', name, async () =>
        native().attachNetns(NETNS_DIRECTORY, toBytes(name), descriptor),
      ),
    );
  } catch (error) {
    throw toNetnsError(error, 'attach namespace', name, NAMING_WORDS);
  } finally {
    if (netns !== target) netns.close();
  }
}

/**
 * The names of the namespace that a process is in, by default the calling one. The list is empty where the namespace has
 * no name.
 *
 * @param pid - as /proc shows it, which in a PID namespace of its own may not be what `process.pid` is.
 * @throws {@link NetnsError} ENOENT where there is no such process, EACCES for one of another user.
 * @see ip-netns(8): `ip netns identify PID`
 * @example
 * ```ts
 * import { once } from 'node:events';
 * const child = spawn(red, 'sh', ['-c', 'echo ready; exec sleep 10']);
 * await once(child.stdout, 'data');
 * console.log(await identifyNetns(child.pid)); // [ 'red' ]
 * child.kill();
 * ```
 */
export async function identifyNetns(pid?: number): Promise<string[]> {
  const netns = await openNetns(pid === undefined ? { path: '/proc/self/ns/net' } : { pid });
  try {
    const named = await listNetns();
    return named.filter(({ ino }) => ino === netns.ino).map(({ name }) => name);
  } finally {
    netns.close();
  }
}

/**
 * The processes that have at least one thread in the namespace. `ip netns pids` looks at main threads only.
 * Both leave out processes that this user may not look at.
 *
 * @throws {@link NetnsError} ENOENT where there is no such name; ERR_NETNS_CLOSED for a closed handle.
 * @see ip-netns(8): `ip netns pids NAME`
 * @example
 * ```ts
 * import { once } from 'node:events';
 * const child = spawn(red, 'sh', ['-c', 'echo ready; exec sleep 10']);
 * await once(child.stdout, 'data');
 * console.log((await netnsPids(red)).includes(child.pid!)); // true
 * child.kill();
 * ```
 */
export async function netnsPids(netns: Netns | string): Promise<number[]> {
  checkNetnsOrName(netns);
  const opened = typeof netns === 'string' ? await openNetns(netns) : netns;
  try {
    // while it is lent it is open, and while it is open no other namespace has its number
    return await opened.lend(LISTING, async () => {
      const processes = await processesByNetns();
      return processes.get(`net:[${opened.ino}]`) ?? [];
    });
  } catch (error) {
    throw toNetnsError(error, LISTING, opened.toString());
  } finally {
    if (opened !== netns) opened.close();
  }
}

const LISTING = 'list processes of namespace';
