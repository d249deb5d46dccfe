// The networks of a vxlan, given by addVni and by bridge: bridge shows both alike, and what it shows is what listVnis returns.
import {
  addVni,
  type AddVniOptions,
  createLink,
  createNetns,
  listVnis,
  type Netns,
  removeVni,
  type Vni,
  type VniRange,
} from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';

const NETWORKS = 'vxlans filter networks';

async function scene(): Promise<Netns> {
  const netns = await createNetns();
  const script = `
    ip link add v0 index 11 type veth peer name v1 index 12
    ip link add vx0 index 20 type vxlan external vnifilter dstport 4789 dev v0
    ip link add vx1 index 21 type vxlan id 7 dstport 4790
  `;
  await run(netns, 'sh', '-euc', script);
  return netns;
}

async function shown(netns: Netns, ...flags: string[]): Promise<Json[]> {
  const list = JSON.parse(await run(netns, 'bridge', '-j', ...flags, 'vni', 'show')) as Json[];
  return list.flatMap(({ vnis }) => vnis as Json[]);
}

/** The same of what listVnis returns. */
function asShown({ vni, remote, statistics: counted }: Vni): Json {
  const { from, to } = typeof vni === 'number' ? { from: vni, to: undefined } : vni;
  const isGroup = remote !== undefined && /^(2[23]\d\.|ff)/.test(remote);
  return {
    vni: from,
    ...(to !== undefined && { vniEnd: to }),
    ...(remote !== undefined && { [isGroup ? 'group' : 'remote']: remote }),
    ...(counted && {
      stats: {
        ...{ rx_bytes: counted.rxBytes, rx_pkts: counted.rxPackets, rx_drops: counted.rxDrops },
        ...{ rx_errors: counted.rxErrors, tx_bytes: counted.txBytes, tx_pkts: counted.txPackets },
        ...{ tx_drops: counted.txDrops, tx_errors: counted.txErrors },
      },
    }),
  };
}

interface Example {
  vni: number | VniRange;
  options?: AddVniOptions;
  words: string;
}

const EXAMPLES: readonly Example[] = [
  { vni: 100, words: 'vni 100' },
  { vni: 0xffffff, words: 'vni 16777215' },
  { vni: { from: 100, to: 109 }, words: 'vni 100-109' },
  { vni: 100, options: { remote: '10.0.0.9' }, words: 'vni 100 remote 10.0.0.9' },
  { vni: { from: 7, to: 8 }, options: { remote: '239.1.1.1' }, words: 'vni 7-8 group 239.1.1.1' },
];

describe('addVni, removeVni, listVnis', () => {
  for (const { vni, options, words } of EXAMPLES) {
    testWith(NETWORKS, words, async () => {
      await using ours = await scene();
      await using theirs = await scene();
      await addVni(ours, 'vx0', vni, options);
      await run(theirs, 'bridge', 'vni', 'add', 'dev', 'vx0', ...words.split(' '));
      const after = await shown(ours);
      expect(after).toHaveLength(1);
      expect(after).toEqual(await shown(theirs));
      const listed = await listVnis(theirs);
      expect(listed).toEqual([{ index: 20, vni, ...options }]);
      expect(listed.map(asShown)).toEqual(after);
      const counted = await listVnis(theirs, { device: 'vx0', statistics: true });
      expect(counted.map(asShown)).toEqual(await shown(theirs, '-s'));

      // what was listed can be removed, and added again
      for (const one of listed) await removeVni(theirs, one.index, one.vni, one);
      expect(await shown(theirs)).toEqual([]);
      expect(await listVnis(theirs)).toEqual([]);
      for (const one of listed) await addVni(theirs, one.index, one.vni, one);
      expect(await shown(theirs)).toEqual(after);
    });
  }

  testWith(NETWORKS, 'where there is no such device or network, and where it is none', async () => {
    await using red = await scene();
    expect(await failure(addVni(red, 'vx9', 1))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(addVni(red, 'v0', 1))).toMatchObject({ code: 'EINVAL' });
    expect(await failure(addVni(red, 'vx1', 1))).toMatchObject({ code: 'EOPNOTSUPP' });
    expect(await failure(listVnis(red, { device: 'vx9' }))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(removeVni(red, 'vx0', 1))).toMatchObject({ code: 'ENOENT' });
    await removeVni(red, 'vx0', 1, { ifMissing: 'ignore' });
    expect(await listVnis(red, { device: 'vx1' })).toEqual([]);
    const backwards = addVni(red, 'vx0', { from: 5, to: 4 });
    expect(await failure(backwards)).toMatchObject({ name: 'RangeError' });
  });

  test('a kernel before 5.18', async () => {
    await using red = await createNetns();
    expect(await listVnis(red)).toEqual([]);
    if (kernelHas(NETWORKS)) return;
    await createLink(red, { kind: 'vxlan', name: 'vx0', id: 42, port: 4789 });
    expect(await failure(addVni(red, 'vx0', 1))).toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringContaining('5.18') as string,
    });
  });
});
