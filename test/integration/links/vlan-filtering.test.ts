import {
  addBridgeVlan,
  createBridge,
  createLink,
  createNetns,
  createVeth,
  deleteLink,
  getLink,
  setBridge,
} from '../../../lib';
import { failure, ip } from '../../support/ip';

describe('createBridge', () => {
  test('a kernel without VLAN filtering is named as such', async () => {
    await using netns = await createNetns();
    const theirs = ip(netns, 'link', 'add', 'br1', 'type', 'bridge', 'vlan_filtering', '1');
    const has = await theirs.then(
      () => true,
      () => false,
    );
    const ours = createBridge(netns, 'br0', { vlanFiltering: true });
    if (has) await expect(ours).resolves.toMatchObject({ name: 'br0' });
    else {
      const refusal = await failure(ours);
      expect(refusal).toMatchObject({ code: 'EOPNOTSUPP' });
      expect(refusal.message).toContain('vlanFiltering: bridges of this kernel have no VLAN filtering');
      expect(refusal.message).not.toContain('no such kind');
    }
  });

  test('what getLink returns is set again, with VLANs and without VLAN filtering', async () => {
    await using netns = await createNetns();
    await createBridge(netns, 'br0');
    await createVeth({ netns, name: 'v0', bridge: 'br0' }, { netns, name: 'v1' });
    const again = async () => {
      const [before, { bridge = {} }] = [await ip(netns, 'link', 'show', 'br0'), await getLink(netns, 'br0')];
      const set = (Object.entries(bridge) as [string, unknown][]).filter(
        ([, value]) => typeof value === 'boolean',
      );
      for (const [name, value] of set) await setBridge(netns, 'br0', { [name]: value });
      await setBridge(netns, 'br0', bridge);
      await createLink(netns, { kind: 'bridge', name: 'br1', ...bridge });
      await deleteLink(netns, 'br1');
      const dataOf = ([found]: typeof before) => {
        const { info_data } = found!['linkinfo'] as { info_data: object };
        return { ...info_data, gc_timer: 0 };
      };
      expect(dataOf(await ip(netns, 'link', 'show', 'br0'))).toEqual(dataOf(before));
      return bridge;
    };
    const found = await again();
    if (found.vlanStats === undefined) {
      const wanted = failure(setBridge(netns, 'br0', { vlanFiltering: true }));
      expect(await wanted).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP' });
      return;
    }
    await setBridge(netns, 'br0', { vlanFiltering: true });
    await addBridgeVlan(netns, 'v0', 10);
    await again();
    const busy = await failure(setBridge(netns, 'br0', { vlanStatsPerPort: true }));
    expect(busy).toMatchObject({ name: 'NetlinkError', code: 'EBUSY' });
  });
});
