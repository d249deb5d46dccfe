import { readdir, readFile, readlink } from 'node:fs/promises';
import { isSystemError } from './system-error';

/**
 * The processes that have at least one thread in a network namespace, by the namespace as /proc shows it: 'net:[4026531840]'.
 * Processes that this user may not look at are left out.
 */
export async function processesByNetns(): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  const pids = await allPids();
  const own = await readlink('/proc/self');
  const namespaces = await Promise.all(
    pids.map((pid) => namespacesOf(pid, pid === own ? isOurs : undefined)),
  );
  for (const [i, pid] of pids.entries()) {
    for (const namespace of namespaces[i] ?? []) {
      const others = found.get(namespace);
      if (others === undefined) found.set(namespace, [Number(pid)]);
      else others.push(Number(pid));
    }
  }
  return found;
}

async function allPids(): Promise<string[]> {
  return (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
}

type ThreadTest = (directory: string) => Promise<boolean>;

async function namespacesOf(pid: string, isLeftOut?: ThreadTest): Promise<Set<string>> {
  const threads = await readdir(`/proc/${pid}/task`).catch(noneOf);
  const look = async (thread: string): Promise<string[]> => {
    const directory = `/proc/${pid}/task/${thread}`;
    const namespace = await readlink(`${directory}/ns/net`);
    return (await isLeftOut?.(directory)) === true ? [] : [namespace];
  };
  return new Set((await Promise.all(threads.map((thread) => look(thread).catch(noneOf)))).flat());
}

/** A process or a thread that has ended since, or another user's. */
function noneOf(error: unknown): never[] {
  if (isSystemError(error)) return [];
  throw error;
}

/** A thread of the addon stays in a namespace for a millisecond, for the next call. Its process does not live there. */
async function isOurs(directory: string): Promise<boolean> {
  return (await readFile(`${directory}/comm`, 'utf8')) === 'rtnetns\n';
}

/** The processes that have a socket open, by the inode that /proc shows. Processes that this user may not look at are left out. */
export async function processesWithSocket(inode: number): Promise<number[]> {
  const pids = await allPids();
  const have = await Promise.all(
    pids.map(async (pid) => {
      const files = await readdir(`/proc/${pid}/fd`).catch(noneOf);
      const targets = files.map(async (file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => ''));
      return (await Promise.all(targets)).includes(`socket:[${inode}]`);
    }),
  );
  return pids.filter((_, i) => have[i]).map(Number);
}
