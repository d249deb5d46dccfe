// Steps 8 to 10 of the walk-through: a bridge with three namespaces, and all of it taken down again.
import { statSync } from 'node:fs';
import {
  addAddr,
  createBridge,
  createNetns,
  createVeth,
  currentNetns,
  deleteLink,
  deleteNetns,
  enslaveLink,
  listBridgePorts,
  listLinks,
  listNetns,
  moveLink,
  type Netns,
  releaseLink,
  setLink,
} from '../../../lib';
import { bridge, failure, ip, type Json, names, run, settled, until } from '../../support/ip';

const ping = (netns: Netns | undefined, address: string) => run(netns, 'ping', '-c1', '-W1', address);

/** All that ip has to say. */
const everything = async (): Promise<unknown[]> =>
  Promise.all([
    ip(undefined, 'link'),
    ip(undefined, 'addr'),
    ip(undefined, 'route', 'show', 'table', 'all'),
    ip(undefined, '-6', 'route', 'show', 'table', 'all'),
    ip(undefined, 'rule'),
    names(),
    listNetns(),
  ]);

async function ports(netns: Netns | undefined): Promise<Json> {
  const listed = (await bridge(netns, 'link')).map(({ ifname, master }) => [ifname, master]);
  return Object.fromEntries(listed) as Json;
}

describe('createBridgeNetwork', () => {
  test('three namespaces on a bridge reach each other and the bridge; taken down, nothing is left', async () => {
    const before = await everything();
    await using here = await currentNetns();
    const { index } = await createBridge(here, 'mybridge0');
    await setLink(here, 'mybridge0', { up: true });
    await addAddr(here, 'mybridge0', '10.0.1.254/24');
    await addAddr(here, 'mybridge0', 'fd00::fe/64');
    const all: Netns[] = [];
    for (const i of [1, 2, 3]) {
      const netns = await createNetns(`net${i}`);
      all.push(netns);
      await createVeth({ netns: here, name: `out${i}` }, { netns: here, name: `in${i}` });
      await moveLink(here, `in${i}`, netns, { name: 'eth0' });
      await enslaveLink(here, `out${i}`, 'mybridge0');
      await addAddr(netns, 'eth0', `10.0.1.${i}/24`);
      await addAddr(netns, 'eth0', `fd00::${i}/64`);
      await setLink(netns, 'eth0', { up: true });
      await setLink(here, `out${i}`, { up: true });
    }
    await settled(undefined);
    expect(await names()).toEqual(['net1', 'net2', 'net3']);
    expect(await ports(undefined)).toEqual({ out1: 'mybridge0', out2: 'mybridge0', out3: 'mybridge0' });
    expect(
      (await listBridgePorts(here, 'mybridge0')).map(({ name, state, master }) => [name, state, master]),
    ).toEqual(['out1', 'out2', 'out3'].map((name) => [name, 'forwarding', index]));
    for (const netns of all) {
      expect((await ip(netns, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'eth0']);
      for (const host of ['1', '2', '3', '254', 'fe']) {
        const others =
          host === '254'
            ? ['10.0.1.254']
            : host === 'fe'
              ? ['fd00::fe']
              : [`10.0.1.${host}`, `fd00::${host}`];
        // its own address needs lo
        if (netns.name === `net${host}`) continue;
        for (const address of others) await ping(netns, address);
      }
    }
    for (const i of [1, 2, 3]) await ping(undefined, `10.0.1.${i}`);

    for (const netns of all) await deleteNetns(netns);
    await until(async () => (await listLinks(here, { kind: 'veth' })).length === 0);
    await deleteLink(here, 'mybridge0');
    expect(await everything()).toEqual(before);
  });

  test('the same, born on the bridge, as fast as it gets', async () => {
    const before = await everything();
    await using here = await currentNetns();
    await createBridge(here, 'mybridge0', { addrs: ['10.0.1.254/24'] });
    const all = await Promise.all([1, 2, 3].map((i) => createNetns(`net${i}`)));
    await Promise.all(
      all.map((netns, i) =>
        createVeth(
          { netns: here, name: `out${i + 1}`, bridge: 'mybridge0', up: true },
          { netns, name: 'eth0', up: true, addrs: [`10.0.1.${i + 1}/24`] },
        ),
      ),
    );
    await setLink(here, 'mybridge0', { up: true });
    await settled(undefined);
    for (const [i, netns] of all.entries()) {
      await ping(netns, `10.0.1.${((i + 1) % 3) + 1}`);
      await ping(netns, '10.0.1.254');
    }
    await deleteLink(here, 'mybridge0');
    await Promise.all(all.map((netns) => deleteNetns(netns)));
    await until(async () => (await ip(undefined, 'link', 'show', 'type', 'veth')).length === 0);
    expect(await everything()).toEqual(before);
  });

  test('devices are enslaved, changed over and released', async () => {
    await using red = await createNetns('red');
    const { index } = await createBridge(red, 'br0', { up: true });
    await createBridge(red, 'br1', { up: true });
    const [{ index: a }] = await createVeth(
      { netns: red, name: 'a', up: true },
      { netns: red, name: 'b', up: true },
    );
    await enslaveLink(red, 'a', 'br0');
    expect(await ports(red)).toEqual({ a: 'br0' });
    await enslaveLink(red, a, index); // twice is fine
    expect(await ports(red)).toEqual({ a: 'br0' });
    await enslaveLink(red, 'a', 'br1');
    expect(await ports(red)).toEqual({ a: 'br1' });
    await releaseLink(red, 'a');
    expect(await ports(red)).toEqual({});
    await releaseLink(red, a);
    await enslaveLink(red, a, 'br0');
    expect(await ports(red)).toEqual({ a: 'br0' });
    await deleteLink(red, 'br0');
    expect(await ports(red)).toEqual({});
    expect((await ip(red, 'link', 'show', 'a'))[0]!['master']).toBeUndefined();
  });

  test('what cannot be enslaved, and to what', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0');
    await createBridge(red, 'br1');
    await createVeth({ netns: red, name: 'a' }, { netns: red, name: 'b' });
    const before = await ip(red, 'link');
    const attempts: [string | number, string | number, string, string][] = [
      ['nosuch', 'br0', 'ENODEV', 'there is no such device'],
      [4711, 'br0', 'ENODEV', 'there is no such device'],
      ['a', 'nosuch', 'ENODEV', 'find master nosuch in namespace red: there is no such device'],
      ['a', 4711, 'EINVAL', 'there is no such master'],
      ['a', 'b', 'EOPNOTSUPP', 'the master is no bridge'],
      ['lo', 'br0', 'EINVAL', 'not lo'],
      ['br1', 'br0', 'ELOOP', 'Can not enslave a bridge to a bridge'],
    ];
    for (const [device, master, code, message] of attempts) {
      const error = await failure(enslaveLink(red, device, master));
      expect(error).toMatchObject({ name: 'NetlinkError', code });
      expect(error.message).toContain(message);
    }
    for (const device of ['nosuch', 4711]) {
      const error = await failure(releaseLink(red, device));
      expect(error).toMatchObject({ code: 'ENODEV' });
      expect(error.message).toContain('there is no such device');
    }
    expect(await ip(red, 'link')).toEqual(before);
  });

  test('a bridge takes 1,023 ports', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns();
    const { ino } = statSync('/run/netns/red');
    expect(red.ino).toBe(ino);
    await createBridge(red, 'br0');
    const ends = Array.from({ length: 1023 }, (_, i) =>
      createVeth({ netns: red, name: `p${i}`, bridge: 'br0' }, { netns: blue, name: `p${i}` }),
    );
    await Promise.all(ends);
    expect((await bridge(red, 'link')).length).toBe(1023);
    expect((await listBridgePorts(red, 'br0')).length).toBe(1023);
    const error = await failure(
      createVeth({ netns: red, name: 'more', bridge: 'br0' }, { netns: blue, name: 'more' }),
    );
    expect(error).toMatchObject({ code: 'EXFULL' });
    expect(error.message).toContain('a bridge has no more than 1,023 ports');
    await createVeth({ netns: red, name: 'more' }, { netns: blue, name: 'more' });
    const twice = await failure(enslaveLink(red, 'more', 'br0'));
    expect(twice).toMatchObject({ code: 'EXFULL' });
    expect(twice.message).toContain('a bridge has no more than 1,023 ports');
    await deleteLink(red, 'br0');
  });
});
