// Linux 5.10 refuses a move to where the name is taken with EINVAL, as it refuses the move of what cannot be moved, and without a
// sentence. This kernel seems to be such a one: test/support/old-kernel.c.
import { createBridge, createNetns, createVeth } from '../../../lib';
import { ip } from '../../support/ip';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

async function move({ rtnetns: { moveLink, openNetns }, tell }: Tools) {
  const [red, blue] = [await openNetns('red'), await openNetns('blue')];
  for (const device of ['a', 'br0', 'lo']) {
    const [attempt] = await Promise.allSettled([moveLink(red, device, blue)]);
    tell((attempt as { reason: Error }).reason.message);
  }
  await moveLink(red, 'a', blue, { name: 'c' });
}

describe('moveLink', () => {
  test('reports which name is taken, and what cannot be moved', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    for (const netns of [red, blue]) {
      await createVeth({ netns, name: 'a' }, { netns, name: 'b' });
      await createBridge(netns, 'br0');
    }
    const { told, stderr } = await onOldKernel(program(move));
    expect(stderr).toBe('');
    const attempted = (device: string) => `move to namespace blue the link ${device} in namespace red`;
    const stays = 'the device stays in its namespace for good, as bridges and lo do';
    expect(told).toEqual([
      `EEXIST: ${attempted('a')}: a device named 'a' exists already in namespace blue (a new name can be given with the move)`,
      `EINVAL: ${attempted('br0')}: ${stays}`,
      `EINVAL: ${attempted('lo')}: ${stays}`,
    ]);
    expect((await ip(red, 'link')).map(({ ifname }) => ifname).sort()).toEqual(['b', 'br0', 'lo']);
    expect((await ip(blue, 'link')).map(({ ifname }) => ifname).sort()).toEqual(['a', 'b', 'br0', 'c', 'lo']);
  });
});
