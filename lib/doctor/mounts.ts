import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromBytes } from '../common/byte-text';
import { ignoringSystem, isSystemError } from '../common/system-error';
import { NETNS_DIRECTORY } from '../netns/netns';

/** A mount on or below /run/netns. */
export interface Mount {
  path: string;
  /**
   * Whether another mount lies over the path: a name that was mounted before `ip netns` bound /run/netns to itself, for
   * example. No path leads there, and yet the file below cannot be deleted.
   */
  covered: boolean;
}

/** The mounts on and below /run/netns, each path as often as something is mounted there: proc_pid_mountinfo(5). */
export async function readMounts(): Promise<Mount[]> {
  return mountsOf(fromBytes(await readFile('/proc/self/mountinfo')));
}

/** The same mount points of other mount namespaces, as far as this user may read them, each with a process that sees it. */
export async function readMountsElsewhere(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const seen = new Set([await readlink('/proc/self/ns/mnt')]);
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const namespace = await readlink(`/proc/${entry}/ns/mnt`);
      if (seen.has(namespace)) continue;
      seen.add(namespace);
      if (!(await hasOurDirectory(entry))) continue;
      for (const { path } of mountsOf(fromBytes(await readFile(`/proc/${entry}/mountinfo`)))) {
        if (!found.has(path)) found.set(path, Number(entry));
      }
    } catch (error) {
      if (!isSystemError(error)) throw error; // the process ended, or belongs to another user
    }
  }
  return found;
}

/**
 * Whether /run/netns is the same directory for that process. A sandbox or a container has one of its own, and a name there is
 * another name. Where the root of the process has no such directory, its mounts may be on ours all the same.
 */
async function hasOurDirectory(pid: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([
    stat(NETNS_DIRECTORY),
    stat(`/proc/${pid}/root${NETNS_DIRECTORY}`).catch(ignoringSystem('ENOENT')),
  ]);
  return theirs === undefined || (theirs.dev === ours.dev && theirs.ino === ours.ino);
}

export function mountsOf(mountinfo: string): Mount[] {
  const all = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .map(([id = '', parent = '', device = '', , path = '']) => ({
      id,
      parent,
      device,
      path: unescaped(path),
    }));
  const byId = new Map(all.map((mount) => [mount.id, mount]));
  const counts = new Map<string, number>();
  const count = (parent: string, path: string) => counts.get(`${parent} ${path}`) ?? 0;
  for (const { parent, path } of all) counts.set(`${parent} ${path}`, count(parent, path) + 1);
  /** A mount on the same parent, at the path or above it, covers what else is mounted on that parent. */
  const isCovered = (mount: (typeof all)[number] | undefined): boolean => {
    if (mount === undefined) return false;
    const there = count(mount.parent, mount.path) > 1;
    const over = there || above(mount.path).some((path) => count(mount.parent, path) > 0);
    return over || (mount.parent !== mount.id && isCovered(byId.get(mount.parent)));
  };
  const found = all
    .filter(({ path }) => isWithin(path, NETNS_DIRECTORY))
    .map((mount) => ({ ...mount, covered: isCovered(mount) }));
  const directory = found.findLast(({ path, covered }) => path === NETNS_DIRECTORY && !covered);
  // A covered mount on another file system is on another file, and in nobody's way. So is a file system over the whole of
  // which another one is mounted, as where a sandbox starts a sandbox.
  const hidden = new Set(
    found
      .filter(({ parent, path, device }) => isReplaced(byId.get(parent), path, device))
      .map(({ parent }) => parent),
  );
  return found
    .filter(({ id }) => !hidden.has(id))
    .filter(({ parent, covered }) => !covered || byId.get(parent)?.device === directory?.device)
    .map(({ path, covered }) => ({ path, covered }));
}

/** Whether a mount at this path and of this device lies over the root of a mount of another device. */
function isReplaced(
  below: { path: string; device: string } | undefined,
  path: string,
  device: string,
): boolean {
  return below?.path === path && below.device !== device;
}

/** Of '/run/netns': '/run'. Nothing is mounted over the root but the root, which an initramfs lists as its own parent. */
function above(path: string): string[] {
  const directory = dirname(path);
  return directory === '/' ? [] : [directory, ...above(directory)];
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** The kernel writes blanks and the like in octal: '\040'. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
