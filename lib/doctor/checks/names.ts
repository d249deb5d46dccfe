import { NETNS_DIRECTORY } from '../../netns/netns';
import { hereCommand } from '../command';
import type { Facts } from '../facts';
import type { Finding } from '../finding';

const pathOf = (name: string) => `${NETNS_DIRECTORY}/${name}`;

export function staleNames({ names, mountPoints, mountedElsewhere }: Facts): Finding[] {
  // A second mount on /run/netns covers the names below it, which look stale and are not.
  if (mountPoints.filter((path) => path === NETNS_DIRECTORY).length > 1) return [];
  return names
    .filter(({ stale }) => stale)
    .map(({ name }) => {
      const where = pathOf(name);
      const pid = mountedElsewhere.get(where);
      if (pid === undefined) {
        const what = `${name} is a plain file, left behind by a crash: it cannot be opened, and the name is taken`;
        return {
          code: 'stale-name',
          severity: 'warning',
          what,
          where,
          fix: hereCommand('ip', 'netns', 'del', name),
        };
      }
      const what = `${name} cannot be opened here: it is mounted in another mount namespace, that of process ${pid}`;
      const fix = 'use it there; to delete it here takes the name away there, too';
      return { code: 'stale-name', severity: 'warning', what, where, fix };
    });
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
      fix: `${hereCommand('umount', path)}${count > 2 ? `, ${count - 1} times` : ''}`,
    }));
}
