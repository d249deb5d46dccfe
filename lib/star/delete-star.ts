import type { CreatedBridge } from '../links/bridge';
import { checkOptions, isSignal, optionTable, trueOrFalse } from '../common/options';
import { deleteTogether } from '../links/delete-together';
import { deleteLink, getLink } from '../links/links';
import { setLink } from '../links/set-link';
import { ignoring } from '../netlink/error';
import { checkNetns } from '../netns/check-netns';
import { deleteAll, openIfThere } from '../netns/create-netns';
import type { Netns } from '../netns/netns';
import { withStillOpen } from '../netns/still-open';
import { checkStar } from './check-star';
import type { CreatedMember, MemberResult, Star } from './star-member';

/** How a star is deleted. */
export interface DeleteStarOptions {
  /** Resolve only when the kernel has freed the namespaces, and every device with them: see `waitGone`. */
  wait?: boolean;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

const DELETE_OPTIONS = optionTable<DeleteStarOptions>({ wait: trueOrFalse, signal: isSignal });

/**
 * Deletes a star: its bridge, its namespaces and their names, and closes their handles. The bridge is brought down first, then the
 * names are removed, then all handles are closed at once, and the bridge is deleted last: the kernel frees the namespaces in the
 * fewest batches then. A bridge that was there before the star (`ifExists: 'ignore'`) stays, with its other ports: of that
 * only the star's own pairs are deleted.
 *
 * Where the bridge's index is another device's by now, that device stays: the bridge was deleted, or is in another namespace.
 *
 * A member whose handle was closed is deleted by its name, if its namespace still has that name.
 *
 * @throws TypeError for what is no star of `createStar`, before anything is deleted.
 * @example
 * ```ts
 * const star = await createStar(host, { bridge: { name: 'br0' }, members: [{}, {}] });
 * await deleteStar(host, star);
 * ```
 */
export async function deleteStar(netns: Netns, star: Star, options: DeleteStarOptions = {}): Promise<void> {
  checkNetns(netns);
  checkStar(star);
  checkOptions(options, DELETE_OPTIONS);
  const { bridge, members } = star;
  await netns.lend('delete star in namespace', async ({ fd }) => {
    if (bridge.found) {
      await withStillOpen(netns, fd, async (hub) => deletePorts(hub, members));
      await deleteMembers(members, options);
    } else {
      const there = await withStillOpen(netns, fd, async (hub) => isThere(hub, bridge));
      if (there) {
        const down = async (hub: Netns): Promise<void> => setLink(hub, bridge.index, { up: false });
        await withStillOpen(netns, fd, down).catch(ignoring('ENODEV'));
      }
      await deleteMembers(members, options, async () => {
        if (!there) return;
        await withStillOpen(netns, fd, async (hub) => deleteLink(hub, bridge.index, { ifMissing: 'ignore' }));
      });
    }
  });
}

/** Whether the star's bridge still has its index: by now it may be another device's, or that of a device in another namespace. */
async function isThere(netns: Netns, { index, name, mac }: Star['bridge']): Promise<boolean> {
  const found = await getLink(netns, index).catch(ignoring('ENODEV'));
  if (found?.kind !== 'bridge') return false;
  return mac === undefined ? found.name === name : found.mac === mac.toLowerCase();
}

/** @internal */
export async function deleteBridge(netns: Netns, { index }: CreatedBridge): Promise<void> {
  const down = setLink(netns, index, { up: false }).catch(ignoring('ENODEV'));
  await Promise.all([down, deleteLink(netns, index, { ifMissing: 'ignore' })]);
}

/** @internal Deletes the pairs at once, though somebody may hold a member's namespace. */
export async function deletePorts(netns: Netns, members: readonly MemberResult[]): Promise<void> {
  await deleteTogether(
    netns,
    createdMembers(members).map(({ port }) => port.index),
  );
}

async function deleteMembers(
  members: readonly MemberResult[],
  options: DeleteStarOptions,
  released?: () => Promise<void>,
): Promise<void> {
  const given = createdMembers(members).map(({ netns }) => netns);
  const reopened = await Promise.all(given.filter(({ open }) => !open).map(openAgain));
  const others = reopened.filter((netns) => netns !== undefined);
  try {
    const open = [...given.filter((netns) => netns.open), ...others];
    await deleteAll(open, { ifMissing: 'ignore', ...options }, released);
  } finally {
    for (const netns of others) netns.close();
  }
}

/** Another handle of a member whose own was closed, if its namespace still has the name. */
async function openAgain({ name, ino, dev }: Netns): Promise<Netns | undefined> {
  if (name === undefined) return undefined;
  const found = await openIfThere(name);
  if (found?.ino === ino && found.dev === dev) return found;
  found?.close();
  return undefined;
}

/** @internal Those of the members that were made. */
export function createdMembers(members: readonly MemberResult[]): CreatedMember[] {
  return members.filter((member) => member.status === 'created');
}
