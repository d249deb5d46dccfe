// Whose a name is that the kernel refuses with EEXIST.
import {
  createLink,
  createNetns,
  createVeth,
  getLink,
  moveLink,
  type Netns,
  renameLink,
  setLink,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, run, withoutCarrier } from '../../support/ip';

const LONG = 'enp0s31f6np0-of-the-second-card';

async function pair(name: string, one: string, other: string): Promise<Netns> {
  const netns = await createNetns(name);
  await createVeth({ netns, name: one }, { netns, name: other });
  return netns;
}

const alsoKnownAs = async (netns: Netns, device: string, ...altNames: string[]) =>
  run(
    netns,
    'ip',
    'link',
    'property',
    'add',
    'dev',
    device,
    ...altNames.flatMap((name) => ['altname', name]),
  );

const message = async (attempt: Promise<unknown>) => {
  const error = await failure(attempt);
  expect(error).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
  return error.message;
};

describe('renameLink, moveLink, createLink', () => {
  test('the name that a device has is no change, as with ip', async () => {
    await using red = await pair('red', 'eth0', 'eth1');
    await alsoKnownAs(red, 'eth0', LONG);
    await setLink(red, 'eth0', { up: true });
    const before = withoutCarrier(await ip(red, 'link'));
    await run(red, 'ip', 'link', 'set', 'dev', 'eth0', 'name', 'eth0');
    for (const device of ['eth0', LONG, (await getLink(red, 'eth0')).index])
      await renameLink(red, device, 'eth0');
    expect(withoutCarrier(await ip(red, 'link'))).toEqual(before);
    expect(await failure(renameLink(red, 'nosuch', 'nosuch'))).toMatchObject({
      code: 'ENODEV',
      message: "ENODEV: rename to 'nosuch' the link nosuch in namespace red: there is no such device",
    });
  });

  test('an alternative name is taken, also one of the device itself', async () => {
    await using red = await pair('red', 'eth0', 'eth1');
    await alsoKnownAs(red, 'eth0', 'port');
    const taken = "'port' is an alternative name of the device 'eth0' in namespace red";
    expect(await message(renameLink(red, 'eth0', 'port'))).toBe(
      `EEXIST: rename to 'port' the link eth0 in namespace red: ${taken}`,
    );
    expect(await message(renameLink(red, 'eth1', 'port'))).toBe(
      `EEXIST: rename to 'port' the link eth1 in namespace red: ${taken}`,
    );
    expect(await message(createLink(red, { kind: 'bridge', name: 'port' }))).toBe(
      `EEXIST: create bridge port in namespace red: ${taken}`,
    );
    expect(await message(createVeth({ netns: red, name: 'va' }, { netns: red, name: 'port' }))).toBe(
      `EEXIST: create veth va in namespace red: ${taken}`,
    );
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'eth1', 'eth0']);
  });

  test('a device that is moved is named by what is taken in the target, not by how it was called', async () => {
    await using red = await pair('red', 'eth0', 'eth1');
    await using blue = await pair('blue', 'eth0', 'x');
    await alsoKnownAs(red, 'eth0', 'port');
    await alsoKnownAs(blue, 'x', 'eth1');
    const index = (await getLink(red, 'eth0')).index;
    for (const device of ['eth0', 'port', index]) {
      expect(await message(moveLink(red, device, blue))).toMatch(
        new RegExp(
          `^EEXIST: move to namespace blue the link ${device} in namespace red: ` +
            '(An interface with the same name exists in the target netns: )?' + // not on 6.1
            "a device named 'eth0' exists already in namespace blue \\(a new name can be given with the move\\)$",
        ),
      );
    }
    const taken = "'eth1' is an alternative name of the device 'x' in namespace blue (a new name can be";
    expect(await message(moveLink(red, 'eth1', blue))).toContain(`: ${taken}`);
    expect(await message(moveLink(red, 'eth0', blue, { name: 'eth1' }))).toContain(`namespace red: ${taken}`);
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'eth1', 'eth0']);
    expect((await ip(blue, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'x', 'eth0']);
  });

  testWith('alternative names move with a device', 'and may be what is taken', async () => {
    await using red = await pair('red', 'eth0', 'eth1');
    await using blue = await pair('blue', 'a', 'x');
    await alsoKnownAs(red, 'eth0', 'free', LONG);
    await alsoKnownAs(blue, 'x', LONG);
    expect(await message(moveLink(red, 'eth0', blue, { name: 'fine' }))).toMatch(
      new RegExp(`: '${LONG}' is an alternative name of the device 'x' in namespace blue$`),
    );
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'eth1', 'eth0']);
  });
});
