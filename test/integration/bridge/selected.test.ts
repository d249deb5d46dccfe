// One entry, and the removal of many, of forwarding tables and multicast groups.
import {
  addBridgeVlan,
  addFdb,
  addMdb,
  createNetns,
  flushFdb,
  type FlushFdbOptions,
  flushMdb,
  getFdb,
  getMdb,
  listMdb,
  type Netns,
} from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { bridge, failure, type Json, run } from '../../support/ip';

const FILTERS = 'forwarding tables are flushed by filters';
const GROUPS = 'multicast groups of bridges are flushed, and found by one request';

const MACS = [1, 2, 3, 4, 5, 6].map((n) => `02:00:00:00:00:9${n}`) as [string, ...string[]];

/** A bridge with two ports, and a vxlan beside it. */
async function scene(): Promise<Netns> {
  const netns = await createNetns();
  const script = `
    echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
    ip link add br0 index 10 type bridge
    ip link add v0 index 11 type veth peer name v1 index 12
    ip link add v2 index 13 type veth peer name v3 index 14
    for port in v0 v2; do ip link set $port master br0; done
    for device in br0 v0 v1 v2 v3; do ip link set $device up; done
    ip link add vx0 index 20 type vxlan id 42 dstport 4789`;
  await run(netns, 'sh', '-euc', script);
  await addFdb(netns, 'v0', MACS[0]);
  await addFdb(netns, 'v0', MACS[1]!, { state: 'dynamic' });
  await addFdb(netns, 'v0', MACS[2]!, { sticky: true });
  await addFdb(netns, 'v2', MACS[3]!);
  await addFdb(netns, 'v2', MACS[4]!, { state: 'dynamic', externLearn: true });
  await addFdb(netns, 'v0', MACS[5]!, { state: 'permanent' });
  await addFdb(netns, 'vx0', MACS[0], { dst: '10.0.0.1' });
  await addFdb(netns, 'vx0', MACS[1]!, { dst: '10.0.0.2', state: 'dynamic' });
  return netns;
}

const entries = async (netns: Netns, device: string): Promise<string[]> =>
  (await bridge(netns, 'fdb', 'show'))
    .filter(({ mac, ifname, master }) => MACS.includes(String(mac)) && [ifname, master].includes(device))
    // with VLAN filtering in the kernel, an entry is one of VLAN 1, too, before the bridge filters
    .map(({ mac, vlan = 'none' }) => `${String(mac)} ${String(vlan)}`)
    .sort();

interface Flush {
  device: string;
  options: FlushFdbOptions;
  words: string;
}

const FLUSHES: readonly Flush[] = [
  { device: 'br0', options: { state: 'dynamic' }, words: 'dev br0 self dynamic' },
  { device: 'br0', options: { state: 'static' }, words: 'dev br0 self static' },
  { device: 'br0', options: { state: 'permanent' }, words: 'dev br0 self permanent' },
  { device: 'v0', options: { state: 'all' }, words: 'dev v0 master' },
  { device: 'br0', options: { state: 'all', sticky: true }, words: 'dev br0 self sticky' },
  { device: 'br0', options: { state: 'all', sticky: false }, words: 'dev br0 self nosticky' },
  { device: 'br0', options: { externLearn: true }, words: 'dev br0 self dynamic extern_learn' },
  { device: 'v2', options: { state: 'static' }, words: 'dev v2 master static' },
  { device: 'br0', options: { addedByUser: true, state: 'all' }, words: 'dev br0 self added_by_user' },
];

const LINE = /grp (\S+) .*permanent/g;
const groups = async (netns: Netns) => {
  const lines = await run(netns, 'bridge', 'mdb', 'show');
  return [...lines.matchAll(LINE)].map(([, group]) => group).sort();
};

describe('getFdb, flushFdb, getMdb, flushMdb', () => {
  test('an entry is the one that bridge finds', async () => {
    await using red = await scene();
    for (const [device, mac, table] of [
      ['v0', MACS[0], 'master'],
      ['v2', MACS[0], 'master'],
      ['br0', MACS[3], 'self'],
      ['vx0', MACS[0], 'self'],
    ] as const) {
      const words = ['fdb', 'get', mac!, 'dev', device, table];
      const [theirs] = JSON.parse(await run(red, 'bridge', '-j', '-d', ...words)) as [Json];
      const found = await getFdb(red, device, mac!);
      const { dst, ifname, state = 'dynamic' } = theirs;
      const names: Readonly<Record<number, string>> = { 11: 'v0', 13: 'v2', 20: 'vx0' };
      expect({ dst: found.dst, ifname: names[found.index], state: found.state, mac: found.mac }).toEqual({
        ...{ dst, ifname, state, mac },
      });
      expect(await getFdb(red, device, mac!, { table })).toMatchObject({ mac, state: found.state });
    }
    expect(await failure(getFdb(red, 'br0', '02:00:00:00:00:77'))).toMatchObject({ code: 'ENOENT' });
    expect(await failure(getFdb(red, 'br9', MACS[0]))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(getFdb(red, 'br0', MACS[0], { table: 'master' }))).toMatchObject({ code: 'EINVAL' });
  });

  for (const { device, options, words } of FLUSHES) {
    testWith(FILTERS, `flush ${words}`, async () => {
      await using ours = await scene();
      await using theirs = await scene();
      const before = await entries(ours, 'br0');
      expect(before.filter((entry) => entry.endsWith(' none'))).toHaveLength(6);
      await flushFdb(ours, device, options);
      await run(theirs, 'bridge', 'fdb', 'flush', ...words.split(' '));
      const after = await entries(ours, 'br0');
      expect(after.length).toBeLessThan(before.length);
      expect(after).toEqual(await entries(theirs, 'br0'));
    });
  }

  testWith(FILTERS, 'of a vxlan, where the kernel has it', async () => {
    await using red = await scene();
    const found = await flushFdb(red, 'vx0', { dst: '10.0.0.1', state: 'all' }).catch(
      (error: unknown) => error,
    );
    if (found !== undefined) {
      expect(found).toMatchObject({ message: expect.stringContaining('vxlans since 6.7') as string });
      return;
    }
    expect(await entries(red, 'vx0')).toEqual([`${MACS[1]} none`]);
    await flushFdb(red, 'vx0', { state: 'dynamic' });
    expect(await entries(red, 'vx0')).toEqual([]);
  });

  testWith('bridges filter VLANs', 'of one VLAN', async () => {
    await using red = await scene();
    await run(red, 'ip', 'link', 'set', 'br0', 'type', 'bridge', 'vlan_filtering', '1');
    await addBridgeVlan(red, 'v0', { from: 7, to: 8 });
    for (const vlan of [7, 8]) await addFdb(red, 'v0', MACS[0], { vlan });
    expect(await getFdb(red, 'v0', MACS[0], { vlan: 7 })).toMatchObject({ vlan: 7, index: 11 });
    if (!kernelHas(FILTERS)) return;
    await flushFdb(red, 'br0', { vlan: 7, state: 'static' });
    expect(await failure(getFdb(red, 'v0', MACS[0], { vlan: 7 }))).toMatchObject({ code: 'ENOENT' });
    expect(await getFdb(red, 'v0', MACS[0], { vlan: 8 })).toMatchObject({ vlan: 8 });
  });

  test('a kernel without such filters, and what does not fit', async () => {
    await using red = await scene();
    if (!kernelHas(FILTERS)) {
      expect(await failure(flushFdb(red, 'br0', { state: 'static' }))).toMatchObject({
        code: 'EINVAL',
        message: expect.stringContaining('Linux flushes by filters since 5.19') as string,
      });
      return;
    }
    expect(await failure(flushFdb(red, 'br0', { dst: '10.0.0.1' }))).toMatchObject({ code: 'EINVAL' });
    expect(await failure(flushFdb(red, 'br9', { state: 'all' }))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(flushFdb(red, 'br0', { via: 'v9' }))).toMatchObject({ code: 'ENODEV' });
  });

  testWith(GROUPS, 'entries of a group, and the removal of many', async () => {
    await using red = await scene();
    for (const port of ['v0', 'v2']) {
      for (const group of ['239.1.1.1', 'ff15::9']) await addMdb(red, 'br0', group, { port });
    }
    await addMdb(red, 'br0', '239.1.1.2', { port: 'v0', permanent: false });
    for (const group of ['239.1.1.1', 'ff15::9', '239.1.1.2']) {
      const listed = (await listMdb(red)).filter((one) => one.group === group);
      const found = await getMdb(red, 'br0', group);
      const withoutTimer = ({ timer: _, ...entry }: (typeof found)[number]) => entry;
      expect(found.map(withoutTimer)).toEqual(listed.map(withoutTimer));
      expect(found.length).toBe(group === '239.1.1.2' ? 1 : 2);
    }
    expect(await failure(getMdb(red, 'br0', '239.1.1.3'))).toMatchObject({ code: 'ENOENT' });
    expect(await groups(red)).toEqual(['239.1.1.1', '239.1.1.1', 'ff15::9', 'ff15::9']);
    await flushMdb(red, 'br0', { port: 'v2' });
    expect(await groups(red)).toEqual(['239.1.1.1', 'ff15::9']);
    await flushMdb(red, 'br0', { permanent: false });
    expect(await groups(red)).toEqual(['239.1.1.1', 'ff15::9']);
    expect(await failure(getMdb(red, 'br0', '239.1.1.2'))).toMatchObject({ code: 'ENOENT' });
    await flushMdb(red, 'br0', { protocol: 'static', permanent: true });
    expect(await groups(red)).toEqual([]);
    await addMdb(red, 'br0', '239.1.1.1', { port: 'v0' });
    await flushMdb(red, 'br0');
    expect(await groups(red)).toEqual([]);
    expect(await failure(flushMdb(red, 'br9'))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(flushMdb(red, 'br0', { protocol: 2 }))).toMatchObject({
      code: 'ERANGE',
      option: 'protocol',
    });
  });

  test('a kernel before 6.8 has neither for groups', async () => {
    await using red = await scene();
    if (kernelHas(GROUPS)) return;
    expect(await failure(getMdb(red, 'br0', '239.1.1.1'))).toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringContaining('since 6.8') as string,
    });
    const { code, message } = await failure(flushMdb(red, 'br0'));
    expect(['EOPNOTSUPP', 'EINVAL']).toContain(code);
    expect(message).toContain('since 6.8');
  });
});
