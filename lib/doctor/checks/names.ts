import { NETNS_DIRECTORY } from '../../netns/netns';
import { hereCommand } from '../command';
import type { Facts } from '../facts';
import type { Finding } from '../finding';

const pathOf = (name: string) => `${NETNS_DIRECTORY}/${name}`;

/**
 * Deletes a name on whose file a covered mount lies. The kernel refuses to delete the file in the mount namespace that has
 * the mount (EBUSY), and elsewhere deletes the file and takes all mounts off it.
 */
const uncover = (path: string) =>
  hereCommand('unshare', '-m', 'sh', '-c', `umount -l ${NETNS_DIRECTORY} && umount "$0" && rm "$0"`, path);

export function staleNames({ names, mounts, mountedElsewhere }: Facts): Finding[] {
  // A second mount on /run/netns covers the names below it, which look stale and are not.
  if (mounts.filter(({ path, covered }) => path === NETNS_DIRECTORY && !covered).length > 1) return [];
  return names
    .filter(({ stale }) => stale)
    .map(({ name }) => {
      const where = pathOf(name);
      const pid = mountedElsewhere.get(where);
      if (mounts.some(({ path, covered }) => path === where && covered)) {
        const what = `${name} cannot be opened or deleted: its mount lies below the mount of ${NETNS_DIRECTORY}, and keeps its namespace alive`;
        return { code: 'stale-name', severity: 'warning', what, where, fix: uncover(where) };
      }
      if (pid === undefined) {
        const what = `${name} is a plain file, left behind by a crash: it cannot be opened, and the name is taken`;
        const fix = hereCommand('ip', 'netns', 'del', name);
        return { code: 'stale-name', severity: 'warning', what, where, fix, name };
      }
      const what = `${name} cannot be opened here: it is mounted in another mount namespace, that of process ${pid}`;
      const fix = 'use it there; to delete it here takes the name away there, too';
      return { code: 'stale-name', severity: 'warning', what, where, fix };
    });
}

export function doubledMounts({ mounts }: Facts): Finding[] {
  const paths = [...new Set(mounts.map(({ path }) => path))];
  return paths.flatMap((where): Finding[] => {
    const own = mounts.filter(({ path }) => path === where);
    const open = own.filter(({ covered }) => !covered).length;
    const finding = (what: string, fix: string): Finding[] => [
      { code: 'doubled-mount', severity: 'warning', what, where, fix },
    ];
    if (open > 1) {
      const what = `${open} mounts lie on top of each other: deleting the name only uncovers the next, and other programs may see another namespace under it`;
      const below = mounts.some(({ path, covered }) => path.startsWith(`${where}/`) && !covered);
      const command = `${hereCommand('umount', where)}${open > 2 ? `, ${open - 1} times` : ''}`;
      return finding(what, below ? `unmount or delete the names below it first, then ${command}` : command);
    }
    // A name without an open mount is another finding. A covered mount of the whole directory is in nobody's way.
    if (open === 0 || own.length === 1 || where === NETNS_DIRECTORY) return [];
    const what = `a second mount lies below the mount of ${NETNS_DIRECTORY}: the name cannot be deleted (EBUSY), and its namespace stays alive`;
    return finding(what, `to delete the name, ${uncover(where)}`);
  });
}
