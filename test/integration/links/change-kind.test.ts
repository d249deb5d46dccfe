// What setLink and setBridgePort change besides what kinds.test.ts and bridge.test.ts go through.
import { createLink, createNetns, getLink, listBridgePorts, setBridgePort, setLink } from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, run } from '../../support/ip';
import { MACVLANS } from '../../support/link-kinds/words';

describe('setLink, setBridgePort', () => {
  test('settings of a port that ip shows, and bridge (6.1) does not', async () => {
    await using red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await run(red, 'ip', 'link', 'add', 'v0', 'master', 'br0', 'type', 'veth', 'peer', 'name', 'v1');
    const settings = { proxyArp: true, proxyArpWifi: true, groupForwardMask: 16 };
    await setBridgePort(red, 'v0', settings);
    const [shown] = await ip(red, 'link', 'show', 'v0');
    const fields = { proxy_arp: true, proxy_arp_wifi: true, group_fwd_mask: '0x10' };
    expect(shown!['linkinfo']).toMatchObject({ info_slave_data: fields });
    expect(await listBridgePorts(red)).toMatchObject([settings]);
  });

  testWith(MACVLANS, 'a macvlan does not become one that has the whole device', async () => {
    await using red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'lower', 'type', 'veth', 'peer', 'name', 'other');
    await createLink(red, { kind: 'macvlan', name: 'x0', link: 'lower', mode: 'bridge' });
    const error = await failure(setLink(red, 'x0', { kind: 'macvlan', mode: 'passthru' }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    expect((await getLink(red, 'x0')).macvlan?.mode).toBe('bridge');
  });
});
