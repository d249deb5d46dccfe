import { createLink, createNetns, deleteLinkGroup, type Netns } from '../../../lib';
import { failure, ip, run } from '../../support/ip';

/** But for the tunnels that a namespace is born with, where the kernel has such modules. */
const names = async (netns: Netns) =>
  (await ip(netns, 'link')).map(({ ifname }) => String(ifname)).filter((name) => /^(lo|br|v\d)/.test(name));

describe('deleteLinkGroup', () => {
  test('the links of a group are deleted, and no others', async () => {
    await using red = await createNetns();
    await createLink(red, { kind: 'bridge', name: 'br0', group: 7 });
    await run(red, 'ip', ...'link add v0 group 7 type veth peer name v1'.split(' '));
    await createLink(red, { kind: 'bridge', name: 'br1', group: 8 });
    await deleteLinkGroup(red, 7);
    expect(await names(red)).toEqual(['lo', 'br1']);
    expect(await failure(deleteLinkGroup(red, 7))).toMatchObject({
      ...{ name: 'NetlinkError', code: 'ENODEV' },
      message: `ENODEV: delete links of group 7 in namespace ${String(red)}: there are no devices of this group`,
    });
    await deleteLinkGroup(red, 7, { ifMissing: 'ignore' });
    await deleteLinkGroup(red, 8);
    expect(await names(red)).toEqual(['lo']);
  });

  test('where one of them is not deleted, none is', async () => {
    await using red = await createNetns();
    await createLink(red, { kind: 'bridge', name: 'br0', group: 7 });
    await run(red, 'ip', ...'link set lo group 7'.split(' '));
    expect(await failure(deleteLinkGroup(red, 7))).toMatchObject({ code: 'EOPNOTSUPP' });
    expect(await names(red)).toEqual(['lo', 'br0']);
  });

  test('what is no group is refused before any system call', async () => {
    await using red = await createNetns();
    await expect(deleteLinkGroup(red, 0)).rejects.toThrow('group: expected an integer from 1 to 4294967295');
    await expect(deleteLinkGroup(red, '7' as unknown as number)).rejects.toThrow(TypeError);
  });
});
