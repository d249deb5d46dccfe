import { createBridge, createNetns } from '../../../lib';
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
});
