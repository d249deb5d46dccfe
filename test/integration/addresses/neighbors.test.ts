import { addNeighbor, listNeighbors, type Netns, removeNeighbor } from '../../../lib';
import { failure, ip, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';

const mac = '02:00:00:00:00:09';

/** What `ip neigh` says, in the words of `listNeighbors`. */
async function shown(netns: Netns, ...args: string[]): Promise<unknown[]> {
  const list = await ip(netns, ...args, 'neigh');
  return list
    .map(({ dst, dev, lladdr, state }) => [dst, dev, lladdr, (state as string[])[0]?.toLowerCase()])
    .sort();
}

async function listed(netns: Netns, options?: Parameters<typeof listNeighbors>[1]): Promise<unknown[]> {
  const names = new Map((await ip(netns, 'link')).map(({ ifindex, ifname }) => [ifindex, ifname]));
  const list = await listNeighbors(netns, options);
  return list.map(({ address, index, mac, state }) => [address, names.get(index), mac, state]).sort();
}

describe('addNeighbor, removeNeighbor, listNeighbors', () => {
  test('neighbors that are added are those that ip shows, and the other way around', async () => {
    await using red = await subnets();
    await addNeighbor(red, 'eth0', '10.0.0.9', { mac });
    await addNeighbor(red, 'eth1', 'fd01::9', { mac, state: 'stale', router: true });
    await run(red, 'ip', 'neigh', 'add', '10.1.0.9', 'lladdr', mac, 'dev', 'eth1', 'nud', 'reachable');
    await run(red, 'ping', '-c', '1', '-W', '0.1', '10.0.0.77').catch(() => undefined);
    expect(await listed(red)).toEqual(await shown(red));
    expect(await listed(red)).toHaveLength(4);
    expect(await listed(red, { family: 6 })).toEqual(await shown(red, '-6'));
    expect(await listed(red, { device: 'eth1' })).toEqual([
      ['10.1.0.9', 'eth1', mac, 'reachable'],
      ['fd01::9', 'eth1', mac, 'stale'],
    ]);
    expect((await ip(red, '-6', 'neigh'))[0]).toMatchObject({ dst: 'fd01::9', router: null });
    expect((await listNeighbors(red, { family: 6 }))[0]?.flags).toEqual(['router']);
  });

  test('one that nobody is asked for is not listed, as with ip', async () => {
    await using red = await subnets();
    await addNeighbor(red, 'eth0', '10.0.0.9', { mac, state: 'noarp' });
    expect(await listNeighbors(red)).toEqual([]);
    expect(await ip(red, 'neigh')).toEqual([]);
    expect(await ip(red, '-4', 'neigh', 'show', 'nud', 'noarp')).toMatchObject([{ dst: '10.0.0.9' }]);
  });

  test('what is there already, and what is not', async () => {
    await using red = await subnets();
    await addNeighbor(red, 'eth0', '10.0.0.9', { mac });
    expect(await failure(addNeighbor(red, 'eth0', '10.0.0.9', { mac }))).toMatchObject({
      code: 'EEXIST',
      message:
        'EEXIST: add neighbor 10.0.0.9 to eth0 in namespace red: the device has an entry for this address already',
    });
    const other = '02:00:00:00:00:0a';
    await addNeighbor(red, 'eth0', '10.0.0.9', { mac: other, ifExists: 'ignore' });
    expect(await ip(red, 'neigh')).toMatchObject([{ lladdr: mac }]);
    await addNeighbor(red, 'eth0', '10.0.0.9', { mac: other, ifExists: 'replace' });
    expect(await ip(red, 'neigh')).toMatchObject([{ lladdr: other }]);

    await removeNeighbor(red, 'eth0', '10.0.0.9');
    expect(await ip(red, 'neigh')).toEqual([]);
    expect(await failure(removeNeighbor(red, 'eth0', '10.0.0.8'))).toMatchObject({
      code: 'ENOENT',
      message:
        'ENOENT: remove neighbor 10.0.0.8 from eth0 in namespace red: there is no entry for this address',
    });
    await removeNeighbor(red, 'eth0', '10.0.0.8', { ifMissing: 'ignore' });
  });

  test('no such device', async () => {
    await using red = await subnets();
    const ENODEV = { code: 'ENODEV', message: expect.stringContaining('there is no such device') as string };
    expect(await failure(addNeighbor(red, 'eth9', '10.0.0.9', { mac }))).toMatchObject(ENODEV);
    expect(await failure(addNeighbor(red, 99, '10.0.0.9', { mac }))).toMatchObject(ENODEV);
    expect(await failure(removeNeighbor(red, 'eth9', '10.0.0.9'))).toMatchObject(ENODEV);
    expect(await failure(listNeighbors(red, { device: 'eth9' }))).toMatchObject(ENODEV);
  });
});
