// Settings of single VLANs, given by us and by bridge: bridge shows both alike, and what it shows is what the lists return. What this
// bridge(8) does not know is read as bytes.
import {
  addBridgeVlan,
  type BridgeVlan,
  type BridgeVlanGlobal,
  type BridgeVlanGlobalSettings,
  type BridgeVlanSettings,
  createNetns,
  listBridgeMst,
  listBridgeVlanGlobals,
  listBridgeVlans,
  type Netns,
  setBridge,
  setBridgeMst,
  setBridgeVlan,
  setBridgeVlanGlobal,
  type VlanRange,
} from '../../../lib';
import { type Capability, kernelHas, testWith } from '../../support/capabilities';
import { dumped } from '../../support/dump';
import { failure, type Json, run } from '../../support/ip';

const FILTER = 'bridges filter VLANs';
const SNOOPING = 'bridges snoop for each VLAN';

async function scene(more = ''): Promise<Netns> {
  const netns = await createNetns();
  await run(
    netns,
    'sh',
    '-euc',
    `ip link add br0 index 10 type bridge vlan_filtering 1
     ip link add v0 index 11 type veth peer name v1 index 12
     ip link set v0 master br0
     bridge vlan add dev v0 vid 10-13
     bridge vlan add dev br0 vid 10 self
     ${more}`,
  );
  return netns;
}

const INDEXES: Readonly<Record<string, number>> = { br0: 10, v0: 11 };
const STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];
const ROUTERS = ['disabled', 'auto', 'always', 'temp'] as const;

/** A line for each VLAN of each device. */
async function shown(netns: Netns, ...words: string[]): Promise<Json[]> {
  const list = JSON.parse(await run(netns, 'bridge', '-j', '-d', ...words)) as Json[];
  return list.flatMap(({ ifname, vlans }) =>
    (vlans as Json[]).map((one) => ({ index: INDEXES[String(ifname)], ...one })),
  );
}

/** The same of what listBridgeVlans returns. */
function asShown({ index, vlan, pvid, untagged, state, multicastRouter, statistics }: BridgeVlan): Json {
  const { from, to } = typeof vlan === 'number' ? { from: vlan, to: undefined } : vlan;
  const flags = [...(pvid ? ['PVID'] : []), ...(untagged ? ['Egress Untagged'] : [])];
  return {
    index,
    vlan: from,
    ...(to !== undefined && { vlanEnd: to }),
    ...(flags.length > 0 && { flags }),
    state,
    ...(multicastRouter !== undefined && {
      mcast_router: ROUTERS.indexOf(multicastRouter as (typeof ROUTERS)[number]),
    }),
    ...(statistics && {
      rx_bytes: statistics.rxBytes,
      rx_packets: statistics.rxPackets,
      tx_bytes: statistics.txBytes,
      tx_packets: statistics.txPackets,
    }),
  };
}

interface Example {
  needs: Capability;
  device: string;
  vlan: number | VlanRange;
  settings: BridgeVlanSettings;
  words: string;
}

const EXAMPLES: readonly Example[] = [
  ...STATES.map((state, i) => ({
    needs: FILTER,
    device: 'v0',
    vlan: 10,
    settings: { state },
    words: `dev v0 vid 10 state ${i}`,
  })),
  {
    ...{ needs: FILTER, device: 'v0', vlan: { from: 11, to: 13 } },
    ...{ settings: { state: 'learning' }, words: 'dev v0 vid 11-13 state learning' },
  },
  {
    ...{ needs: FILTER, device: 'br0', vlan: 10, settings: { state: 'blocking' } },
    words: 'dev br0 vid 10 state blocking',
  },
  ...ROUTERS.map((multicastRouter, i) => ({
    needs: SNOOPING,
    device: 'v0',
    vlan: 10,
    settings: { multicastRouter },
    words: `dev v0 vid 10 mcast_router ${i}`,
  })),
  {
    ...{ needs: SNOOPING, device: 'br0', vlan: 10, settings: { multicastRouter: 'always' } },
    words: 'dev br0 vid 10 mcast_router 2',
  },
] as readonly Example[];

interface GlobalExample {
  settings: BridgeVlanGlobalSettings;
  words: string;
}

const GLOBALS: readonly GlobalExample[] = [
  { settings: { multicastSnooping: false }, words: 'mcast_snooping 0' },
  { settings: { multicastQuerier: true }, words: 'mcast_querier 1' },
  { settings: { multicastIgmpVersion: 3 }, words: 'mcast_igmp_version 3' },
  { settings: { multicastMldVersion: 2 }, words: 'mcast_mld_version 2' },
  { settings: { multicastLastMemberCount: 5 }, words: 'mcast_last_member_count 5' },
  { settings: { multicastStartupQueryCount: 6 }, words: 'mcast_startup_query_count 6' },
  { settings: { multicastLastMemberInterval: 700 }, words: 'mcast_last_member_interval 700' },
  { settings: { multicastMembershipInterval: 800 }, words: 'mcast_membership_interval 800' },
  { settings: { multicastQuerierInterval: 900 }, words: 'mcast_querier_interval 900' },
  { settings: { multicastQueryInterval: 1000 }, words: 'mcast_query_interval 1000' },
  { settings: { multicastQueryResponseInterval: 1100 }, words: 'mcast_query_response_interval 1100' },
  { settings: { multicastStartupQueryInterval: 1200 }, words: 'mcast_startup_query_interval 1200' },
];

const WORDS: Readonly<Record<string, keyof BridgeVlanGlobalSettings>> = Object.fromEntries(
  GLOBALS.map(({ settings, words }) => [words.split(' ')[0], Object.keys(settings)[0]]),
) as Record<string, keyof BridgeVlanGlobalSettings>;

/** What listBridgeVlanGlobals returns, as bridge shows it. */
function globalAsShown({ bridge, vlan, multicastRouters, ...settings }: BridgeVlanGlobal): Json {
  const { from, to } = typeof vlan === 'number' ? { from: vlan, to: undefined } : vlan;
  const values = Object.entries(WORDS).map(([word, name]) => [word, Number(settings[name])] as const);
  return {
    index: bridge,
    vlan: from,
    ...(to !== undefined && { vlanEnd: to }),
    ...Object.fromEntries(values),
    ...(multicastRouters && { router_ports: multicastRouters.map(() => ({ port: 'v0' })) }),
  };
}

/** The first VLAN of each device alone, as the kernel reports it, in hexadecimal. */
async function bytesOf(netns: Netns, device: number): Promise<string> {
  const found = (await dumped(netns, 'bridge VLAN', 7)).find(
    ({ header }) => Buffer.from(header ?? '', 'hex').readUInt32LE(4) === device,
  );
  return JSON.stringify(found);
}

describe('setBridgeVlan, setBridgeVlanGlobal, listBridgeVlanGlobals, setBridgeMst, listBridgeMst, listBridgeVlans', () => {
  for (const { needs, device, vlan, settings, words } of EXAMPLES) {
    testWith(needs, `${device} ${JSON.stringify(vlan)} ${JSON.stringify(settings)}`, async () => {
      await using ours = await scene();
      await using theirs = await scene();
      await setBridgeVlan(ours, device, vlan, settings);
      await run(theirs, 'bridge', 'vlan', 'set', ...words.split(' '));
      const after = await shown(ours, 'vlan', 'show');
      expect(after).toEqual(await shown(theirs, 'vlan', 'show'));
      const listed = await listBridgeVlans(theirs);
      expect(listed.map(asShown)).toEqual(after);
      expect(listed).toContainEqual(expect.objectContaining({ ...settings, index: INDEXES[device] }));

      // what was listed can be given back
      await using again = await scene();
      for (const one of listed) await setBridgeVlan(again, one.index, one.vlan, one);
      expect(await shown(again, 'vlan', 'show')).toEqual(after);
    });
  }

  testWith(FILTER, 'statistics are those that bridge shows, of each VLAN alone', async () => {
    await using red = await scene(`
      echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
      echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
      ip link set br0 type bridge vlan_stats_enabled 1
      ip link set br0 up
      ip link set v0 up
      ip link set v1 up
      ip link add link v1 name v1.10 type vlan id 10
      ip link set v1.10 up
      ip addr add 10.0.0.1/24 dev v1.10
      ping -c 1 -W 1 10.0.0.9 || true
      ip link set v0 down
      ip link set br0 down`);
    const listed = await listBridgeVlans(red, { statistics: true });
    expect(listed.map(asShown)).toEqual(await shown(red, '-s', 'vlan', 'show'));
    expect(listed.every(({ vlan }) => typeof vlan === 'number')).toBe(true);
    expect((await listBridgeVlans(red, { device: 'v0', statistics: true })).map(asShown)).toEqual(
      listed.filter(({ index }) => index === 11).map(asShown),
    );
    const { statistics } = listed.find(({ index, vlan }) => index === 11 && vlan === 10)!;
    expect(statistics?.rxPackets).toBeGreaterThan(0);
    expect(statistics?.rxBytes).toBeGreaterThan(0);
  });

  for (const { settings, words } of GLOBALS) {
    testWith(SNOOPING, `of the bridge: ${words}`, async () => {
      const more = 'ip link set br0 type bridge mcast_vlan_snooping 1';
      await using ours = await scene(more);
      await using theirs = await scene(more);
      await setBridgeVlanGlobal(ours, 'br0', { from: 11, to: 12 }, settings);
      await run(theirs, 'bridge', 'vlan', 'global', 'set', 'dev', 'br0', 'vid', '11-12', ...words.split(' '));
      const after = await shown(ours, 'vlan', 'global', 'show');
      expect(after).toEqual(await shown(theirs, 'vlan', 'global', 'show'));
      const listed = await listBridgeVlanGlobals(theirs, { bridge: 'br0' });
      expect(listed.map(globalAsShown)).toEqual(after);
      expect(listed).toContainEqual(
        expect.objectContaining({ ...settings, bridge: 10, vlan: { from: 11, to: 12 } }),
      );
      await using again = await scene(more);
      for (const one of listed) await setBridgeVlanGlobal(again, one.bridge, one.vlan, one);
      expect(await shown(again, 'vlan', 'global', 'show')).toEqual(after);
    });
  }

  testWith(SNOOPING, 'ports that lead to multicast routers in a VLAN are listed with it', async () => {
    await using red = await scene('ip link set br0 type bridge mcast_vlan_snooping 1');
    await setBridgeVlan(red, 'v0', 10, { multicastRouter: 'always' });
    const listed = await listBridgeVlanGlobals(red);
    expect(listed.map(globalAsShown)).toEqual(await shown(red, 'vlan', 'global', 'show'));
    expect(listed.find(({ vlan }) => vlan === 10)?.multicastRouters).toMatchObject([
      { bridge: 10, port: 11 },
    ]);
  });

  testWith(SNOOPING, 'multicastMaxGroups and neighborSuppress, where the kernel has them', async () => {
    await using red = await scene('bridge vlan del dev v0 vid 1; bridge vlan del dev v0 vid 11-13');
    const [before] = await listBridgeVlans(red, { device: 'v0' });
    if (before?.neighborSuppress === undefined) {
      const refused = {
        code: 'EINVAL',
        message: expect.stringContaining('this kernel does not know') as string,
      };
      expect(await failure(setBridgeVlan(red, 'v0', 10, { neighborSuppress: true }))).toMatchObject(refused);
      expect(await failure(setBridgeVlan(red, 'v0', 10, { multicastMaxGroups: 5 }))).toMatchObject(refused);
      return;
    }
    const limit = setBridgeVlan(red, 'v0', 10, { multicastMaxGroups: 0x1234 });
    expect(await failure(limit)).toMatchObject({ code: 'EINVAL' });
    await setBridge(red, 'br0', { multicastVlanSnooping: true });
    await setBridgeVlan(red, 'v0', 10, { multicastMaxGroups: 0x1234, neighborSuppress: true });
    const bytes = await bytesOf(red, 11);
    // BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS, BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS, BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS
    for (const part of ['0800070000000000', '0800080034120000', '0500090001000000'])
      expect(bytes).toContain(part);
    expect(await listBridgeVlans(red, { device: 'v0' })).toMatchObject([
      { vlan: 10, multicastGroups: 0, multicastMaxGroups: 0x1234, neighborSuppress: true },
    ]);
  });

  testWith(FILTER, 'spanning trees of VLANs', async () => {
    await using red = await createNetns();
    await run(
      red,
      'sh',
      '-euc',
      `ip link add br0 index 10 type bridge vlan_filtering 1 vlan_default_pvid 0
       ip link add v0 index 11 type veth peer name v1 index 12
       ip link set v0 master br0`,
    );
    const state = async () => setBridgeMst(red, 'v0', 2, { state: 'blocking' });
    const enabled = await setBridge(red, 'br0', { mst: true }).catch((error: unknown) => error);
    if (enabled !== undefined) {
      expect(enabled).toMatchObject({ code: 'EOPNOTSUPP' });
      expect(await failure(state())).toMatchObject({
        code: 'EOPNOTSUPP',
        message: expect.stringContaining('need Linux 5.18') as string,
      });
      expect(await listBridgeMst(red)).toEqual([]);
      return;
    }
    await addBridgeVlan(red, 'v0', 20);
    await setBridgeVlanGlobal(red, 'br0', 20, { msti: 2 });
    // BRIDGE_VLANDB_GOPTS_MSTI
    expect(await listBridgeVlanGlobals(red)).toMatchObject([{ bridge: 10, vlan: 20, msti: 2 }]);
    await state();
    // BRIDGE_VLANDB_ENTRY_STATE
    expect(await bytesOf(red, 11)).toContain('0500030004000000');
    expect(await listBridgeMst(red)).toEqual([{ index: 11, msti: 2, state: 'blocking' }]);
    const [listed] = await listBridgeMst(red, { device: 'v0' });
    await setBridgeMst(red, 'v0', 2, { ...listed, state: 'learning' });
    expect(await bytesOf(red, 11)).toContain('0500030002000000');
    expect(await listBridgeMst(red, { device: 'br0' })).toEqual([]);
    expect(await failure(setBridgeMst(red, 'v1', 2, { state: 'learning' }))).toMatchObject({
      code: 'EOPNOTSUPP',
    });
    await using other = await scene();
    expect(await failure(setBridgeMst(other, 'v0', 2, { state: 'learning' }))).toMatchObject({
      code: 'EBUSY',
    });
  });

  test('a kernel without VLAN filtering, or without the settings', async () => {
    await using red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    if (!kernelHas(FILTER)) {
      expect(await listBridgeVlanGlobals(red)).toEqual([]);
      for (const attempt of [
        setBridgeVlan(red, 'br0', 1, { state: 'blocking' }),
        setBridgeVlanGlobal(red, 'br0', 1, { multicastQuerier: true }),
      ]) {
        expect(await failure(attempt)).toMatchObject({
          code: 'EOPNOTSUPP',
          message: expect.stringContaining('built without VLAN filtering') as string,
        });
      }
    } else if (!kernelHas(SNOOPING)) {
      expect(await failure(listBridgeVlanGlobals(red))).toMatchObject({
        code: 'EOPNOTSUPP',
        message: expect.stringContaining('need Linux 5.15') as string,
      });
      expect(await failure(setBridgeVlanGlobal(red, 'br0', 1, { multicastQuerier: true }))).toMatchObject({
        code: 'EINVAL',
        message: expect.stringContaining('need Linux 5.15') as string,
      });
      expect(await failure(setBridgeVlan(red, 'br0', 1, { multicastRouter: 'auto' }))).toMatchObject({
        code: 'EINVAL',
        option: 'multicastRouter',
      });
    } else {
      expect(await listBridgeVlanGlobals(red)).toHaveLength(1);
    }
  });

  testWith(FILTER, 'where there is no such device or VLAN, or it is none', async () => {
    await using red = await scene();
    const state = 'blocking';
    expect(await failure(setBridgeVlan(red, 'v9', 10, { state }))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(setBridgeVlan(red, 'v1', 10, { state }))).toMatchObject({ code: 'EINVAL' });
    expect(await failure(setBridgeVlan(red, 'v0', 99, { state }))).toMatchObject({ code: 'ENOENT' });
    const range = { from: 10, to: 20 };
    expect(await failure(setBridgeVlan(red, 'v0', range, { state }))).toMatchObject({ code: 'ENOENT' });
    await run(red, 'ip', 'link', 'set', 'br0', 'type', 'bridge', 'stp_state', '1');
    expect(await failure(setBridgeVlan(red, 'v0', 10, { state }))).toMatchObject({ code: 'EBUSY' });
  });

  testWith(SNOOPING, 'of the bridge: where there is no such bridge or VLAN', async () => {
    await using red = await scene();
    const settings = { multicastQuerier: true };
    expect(await failure(setBridgeVlanGlobal(red, 'br9', 10, settings))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(setBridgeVlanGlobal(red, 'v0', 10, settings))).toMatchObject({ code: 'EINVAL' });
    expect(await failure(setBridgeVlanGlobal(red, 'br0', 99, settings))).toMatchObject({ code: 'ENOENT' });
    expect(await failure(listBridgeVlanGlobals(red, { bridge: 'br9' }))).toMatchObject({ code: 'ENODEV' });
    const wrong = setBridgeVlanGlobal(red, 'br0', 10, { multicastIgmpVersion: 4 });
    expect(await failure(wrong)).toMatchObject({ name: 'RangeError' });
  });
});
