// Each entry of a forwarding table, added by addFdb and by bridge: bridge shows both alike, and listFdb returns all that it shows.
import {
  addFdb,
  type AddFdbOptions,
  createNetns,
  type FdbEntry,
  listFdb,
  type Netns,
  removeFdb,
  setLink,
} from '../../../lib';
import { defined } from '../../../lib/common/objects';
import { type Capability, testWith } from '../../support/capabilities';
import { bridge, failure, ip, type Json, run, until } from '../../support/ip';

const MAC = '02:00:00:00:00:99';

/** A bridge br0 with the port v0, and v1 beside it. */
const BRIDGE = `
  ip link add br0 index 10 address 02:00:00:00:00:10 type bridge
  ip link add v0 index 11 address 02:00:00:00:00:11 type veth peer name v1 index 12 address 02:00:00:00:00:12
  ip link set v0 master br0
`;
/** The same, whose port forwards, without what IPv6 sends on its own. */
const FORWARDING = `
  echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
  ${BRIDGE}
  ip link set br0 up
  ip link set v0 up
  ip link set v1 up
`;
const VLANS = `
  ${BRIDGE}
  ip link set br0 type bridge vlan_filtering 1
  bridge vlan add vid 7 dev v0
`;
const VXLANS = `
  ${BRIDGE}
  ip link add vx0 index 20 address 02:00:00:00:00:20 type vxlan id 42 dstport 4789
  ip link add vx6 index 21 address 02:00:00:00:00:21 type vxlan id 43 dstport 4790 remote fd00::1
  ip link add vx9 index 22 address 02:00:00:00:00:22 type vxlan external dstport 4791
  ip link add vxp index 23 address 02:00:00:00:00:23 master br0 type vxlan id 44 dstport 4792
`;

const VXLAN = 'links of the kind vxlan';
const FILTER = 'bridges filter VLANs';

interface Example {
  needs?: Capability;
  scene: string;
  device: string;
  options: AddFdbOptions;
  /** What bridge has in the place of device and options. */
  words: string;
}

const EXAMPLES: readonly Example[] = [
  ...[
    { options: {}, words: 'master static' },
    { options: { state: 'permanent' }, words: 'master permanent' },
    { options: { sticky: true }, words: 'master static sticky' },
    { options: { externLearn: true, state: 'dynamic' }, words: 'master dynamic extern_learn' },
    { options: { flags: ['sticky', 'extern_learn', 'offload'] }, words: 'master static sticky extern_learn' },
    { options: { table: 'self' }, words: 'self permanent' },
  ].map(({ options, words }) => ({ scene: BRIDGE, device: 'v0', options, words }) as Example),
  { scene: FORWARDING, device: 'v0', options: { state: 'dynamic' }, words: 'master dynamic' },
  { scene: BRIDGE, device: 'br0', options: {}, words: 'self permanent' },
  { scene: BRIDGE, device: 'v1', options: {}, words: 'self permanent' },
  { needs: FILTER, scene: VLANS, device: 'v0', options: {}, words: 'master static' },
  { needs: FILTER, scene: VLANS, device: 'v0', options: { vlan: 7 }, words: 'master static vlan 7' },
  ...[
    { device: 'vx0', options: { dst: '10.0.0.1' }, words: 'self permanent dst 10.0.0.1' },
    { device: 'vx0', options: { dst: '10.0.0.1', state: 'static' }, words: 'self static dst 10.0.0.1' },
    {
      device: 'vx0',
      options: { dst: '10.0.0.1', port: 99, vni: 7, via: 'v1', state: 'dynamic' },
      words: 'self dynamic dst 10.0.0.1 port 99 vni 7 via v1',
    },
    { device: 'vx6', options: { dst: 'fd00::9' }, words: 'self permanent dst fd00::9' },
    {
      device: 'vx9',
      options: { dst: '10.0.0.1', srcVni: 5, vni: 6 },
      words: 'self permanent dst 10.0.0.1 src_vni 5 vni 6',
    },
    // of the bridge's table, and of its own
    { device: 'vxp', options: {}, words: 'master static' },
    { device: 'vxp', options: { dst: '10.0.0.1' }, words: 'self permanent dst 10.0.0.1' },
  ].map((example) => ({ needs: VXLAN, scene: VXLANS, ...example }) as Example),
];

async function scene(script: string): Promise<Netns> {
  const netns = await createNetns();
  await run(netns, 'sh', '-euc', script);
  // the kernel notices a moment later that there is a carrier
  const forwards = async () => (await bridge(netns, 'link')).some(({ state }) => state === 'forwarding');
  if (script.startsWith(FORWARDING)) await until(forwards);
  return netns;
}

/** The devices of all scenes, by their indexes. */
const NAMES: Readonly<Record<number, string>> = {
  ...{ 10: 'br0', 11: 'v0', 12: 'v1', 20: 'vx0', 21: 'vx6', 22: 'vx9', 23: 'vxp' },
  ...{ 30: 'br1', 31: 'w0', 32: 'w1' },
};

/** What bridge calls what `listFdb` returns, but for the clocks. */
function asShown(entry: FdbEntry): Json {
  const { mac, index, state, master, flags, dst, port, vni, srcVni, via, vlan, linkNsid, nexthopId } = entry;
  return {
    ...{ mac, ifname: NAMES[index], vlan, dst, port, vni, src_vni: srcVni, nhid: nexthopId },
    ...{ viaIf: via && NAMES[via], linkNetNsId: linkNsid, master: master && NAMES[master] },
    flags: [...flags, ...(master === undefined ? ['self'] : [])],
    state: state === 'dynamic' ? '' : state,
  };
}

const sorted = (list: readonly Json[]) =>
  list.map(({ used: _, updated: __, ...one }) => JSON.stringify(one, Object.keys(one).sort())).sort();

/** The entries as bridge has them, after a comparison with what listFdb returns. */
async function shown(
  netns: Netns,
  args: readonly string[] = [],
  options?: Parameters<typeof listFdb>[1],
): Promise<string[]> {
  const listed = await bridge(netns, '-s', 'fdb', 'show', ...args);
  // bridge leaves out the name of the device that it was given
  const [, name] = /(?:dev|brport) (\w+)/.exec(args.join(' ')) ?? [];
  const theirs = sorted(name === undefined ? listed : listed.map((one) => ({ ifname: name, ...one })));
  expect(sorted((await listFdb(netns, options)).map(asShown))).toEqual(theirs);
  return theirs;
}

describe('addFdb, removeFdb, listFdb', () => {
  for (const { needs, scene: script, device, options, words } of EXAMPLES) {
    const title = `${device} ${JSON.stringify(options)}`;
    const body = async () => {
      await using ours = await scene(script);
      await using theirs = await scene(script);
      const before = await shown(ours);
      await addFdb(ours, device, MAC, options);
      await run(theirs, 'bridge', 'fdb', 'add', MAC, 'dev', device, ...words.split(' '));
      const after = await shown(ours);
      expect(after).toEqual(await shown(theirs));
      expect(after.length).toBeGreaterThan(before.length);

      // what was listed can be removed, and added again
      const listed = (await listFdb(theirs, { device })).filter(({ mac }) => mac === MAC);
      // an entry without a VLAN stands for those of all VLANs of the port
      for (const entry of listed) {
        await removeFdb(theirs, entry.index, entry.mac, { ...entry, ifMissing: 'ignore' });
      }
      expect(await shown(theirs)).toEqual(before);
      for (const entry of listed) {
        await addFdb(theirs, entry.index, entry.mac, { ...entry, ifExists: 'replace' });
      }
      expect(await shown(theirs)).toEqual(after);
      const { table, srcVni } = listed[0]!;
      const vlan = options.vlan;
      await removeFdb(ours, device, MAC, { table, ...defined({ srcVni, vlan }) });
      expect(await shown(ours)).toEqual(before);
    };
    if (needs === undefined) test(title, body);
    else testWith(needs, title, body);
  }

  testWith(VXLAN, 'next hop objects', async () => {
    await using red = await scene(
      `${VXLANS}\nip nexthop add id 1 via 10.0.0.1 fdb\nip nexthop add id 102 group 1 fdb`,
    );
    await addFdb(red, 'vx0', MAC, { nexthopId: 102 });
    const [found] = (await bridge(red, 'fdb', 'show', 'dev', 'vx0')).filter(({ mac }) => mac === MAC);
    expect(found).toMatchObject({ nhid: 102 });
    await shown(red);
    const both = failure(addFdb(red, 'vx0', MAC, { nexthopId: 102, dst: '10.0.0.1' }));
    expect(await both).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    await removeFdb(red, 'vx0', MAC);
    await shown(red);
  });

  testWith(VXLAN, 'several hosts for an address', async () => {
    await using red = await scene(VXLANS);
    const zero = '00:00:00:00:00:00';
    await addFdb(red, 'vx0', zero, { dst: '10.0.0.1', ifExists: 'append' });
    await addFdb(red, 'vx0', zero, { dst: '10.0.0.2', ifExists: 'append' });
    const hosts = async () => (await bridge(red, 'fdb', 'show', 'dev', 'vx0')).map(({ dst }) => dst);
    expect(await hosts()).toEqual(['10.0.0.1', '10.0.0.2']);
    await shown(red);
    const another = { dst: '10.0.0.3', ifExists: 'replace' } as const;
    expect(await failure(addFdb(red, 'vx0', zero, another))).toMatchObject({ code: 'EOPNOTSUPP' });
    await removeFdb(red, 'vx0', zero, { dst: '10.0.0.1' });
    expect(await hosts()).toEqual(['10.0.0.2']);
    await addFdb(red, 'vx0', zero, { dst: '10.0.0.1', ifExists: 'append' });
    await removeFdb(red, 'vx0', zero, { table: 'self' });
    expect(await hosts()).toEqual([]);
  });

  test('what is there already, and what is not', async () => {
    await using red = await scene(FORWARDING);
    await addFdb(red, 'v0', MAC);
    const before = await shown(red);
    expect(await failure(addFdb(red, 'v0', MAC, { state: 'dynamic' }))).toMatchObject({
      code: 'EEXIST',
      message: `EEXIST: add ${MAC} to the forwarding table of v0 in namespace ${red.toString()}: the table has an entry for this address already`,
    });
    await addFdb(red, 'v0', MAC, { state: 'dynamic', ifExists: 'ignore' });
    expect(await shown(red)).toEqual(before);
    await addFdb(red, 'v0', MAC, { state: 'dynamic', ifExists: 'replace' });
    const [entry] = await listFdb(red, { device: 'v0', state: 'dynamic' });
    expect(entry).toMatchObject({ mac: MAC, state: 'dynamic' });
    expect(await shown(red)).not.toEqual(before);
    await removeFdb(red, 'v0', MAC);
    expect(await failure(removeFdb(red, 'v0', MAC))).toMatchObject({
      code: 'ENOENT',
      message: `ENOENT: remove ${MAC} from the forwarding table of v0 in namespace ${red.toString()}: the table has no such entry`,
    });
    await removeFdb(red, 'v0', MAC, { ifMissing: 'ignore' });
  });

  test('what a bridge learns is listed with its age, and removed', async () => {
    await using red = await scene(FORWARDING);
    // who has 10.0.0.77?
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/24', 'dev', 'v1');
    await run(red, 'ping', '-c', '1', '-W', '0.1', '10.0.0.77').catch(() => undefined);
    const learned = async () =>
      (await listFdb(red, { bridge: 'br0', state: 'dynamic' })).filter(
        ({ mac }) => mac === '02:00:00:00:00:12',
      );
    await until(async () => (await learned()).length > 0);
    const [entry] = await learned();
    expect(entry).toMatchObject({ index: 11, master: 10, table: 'master', flags: [] });
    const [after] = (await bridge(red, '-s', 'fdb', 'show', 'br', 'br0', 'dynamic')).filter(
      ({ mac }) => mac === entry?.mac,
    );
    for (const clock of ['used', 'updated'] as const) {
      expect(entry?.[clock]).toBeGreaterThanOrEqual(0);
      expect(Math.floor(entry?.[clock] ?? 0)).toBeLessThanOrEqual(Number(after?.[clock]));
    }
    await setLink(red, 'v1', { up: false });
    await removeFdb(red, 'v0', '02:00:00:00:00:12', { ifMissing: 'ignore' });
    expect(await learned()).toEqual([]);
  });

  test('a port that does not forward has no dynamic entries', async () => {
    await using red = await scene(BRIDGE);
    expect(await failure(addFdb(red, 'v0', MAC, { state: 'dynamic' }))).toMatchObject({
      code: 'EPERM',
      message: expect.stringContaining('the port is not up, and takes no dynamic entries') as string,
    });
  });

  test('an entry that is used is as one that was learned', async () => {
    await using red = await scene(FORWARDING);
    await addFdb(red, 'v0', MAC, { use: true, table: 'master' });
    const [found] = (await bridge(red, 'fdb', 'show', 'dev', 'v0')).filter(({ mac }) => mac === MAC);
    expect(found).toMatchObject({ state: '', master: 'br0' });
  });

  test('the entries of one bridge, device, table or state', async () => {
    await using red = await scene(`
      ${BRIDGE}
      ip link add br1 index 30 address 02:00:00:00:00:30 type bridge
      ip link add w0 index 31 address 02:00:00:00:00:31 type veth peer name w1 index 32 address 02:00:00:00:00:32
      ip link set w0 master br1
    `);
    await addFdb(red, 'v0', MAC);
    await addFdb(red, 'w0', MAC, { state: 'permanent' });
    await addFdb(red, 'v0', MAC, { table: 'self' });
    await addFdb(red, 'v1', MAC);
    await shown(red, ['br', 'br0'], { bridge: 'br0' });
    await shown(red, ['br', 'br1'], { bridge: 30 });
    await shown(red, ['dev', 'v0'], { device: 'v0' });
    await shown(red, ['dev', 'v1'], { device: 12 });
    await shown(red, ['br', 'br0', 'brport', 'v0'], { bridge: 'br0', device: 'v0' });
    await shown(red, ['state', 'static'], { state: 'static' });
    expect((await listFdb(red, { table: 'self' })).filter(({ mac }) => mac === MAC)).toMatchObject([
      { index: 11, table: 'self' },
      { index: 12, table: 'self' },
    ]);
    expect(await listFdb(red, { vlan: 7 })).toEqual([]);
  });

  testWith(FILTER, 'the entries of one VLAN', async () => {
    await using red = await scene(VLANS);
    await addFdb(red, 'v0', MAC);
    await shown(red, ['vlan', '7'], { vlan: 7 });
    const error = await failure(addFdb(red, 'v0', MAC, { vlan: 8 }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
  });

  test('where there is no such device or table', async () => {
    await using red = await scene(BRIDGE);
    const ENODEV = { code: 'ENODEV', message: expect.stringContaining('there is no such device') as string };
    for (const device of ['v9', 99]) {
      expect(await failure(addFdb(red, device, MAC))).toMatchObject(ENODEV);
      expect(await failure(removeFdb(red, device, MAC))).toMatchObject(ENODEV);
      expect(await failure(addFdb(red, device, MAC, { table: 'self' }))).toMatchObject(ENODEV);
    }
    expect(await failure(listFdb(red, { device: 'v9' }))).toMatchObject(ENODEV);
    expect(await failure(listFdb(red, { bridge: 'v9' }))).toMatchObject(ENODEV);
    expect(await failure(addFdb(red, 'v0', MAC, { dst: '10.0.0.1', via: 'v9' }))).toMatchObject(ENODEV);
    expect(await failure(addFdb(red, 'v1', MAC, { table: 'master' }))).toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringContaining("'master' is for ports of bridges") as string,
    });
    expect(await ip(red, 'link', 'show', 'v1')).toHaveLength(1);
  });
});
