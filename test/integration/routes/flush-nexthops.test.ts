// Next hop objects that are flushed by ours and by `ip`, and the buckets of resilient groups, as `ip` lists them.
import {
  addNexthop,
  addRoute,
  createNetns,
  flushNexthops,
  listNexthopBuckets,
  type ListNexthopBucketsOptions,
  type ListNexthopsOptions,
  type Netns,
} from '../../../lib';
import { kernelHas, testWith } from '../../support/capabilities';
import { failure, ip, type Json, run, until } from '../../support/ip';

const RESILIENT = 'resilient groups of next hops';

/** Next hops by two devices, one of them the port of a bridge, with routes by some. */
async function lab(): Promise<Netns> {
  const red = await createNetns();
  const script = `
    ip link set lo up
    ip link add eth0 index 11 type veth peer name peer0 index 12
    ip link add eth1 index 13 type veth peer name peer1 index 14
    for device in eth0 peer0 eth1 peer1; do ip link set $device up; done
    ip addr add 10.0.0.1/24 dev eth0
    ip addr add fd00::1/64 dev eth0 nodad
    ip addr add 10.1.0.1/24 dev eth1
    ip link add br0 index 10 type bridge
    ip link set eth1 master br0
    ip nexthop add id 1 via 10.0.0.9 dev eth0
    ip nexthop add id 2 via 10.1.0.9 dev eth1 proto static
    ip nexthop add id 3 group 1/2 proto 77
    ip nexthop add id 4 group 1
    ip -6 nexthop add id 5 via fd00::9 dev eth0
    ip nexthop add id 6 via 10.0.0.7 fdb
    ip nexthop add id 7 blackhole proto static
    ip route add 10.7.0.0/16 nhid 3
    ip route add 10.8.0.0/16 nhid 7`;
  await run(red, 'sh', '-euc', script);
  return red;
}

const state = async (netns: Netns) => ({
  nexthops: await ip(netns, 'nexthop'),
  routes: await ip(netns, 'route', 'show', 'proto', 'boot'),
});

const FLUSHES: readonly [filter: ListNexthopsOptions, words: string, flushed: number][] = [
  [{ protocol: 'static' }, 'proto 4', 2],
  [{ protocol: 77 }, 'proto 77', 1],
  [{ device: 'eth0' }, 'dev eth0', 2],
  [{ master: 'br0' }, 'master br0', 1],
  [{ groups: true }, 'groups', 2],
  [{ protocol: 'static', device: 'eth1' }, 'proto 4 dev eth1', 1],
  [{ protocol: 99 }, 'proto 99', 0],
];

/** Buckets of ours in the words of `ip -j nexthop bucket`, but for the time, which is a clock. */
const ours = async (netns: Netns, options?: ListNexthopBucketsOptions) =>
  (await listNexthopBuckets(netns, options)).map(({ group, bucket, nexthopId }) => ({
    id: group,
    bucket: { index: bucket, nhid: nexthopId },
  }));

const theirs = async (netns: Netns, ...words: string[]) =>
  (await ip(netns, 'nexthop', 'bucket', 'show', ...words)).map(({ id, bucket }) => {
    const { index, nhid, idle_time, ...unknown } = bucket as Json;
    expect({ idle_time, unknown }).toEqual({ idle_time: expect.any(Number) as number, unknown: {} });
    return { id, bucket: { index, nhid } };
  });

describe('flushNexthops, listNexthopBuckets', () => {
  test.each(FLUSHES)('flush %p as ip does: %s', async (filter, words, flushed) => {
    await using one = await lab();
    await using other = await lab();
    const before = await state(one);
    expect(before.routes).toHaveLength(2);
    expect(await flushNexthops(one, filter)).toBe(flushed);
    await run(other, 'ip', 'nexthop', 'flush', ...words.split(' '));
    const after = await state(one);
    expect(after).toEqual(await state(other));
    if (flushed > 0) expect(after).not.toEqual(before);
  });

  test('those for forwarding tables, instead of which ip flushes all, and those of IPv6', async () => {
    await using red = await lab();
    expect(await flushNexthops(red, { fdb: true })).toBe(1);
    expect((await ip(red, 'nexthop')).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 7]);
    expect(await flushNexthops(red, { family: 6 })).toBe(1);
    expect((await ip(red, 'nexthop')).map(({ id }) => id)).toEqual([1, 2, 3, 4, 7]);
  });

  test('a filter that chooses nothing in particular, or no device, is refused', async () => {
    await using red = await lab();
    const before = await state(red);
    for (const filter of [{}, { protocol: undefined }, { groups: false, fdb: false }]) {
      expect(await failure(flushNexthops(red, filter as ListNexthopsOptions))).toMatchObject({
        name: 'TypeError',
        message: "filter: expected what the next hops have, such as { protocol: 'static' }",
      });
    }
    expect(await failure(flushNexthops(red, { device: 'nosuch' }))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(flushNexthops(red, { master: 'nosuch' }))).toMatchObject({ code: 'ENODEV' });
    expect(await state(red)).toEqual(before);
  });

  testWith(RESILIENT, 'buckets are those that ip lists', async () => {
    await using red = await lab();
    await addNexthop(red, { id: 10, group: [{ id: 1, weight: 3 }, { id: 2 }], resilient: { buckets: 8 } });
    await addNexthop(red, { id: 11, group: [{ id: 2 }], resilient: { buckets: 4 } });
    await addRoute(red, { to: '10.9.0.0/16', nexthopId: 10 });
    for (const [options, words, count] of [
      [{}, '', 12],
      [{ group: 10 }, 'id 10', 8],
      [{ nexthopId: 2 }, 'nhid 2', 6],
      [{ group: 10, nexthopId: 1 }, 'id 10 nhid 1', 6],
      [{ device: 'eth1' }, 'dev eth1', 6],
      [{ master: 'br0' }, 'master br0', 6],
    ] as const) {
      const listed = await ours(red, options);
      expect(listed).toEqual(await theirs(red, ...words.split(' ').filter(Boolean)));
      expect(listed).toHaveLength(count);
    }
  });

  testWith(RESILIENT, 'the time since a packet went that way is in seconds', async () => {
    await using red = await lab();
    await addNexthop(red, { id: 10, group: [{ id: 1 }], resilient: { buckets: 1 } });
    const seconds = async () => {
      const [{ bucket } = {}] = await ip(red, 'nexthop', 'bucket');
      return Number((bucket as Json)['idle_time']);
    };
    await until(async () => (await seconds()) > 0);
    // between the two that ip reports
    const before = await seconds();
    const [{ idleTime } = { idleTime: -1 }] = await listNexthopBuckets(red);
    const after = await seconds();
    expect(idleTime).toBeGreaterThanOrEqual(before);
    expect(idleTime).toBeLessThanOrEqual(after);
  });

  testWith(RESILIENT, 'buckets of what is no such group, or not there', async () => {
    await using red = await lab();
    expect(await listNexthopBuckets(red)).toEqual([]);
    expect(await failure(listNexthopBuckets(red, { group: 77 }))).toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('there is no next hop of this number') as string,
    });
    expect(await failure(listNexthopBuckets(red, { group: 4 }))).toMatchObject({
      code: 'EINVAL',
      message: expect.stringContaining('the next hop is no resilient group') as string,
    });
    expect(await failure(listNexthopBuckets(red, { device: 'nosuch' }))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(listNexthopBuckets(red, { master: 'nosuch' }))).toMatchObject({ code: 'ENODEV' });
  });

  test('a kernel without resilient groups says so', async () => {
    await using red = await createNetns();
    if (kernelHas(RESILIENT)) return;
    expect(await failure(listNexthopBuckets(red))).toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringContaining('resilient groups need Linux 5.13') as string,
    });
  });
});
