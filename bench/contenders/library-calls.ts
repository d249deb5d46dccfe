import { addAddr, createNetns, createVeth, currentNetns, listLinks, listRoutes } from '../../lib';
import { serve } from './serve';

/** Single calls with this library. */

const address = (i: number): string => `10.100.${i >> 8}.${i & 255}/32`;

async function main(): Promise<void> {
  const here = await currentNetns();
  const device = (await listLinks(here)).find(({ name }) => name === 'load0')?.index ?? 'load0';
  await serve(async (verb, n) => {
    if (verb === 'links') return (await listLinks(here)).length;
    if (verb === 'routes') return (await listRoutes(here, { family: 4 })).length;
    if (verb === 'routes6') return (await listRoutes(here, { family: 6 })).length;
    if (verb === 'addrs') {
      await Promise.all(Array.from({ length: n }, (_, i) => addAddr(here, device, address(i))));
      return n;
    }
    for (let i = 0; i < n; i++) {
      const id = String(i).padStart(5, '0');
      if (verb === 'netns') (await createNetns(`c${id}`)).close();
      if (verb === 'veth')
        await createVeth({ netns: here, name: `p${id}a` }, { netns: here, name: `p${id}b` });
      if (verb === 'addr') await addAddr(here, device, address(i));
    }
    return n;
  });
}

void main();
