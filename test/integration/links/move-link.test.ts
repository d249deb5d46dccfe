import {
  addAddr,
  createBridge,
  createNetns,
  createVeth,
  currentNetns,
  deleteLink,
  enslaveLink,
  getLink,
  moveLink,
  type Netns,
  renameLink,
} from '../../../lib';
import { kernelHas } from '../../support/capabilities';
import { failure, ip, settled } from '../../support/ip';

const names = async (netns?: Netns) =>
  (await ip(netns, 'link')).map(({ ifname }) => ifname as string).filter((name) => name !== 'lo');

describe('moveLink', () => {
  test('a device moves from here into a namespace, and back', async () => {
    await using red = await createNetns('red');
    await using here = await currentNetns();
    await createVeth({ netns: here, name: 'out0' }, { netns: here, name: 'out1' });
    const before = await ip(here, 'link', 'show', 'out1');
    await moveLink(here, 'out1', red);
    expect(await names()).toEqual(['out0']);
    expect(await names(red)).toEqual(['out1']);
    expect((await ip(red, 'link', 'show', 'out1'))[0]).toMatchObject({ address: before[0]!['address'] });
    await moveLink(red, 'out1', here);
    expect((await names()).sort()).toEqual(['out0', 'out1']);
    expect(await names(red)).toEqual([]);
    await deleteLink(here, 'out0');
  });

  test('with a new name in the same request; by index; without a name of its own', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns();
    const [, { index }] = await createVeth({ netns: red, name: 'a' }, { netns: red, name: 'b' });
    await moveLink(red, index, blue, { name: 'eth0' });
    expect(await names(red)).toEqual(['a']);
    expect(await names(blue)).toEqual(['eth0']);
    await moveLink(red, 'a', blue, { name: 'eth1' });
    expect(await names(red)).toEqual([]);
    expect((await names(blue)).sort()).toEqual(['eth0', 'eth1']);
  });

  test('it arrives down and without its addresses', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await createVeth(
      { netns: red, name: 'a', up: true, addrs: ['10.0.0.1/24'] },
      { netns: red, name: 'b', up: true },
    );
    await settled(red);
    expect((await ip(red, 'addr', 'show', 'a'))[0]).toMatchObject({ operstate: 'UP' });
    await moveLink(red, 'a', blue);
    const [moved] = await ip(blue, 'addr', 'show', 'a');
    expect(moved).toMatchObject({ operstate: 'DOWN', addr_info: [] });
    expect(moved!['flags']).not.toContain('UP');
  });

  test('a name that is taken in the target: nothing has changed', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const [{ index }] = await createVeth({ netns: red, name: 'a' }, { netns: red, name: 'b' });
    await createVeth({ netns: blue, name: 'a' }, { netns: blue, name: 'c' });
    const before = [await ip(red, 'link'), await ip(blue, 'link')];
    const attempts: [() => Promise<unknown>, string][] = [
      [() => moveLink(red, 'a', blue), "a device named 'a' exists already in namespace blue"],
      [() => moveLink(red, 'b', blue, { name: 'c' }), "a device named 'c' exists already in namespace blue"],
      [() => moveLink(red, 'a', red, { name: 'b' }), "a device named 'b' exists already in namespace red"],
      [() => moveLink(red, index, blue), "a device named 'a' exists already in namespace blue"],
    ];
    for (const [attempt, message] of attempts) {
      const error = await failure(attempt());
      expect(error).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
      expect(error.message).toContain(message);
      expect(error.message).toContain('a new name can be given with the move');
    }
    expect([await ip(red, 'link'), await ip(blue, 'link')]).toEqual(before);
  });

  test('a name that is taken in the target in that very moment: the device comes back', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await createVeth({ netns: red, name: 'a' }, { netns: red, name: 'b' });
    // the bridge is packed with the look at its name, and is there before the device arrives
    const [moved, made] = await Promise.allSettled([
      moveLink(red, 'a', blue, { name: 'c' }),
      createBridge(blue, 'c'),
    ]);
    expect(made.status).toBe('fulfilled');
    expect(moved).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'EEXIST',
        message: expect.stringContaining("named 'c' exists already in namespace blue") as string,
      },
    });
    expect((await names(red)).sort()).toEqual(['a', 'b']);
    expect(await names(blue)).toEqual(['c']);
  });

  test('what cannot be moved', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await createBridge(red, 'br0');
    for (const device of ['br0', 'lo', 1]) {
      expect(await failure(moveLink(red, device, blue))).toMatchObject({
        code: 'EINVAL',
        message: expect.stringContaining('the device stays in its namespace for good') as string,
      });
    }
    expect(await failure(moveLink(red, 'nosuch', blue))).toMatchObject({
      code: 'ENODEV',
      message: 'ENODEV: move to namespace blue the link nosuch in namespace red: there is no such device',
    });
    expect(await failure(moveLink(red, 4711, blue))).toMatchObject({
      code: 'ENODEV',
      message: expect.stringContaining('there is no such device') as string,
    });
    expect(await names(red)).toEqual(['br0']);
    expect(await names(blue)).toEqual([]);
  });

  test('moving into the same namespace, with and without a name', async () => {
    await using red = await createNetns('red');
    await createVeth({ netns: red, name: 'a' }, { netns: red, name: 'b' });
    await moveLink(red, 'a', red);
    await moveLink(red, 'a', red, { name: 'a' });
    await moveLink(red, 'b', red, { name: 'c' });
    expect((await names(red)).sort()).toEqual(['a', 'c']);
  });

  test('renaming, also while up, and by index', async () => {
    await using red = await createNetns('red');
    const [{ index }] = await createVeth(
      { netns: red, name: 'a', up: true },
      { netns: red, name: 'b', up: true },
    );
    await addAddr(red, 'a', '10.0.0.1/24');
    await settled(red);
    if (!kernelHas('a device that is up is renamed')) {
      const refused = {
        code: 'EBUSY',
        message: expect.stringContaining('this kernel wants it down') as string,
      };
      expect(await failure(renameLink(red, 'a', 'eth0'))).toMatchObject(refused);
      return;
    }
    await renameLink(red, 'a', 'eth0');
    const [renamed] = await ip(red, 'addr', 'show', 'eth0');
    expect(renamed).toMatchObject({ ifindex: index, operstate: 'UP' });
    expect(renamed!['addr_info']).toMatchObject([{ local: '10.0.0.1' }, { scope: 'link' }]);
    await renameLink(red, index, 'eth1');
    expect((await getLink(red, index)).name).toBe('eth1');
    expect((await names(red)).sort()).toEqual(['b', 'eth1']);
  });

  test('a bridge with ports is renamed, too', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { up: kernelHas('a device that is up is renamed') });
    await createVeth({ netns: red, name: 'a' }, { netns: red, name: 'b' });
    await enslaveLink(red, 'a', 'br0');
    await renameLink(red, 'br0', 'switch');
    expect((await ip(red, 'link', 'show', 'a'))[0]).toMatchObject({ master: 'switch' });
  });

  test('renaming to a taken name, or what is not there', async () => {
    await using red = await createNetns('red');
    await createVeth({ netns: red, name: 'a' }, { netns: red, name: 'b' });
    const before = await ip(red, 'link');
    expect(await failure(renameLink(red, 'a', 'b'))).toMatchObject({
      code: 'EEXIST',
      message:
        "EEXIST: rename to 'b' the link a in namespace red: a device named 'b' exists already in namespace red",
    });
    for (const device of ['nosuch', 4711]) {
      expect(await failure(renameLink(red, device, 'c'))).toMatchObject({
        code: 'ENODEV',
        message: expect.stringContaining('there is no such device') as string,
      });
    }
    expect(await ip(red, 'link')).toEqual(before);
  });
});
