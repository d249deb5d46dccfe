// What getLink and listLinks return of a device where it is asked for: all that `ip -d -s -s` shows of it.
import {
  createBridge,
  createNetns,
  createVeth,
  getLink,
  type Link,
  listLinks,
  ping,
  setLink,
  waitForLink,
} from '../../../lib';
import { ip, type Json } from '../../support/ip';

type Shown = (link: Link) => unknown;

/** ARPHRD_*, by the words of ip. */
const HARDWARE: Readonly<Record<number, string>> = { 1: 'ether', 772: 'loopback' };

/** What `ip -j -d -s -s link show` calls what getLink returns. */
const SHOWN: Readonly<Record<string, Shown>> = {
  ifindex: ({ index }) => index,
  ifname: ({ name }) => name,
  // ip leaves this one out, and has NO-CARRIER where it is missing
  flags: ({ flags }) =>
    flags
      .filter((flag) => flag !== 'running')
      .map((flag) => flag.toUpperCase())
      .sort(),
  mtu: ({ mtu }) => mtu,
  altnames: ({ altNames }) => altNames,
  operstate: ({ operState }) => String(operState).toUpperCase(),
  group: ({ group }) => (group === 0 ? 'default' : group),
  txqlen: ({ txQueueLength }) => txQueueLength,
  address: ({ mac }) => mac,
  link_index: ({ link }) => link,
  link_netnsid: ({ linkNsid }) => linkNsid,
  ifalias: ({ alias }) => alias,
  qdisc: ({ details }) => details?.qdisc,
  linkmode: ({ details }) => String(details?.linkMode).toUpperCase(),
  link_type: ({ details }) => HARDWARE[details?.hardware ?? 0],
  broadcast: ({ details }) => details?.broadcast,
  promiscuity: ({ details }) => details?.promiscuity,
  allmulti: ({ details }) => details?.allMulticast,
  min_mtu: ({ details }) => details?.minMtu,
  max_mtu: ({ details }) => details?.maxMtu,
  inet6_addr_gen_mode: ({ details }) => details?.addrGenMode,
  num_tx_queues: ({ details }) => details?.txQueues,
  num_rx_queues: ({ details }) => details?.rxQueues,
  gso_max_size: ({ details }) => details?.gsoMaxSize,
  gso_max_segs: ({ details }) => details?.gsoMaxSegments,
  gso_ipv4_max_size: ({ details }) => details?.gsoIpv4MaxSize,
  tso_max_size: ({ details }) => details?.tsoMaxSize,
  tso_max_segs: ({ details }) => details?.tsoMaxSegments,
  gro_max_size: ({ details }) => details?.groMaxSize,
  gro_ipv4_max_size: ({ details }) => details?.groIpv4MaxSize,
};

/** `master` and `link` are names there, and the kind's own is compared in kinds.test.ts. */
const ELSEWHERE: ReadonlySet<string> = new Set(['master', 'link', 'linkinfo', 'stats64', 'stats']);

/** What `ip -s -s` calls the counters. `collisions` are among what is sent. */
const COUNTERS = {
  rx: {
    ...{ bytes: 'bytes', packets: 'packets', errors: 'errors', dropped: 'dropped', multicast: 'multicast' },
    ...{ over_errors: 'overErrors', length_errors: 'lengthErrors', crc_errors: 'crcErrors' },
    ...{ frame_errors: 'frameErrors', fifo_errors: 'fifoErrors', missed_errors: 'missedErrors' },
    ...{ compressed: 'compressed', nohandler: 'noHandler' },
  },
  tx: {
    ...{ bytes: 'bytes', packets: 'packets', errors: 'errors', dropped: 'dropped' },
    ...{ carrier_errors: 'carrierErrors', collisions: 'collisions', aborted_errors: 'abortedErrors' },
    ...{ fifo_errors: 'fifoErrors', window_errors: 'windowErrors', heartbeat_errors: 'heartbeatErrors' },
    ...{ compressed: 'compressed' },
  },
} as const;

/** ip shows them of few devices; rtnetns of all. `otherhost` is not in the struct of 5.10. `carrier_changes` is a detail. */
const NO_COUNTERS: ReadonlySet<string> = new Set(['otherhost_dropped', 'otherhost', 'carrier_changes']);

function compareCounters(link: Link, stats: Json): void {
  for (const direction of ['rx', 'tx'] as const) {
    for (const [name, value] of Object.entries(stats[direction] as Json)) {
      if (NO_COUNTERS.has(name)) continue;
      const names: Readonly<Record<string, string>> = COUNTERS[direction];
      const counted = link.statistics?.[direction] as unknown as Readonly<Record<string, unknown>>;
      expect([direction, name, counted[names[name] ?? '']]).toEqual([direction, name, value]);
    }
  }
}

describe('getLink, listLinks', () => {
  test('getLink and listLinks return all that ip -d -s -s shows', async () => {
    await using red = await createNetns();
    await createBridge(red, 'br0', { up: true, alias: 'the bridge' });
    await createVeth(
      { netns: red, name: 'eth0', up: true, addrs: ['10.0.0.1/24'] },
      { netns: red, name: 'eth1', up: true, bridge: 'br0' },
    );
    await waitForLink(red, 'eth1', { up: true });
    const asked = { details: true, statistics: true };
    const listed = await listLinks(red, asked);
    const shown = await ip(red, '-s', '-s', 'link');
    expect(listed.map(({ name }) => name)).toEqual(shown.map(({ ifname }) => ifname));
    for (const fields of shown) {
      const link = await getLink(red, Number(fields['ifindex']), asked);
      for (const [name, value] of Object.entries(fields)) {
        if (ELSEWHERE.has(name)) continue;
        const expected = name === 'flags' ? (value as string[]).toSorted() : value;
        // a field that is not in the table is one that getLink does not return
        expect([name, SHOWN[name]?.(link)]).toEqual([name, expected]);
      }
    }
  });

  test('the counters', async () => {
    await using red = await createNetns();
    // nothing but the packets of this test goes over lo
    await setLink(red, 'lo', { up: true });
    await ping(red, '127.0.0.1', { count: 3 });
    const [fields = {}] = await ip(red, '-s', '-s', 'link', 'show', 'dev', 'lo');
    const link = await getLink(red, 'lo', { statistics: true });
    compareCounters(link, fields['stats64'] as Json);
    expect(link.statistics).toMatchObject({ rx: { packets: 6 }, tx: { packets: 6, errors: 0 } });
  });

  test('only what is asked for is returned', async () => {
    await using red = await createNetns();
    expect(Object.keys(await getLink(red, 'lo'))).not.toContain('details');
    expect(Object.keys(await getLink(red, 'lo', { details: true }))).not.toContain('statistics');
    const [lo] = await listLinks(red, { statistics: true });
    expect(lo).toHaveProperty('statistics.rx.bytes', 0);
    expect(lo).not.toHaveProperty('details');
  });

  test('carrier counts change with the carrier', async () => {
    await using red = await createNetns();
    await createVeth({ netns: red, name: 'eth0', up: true }, { netns: red, name: 'eth1', up: true });
    const { details } = await getLink(red, 'eth0', { details: true });
    expect(details).toMatchObject({ carrierUpCount: 1, carrierDownCount: 1, carrierChanges: 2 });
  });
});
