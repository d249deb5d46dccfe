// Neighbors on tunnels, whose link-layer address is that of IP: by ip and by us, and what is listed is what is added and removed.
import {
  addNeighbor,
  createNetns,
  getNeighbor,
  listNeighbors,
  type Netns,
  removeNeighbor,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, run } from '../../support/ip';
import { TUNNELS } from '../../support/link-kinds/words';

const BYTES6 = 'fd:00:00:00:00:00:00:00:00:00:00:00:00:00:00:09';

/** Tunnels of many ends: each with a neighbor, its link-layer address as ip has it, and in bytes. */
const EXAMPLES = [
  ['gre', 'local 10.9.0.1', '10.0.0.9', '10.9.0.9', '0a:09:00:09'],
  ['gre', 'local 10.9.0.1', 'fd00::9', '10.9.0.9', '0a:09:00:09'],
  ['ip6gre', 'local fd09::1', '10.0.0.9', 'fd00::9', BYTES6],
] as const;

async function withTunnel(kind: string, words: string): Promise<Netns> {
  const netns = await createNetns();
  await run(netns, 'ip', ...`link add t0 type ${kind} ${words}`.split(' '));
  await run(netns, 'ip', ...'link set t0 up'.split(' '));
  await run(netns, 'ip', ...'addr add 10.0.0.1/24 dev t0'.split(' '));
  return netns;
}

const shown = async (netns: Netns, address: string) =>
  (await ip(netns, 'neigh', 'show', 'dev', 't0')).find(({ dst }) => dst === address);

describe('addNeighbor, removeNeighbor, listNeighbors', () => {
  for (const [kind, words, address, written, bytes] of EXAMPLES) {
    testWith(TUNNELS, `${kind}: ${address} is at ${written}`, async () => {
      await using ours = await withTunnel(kind, words);
      await using theirs = await withTunnel(kind, words);
      await run(
        theirs,
        'ip',
        'neigh',
        'add',
        address,
        'dev',
        't0',
        'lladdr',
        kind === 'gre' ? written : bytes,
      );
      const theirsShown = await shown(theirs, address);
      expect(theirsShown).toMatchObject({ lladdr: written });
      for (const mac of [written, bytes]) {
        await addNeighbor(ours, 't0', address, { mac });
        expect(await shown(ours, address)).toEqual(theirsShown);
        await removeNeighbor(ours, 't0', address);
        expect(await shown(ours, address)).toBeUndefined();
      }
      const [entry] = await listNeighbors(theirs, { device: 't0', state: 'permanent' });
      expect(entry).toMatchObject({ address, mac: bytes, state: 'permanent' });
      expect((await getNeighbor(theirs, 't0', address)).mac).toBe(bytes);
      await addNeighbor(ours, 't0', entry!.address, entry!);
      expect(await shown(ours, address)).toEqual(theirsShown);
      await removeNeighbor(theirs, entry!.index, entry!.address, entry);
      expect(await shown(theirs, address)).toBeUndefined();
    });
  }

  test('as many bytes as the device has', async () => {
    await using red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
    for (const mac of ['0a:09:00:09', '10.0.0.9']) {
      const error = await failure(addNeighbor(red, 'eth0', '10.0.0.9', { mac }));
      expect(error).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    }
    for (const mac of ['', '2', '02:', '02:00:00:00:00:0g', '10.0.0', new Array(33).fill('02').join(':')]) {
      const adding = addNeighbor(red, 'eth0', '10.0.0.9', { mac });
      await expect(adding).rejects.toThrow(/^mac: expected a MAC address/);
    }
    expect(await ip(red, 'neigh')).toEqual([]);
  });
});
