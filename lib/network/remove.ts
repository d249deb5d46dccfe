import { deleteLink } from '../links';
import * as nft from '../nftables';
import type { NetworkContext } from './context';
import { readElements, removing } from './elements';
import { forgetConnections, readMembers } from './members';
import { SETS, type SetName } from './ruleset';

/** Last of all what says that the network is there: whoever is killed before leaves one that can be found. */
export async function removeNetwork({ host, plan }: NetworkContext): Promise<void> {
  const { name } = plan;
  const members = await readMembers(host, name);
  // without its bridge, a port costs the kernel less to delete
  await deleteLink(host, name, { ifMissing: 'ignore' });
  await Promise.all(members.map(async ({ port }) => deleteLink(host, port, { ifMissing: 'ignore' })));
  const sets = Object.keys(SETS) as SetName[];
  await nft.apply(host, async () => removing(name, await readElements(host, sets)));
  await Promise.all(members.map(async ({ addresses }) => forgetConnections(host, addresses)));
}
