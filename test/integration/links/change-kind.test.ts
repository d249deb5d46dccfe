// What setLink and setBridgePort change besides what kinds.test.ts and bridge.test.ts go through.
import {
  createLink,
  type CreateLinkOptions,
  createNetns,
  deleteLink,
  getLink,
  listBridgePorts,
  openNetns,
  setBridgePort,
  setLink,
  type SetLinkOptions,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, ip, run } from '../../support/ip';
import { MACVLANS, OTHERS, TUNNELS, VXLANS } from '../../support/link-kinds/words';

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

  testWith(TUNNELS, 'an option of a tunnel that is undefined is as good as left out', async () => {
    await using red = await createNetns();
    const over4 = { local: '10.0.0.1', remote: '10.0.0.2', ttl: 9, tos: 16 };
    const over6 = { local: 'fd00::1', remote: 'fd00::2', hopLimit: 9 };
    const keys = { inputKey: 5, outputKey: 6 };
    const tunnels = [
      { kind: 'gre', ...over4, ...keys, inputChecksum: true, outputSequence: true },
      { kind: 'ipip', ...over4 },
      { kind: 'sit', ...over4 },
      { kind: 'ip6gre', ...over6, ...keys, flowLabel: 5 },
      { kind: 'ip6tnl', ...over6, encapLimit: 3 },
      { kind: 'vti', local: '10.0.0.1', remote: '10.0.0.2', ...keys },
    ] as const;
    for (const { kind, ...own } of tunnels) {
      await createLink(red, { kind, name: 'x0', ...own } as CreateLinkOptions);
      const [before] = await ip(red, 'link', 'show', 'x0');
      const none = Object.fromEntries(Object.keys(own).map((name) => [name, undefined]));
      await setLink(red, 'x0', { kind, ...none } as SetLinkOptions);
      await setLink(red, 'x0', { kind, ...none, remote: own.remote } as SetLinkOptions);
      expect((await ip(red, 'link', 'show', 'x0'))[0]).toEqual(before);
      await deleteLink(red, 'x0');
    }
  });

  testWith(
    VXLANS,
    'of a vxlan, what is fixed at creation is taken as it is, and refused otherwise',
    async () => {
      await using red = await createNetns();
      const own = { id: 42, port: 4789, remote: '10.0.0.2', proxy: true, maxEntries: 9 };
      const more = { sourcePorts: { from: 1000, to: 2000 }, ttl: 'inherit', udpChecksum: false } as const;
      await createLink(red, { kind: 'vxlan', name: 'x0', ...own, ...more });
      const listed = (await getLink(red, 'x0')).vxlan;
      const [before] = await ip(red, 'link', 'show', 'x0');
      await setLink(red, 'x0', { kind: 'vxlan', ...listed });
      expect((await ip(red, 'link', 'show', 'x0'))[0]).toEqual(before);
      await setLink(red, 'x0', { kind: 'vxlan', ...listed, ageing: 77, mtu: 1400 });
      const [after] = await ip(red, 'link', 'show', 'x0');
      expect(after).toMatchObject({ mtu: 1400, linkinfo: { info_data: { ageing: 77, limit: 9 } } });
      const changes = [
        { id: 43 },
        { port: 4790 },
        { sourcePorts: { from: 1000, to: 2001 } },
        { maxEntries: 10 },
        { proxy: false },
        { routeShortCircuit: true },
        { l2Miss: true },
        { l3Miss: true },
        { udpChecksum: true },
        { udpZeroChecksum6Sent: true },
        { udpZeroChecksum6Received: true },
        { remoteChecksumSent: true },
        { remoteChecksumReceived: true },
        { remoteChecksumWhole: true },
        { groupPolicy: true },
        { genericProtocol: true },
        { external: true },
        { ttl: 64 },
      ] as const;
      for (const change of changes) {
        const error = await failure(setLink(red, 'x0', { kind: 'vxlan', ageing: 5, ...change }));
        expect(error).toMatchObject({ code: 'EOPNOTSUPP', option: Object.keys(change)[0] });
        expect(error.message).toMatch(/: it can be given at creation only$/);
      }
      expect((await ip(red, 'link', 'show', 'x0'))[0]).toEqual(after);
      await createLink(red, { kind: 'vxlan', name: 'x1', id: 7, port: 4789, ttl: 5 });
      const inherits = await failure(setLink(red, 'x1', { kind: 'vxlan', ttl: 'inherit' }));
      expect(inherits).toMatchObject({ code: 'EOPNOTSUPP', option: 'ttl' });
      const words = 'link set x1 type vxlan ttl inherit id 7'.split(' ');
      expect((await failure(run(red, 'ip', ...words))).message).toMatch(/not supported|cannot change/i);
    },
  );

  const OF_ALL: [kind: SetLinkOptions['kind'], own?: object, needs?: Capability][] = [
    ['veth', { peer: { name: 'x1' } }],
    ['bridge'],
    ['dummy', {}, 'links of the kind dummy'],
    ['nlmon', {}, OTHERS],
    ['vrf', { table: 5 }, OTHERS],
    ['team', {}, TUNNELS],
  ];
  for (const [kind, own = {}, needs] of OF_ALL) {
    testWith(needs, `what all links have is changed by a kind of which none is given: ${kind}`, async () => {
      await using red = await createNetns();
      await createLink(red, { kind, name: 'x0', ...own } as CreateLinkOptions);
      await setLink(red, 'x0', { kind, alias: 'ours', txQueueLength: 77 } as SetLinkOptions);
      expect(await ip(red, 'link', 'show', 'x0')).toMatchObject([{ ifalias: 'ours', txqlen: 77 }]);
      const other = await failure(setLink(red, 'lo', { kind, alias: 'ours' } as SetLinkOptions));
      expect(other).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP', device: 'lo' });
      expect(other.message).toMatch(/: it is (no|not a) [a-z]+, or /);
      expect((await ip(red, 'link', 'show', 'lo'))[0]).not.toHaveProperty('ifalias');
      const none = await failure(setLink(red, 'none', { kind, alias: 'ours' } as SetLinkOptions));
      expect(none).toMatchObject({ code: 'ENODEV', device: 'none' });
    });
  }

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
