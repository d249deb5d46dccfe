// What is changed of a kind of link by setLink and by ip: ip shows both alike, and what is not named stays.
import {
  createLink,
  type CreateLinkOptions,
  createNetns,
  getLink,
  listBridgePorts,
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
