import { deleteLink } from '../links/links';
import type { Netns } from '../netns/netns';
import * as nft from '../nft';
import type { NetworkContext } from './members/context';
import { deleting, hasOthers, readElements, readNetwork } from './table/elements';
import { forgetConnections } from './members/removal';
import { readMembers } from './table/member-records';
import { TABLE } from './table/ruleset';

/** Last of all what says that the network is there: whoever is killed before leaves one that can be found. */
export async function removeNetwork({ host, plan }: Pick<NetworkContext, 'host' | 'plan'>): Promise<void> {
  const { name } = plan;
  const members = await readMembers(host, name);
  // without its bridge, a port costs the kernel less to delete
  await deleteLink(host, name, { ifMissing: 'ignore' });
  await Promise.all(members.map(async ({ port }) => deleteLink(host, port, { ifMissing: 'ignore' })));
  await removeElements(host, name);
  await Promise.all(members.map(async (member) => forgetConnections(host, member)));
}

/** The table goes with the last network, if nobody makes another one meanwhile. */
async function removeElements(host: Netns, name: string): Promise<void> {
  const own = async () => {
    const members = await readMembers(host, name);
    return deleting([...(await readNetwork(host, name)), ...members.flatMap(({ elements }) => elements)]);
  };
  const others = async () => hasOthers(name, await readElements(host, ['bridges']));
  if (await others()) await nft.apply(host, await own());
  else {
    await nft.apply(host, async () =>
      (await others()) ? own() : [nft.deleteTable(TABLE, { ifMissing: 'ignore' })],
    );
  }
}
