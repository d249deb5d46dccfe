// What setLink and setBridgePort change besides what kinds.test.ts and bridge.test.ts go through.
import {
  createLink,
  createNetns,
  getLink,
  listBridgePorts,
  openNetns,
  setBridgePort,
  setLink,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, run } from '../../support/ip';
import { MACVLANS, TUNNELS } from '../../support/link-kinds/words';

describe('setLink, setBridgePort', () => {
  testWith(TUNNELS, 'changes of one tunnel at once, by two handles: none undoes another', async () => {
    await using red = await createNetns('rt-changes');
    const again = await openNetns('rt-changes');
    const ends = { local: '10.0.0.1', remote: '10.0.0.2' };
    await createLink(red, { kind: 'gre', name: 'x0', ...ends, ttl: 64 });
    const { index } = await getLink(red, 'x0');
    await Promise.all([
      setLink(red, 'x0', { kind: 'gre', ttl: 9 }),
      setLink(again, index, { kind: 'gre', tos: 16 }),
      setLink(red, index, { kind: 'gre', inputKey: 7 }),
    ]);
    again.close();
    const [shown] = await ip(red, 'link', 'show', 'x0');
    expect(shown!['linkinfo']).toMatchObject({
      info_data: { ...ends, ttl: 9, tos: '0x10', ikey: '0.0.0.7' },
    });
    const error = await failure(setLink(red, 'none', { kind: 'gre', ttl: 9 }));
    expect(error).toMatchObject({ code: 'ENODEV', device: 'none' });
  });

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

  testWith(MACVLANS, 'the addresses from which a macvlan receives', async () => {
    await using red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'lower', 'type', 'veth', 'peer', 'name', 'other');
    const macs = ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'] as const;
    await createLink(red, { kind: 'macvlan', name: 'x0', link: 'lower', mode: 'source', addMac: macs[0] });
    await run(red, 'ip', ...'link add link lower name y0 type macvlan mode source'.split(' '));
    const words = async (step: string) =>
      run(red, 'ip', ...`link set y0 type macvlan macaddr ${step}`.split(' '));
    await words(`add ${macs[0]}`);
    const compare = async (...expected: string[]) => {
      for (const name of ['x0', 'y0']) {
        const [shown] = await ip(red, 'link', 'show', name);
        const { info_data } = shown!['linkinfo'] as { info_data: { macaddr_data?: string[] } };
        expect([name, (info_data.macaddr_data ?? []).toSorted()]).toEqual([name, expected]);
        expect(((await getLink(red, name)).macvlan?.macs ?? []).toSorted()).toEqual(expected);
      }
    };
    const set = async (change: { macs?: string[]; addMac?: string; removeMac?: string }) =>
      setLink(red, 'x0', { kind: 'macvlan', ...change });
    await compare(macs[0]);
    await set({ addMac: macs[1] });
    await words(`add ${macs[1]}`);
    await compare(macs[0], macs[1]);
    await set({ removeMac: macs[0] });
    await words(`del ${macs[0]}`);
    await set({ removeMac: macs[0] });
    await compare(macs[1]);
    await set({ macs: [macs[0], macs[2]] });
    await words(`set ${macs[0]} ${macs[2]}`);
    await compare(macs[0], macs[2]);
    await set({ macs: [] });
    await words('flush');
    await compare();
    await expect(set({ macs: [], addMac: macs[0] })).rejects.toThrow(
      'addMac: it does not go together with macs',
    );
    await set({ addMac: macs[0] });
    await setLink(red, 'x0', { kind: 'macvlan', mode: 'bridge' });
    expect(await failure(set({ addMac: macs[1] }))).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
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
