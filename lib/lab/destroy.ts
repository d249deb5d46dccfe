import { allDone } from '../common/all-done';
import { listLinks } from '../links/links';
import { setLink } from '../links/set-link';
import { ignoring } from '../netlink/error';
import { deleteAll } from '../netns/create-netns';
import type { Spaces } from './spaces';

/**
 * Ends the processes of a lab, and deletes all its namespaces. Its switches are brought down first, because from a bridge that is up the ports leave one by one. The
 * namespace of the switches goes last: as long as it has its name, the others are found.
 */
export async function destroySpaces({ switches, nodes, owner, processes }: Spaces): Promise<void> {
  await processes.endAll();
  const bridges = await listLinks(switches, { kind: 'bridge' });
  await allDone(
    bridges.map(async ({ index }) => setLink(switches, index, { up: false }).catch(ignoring('ENODEV'))),
  );
  const how = { ifMissing: 'ignore' } as const;
  await deleteAll([...nodes.values()], how, async () => deleteAll([switches], how));
  owner?.close();
}
