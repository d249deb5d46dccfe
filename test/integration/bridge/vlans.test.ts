// The VLANs of a bridge's port, given by addBridgeVlan and by bridge: bridge shows both alike, and so does listBridgeVlans.
import {
  addBridgeVlan,
  type AddBridgeVlanOptions,
  type BridgeVlan,
  createNetns,
  listBridgeVlans,
  type Netns,
  removeBridgeVlan,
  type VlanRange,
} from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';

const FILTER = 'bridges filter VLANs';

async function scene(): Promise<Netns> {
  const netns = await createNetns();
  const filtering = kernelHas(FILTER) ? 'vlan_filtering 1' : '';
  await run(
    netns,
    'sh',
    '-euc',
    `ip link add br0 index 10 type bridge ${filtering}
     ip link add v0 index 11 type veth peer name v1 index 12
     ip link set v0 master br0
     ip link set v0 type bridge_slave vlan_tunnel on`,
  );
  return netns;
}

const NAMES: Readonly<Record<number, string>> = { 10: 'br0', 11: 'v0' };

/** A line for each VLAN of each device, with its flags and its tunnel. */
async function shown(netns: Netns): Promise<string[]> {
  const list = async (what: string) => JSON.parse(await run(netns, 'bridge', '-j', 'vlan', what)) as Json[];
  const lines = (await list('show')).flatMap(({ ifname, vlans }) =>
    (vlans as Json[]).map(({ vlan, flags = [] }) => [ifname, vlan, ...(flags as string[])].join(' ')),
  );
  const tunnels = (await list('tunnelshow')).flatMap(({ ifname, tunnels }) =>
    (tunnels as { vlan: number; vlanEnd?: number; tunid: number }[]).flatMap(
      ({ vlan, vlanEnd = vlan, tunid }) =>
        Array.from({ length: vlanEnd - vlan + 1 }, (_, i) => [String(ifname), vlan + i, tunid + i] as const),
    ),
  );
  for (const [name, vlan, id] of tunnels) {
    const at = lines.findIndex((line) => `${line} `.startsWith(`${name} ${vlan} `));
    lines[at] = `${lines[at]} tunnel ${id}`;
  }
  return lines.sort();
}

/** The same of what listBridgeVlans returns. */
function asShown({ index, vlan, pvid, untagged, tunnelId }: BridgeVlan): string[] {
  const { from, to } = typeof vlan === 'number' ? { from: vlan, to: vlan } : vlan;
  return Array.from({ length: to - from + 1 }, (_, i) =>
    [
      ...[NAMES[index], from + i, ...(pvid ? ['PVID'] : []), ...(untagged ? ['Egress Untagged'] : [])],
      ...(tunnelId === undefined ? [] : ['tunnel', tunnelId + i]),
    ].join(' '),
  );
}

interface Example {
  device: string;
  vlan: number | VlanRange;
  options: AddBridgeVlanOptions;
  /** What bridge does in the place of it. */
  commands: readonly string[];
}

const EXAMPLES: readonly Example[] = [
  { device: 'v0', vlan: 10, options: {}, commands: ['add dev v0 vid 10'] },
  { device: 'v0', vlan: 10, options: { untagged: true }, commands: ['add dev v0 vid 10 untagged'] },
  {
    ...{ device: 'v0', vlan: 4094, options: { pvid: true, untagged: true } },
    commands: ['add dev v0 vid 4094 pvid untagged'],
  },
  { device: 'v0', vlan: 1, options: {}, commands: ['add dev v0 vid 1'] },
  { device: 'v0', vlan: { from: 10, to: 19 }, options: {}, commands: ['add dev v0 vid 10-19'] },
  {
    ...{ device: 'v0', vlan: { from: 2, to: 5 }, options: { untagged: true } },
    commands: ['add dev v0 vid 2-5 untagged'],
  },
  { device: 'v0', vlan: { from: 7, to: 7 }, options: {}, commands: ['add dev v0 vid 7'] },
  {
    ...{ device: 'v0', vlan: 40, options: { tunnelId: 4040 } },
    commands: ['add dev v0 vid 40', 'add dev v0 vid 40 tunnel_info id 4040'],
  },
  {
    ...{ device: 'v0', vlan: { from: 40, to: 44 }, options: { tunnelId: 4040 } },
    commands: ['add dev v0 vid 40-44', 'add dev v0 vid 40-44 tunnel_info id 4040-4044'],
  },
  { device: 'br0', vlan: 30, options: {}, commands: ['add dev br0 vid 30 self'] },
  { device: 'br0', vlan: { from: 30, to: 33 }, options: {}, commands: ['add dev br0 vid 30-33 self'] },
];

describe('addBridgeVlan, removeBridgeVlan, listBridgeVlans', () => {
  for (const { device, vlan, options, commands } of EXAMPLES) {
    testWith(FILTER, `${device} ${JSON.stringify(vlan)} ${JSON.stringify(options)}`, async () => {
      await using ours = await scene();
      await using theirs = await scene();
      const before = await shown(ours);
      await addBridgeVlan(ours, device, vlan, options);
      for (const command of commands) await run(theirs, 'bridge', 'vlan', ...command.split(' '));
      const after = await shown(ours);
      expect(after).not.toEqual(before);
      expect(after).toEqual(await shown(theirs));
      const listed = await listBridgeVlans(theirs);
      expect(listed.flatMap(asShown).sort()).toEqual(after);
      expect((await listBridgeVlans(ours, { device })).flatMap(asShown).sort()).toEqual(
        after.filter((line) => line.startsWith(`${device} `)),
      );

      // what was listed can be removed, and added again
      for (const one of listed) await removeBridgeVlan(theirs, one.index, one.vlan, one);
      expect(await shown(theirs)).toEqual([]);
      expect(await listBridgeVlans(theirs)).toEqual([]);
      for (const one of listed) await addBridgeVlan(theirs, one.index, one.vlan, one);
      expect(await shown(theirs)).toEqual(after);
    });
  }

  testWith(
    FILTER,
    'VLANs in a row that are alike are one range, but for tunnels that do not count up',
    async () => {
      await using red = await scene();
      await removeBridgeVlan(red, 'br0', 1);
      await removeBridgeVlan(red, 'v0', 1);
      await addBridgeVlan(red, 'v0', { from: 40, to: 49 });
      await addBridgeVlan(red, 'v0', { from: 42, to: 43 }, { tunnelId: 7 });
      await addBridgeVlan(red, 'v0', 44, { tunnelId: 99 });
      const alike = { index: 11, pvid: false, untagged: false };
      expect(await listBridgeVlans(red)).toMatchObject([
        { ...alike, vlan: { from: 40, to: 41 } },
        { ...alike, vlan: { from: 42, to: 43 }, tunnelId: 7 },
        { ...alike, vlan: 44, tunnelId: 99 },
        { ...alike, vlan: { from: 45, to: 49 } },
      ]);
      await removeBridgeVlan(red, 'v0', { from: 1, to: 4094 });
      expect(await shown(red)).toEqual([]);
    },
  );

  testWith(FILTER, 'a tunnel needs vlanTunnel, and a number of its own', async () => {
    await using red = await scene();
    await addBridgeVlan(red, 'v0', 10, { tunnelId: 7 });
    expect(await failure(addBridgeVlan(red, 'v0', 11, { tunnelId: 7 }))).toMatchObject({ code: 'EEXIST' });
    await run(red, 'ip', 'link', 'set', 'v0', 'type', 'bridge_slave', 'vlan_tunnel', 'off');
    expect(await failure(addBridgeVlan(red, 'v0', 12, { tunnelId: 8 }))).toMatchObject({
      code: 'EINVAL',
      message: expect.stringContaining('a port takes a tunnelId only with vlanTunnel') as string,
    });
  });

  test('a kernel without VLAN filtering has none', async () => {
    await using red = await scene();
    if (kernelHas(FILTER)) {
      expect(await listBridgeVlans(red)).toHaveLength(2);
      return;
    }
    expect(await listBridgeVlans(red)).toEqual([]);
    for (const attempt of [addBridgeVlan(red, 'v0', 10), addBridgeVlan(red, 'br0', 10)]) {
      expect(await failure(attempt)).toMatchObject({
        code: 'EOPNOTSUPP',
        message: expect.stringContaining('this kernel is built without VLAN filtering') as string,
      });
    }
  });

  test('where there is no such device, and where it is none', async () => {
    await using red = await scene();
    const ENODEV = { code: 'ENODEV', message: expect.stringContaining('there is no such device') as string };
    expect(await failure(addBridgeVlan(red, 'v9', 10))).toMatchObject(ENODEV);
    expect(await failure(removeBridgeVlan(red, 99, 10))).toMatchObject(ENODEV);
    expect(await failure(listBridgeVlans(red, { device: 'v9' }))).toMatchObject(ENODEV);
    const none = { code: 'EOPNOTSUPP', message: expect.stringContaining('it is no bridge') as string };
    expect(await failure(addBridgeVlan(red, 'v1', 10))).toMatchObject(none);
    expect(await failure(removeBridgeVlan(red, 'v1', 10))).toMatchObject(none);
    const backwards = failure(addBridgeVlan(red, 'v0', { from: 5, to: 4 }));
    expect(await backwards).toMatchObject({
      name: 'RangeError',
      message: expect.stringMatching(/^to: a range ends at or behind/) as string,
    });
    const both = failure(addBridgeVlan(red, 'v0', { from: 4, to: 5 }, { pvid: true }));
    expect(await both).toMatchObject({
      message: expect.stringMatching(/^pvid: a port has one such VLAN/) as string,
    });
  });
});
