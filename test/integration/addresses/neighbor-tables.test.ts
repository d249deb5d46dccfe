// The parameters of the tables of neighbors: those that `ip -s -j ntable` shows, and sets.
import {
  listNeighborTables,
  type NeighborTable,
  type Netns,
  setNeighborTable,
  type SetNeighborTableOptions,
} from '../../../lib';
import { failure, ip, type Json, run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

/** What ip calls what listNeighborTables returns. */
const FIELDS: Readonly<Record<string, (table: NeighborTable) => unknown>> = {
  family: ({ family }) => (family === 4 ? 'inet' : 'inet6'),
  name: ({ name }) => name,
  thresh1: ({ gcThreshold1 }) => gcThreshold1,
  thresh2: ({ gcThreshold2 }) => gcThreshold2,
  thresh3: ({ gcThreshold3 }) => gcThreshold3,
  gc_interval: ({ gcInterval }) => gcInterval,
  refcnt: ({ references }) => references,
  base_reachable: ({ baseReachableTime }) => baseReachableTime,
  retrans: ({ retransmitTime }) => retransmitTime,
  gc_stale: ({ gcStaleTime }) => gcStaleTime,
  delay_probe: ({ delayProbeTime }) => delayProbeTime,
  queue: ({ queueLength }) => queueLength,
  app_probes: ({ appProbes }) => appProbes,
  ucast_probes: ({ unicastProbes }) => unicastProbes,
  mcast_probes: ({ multicastProbes }) => multicastProbes,
  mcast_reprobes: ({ multicastReprobes }) => multicastReprobes,
  anycast_delay: ({ anycastDelay }) => anycastDelay,
  proxy_delay: ({ proxyDelay }) => proxyDelay,
  proxy_queue: ({ proxyQueueLength }) => proxyQueueLength,
  locktime: ({ lockTime }) => lockTime,
  reachable: ({ reachableTime }) => reachableTime,
  key_length: ({ config }) => config?.keyLength,
  entry_size: ({ config }) => config?.entrySize,
  hash_rnd: ({ config }) => config?.hashRandom,
  hash_mask: ({ config }) => config && `0x${config.hashMask.toString(16)}`,
  hash_chain_gc: ({ config }) => config?.hashChainGc,
};

/** They change all the time, because they are of all namespaces of the machine: here they have to be numbers. */
const OF_THE_MACHINE: Readonly<Record<string, (table: NeighborTable) => unknown>> = {
  entries: ({ config }) => config?.entries,
  proxy_qlen: ({ config }) => config?.proxyQueueLength,
  // ip makes a time of day of these
  last_flush: ({ config }) => config?.lastFlush,
  last_rand: ({ config }) => config?.lastRandom,
  allocs: ({ statistics }) => statistics?.allocations,
  destroys: ({ statistics }) => statistics?.destructions,
  hash_grows: ({ statistics }) => statistics?.hashGrowths,
  res_failed: ({ statistics }) => statistics?.failedResolutions,
  lookups: ({ statistics }) => statistics?.lookups,
  hits: ({ statistics }) => statistics?.hits,
  rcv_probes_mcast: ({ statistics }) => statistics?.multicastProbesReceived,
  rcv_probes_ucast: ({ statistics }) => statistics?.unicastProbesReceived,
  periodic_gc_runs: ({ statistics }) => statistics?.periodicGcRuns,
  forced_gc_runs: ({ statistics }) => statistics?.forcedGcRuns,
  table_fulls: ({ statistics }) => statistics?.tableFulls,
};

async function both(netns: Netns): Promise<[theirs: Json, ours: NeighborTable][]> {
  const names = new Map((await ip(netns, 'link')).map(({ ifindex, ifname }) => [ifindex, ifname]));
  const theirs = await ip(netns, '-s', 'ntable');
  const ours = await listNeighborTables(netns);
  expect(theirs.length).toBe(ours.length);
  return theirs.map((shown) => {
    const found = ours.find(
      (one) => FIELDS['family']!(one) === shown['family'] && names.get(one.index) === shown['dev'],
    );
    return [shown, found!];
  });
}

const shownOf = async (netns: Netns, family: 4 | 6, device = 'eth0') =>
  (await ip(netns, `-${family}`, 'ntable', 'show', 'dev', device))[0]!;

const EXAMPLES: readonly [
  option: keyof SetNeighborTableOptions,
  word: string,
  field: string,
  value: number,
][] = [
  ['baseReachableTime', 'base_reachable', 'base_reachable', 5000],
  ['retransmitTime', 'retrans', 'retrans', 2000],
  ['gcStaleTime', 'gc_stale', 'gc_stale', 70000],
  ['delayProbeTime', 'delay_probe', 'delay_probe', 4000],
  ['queueLength', 'queue', 'queue', 7],
  ['appProbes', 'app_probes', 'app_probes', 2],
  ['unicastProbes', 'ucast_probes', 'ucast_probes', 5],
  ['multicastProbes', 'mcast_probes', 'mcast_probes', 0],
  ['anycastDelay', 'anycast_delay', 'anycast_delay', 500],
  ['proxyDelay', 'proxy_delay', 'proxy_delay', 900],
  ['proxyQueueLength', 'proxy_queue', 'proxy_queue', 3],
  ['lockTime', 'locktime', 'locktime', 300],
];

describe('listNeighborTables, setNeighborTable', () => {
  test('all that ip shows is listed', async () => {
    await using red = await netnsWithPair();
    for (const [theirs, ours] of await both(red)) {
      for (const [name, value] of Object.entries(theirs)) {
        if (name === 'dev') continue;
        if (name in OF_THE_MACHINE)
          expect([name, OF_THE_MACHINE[name]!(ours)]).toEqual([name, expect.any(Number)]);
        // a field that is not in a table is one that is not listed
        else expect([name, FIELDS[name]?.(ours)]).toEqual([name, value]);
      }
    }
    expect((await listNeighborTables(red, { family: 6, device: 'eth0' })).length).toBe(1);
    expect((await listNeighborTables(red, { device: 'eth0' })).map(({ name }) => name)).toEqual([
      'arp_cache',
      'ndisc_cache',
    ]);
  });

  test.each(EXAMPLES)('%s', async (option, word, field, value) => {
    await using ours = await netnsWithPair();
    await using theirs = await netnsWithPair();
    for (const [family, name] of [
      [4, 'arp_cache'],
      [6, 'ndisc_cache'],
    ] as const) {
      await setNeighborTable(ours, family, { device: 'eth0', [option]: value });
      await run(theirs, 'ip', 'ntable', 'change', 'name', name, 'dev', 'eth0', word, String(value));
      const { reachable: _, refcnt: __, ...after } = await shownOf(ours, family);
      const { reachable: ___, refcnt: ____, ...asByIp } = await shownOf(theirs, family);
      expect(after).toEqual(asByIp);
      expect(after[field]).toBe(value);
      for (const netns of [ours, theirs]) {
        expect((await listNeighborTables(netns, { family, device: 'eth0' }))[0]).toMatchObject({
          [option]: value,
        });
      }
      expect((await shownOf(ours, family, 'eth1'))[field]).not.toBe(value);
    }
  });

  test('what ip (6.1) neither shows nor sets is what the sysctls have', async () => {
    await using red = await netnsWithPair();
    await setNeighborTable(red, 4, { device: 'eth0', queueBytes: 100_000, multicastReprobes: 4 });
    const sysctl = async (name: string) =>
      Number(await run(red, 'sysctl', '-n', `net.ipv4.neigh.eth0.${name}`));
    expect(await sysctl('unres_qlen_bytes')).toBe(100_000);
    expect(await sysctl('mcast_resolicit')).toBe(4);
    await run(red, 'sysctl', '-qw', 'net.ipv4.neigh.eth0.mcast_resolicit=5');
    const [table] = await listNeighborTables(red, { family: 4, device: 'eth0' });
    expect(table).toMatchObject({ queueBytes: 100_000, multicastReprobes: 5 });
    const setting = setNeighborTable(red, 4, { device: 'eth0', intervalProbeTime: 7000, appProbes: 3 });
    if (table!.intervalProbeTime === undefined) {
      const error = await failure(setting);
      expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'intervalProbeTime' });
      expect(await sysctl('app_solicit')).toBe(0);
    } else {
      await setting;
      expect(await sysctl('interval_probe_time_ms')).toBe(7000);
    }
  });

  test('a listed table is set for the device that it was listed for', async () => {
    await using red = await netnsWithPair();
    const [table] = await listNeighborTables(red, { family: 4, device: 'eth0' });
    await setNeighborTable(red, 4, { ...table, unicastProbes: 9 });
    expect((await shownOf(red, 4))['ucast_probes']).toBe(9);
    await setNeighborTable(red, 4, { ...table, unicastProbes: 8, device: 'eth1' });
    expect((await shownOf(red, 4))['ucast_probes']).toBe(9);
    expect((await shownOf(red, 4, 'eth1'))['ucast_probes']).toBe(8);
  });

  test('what is of the whole machine is refused here, and nothing else is set with it', async () => {
    await using red = await netnsWithPair('red');
    const before = (await both(red)).map(([{ thresh1, gc_interval }]) => [thresh1, gc_interval]);
    for (const options of [
      { gcThreshold1: 1 },
      { gcThreshold2: 1 },
      { gcThreshold3: 1 },
      { gcInterval: 1000 },
      { unicastProbes: 9 },
      { gcThreshold1: 1, unicastProbes: 9, device: 'eth0' },
    ]) {
      const error = await failure(setNeighborTable(red, 4, options));
      expect(error).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
      expect(error.message).toContain('it is set in the first namespace of the machine alone');
    }
    expect((await shownOf(red, 4))['ucast_probes']).toBe(3);
    expect((await both(red)).map(([{ thresh1, gc_interval }]) => [thresh1, gc_interval])).toEqual(before);
  });

  test('no such device', async () => {
    await using red = await netnsWithPair();
    const setting = setNeighborTable(red, 6, { device: 'eth9', unicastProbes: 9 });
    expect(await failure(setting)).toMatchObject({ code: 'ENODEV' });
    expect(await failure(setNeighborTable(red, 6, { device: 9999, unicastProbes: 9 }))).toMatchObject({
      code: 'ENOENT',
    });
    expect(await failure(listNeighborTables(red, { device: 'eth9' }))).toMatchObject({ code: 'ENODEV' });
  });
});
