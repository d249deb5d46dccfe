import { readdir, readFile, readlink } from 'node:fs/promises';
import { isSystemError } from '../common/system-error';
import { NETNS_DIRECTORY } from '../netns/netns';

/** The mount points on and below /run/netns, each as often as something is mounted there: proc_pid_mountinfo(5). */
export async function readMountPoints(): Promise<string[]> {
  return mountPoints(await readFile('/proc/self/mountinfo', 'utf8'));
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
      for (const path of mountPoints(await readFile(`/proc/${entry}/mountinfo`, 'utf8'))) {
        if (!found.has(path)) found.set(path, Number(entry));
      }
    } catch (error) {
      if (!isSystemError(error)) throw error; // the process ended, or belongs to another user
    }
  }
  return found;
}

export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((path) => path === NETNS_DIRECTORY || path.startsWith(`${NETNS_DIRECTORY}/`));
}

/** The kernel writes blanks and the like in octal: '\040'. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
