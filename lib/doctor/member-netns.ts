import { ignoringSystem } from '../common/system-error';
import type { Link } from '../links/link-view';
import { listLinks } from '../links/links';
import { openNetns } from '../netns/open';
import type { NamedNetns } from '../netns/names';
import type { ListedNetwork } from '../network/table/read-networks';
import { readOwner } from '../network/members/port-alias';

/** The namespace of a member, as far as it was read. */
export interface MemberNetns {
  /** Name in /run/netns. */
  name: string;
  links: readonly Link[];
}

/**
 * Reads the links of members' namespaces. A namespace without a name is left out, because it cannot be opened by its
 * inode.
 */
export async function readMemberNetns(
  links: readonly Link[],
  networks: readonly ListedNetwork[],
  names: readonly NamedNetns[],
): Promise<Map<number, MemberNetns>> {
  const ports = new Set(networks.flatMap(({ members }) => members.map(({ port }) => port)));
  const members = new Set(
    links.filter(({ name }) => ports.has(name)).map(({ alias }) => readOwner(alias).netns),
  );
  const entries = await Promise.all(
    names.map(async ({ name, ino }) => {
      if (ino === undefined || !members.has(ino)) return [];
      const netns = await openNetns(name).catch(ignoringSystem('ENOENT')); // deleted since
      if (netns === undefined) return [];
      try {
        return [[ino, { name, links: await listLinks(netns) }] as const];
      } finally {
        netns.close();
      }
    }),
  );
  return new Map(entries.flat());
}
