// Next hop objects, field by field: what `ip` adds is listed, and what is added, `ip` prints.
import {
  addNexthop,
  addRoute,
  type AddNexthopOptions,
  createNetns,
  getNexthop,
  getRoute,
  listNexthops,
  listRoutes,
  type Netns,
  type Nexthop,
  removeNexthop,
  removeRoute,
} from '../../../lib';
import { failure, ip, type Json, run } from '../../support/ip';
import { testWith } from '../../support/capabilities';
import { subnets } from '../../support/namespaces';

/** The next hops that the others are made of. */
async function lab(): Promise<Netns> {
  const red = await subnets();
  // the device of a black hole
  await run(red, 'ip', 'link', 'set', 'lo', 'up');
  await run(red, 'ip', 'nexthop', 'add', 'id', '1', 'via', '10.0.0.9', 'dev', 'eth0');
  await run(red, 'ip', 'nexthop', 'add', 'id', '2', 'via', '10.1.0.9', 'dev', 'eth1');
  return red;
}

/** A next hop of ours in the words of `ip -j -d nexthop`, but for its encapsulation, which is in bytes. */
function inWordsOfIp(one: Nexthop, names: ReadonlyMap<unknown, unknown>): Json {
  const { resilient } = one;
  return {
    id: one.id,
    gateway: one.via,
    dev: names.get(one.index),
    group: one.group?.map(({ id, weight }) => (weight === 1 ? { id } : { id, weight })),
    ...(resilient !== undefined && {
      type: 'resilient',
      resilient_args: {
        buckets: resilient.buckets,
        idle_timer: resilient.idleTimer,
        unbalanced_timer: resilient.unbalancedTimer,
        unbalanced_time: resilient.unbalancedTime,
      },
    }),
    scope: one.scope,
    protocol: String(one.protocol),
    flags: one.flags,
    ...(one.blackhole && { blackhole: null }),
    ...(one.fdb && { fdb: null }),
  };
}

const NEXTHOPS: [options: AddNexthopOptions, words: string][] = [
  [{ via: '10.0.0.7', device: 'eth0' }, 'via 10.0.0.7 dev eth0'],
  [{ device: 'eth1' }, 'dev eth1'],
  [{ device: 'eth1', family: 6 }, '-6 dev eth1'],
  [{ via: 'fd00::7', device: 'eth0', protocol: 'static' }, 'via fd00::7 dev eth0 proto static'],
  [{ via: 'fe80::7%eth1' }, 'via fe80::7 dev eth1'],
  [{ via: '10.99.0.1', device: 'eth1', onlink: true }, 'via 10.99.0.1 dev eth1 onlink'],
  [{ blackhole: true }, 'blackhole'],
  [{ blackhole: true, family: 6 }, '-6 blackhole'],
  [{ via: '10.0.0.7', fdb: true }, 'via 10.0.0.7 fdb'],
  [{ group: [{ id: 1 }, { id: 2 }] }, 'group 1/2'],
  [
    {
      group: [
        { id: 1, weight: 5 },
        { id: 2, weight: 255 },
      ],
      protocol: 77,
    },
    'group 1,5/2,255 proto 77',
  ],
];

const RESILIENT: typeof NEXTHOPS = [
  [{ group: [{ id: 1 }, { id: 2 }], resilient: { buckets: 32 } }, 'group 1/2 type resilient buckets 32'],
  [
    {
      group: [{ id: 1, weight: 3 }, { id: 2 }],
      resilient: { buckets: 16, idleTimer: 60, unbalancedTimer: 300 },
    },
    'group 1,3/2 type resilient buckets 16 idle_timer 60 unbalanced_timer 300',
  ],
];

async function add(netns: Netns, words: string): Promise<void> {
  const [first = '', ...rest] = words.split(' ');
  const family = first.startsWith('-') ? [first] : [];
  const args = first.startsWith('-') ? rest : [first, ...rest];
  await run(netns, 'ip', ...family, 'nexthop', 'add', 'id', '7', ...args);
}

/** What `ip` prints of one, but for how long the buckets of a group have been uneven, which is a clock. */
const text = async (netns: Netns) =>
  (await run(netns, 'ip', '-d', 'nexthop')).replace(/unbalanced_time \S+/, 'unbalanced_time');

async function writtenAndRead(options: AddNexthopOptions, words: string): Promise<void> {
  await using red = await lab();
  const names = new Map((await ip(red, 'link')).map(({ ifindex, ifname }) => [ifindex, ifname]));
  const before = await text(red);
  await add(red, words);
  const theirs = await text(red);
  const listed = await getNexthop(red, 7);
  expect(listed.unknown).toBeUndefined();
  const [shown] = (await ip(red, 'nexthop')).filter(({ id }) => id === 7);
  expect(inWordsOfIp(listed, names)).toEqual(shown);
  expect(await listNexthops(red)).toContainEqual(listed);
  for (const again of [listed, { ...options, id: 7 }]) {
    await removeNexthop(red, 7);
    expect(await text(red)).toBe(before);
    expect(await addNexthop(red, again)).toBe(7);
    expect(await text(red)).toBe(theirs);
    expect(await getNexthop(red, 7)).toEqual(listed);
  }
}

describe('addNexthop, removeNexthop, getNexthop, listNexthops', () => {
  test.each(NEXTHOPS)('%p', writtenAndRead);

  for (const row of RESILIENT) {
    testWith('resilient groups of next hops', JSON.stringify(row), async () => writtenAndRead(...row));
  }

  test('one whose packets are wrapped', async () => {
    await using red = await lab();
    await add(red, 'encap ip id 5 dst 10.0.0.7 via 10.0.0.7 dev eth0');
    const theirs = await text(red);
    const listed = await getNexthop(red, 7);
    expect(listed.encap).toEqual({ type: 'ip', id: 5, dst: '10.0.0.7' });
    await removeNexthop(red, 7);
    await addNexthop(red, listed);
    expect(await text(red)).toBe(theirs);
  });

  test('the number is one that is free', async () => {
    await using red = await lab();
    const id = await addNexthop(red, { blackhole: true });
    expect(id).toBeGreaterThan(2);
    const shown = await ip(red, 'nexthop');
    expect(shown.filter((one) => 'blackhole' in one).map((one) => one['id'])).toEqual([id]);
    expect(await addNexthop(red, { id: 4294967295, blackhole: true })).toBe(4294967295);
  });

  test('replacing changes the way of all routes', async () => {
    await using red = await lab();
    await addRoute(red, { to: '10.7.0.0/16', nexthopId: 1 });
    await addNexthop(red, { id: 1, via: '10.1.0.7', device: 'eth1', ifExists: 'replace' });
    expect((await getRoute(red, '10.7.0.1')).via).toBe('10.1.0.7');
    expect((await ip(red, 'route', 'get', '10.7.0.1'))[0]).toMatchObject({
      gateway: '10.1.0.7',
      dev: 'eth1',
    });
    await addNexthop(red, { id: 3, via: '10.1.0.7', device: 'eth1', ifExists: 'replace' });
    const before = await text(red);
    await addNexthop(red, { id: 1, blackhole: true, ifExists: 'ignore' });
    expect(await text(red)).toBe(before);
  });

  test('a next hop that is removed takes its routes and its place in groups along', async () => {
    await using red = await lab();
    await addNexthop(red, { id: 7, group: [{ id: 1 }, { id: 2, weight: 3 }] });
    await addRoute(red, { to: '10.7.0.0/16', nexthopId: 7 });
    await removeNexthop(red, 1);
    expect((await getNexthop(red, 7)).group).toEqual([{ id: 2, weight: 3 }]);
    await removeNexthop(red, 2);
    expect(await listNexthops(red)).toEqual([]);
    expect(await ip(red, 'route', 'show', '10.7.0.0/16')).toEqual([]);
  });

  test('a weight above 256 is kept, or refused by kernels before 6.12', async () => {
    await using red = await lab();
    const refused = await addNexthop(red, { id: 7, group: [{ id: 1, weight: 300 }] }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused === undefined) {
      expect((await getNexthop(red, 7)).group).toEqual([{ id: 1, weight: 300 }]);
    } else {
      expect(refused).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
      expect((refused as Error).message).toMatch(/: weights above 256 need Linux 6\.12$/);
      expect((await ip(red, 'nexthop')).map(({ id }) => id)).not.toContain(7);
    }
  });

  test('the packets of a group are counted, by its members', async () => {
    await using red = await lab();
    await addNexthop(red, { id: 7, group: [{ id: 1, weight: 3 }, { id: 2 }], hardwareStats: false });
    await addRoute(red, { to: '10.7.0.0/16', nexthopId: 7 });
    const counted = await getNexthop(red, 7, { stats: true }).catch((error: unknown) => error as Error);
    if (counted instanceof Error) {
      const reason = "the kernel counts no packets of next hops, which came with Linux 6.9: option 'stats'";
      for (const attempt of [getNexthop(red, 7, { stats: true }), listNexthops(red, { stats: true })]) {
        expect((await failure(attempt)).message).toMatch(new RegExp(`^EINVAL: .*${reason}$`));
      }
      expect((await getNexthop(red, 7)).group).toEqual([
        { id: 1, weight: 3 },
        { id: 2, weight: 1 },
      ]);
      return;
    }
    expect(counted.group).toEqual([
      { id: 1, weight: 3, packets: 0 },
      { id: 2, weight: 1, packets: 0 },
    ]);
    // each question for the way of a packet chooses one
    const ways = new Map<unknown, number>();
    for (let i = 1; i <= 20; i++) {
      const [{ dev } = {}] = await ip(red, 'route', 'get', `10.7.0.${i}`);
      ways.set(dev, (ways.get(dev) ?? 0) + 1);
    }
    const [member, other] = (await getNexthop(red, 7, { stats: true })).group ?? [];
    expect([member?.packets, other?.packets]).toEqual([ways.get('eth0') ?? 0, ways.get('eth1') ?? 0]);
    const listed = (await listNexthops(red, { stats: true })).find(({ id }) => id === 7);
    expect(listed?.group).toEqual([member, other]);
    // without being asked for it, the kernel says nothing; what was listed can be added again
    expect((await getNexthop(red, 7)).group?.[0]).toEqual({ id: 1, weight: 3 });
    await removeNexthop(red, 7);
    await addNexthop(red, listed!);
    expect((await getNexthop(red, 7, { stats: true })).group).toEqual(counted.group);
    await addNexthop(red, { id: 8, group: [{ id: 1 }], hardwareStats: true });
    expect(await getNexthop(red, 8, { stats: true })).toMatchObject({
      hardwareStats: true,
      group: [{ id: 1, weight: 1, packets: 0, hardwarePackets: 0 }],
    });
    expect((await getNexthop(red, 8)).unknown).toBeUndefined();
  });

  test('routes of IPv4 by a next hop of IPv6', async () => {
    await using red = await lab();
    await addNexthop(red, { id: 7, via: 'fe80::1', device: 'eth0' });
    await addRoute(red, { to: '10.7.0.0/16', nexthopId: 7 });
    const [shown] = await ip(red, 'route', 'show', '10.7.0.0/16');
    expect(shown).toMatchObject({ nhid: 7, via: { family: 'inet6', host: 'fe80::1' }, dev: 'eth0' });
    const [listed] = await listRoutes(red, { to: '10.7.0.0/16' });
    expect(listed).toMatchObject({ family: 4, nexthopId: 7, via: 'fe80::1' });
    await removeRoute(red, listed!);
    expect(await ip(red, 'route', 'show', '10.7.0.0/16')).toEqual([]);
  });

  test('those that are asked for', async () => {
    await using red = await lab();
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await run(red, 'ip', 'link', 'set', 'eth1', 'master', 'br0');
    await add(red, 'group 1/2 proto static');
    await run(red, 'ip', '-6', 'nexthop', 'add', 'id', '8', 'via', 'fd00::9', 'dev', 'eth0');
    await run(red, 'ip', 'nexthop', 'add', 'id', '9', 'via', '10.0.0.7', 'fdb');
    const told = async (...words: string[]) => (await ip(red, ...words)).map(({ id }) => id);
    const ids = async (options?: Parameters<typeof listNexthops>[1]) =>
      (await listNexthops(red, options)).map(({ id }) => id);
    expect(await ids()).toEqual(await told('nexthop'));
    expect(await ids({ device: 'eth0' })).toEqual(await told('nexthop', 'show', 'dev', 'eth0'));
    expect(await ids({ master: 'br0' })).toEqual(await told('nexthop', 'show', 'master', 'br0'));
    expect(await ids({ groups: true })).toEqual(await told('nexthop', 'show', 'groups'));
    // of which the kernel lists all, and ip, too (6.18)
    expect(await ids({ fdb: true })).toEqual([9]);
    expect(await ids({ family: 6 })).toEqual(await told('-6', 'nexthop'));
    expect(await ids({ protocol: 'static' })).toEqual(await told('nexthop', 'show', 'proto', '4'));
    expect(await ids({ protocol: 4 })).toEqual([7]);
    expect(await ids({ device: 'eth1' })).toEqual([2]);
  });

  test('what is there already, or not there', async () => {
    await using red = await lab();
    expect(await failure(addNexthop(red, { id: 1, blackhole: true }))).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      message: 'EEXIST: add next hop 1 in namespace red: there is a next hop of this number already',
    });
    expect(await failure(removeNexthop(red, 77))).toMatchObject({
      name: 'NetlinkError',
      code: 'ENOENT',
      message: 'ENOENT: remove next hop 77 in namespace red: there is no next hop of this number',
    });
    await removeNexthop(red, 77, { ifMissing: 'ignore' });
    expect(await failure(getNexthop(red, 77))).toMatchObject({ code: 'ENOENT' });
    expect(await failure(addNexthop(red, { via: '10.9.0.1', device: 'eth0' }))).toMatchObject({
      name: 'NetlinkError',
      code: 'ENETUNREACH',
    });
    expect(await failure(addNexthop(red, { device: 'nosuch' }))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(listNexthops(red, { master: 'nosuch' }))).toMatchObject({
      code: 'ENODEV',
      message: 'ENODEV: find master nosuch in namespace red: there is no such device',
    });
    const error = await failure(addNexthop(red, { group: [{ id: 77 }] }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    await run(red, 'ip', 'link', 'set', 'lo', 'down');
    expect((await failure(addNexthop(red, { blackhole: true }))).message).toMatch(
      /lo is the device of a black hole$/,
    );
    expect((await listNexthops(red)).map(({ id }) => id)).toEqual([1, 2]);
  });

  test.each<[object, string]>([
    [{}, "options: expected 'via', 'device', 'blackhole' or 'group'"],
    [{ id: 0, blackhole: true }, 'id: expected an integer from 1 to 4294967295, got 0'],
    [{ via: 'fe80::1' }, 'via: a link-local gateway needs its device'],
    [{ via: '10.0.0.9', family: 6 }, 'family: the gateway is IPv4, got 6'],
    [{ group: [] }, 'group: expected at least one'],
    [{ blackhole: true, hardwareStats: true }, "hardwareStats: it needs the option 'group'"],
    [{ group: [{}] }, 'group[0].id: it has to be given'],
    [{ group: [{ id: 1, weight: 0 }] }, 'group[0].weight: expected an integer from 1 to 65536, got 0'],
    [{ blackhole: true, resilient: {} }, "resilient: it needs the option 'group'"],
    [{ group: [{ id: 1 }], resilient: { buckets: 0 } }, 'resilient.buckets: expected an integer from 1'],
    [{ group: [{ id: 1 }], resilient: { idleTimer: -1 } }, 'resilient.idleTimer: expected seconds'],
    [{ blackhole: true, unknown: { 31: '0x' } }, 'unknown: the nexthop has attributes that no option'],
  ])('%p is refused', async (options, message) => {
    await using red = await createNetns();
    expect((await failure(addNexthop(red, options))).message).toContain(message);
    expect(await listNexthops(red)).toEqual([]);
  });
});
