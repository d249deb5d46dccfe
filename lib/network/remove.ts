import { Turns } from '../common/turns';
import { deleteLink } from '../links/links';
import type { Netns } from '../netns/netns';
import { takingBackIn, withStillOpen } from '../netns/still-open';
import * as nft from '../nft';
import type { NetworkContext } from './members/context';
import { deleteOperations, hasOtherNetworks, readElements, readNetwork } from './table/elements';
import { disableForwarding } from './forwarding';
import { forgetMembers } from './members/connections';
import { readMembers } from './table/member-records';
import { TABLE } from './table/ruleset';

/** Of removals in one host, which would otherwise make each other compute their transactions again. */
const turns = new Turns();

/** Removes a network. Its elements go last, because a network without them could not be found again after a crash. */
export async function removeNetwork({
  host,
  hostFd,
  plan: { name },
}: Pick<NetworkContext, 'host' | 'hostFd' | 'plan'>): Promise<void> {
  const members = await readMembers(host, name);
  // The bridge goes first, because the kernel deletes a port faster when it is on no bridge.
  await deleteLink(host, name, { ifMissing: 'ignore' });
  await Promise.all(members.map(async ({ port }) => deleteLink(host, port, { ifMissing: 'ignore' })));
  await removeElements(host, hostFd, name);
  await forgetMembers(host, members);
}

/** Removes the table where no network is in it, as after a creation that failed. */
export async function removeEmptyTable(host: Netns): Promise<void> {
  await nft.apply(host, async () => {
    const isEmpty = (await readElements(host, ['bridges'])).length === 0;
    return isEmpty ? [nft.deleteTable(TABLE, { ifMissing: 'ignore' })] : [];
  });
}

/**
 * Removes the elements of a network, or the table with the last network. Whether it is the last one is decided at the
 * generation of the ruleset that the transaction is for, because others may be created or removed meanwhile.
 */
async function removeElements(host: Netns, hostFd: number, name: string): Promise<void> {
  const own = async () => {
    const members = await readMembers(host, name);
    return deleteOperations([
      ...(await readNetwork(host, name)),
      ...members.flatMap(({ elements }) => elements),
    ]);
  };
  const others = async () => hasOtherNetworks(name, await readElements(host, ['bridges']));
  await turns.take(String(host.ino), async () => {
    const removal: { last?: boolean; enable?: (open: Netns) => Promise<void> } = {};
    const remove = async () => {
      removal.last = !(await others());
      if (removal.last) {
        // Forwarding ends before the table, because a host without the table's rules would forward everything. Another
        // process may have created a network before forwarding ended, and relies on it.
        removal.enable = await disableForwarding(host);
        removal.last = !(await others());
      }
      return removal.last ? [nft.deleteTable(TABLE, { ifMissing: 'ignore' })] : own();
    };
    await nft.apply(host, remove).catch(async (error: unknown) => {
      const { enable } = removal;
      return takingBackIn(host, hostFd, error, ...(enable === undefined ? [] : [enable]));
    });
    if (removal.last === false && removal.enable !== undefined)
      await withStillOpen(host, hostFd, removal.enable);
  });
}
