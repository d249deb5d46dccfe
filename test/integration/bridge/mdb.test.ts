// Each multicast group of a port, added by addMdb and by bridge: bridge shows both alike, and listMdb returns all that it shows.
import {
  addMdb,
  type AddMdbOptions,
  createNetns,
  listMdb,
  listMulticastRouters,
  type MdbEntry,
  type MulticastRouter,
  type Netns,
  removeMdb,
  waitForLink,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';

const FILTER = 'bridges filter VLANs';

/** Without what IPv6 asks for on its own. */
const SCENE = `
  echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
  ip link add br0 index 10 type bridge mcast_igmp_version 3 mcast_mld_version 2
  ip link add v0 index 11 type veth peer name v1 index 12
  ip link set v0 master br0
  ip link set br0 up
  ip link set v0 up
  ip link set v1 up
`;

const NAMES: Readonly<Record<number, string>> = { 10: 'br0', 11: 'v0', 20: 'br1' };

async function scene(more = ''): Promise<Netns> {
  const netns = await createNetns();
  await run(netns, 'sh', '-euc', SCENE + more);
  // on a port that is not, there are only permanent groups
  await waitForLink(netns, 'v0', { bridgePortState: 'forwarding' });
  return netns;
}

interface Shown {
  mdb: Json[];
  router: Record<string, Json[]>;
}

async function read(netns: Netns): Promise<Shown> {
  return (JSON.parse(await run(netns, 'bridge', '-j', '-d', '-s', 'mdb', 'show')) as [Shown])[0];
}

/** What bridge calls what `listMdb` returns, but for the time, which passes. */
function asShown(entry: MdbEntry): Json {
  const { bridge, port, group, source, permanent, filterMode, sources, protocol, flags, vlan } = entry;
  return {
    ...{ index: bridge, dev: NAMES[bridge], port: NAMES[port], grp: group, src: source, vid: vlan, flags },
    state: permanent ? 'permanent' : 'temp',
    ...{ filter_mode: filterMode, protocol },
    source_list: sources?.map(({ address }) => ({ address })),
  };
}

const sorted = (list: readonly Json[]) =>
  list.map((one) => JSON.stringify(one, Object.keys(one).sort())).sort();

/** The groups as bridge has them, after a comparison with what listMdb returns. */
async function shown(netns: Netns): Promise<string[]> {
  const { mdb } = await read(netns);
  const ours = await listMdb(netns);
  const theirs = sorted(
    mdb.map(({ timer: _, source_list: sources, ...entry }) => ({
      ...entry,
      ...(sources !== undefined && {
        source_list: (sources as Json[]).map(({ address }) => ({ address })),
      }),
    })),
  );
  expect(sorted(ours.map(asShown))).toEqual(theirs);
  for (const entry of ours) {
    const one = mdb.find(
      ({ grp, port, vid }) => grp === entry.group && port === NAMES[entry.port] && vid === entry.vlan,
    );
    expect(Math.abs((entry.timer ?? 0) - Number(one?.['timer'] ?? 0))).toBeLessThan(30);
  }
  return theirs;
}

interface Example {
  group: string;
  options: AddMdbOptions;
  /** What bridge has in the place of the options. */
  words: string;
  needs?: Capability;
}

const EXAMPLES: readonly Example[] = [
  { group: '239.1.1.1', options: { port: 'v0' }, words: 'port v0 grp 239.1.1.1 permanent' },
  { group: '239.1.1.1', options: { port: 11, permanent: false }, words: 'port v0 grp 239.1.1.1 temp' },
  { group: 'ff15::1', options: { port: 'v0' }, words: 'port v0 grp ff15::1 permanent' },
  {
    ...{ group: '01:00:5e:00:00:09', options: { port: 'v0' } },
    words: 'port v0 grp 01:00:5e:00:00:09 permanent',
    needs: 'multicast groups of bridges by MAC address',
  },
  {
    ...{ group: '239.1.1.1', options: { port: 'v0', source: '10.0.0.1' } },
    words: 'port v0 grp 239.1.1.1 src 10.0.0.1 permanent',
  },
  {
    ...{ group: 'ff15::1', options: { port: 'v0', source: 'fd00::1', permanent: false } },
    words: 'port v0 grp ff15::1 src fd00::1 temp',
  },
  { group: '239.1.1.1', options: {}, words: 'port br0 grp 239.1.1.1 temp' },
];

describe('addMdb, removeMdb, listMdb, listMulticastRouters', () => {
  for (const { group, options, words, needs } of EXAMPLES) {
    testWith(needs, words, async () => {
      await using ours = await scene();
      await using theirs = await scene();
      await addMdb(ours, 'br0', group, options);
      await run(theirs, 'bridge', 'mdb', 'add', 'dev', 'br0', ...words.split(' '));
      const after = await shown(ours);
      expect(after).toHaveLength(1);
      expect(await shown(theirs)).toEqual(after);

      // what was listed can be removed, and added again
      const [entry] = await listMdb(theirs);
      await removeMdb(theirs, entry!.bridge, entry!.group, entry);
      expect(await shown(theirs)).toEqual([]);
      await addMdb(theirs, entry!.bridge, entry!.group, entry);
      expect(await shown(theirs)).toEqual(after);
      const { source } = options;
      await removeMdb(ours, 'br0', group, {
        ...(options.port !== undefined && { port: options.port }),
        ...(source !== undefined && { source }),
      });
      expect(await shown(ours)).toEqual([]);
    });
  }

  testWith(FILTER, 'the groups of VLANs', async () => {
    await using red = await scene(
      'ip link set br0 type bridge vlan_filtering 1\nbridge vlan add vid 7 dev v0',
    );
    await addMdb(red, 'br0', '239.1.1.1', { port: 'v0', vlan: 7 });
    await shown(red);
    expect((await listMdb(red)).map(({ vlan }) => vlan)).toEqual([7]);
    await addMdb(red, 'br0', '239.1.1.2', { port: 'v0' });
    expect((await shown(red)).length).toBe(3);
    await removeMdb(red, 'br0', '239.1.1.1', { port: 'v0', vlan: 7 });
    await removeMdb(red, 'br0', '239.1.1.2', { port: 'v0' });
    expect(await shown(red)).toEqual([]);
  });

  test('what is there already, and what is not', async () => {
    await using red = await scene();
    await addMdb(red, 'br0', '239.1.1.1', { port: 'v0' });
    const again = failure(addMdb(red, 'br0', '239.1.1.1', { port: 'v0' }));
    expect(await again).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
    await addMdb(red, 'br0', '239.1.1.1', { port: 'v0', ifExists: 'ignore' });
    const missing = await failure(removeMdb(red, 'br0', '239.1.1.2', { port: 'v0' }));
    expect(missing).toMatchObject({ name: 'NetlinkError' });
    expect(['ENOENT', 'EINVAL']).toContain(missing.code);
    expect(missing.message).toMatch(/no such group|does not have this group/);
    await removeMdb(red, 'br0', '239.1.1.2', { port: 'v0', ifMissing: 'ignore' });
    // 5.10 does not look whether the port is one of the bridge
    const noPort = failure(removeMdb(red, 'br0', '239.1.1.1', { port: 'v1' }));
    expect(await noPort).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    expect(await shown(red)).toHaveLength(1);
  });

  test('ports that lead to multicast routers, and groups of one bridge', async () => {
    await using red = await scene('ip link add br1 index 20 type bridge\nip link set br1 up');
    expect(await listMulticastRouters(red)).toEqual([]);
    await run(red, 'ip', 'link', 'set', 'v0', 'type', 'bridge_slave', 'mcast_router', '2');
    const routers = ({ port, type, timer }: MulticastRouter) => ({ port: NAMES[port], type, timer });
    const { router } = await read(red);
    expect(router['br0']).toHaveLength(1);
    expect((await listMulticastRouters(red, { bridge: 'br0' })).map(routers)).toEqual(
      router['br0']!.map(({ port, type, timer }) => ({ port, type, timer: Number(timer) })),
    );
    expect(await listMulticastRouters(red, { bridge: 'br1' })).toEqual([]);
    await addMdb(red, 'br0', '239.1.1.1', { port: 'v0' });
    await addMdb(red, 'br1', '239.1.1.1');
    expect((await listMdb(red, { bridge: 20 })).map(({ port }) => port)).toEqual([20]);
    expect((await listMdb(red, { bridge: 'br0' })).map(({ port }) => port)).toEqual([11]);
    await shown(red);
  });

  for (const filterMode of ['include', 'exclude'] as const) {
    test(`a group with sources to ${filterMode}`, async () => {
      await using red = await scene();
      const sources = [{ address: '10.0.0.5' }, { address: '10.0.0.6' }];
      const options = { port: 'v0', filterMode, sources };
      const error = await addMdb(red, 'br0', '239.1.1.1', options).catch((reason: unknown) => reason);
      if (error !== undefined) {
        // a kernel before 6.3
        expect(error).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
        expect((error as Error).message).toContain('takes no filterMode and sources');
        expect(await shown(red)).toEqual([]);
        return;
      }
      const before = await shown(red);
      // the group, and an entry for each source
      expect(before).toHaveLength(3);
      const listed = await listMdb(red);
      const group = listed.find(({ source }) => source === undefined)!;
      expect(group).toMatchObject({ filterMode });
      expect(group.sources?.map(({ address }) => address).sort()).toEqual(['10.0.0.5', '10.0.0.6']);
      for (const entry of listed) await removeMdb(red, 'br0', entry.group, { ...entry, ifMissing: 'ignore' });
      expect(await shown(red)).toEqual([]);
      for (const entry of listed) await addMdb(red, 'br0', entry.group, { ...entry, ifExists: 'ignore' });
      expect(await shown(red)).toEqual(before);
      await removeMdb(red, 'br0', group.group, group);
      await addMdb(red, 'br0', group.group, group);
      expect(await shown(red)).toEqual(before);
    });
  }

  test('refusals', async () => {
    await using red = await scene();
    const ENODEV = { code: 'ENODEV', message: expect.stringContaining('there is no such device') as string };
    expect(await failure(addMdb(red, 'br9', '239.1.1.1'))).toMatchObject(ENODEV);
    expect(await failure(addMdb(red, 'br0', '239.1.1.1', { port: 'v9' }))).toMatchObject(ENODEV);
    expect(await failure(removeMdb(red, 'br9', '239.1.1.1'))).toMatchObject(ENODEV);
    expect(await failure(listMdb(red, { bridge: 'br9' }))).toMatchObject(ENODEV);
    const EINVAL = { name: 'NetlinkError', code: 'EINVAL' };
    expect(await failure(addMdb(red, 'br0', '239.1.1.1', { port: 'v1' }))).toMatchObject(EINVAL);
    const unicast = await failure(addMdb(red, 'br0', '10.0.0.1', { port: 'v0' }));
    expect(unicast).toMatchObject(EINVAL);
    // 5.10 has no sentence
    expect(unicast.message).toMatch(
      /address is not multicast( or 0\.0\.0\.0)?$|the group is no multicast address, /,
    );
    expect((await failure(addMdb(red, 'br0', 'x'))).message).toMatch(/^group: expected an address/);
    const source = failure(addMdb(red, 'br0', '239.1.1.1', { port: 'v0', source: 'x' }));
    expect((await source).message).toMatch(/^source: expected an address/);
    const both = { port: 'v0', source: '10.0.0.1', sources: [{ address: '10.0.0.2' }] };
    expect((await failure(addMdb(red, 'br0', '239.1.1.1', both))).message).toMatch(
      /^sources: they do not go/,
    );
    const wrong = { port: 'v0', filterMode: 'include', sources: [{ address: 'x' }] } as const;
    const address = await failure(addMdb(red, 'br0', '239.1.1.1', wrong));
    expect(address.message).toMatch(/^sources\[0\]\.address: expected an address/);
    expect(await shown(red)).toEqual([]);
  });
});
