// Each thing that an entry can have, written by addNeighbor and by ip, and read by both.
import {
  addNeighbor,
  type AddNeighborOptions,
  createNetns,
  enslaveLink,
  flushNeighbors,
  getNeighbor,
  listNeighbors,
  type Neighbor,
  type NeighborFilter,
  type Netns,
  removeNeighbor,
  watch,
} from '../../../lib';
import { failure, ip, type Json, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';

const mac = '02:00:00:00:00:09';

const named = (value: unknown) => (/^\d+$/.test(String(value)) ? Number(value) : value);
const FLAGS = ['router', 'proxy', 'extern_learn', 'managed', 'offload', 'locked'];

/** The device of an entry is its index to us, which the tests compare by the filter; ages go on between two looks. */
const READ = new Set([
  ...['dst', 'dev', 'lladdr', 'state', 'protocol', 'used', 'confirmed', 'updated', 'probes', 'refcnt'],
  ...FLAGS,
]);

/** An entry of `ip -d -s -j neigh` in the words of listNeighbors. */
function inOurWords(shown: Json): Json {
  expect(Object.keys(shown).filter((name) => !READ.has(name))).toEqual([]);
  const { dst, lladdr, state = ['NONE'], protocol, probes, refcnt } = shown;
  return {
    address: dst,
    mac: lladdr,
    state: (state as string[])[0]?.toLowerCase(),
    flags: FLAGS.filter((name) => name in shown).sort(),
    protocol: protocol === undefined ? undefined : named(protocol),
    statistics: probes === undefined ? undefined : { probes, references: refcnt ?? 0 },
  };
}

function comparable({ address, mac, state, flags, protocol, statistics }: Neighbor): Json {
  const { probes, references } = statistics ?? {};
  return {
    ...{ address, mac, state, flags: [...flags].sort(), protocol },
    statistics: statistics && { probes, references },
  };
}

const byAddress = (one: Json, other: Json) =>
  String(one['address']).localeCompare(other['address'] as string);

async function shown(netns: Netns, words = ''): Promise<Json[]> {
  const list = await ip(netns, '-s', ...`neigh show ${words}`.trim().split(' '));
  return list.map(inOurWords).sort(byAddress);
}

async function listed(netns: Netns, filter: NeighborFilter = {}): Promise<Json[]> {
  return (await listNeighbors(netns, { ...filter, statistics: true })).map(comparable).sort(byAddress);
}

const EXAMPLES: readonly [address: string, options: AddNeighborOptions, words: string][] = [
  ['10.0.0.9', { mac }, `lladdr ${mac}`],
  ['10.0.0.9', { mac, state: 'stale' }, `lladdr ${mac} nud stale`],
  ['10.0.0.9', { mac, protocol: 'static' }, `lladdr ${mac} protocol static`],
  ['10.0.0.9', { mac, protocol: 200 }, `lladdr ${mac} protocol 200`],
  ['10.0.0.9', { mac, externLearn: true, state: 'reachable' }, `lladdr ${mac} extern_learn nud reachable`],
  ['10.0.0.9', { mac, flags: ['extern_learn'], state: 'stale' }, `lladdr ${mac} extern_learn nud stale`],
  ['fd00::9', { mac, router: true }, `lladdr ${mac} router`],
  ['fd00::9', { mac, flags: ['router', 'extern_learn'] }, `lladdr ${mac} router extern_learn`],
  ['10.0.0.9', { proxy: true }, 'proxy'],
  ['fd00::9', { flags: ['proxy'], protocol: 'static' }, 'proxy protocol static'],
  ['fd00::9', { proxy: true, router: true }, 'proxy router'],
];

describe('addNeighbor, getNeighbor, listNeighbors, flushNeighbors', () => {
  test.each(EXAMPLES)('%s %j', async (address, options, words) => {
    await using ours = await subnets();
    await using theirs = await subnets('blue');
    const proxy = words.includes('proxy');
    const verb = proxy ? ['proxy'] : [];
    await addNeighbor(ours, 'eth0', address, options);
    const rest = words.split(' ').filter((word) => word !== 'proxy');
    await run(theirs, 'ip', 'neigh', 'add', ...verb, address, ...rest, 'dev', 'eth0');
    const asIpSays = await shown(theirs, verb.join(' '));
    expect(asIpSays).toHaveLength(1);
    expect(await shown(ours, verb.join(' '))).toEqual(asIpSays);
    for (const netns of [ours, theirs]) {
      expect(await listed(netns, { proxy })).toEqual(asIpSays);
      expect(await listed(netns, { proxy: !proxy })).toEqual([]);
      const { statistics, ...same } = comparable(await getNeighbor(netns, 'eth0', address, { proxy }));
      const { statistics: shownStatistics, ...rest } = asIpSays[0]!;
      expect(same).toEqual(rest);
      // the question itself holds the entry
      const { references, probes } = (shownStatistics ?? {}) as Record<string, number>;
      expect(statistics).toEqual(shownStatistics && { references: references! + 1, probes });
    }
    // what was listed is added and removed
    const [entry] = await listNeighbors(theirs, { proxy, statistics: true });
    await addNeighbor(theirs, 'eth1', address, entry!);
    expect(await listed(theirs, { proxy, device: 'eth1' })).toEqual(asIpSays);
    await removeNeighbor(theirs, 'eth0', address, entry);
    await removeNeighbor(theirs, entry!.index, address, { ...entry!, ifMissing: 'ignore' });
    expect(await shown(theirs, `${verb.join(' ')} dev eth0`.trim())).toEqual([]);
    expect(
      await flushNeighbors(theirs, { proxy, ...(!proxy && { state: entry!.state }), device: 'eth1' }),
    ).toBe(1);
    expect(await shown(theirs, verb.join(' '))).toEqual([]);
  });

  test('one that the kernel asks for at once, or again and again', async () => {
    await using red = await subnets();
    await addNeighbor(red, 'eth0', '10.0.0.7', { use: true });
    await run(red, 'ip', 'neigh', 'add', '10.0.0.8', 'use', 'dev', 'eth0');
    const states = (await ip(red, 'neigh')).map(({ dst, state }) => [dst, (state as string[])[0]]);
    expect(states.sort()).toEqual([
      ['10.0.0.7', 'INCOMPLETE'],
      ['10.0.0.8', 'INCOMPLETE'],
    ]);
    await run(red, 'ip', 'neigh', 'add', '10.0.0.6', 'managed', 'dev', 'eth0').catch(() => undefined);
    const known = (await ip(red, 'neigh')).some((one) => 'managed' in one);
    if (!known) {
      const error = await failure(addNeighbor(red, 'eth0', '10.0.0.5', { managed: true }));
      expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'managed' });
      expect((await ip(red, 'neigh')).map(({ dst }) => dst)).not.toContain('10.0.0.5');
      return;
    }
    await addNeighbor(red, 'eth0', '10.0.0.5', { managed: true });
    const theirs = (await ip(red, 'neigh')).filter((one) => 'managed' in one).map(({ dst }) => dst);
    expect(theirs.sort()).toEqual(['10.0.0.5', '10.0.0.6']);
    const { flags, ...rest } = await getNeighbor(red, 'eth0', '10.0.0.5');
    expect(flags).toEqual(['managed']);
    await removeNeighbor(red, 'eth0', '10.0.0.5');
    await addNeighbor(red, 'eth0', '10.0.0.5', { ...rest, flags, state: 'none' });
    expect((await getNeighbor(red, 'eth0', '10.0.0.5')).flags).toEqual(['managed']);
  });

  test('its statistics are those that ip shows', async () => {
    await using red = await subnets();
    await addNeighbor(red, 'eth0', '10.0.0.9', { mac });
    const [theirs] = await ip(red, '-s', 'neigh');
    const { statistics } = await getNeighbor(red, 'eth0', '10.0.0.9');
    for (const name of ['used', 'confirmed', 'updated'] as const) {
      // ip has whole seconds, and the kernel's clock may have gone on
      expect(Math.abs(statistics![name] - Number(theirs![name]))).toBeLessThan(5);
    }
    expect((await listNeighbors(red))[0]).not.toHaveProperty('statistics');
  });

  test('what only changes its age is no event', async () => {
    await using red = await subnets();
    const seen: unknown[] = [];
    for await (const event of watch(red, { neighbors: true })) {
      if (event.kind === 'ready') {
        await addNeighbor(red, 'eth0', '10.0.0.9', { mac });
        await addNeighbor(red, 'eth0', '10.0.0.9', { mac, ifExists: 'replace' });
        await addNeighbor(red, 'eth0', '10.0.0.9', { mac, ifExists: 'replace', protocol: 'static' });
        await removeNeighbor(red, 'eth0', '10.0.0.9');
      }
      if (event.kind !== 'neighbor' || event.change === 'present') continue;
      expect(event.neighbor).not.toHaveProperty('statistics');
      seen.push(event.change === 'changed' ? event.changes : event.change);
      if (event.change === 'gone') break;
    }
    expect([seen[0], seen.at(-1)]).toEqual(['new', 'gone']);
    // the kernel (6.18) sends none for a new protocol alone, and one for the removal before the entry is gone
    for (const changes of seen.slice(1, -1)) expect(changes).toContain('state');
    expect(seen.length).toBeLessThan(4);
  });

  test.each<[filter: NeighborFilter, words: string]>([
    [{ device: 'eth0' }, 'dev eth0'],
    [{ state: 'permanent' }, 'nud permanent'],
    [{ state: ['stale', 'noarp'] }, 'nud stale nud noarp'],
    [{ to: '10.0.0.0/24' }, 'to 10.0.0.0/24'],
    [{ to: 'fd00::/15' }, 'to fd00::/15'],
    [{ protocol: 'static', state: 'permanent' }, 'proto static nud permanent'],
    [{ master: 'br0' }, 'master br0'],
  ])('%j are listed and flushed as by ip', async (filter, words) => {
    const make = async (name: string) => {
      const netns = await subnets(name);
      await run(netns, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
      await enslaveLink(netns, 'eth1', 'br0');
      for (const entry of [
        `10.0.0.1 lladdr ${mac} dev eth0 nud stale`,
        `10.0.0.2 lladdr ${mac} dev eth0 nud noarp`,
        `10.1.0.1 lladdr ${mac} dev eth1 nud stale`,
        `10.1.0.2 lladdr ${mac} dev eth1 protocol static`,
        `fd00::1 lladdr ${mac} dev eth0 nud stale`,
        `fd01::1 lladdr ${mac} dev eth1 nud stale`,
      ]) {
        await run(netns, 'ip', 'neigh', 'add', ...entry.split(' '));
      }
      return netns;
    };
    await using ours = await make('red');
    await using theirs = await make('blue');
    // multicast groups are neighbors that nobody asks for, and come by themselves
    const own = (entries: Json[]) => entries.filter(({ address }) => !/^(ff|22)/.test(address as string));
    expect(own(await listed(ours, filter))).toEqual(own(await shown(theirs, words)));
    expect(await flushNeighbors(ours, filter)).toBeGreaterThan(0);
    await run(theirs, 'ip', 'neigh', 'flush', ...words.split(' '));
    expect(own(await shown(ours, 'nud all'))).toEqual(own(await shown(theirs, 'nud all')));
  });

  test('what is not there', async () => {
    await using red = await createNetns('red');
    expect(await failure(getNeighbor(red, 'eth9', '10.0.0.9'))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(getNeighbor(red, 'lo', '10.0.0.9'))).toMatchObject({
      code: 'ENOENT',
      message: expect.stringMatching(
        /^ENOENT: get neighbor 10.0.0.9 of lo in namespace red: .*there is no entry for this address$/,
      ) as string,
    });
    expect(await failure(flushNeighbors(red, { device: 'eth9' }))).toMatchObject({ code: 'ENODEV' });
    expect(await failure(listNeighbors(red, { master: 'br9' }))).toMatchObject({ code: 'ENODEV' });
    expect(await flushNeighbors(red, { device: 'lo' })).toBe(0);
    expect(await failure(removeNeighbor(red, 'lo', '10.0.0.9', { proxy: true }))).toMatchObject({
      code: 'ENOENT',
    });
  });
});
