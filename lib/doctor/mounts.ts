import { readFile } from 'node:fs/promises';
import { NETNS_DIRECTORY } from '../netns';

/** Where something is mounted, below /run/netns or on it, as often as it is: proc_pid_mountinfo(5). */
export async function readMountPoints(): Promise<string[]> {
  return mountPoints(await readFile('/proc/self/mountinfo', 'utf8'));
}

export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((path) => path === NETNS_DIRECTORY || path.startsWith(`${NETNS_DIRECTORY}/`));
}

/** Blanks and the like are written in octal: '\040'. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
