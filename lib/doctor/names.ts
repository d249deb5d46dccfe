import { NETNS_DIRECTORY } from '../netns';
import { ipCommand } from './command';
import type { Facts } from './facts';
import type { Finding } from './finding';

export function staleNames({ names, netns }: Facts): Finding[] {
  return names
    .filter(({ stale }) => stale)
    .map(({ name }) => ({
      code: 'stale-name',
      severity: 'warning',
      what: `${name} is a plain file, left behind by a crash, or by a mount that this process does not see: it cannot be opened, and the name is taken`,
      where: `${NETNS_DIRECTORY}/${name}`,
      fix: ipCommand({ netns: { ...netns, name: undefined } }, ['netns', 'del', name]),
    }));
}

export function doubledMounts({ mountPoints }: Facts): Finding[] {
  const counts = new Map<string, number>();
  for (const path of mountPoints) counts.set(path, (counts.get(path) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([path, count]) => ({
      code: 'doubled-mount',
      severity: 'warning',
      what: `${count} mounts lie on top of each other: deleting the name only uncovers the next, and other programs may see another namespace under it`,
      where: path,
      fix: `\`umount ${path}\`${count > 2 ? `, ${count - 1} times` : ''}`,
    }));
}
