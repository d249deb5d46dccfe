// What setLink and setBridgePort change besides what kinds.test.ts and bridge.test.ts go through.
import { createLink, createNetns, getLink, listBridgePorts, setBridgePort, setLink } from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, run } from '../../support/ip';
import { MACVLANS } from '../../support/link-kinds/words';
// What is changed of a kind of link by setLink and by ip: ip shows both alike, and what is not named stays.
import {
  createLink,
  type CreateLinkOptions,
  createNetns,
  getLink,
  listBridgePorts,
  openNetns,
  setBridgePort,
  setLink,
  type SetLinkOptions,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, ip, type Json, run } from '../../support/ip';

interface Example {
  kind: string;
  needs: Capability;
  /** What it is made with. */
  own: Readonly<Record<string, unknown>>;
  /** The changes, one after the other, and what ip has in their place. */
  changes: readonly (readonly [change: Readonly<Record<string, unknown>>, words: string])[];
}

const MACVLANS = 'links of the kind macvlan';
const TUNNELS = 'links of the kinds of tunnels, bond, hsr, macsec and team';

const macvlan = (kind: string): Example => ({
  ...{ kind, needs: MACVLANS, own: { link: 'lower', mode: 'bridge' } },
  changes: ['vepa', 'private', 'source', 'bridge'].map((mode) => [{ mode }, `mode ${mode}`]),
});

const ENDS = { local: '10.0.0.1', remote: '10.0.0.2', ttl: 64 };
const KEYS = { inputKey: 5, outputKey: 6 };

const EXAMPLES: readonly Example[] = [
  macvlan('macvlan'),
  macvlan('macvtap'),
  {
    ...{ kind: 'vlan', needs: 'links of the kind vlan' },
    own: { link: 'lower', id: 900, gvrp: true, egressPriorities: [{ from: 1, to: 3 }] },
    changes: [
      [{ bridgeBinding: true }, 'bridge_binding on'],
      [{ gvrp: false, mvrp: true }, 'gvrp off mvrp on'],
      [{ ingressPriorities: [{ from: 2, to: 5 }] }, 'ingress-qos-map 2:5'],
    ],
  },
  {
    ...{ kind: 'vxlan', needs: 'links of the kind vxlan', own: { id: 42, port: 4789, remote: '10.0.0.2' } },
    changes: [
      [{ ttl: 64 }, 'ttl 64'],
      [{ learning: false }, 'nolearning'],
    ],
  },
  ...['gre', 'gretap'].map((kind): Example => ({
    ...{ kind, needs: TUNNELS, own: { ...ENDS, ...KEYS, link: 'lower' } },
    changes: [
      [{ tos: 16 }, 'tos 0x10'],
      [{ remote: '10.0.0.3' }, 'remote 10.0.0.3'],
    ],
  })),
  {
    ...{
      kind: 'bridge',
      needs: 'bridges filter VLANs',
      own: { mac: '02:00:00:00:00:09', ageingTime: 20000, helloTime: 300 },
    },
    changes: [
      [{ vlanFiltering: true }, 'vlan_filtering 1'],
      [{ vlanDefaultPvid: 100 }, 'vlan_default_pvid 100'],
      [{ vlanDefaultPvid: 0 }, 'vlan_default_pvid 0'],
      [{ multicastSnooping: false }, 'mcast_snooping 0'],
    ],
  },
  {
    ...{ kind: 'bond', needs: TUNNELS, own: { mode: 'active-backup', miimon: 100, upDelay: 200 } },
    changes: [
      [{ miimon: 50 }, 'miimon 50'],
      [{ primaryReselect: 'failure' }, 'primary_reselect failure'],
    ],
  },
  {
    ...{
      kind: 'ipvlan',
      needs: 'links of the kinds ipvlan, nlmon and vrf',
      own: { link: 'lower', mode: 'l2' },
    },
    changes: [[{ mode: 'l3' }, 'mode l3']],
  },
];

describe('setLink, setBridgePort', () => {
  for (const { kind, needs, own, changes } of EXAMPLES) {
    testWith(needs, `${kind}: ${changes.map(([change]) => JSON.stringify(change)).join(', ')}`, async () => {
      await using red = await createNetns();
      await run(red, 'ip', 'link', 'add', 'lower', 'type', 'veth', 'peer', 'name', 'other');
      const shown = async () => {
        const { info_data, ...info } = (await ip(red, 'link', 'show', 'x0'))[0]!['linkinfo'] as {
          info_data: Json;
        };
        // the clock of a bridge that runs on
        const { gc_timer: _, ...data } = info_data;
        return { ...info, info_data: data };
      };
      const make = async () => createLink(red, { kind, name: 'x0', ...own } as unknown as CreateLinkOptions);
      await make();
      const theirs = [await shown()];
      for (const [, words] of changes) {
        await run(red, 'ip', ...`link set x0 type ${kind} ${words}`.split(' '));
        theirs.push(await shown());
      }
      await run(red, 'ip', 'link', 'delete', 'x0');
      await make();
      const ours = [await shown()];
      for (const [change] of changes) {
        await setLink(red, 'x0', { kind, ...change } as unknown as SetLinkOptions);
        ours.push(await shown());
        const view = (await getLink(red, 'x0')) as unknown as Json;
        expect(view[kind]).toMatchObject(change);
      }
      expect(ours).toEqual(theirs);
      expect(new Set(ours.map((one) => JSON.stringify(one))).size).toBeGreaterThan(changes.length / 2);
    });
  }

  testWith(TUNNELS, 'changes of one tunnel at once, by two handles: none undoes another', async () => {
    await using red = await createNetns('rt-changes');
    const again = await openNetns('rt-changes');
    await createLink(red, { kind: 'gre', name: 'x0', ...ENDS });
    const { index } = await getLink(red, 'x0');
    await Promise.all([
      setLink(red, 'x0', { kind: 'gre', ttl: 9 }),
      setLink(again, index, { kind: 'gre', tos: 16 }),
      setLink(red, index, { kind: 'gre', inputKey: 7 }),
    ]);
    again.close();
    const [shown] = await ip(red, 'link', 'show', 'x0');
    expect(shown!['linkinfo']).toMatchObject({
      info_data: { ...{ local: '10.0.0.1', remote: '10.0.0.2' }, ttl: 9, tos: '0x10', ikey: '0.0.0.7' },
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
