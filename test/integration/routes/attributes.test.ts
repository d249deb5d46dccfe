// The attributes of routes, field by field: what `ip` adds is listed, and what is added, `ip` prints.
import {
  addRoute,
  getLink,
  listRoutes,
  type Netns,
  removeRoute,
  requestRaw,
  type Route,
  type RouteOptions,
} from '../../../lib';
import { failure, ip, type Json, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';
import { WRAPPED } from '../../support/wrapped-routes';

/** What a route of ours is in the words of `ip -j -d route`, but for its encapsulation, which is in bytes. */
function inWordsOfIp(route: Route, names: ReadonlyMap<unknown, unknown>): Json {
  const { features, realms, tos } = route;
  const metrics = {
    mtu: route.mtu,
    window: route.window,
    rtt: route.rtt,
    rttvar: route.rttVariance,
    ssthresh: route.slowStartThreshold,
    cwnd: route.congestionWindow,
    advmss: route.advertisedMss,
    reordering: route.reordering,
    hoplimit: route.hopLimit,
    initcwnd: route.initialWindow,
    ...(features?.includes('ecn') && { ecn: null }),
    rto_min: route.minimumRto,
    initrwnd: route.initialReceiveWindow,
    quickack: route.quickAck === undefined ? undefined : Number(route.quickAck),
    congestion: route.congestionControl,
    fastopen_no_cookie: route.fastOpenNoCookie === undefined ? undefined : Number(route.fastOpenNoCookie),
  };
  const hasMetrics = Object.values(metrics).some((value) => value !== undefined);
  return {
    type: route.type,
    dst: route.to,
    from: route.from,
    tos: tos === undefined ? undefined : `0x${tos.toString(16)}`,
    gateway: route.via,
    dev: names.get(route.index),
    nhid: route.nexthopId,
    protocol: route.protocol,
    scope: route.scope,
    prefsrc: route.src,
    metric: route.metric,
    flags: route.flags,
    expires: route.expires,
    flow: realms && {
      ...(realms.from !== undefined && { from: String(realms.from) }),
      to: String(realms.to),
    },
    metrics: hasMetrics ? [metrics] : undefined,
    pref: route.family === 6 ? (route.preference ?? 'medium') : undefined,
  };
}

/** What `ip` shows that is not compared. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  // the next hop object itself: listNexthops
  'nh_info',
]);

const GATEWAY = { via: '10.0.0.9', device: 'eth0' } as const;
const GATEWAY6 = { via: 'fd00::9', device: 'eth0' } as const;

const ROUTES: [options: RouteOptions, words: string][] = [
  [
    {
      ...GATEWAY,
      to: '10.8.0.0/16',
      mtu: 1300,
      advertisedMss: 1260,
      window: 65536,
      minimumRto: 200,
      initialWindow: 20,
    },
    '10.8.0.0/16 via 10.0.0.9 dev eth0 mtu 1300 advmss 1260 window 65536 rto_min 200ms initcwnd 20',
  ],
  [
    {
      ...GATEWAY,
      to: '10.8.0.0/16',
      rtt: 100,
      rttVariance: 50,
      slowStartThreshold: 11,
      congestionWindow: 12,
      reordering: 13,
      hopLimit: 64,
      features: ['ecn'],
      initialReceiveWindow: 30,
      quickAck: true,
      fastOpenNoCookie: true,
    },
    '10.8.0.0/16 via 10.0.0.9 dev eth0 rtt 100ms rttvar 50ms ssthresh 11 cwnd 12 reordering 13 hoplimit 64 ' +
      'features ecn initrwnd 30 quickack 1 fastopen_no_cookie 1',
  ],
  [
    {
      ...GATEWAY,
      to: '10.8.0.0/16',
      mtu: 1300,
      congestionWindow: 12,
      congestionControl: 'cubic',
      locked: ['mtu', 'congestionWindow'],
    },
    '10.8.0.0/16 via 10.0.0.9 dev eth0 mtu lock 1300 cwnd lock 12 congctl cubic',
  ],
  [
    { ...GATEWAY, to: '10.9.0.0/16', realms: { from: 2, to: 3 } },
    '10.9.0.0/16 via 10.0.0.9 dev eth0 realms 2/3',
  ],
  [{ ...GATEWAY, to: '10.9.0.0/16', realms: { to: 5 } }, '10.9.0.0/16 via 10.0.0.9 dev eth0 realm 5'],
  [{ ...GATEWAY, to: '10.10.0.0/16', tos: 0x10 }, '10.10.0.0/16 via 10.0.0.9 dev eth0 tos 0x10'],
  [{ ...GATEWAY6, to: 'fd02::/64', preference: 'high' }, 'fd02::/64 via fd00::9 dev eth0 pref high'],
  [{ ...GATEWAY6, to: 'fd02::/64', preference: 'low' }, 'fd02::/64 via fd00::9 dev eth0 pref low'],
  [{ ...GATEWAY6, to: 'fd02::/64', preference: 'medium' }, 'fd02::/64 via fd00::9 dev eth0 pref medium'],
  [{ ...GATEWAY6, to: 'fd02::/64', expires: 600 }, 'fd02::/64 via fd00::9 dev eth0 expires 600'],
  [{ ...GATEWAY6, to: 'fd03::/64', from: 'fd05::/64' }, 'fd03::/64 from fd05::/64 via fd00::9 dev eth0'],
  [
    { ...GATEWAY6, to: 'fd03::/64', hopLimit: 7, mtu: 1400, quickAck: false },
    'fd03::/64 via fd00::9 dev eth0 hoplimit 7 mtu 1400 quickack 0',
  ],
  [{ to: '10.7.0.0/16', nexthopId: 7 }, '10.7.0.0/16 nhid 7'],
  [{ to: 'fd07::/64', nexthopId: 8 }, 'fd07::/64 nhid 8'],
];

type EncapOptions = NonNullable<RouteOptions['encap']>;

const LACKING = /encapsulation type|CONFIG_/;
const NO_COUNTERS = { packets: 0, bytes: 0, errors: 0 };

/** The encapsulation of the only route that has one, in bytes. */
async function wrappedInBytes(netns: Netns, type: EncapOptions['type']): Promise<EncapOptions> {
  // RTM_GETROUTE with struct rtmsg, and RTA_ENCAP
  const routes = await requestRaw(netns, { type: 26, header: new Uint8Array(12), dump: true });
  const found = routes.flatMap(({ attributes }) => attributes).find(({ type: number }) => number === 22);
  return { type, data: found!.data };
}

async function lab(): Promise<Netns> {
  const red = await subnets();
  await run(red, 'ip', 'nexthop', 'add', 'id', '7', 'via', '10.0.0.9', 'dev', 'eth0');
  await run(red, 'ip', 'nexthop', 'add', 'id', '8', 'via', 'fd00::9', 'dev', 'eth0');
  return red;
}

const familyOf = (to: string) => (to.includes(':') ? '-6' : '-4');

async function text(netns: Netns): Promise<string> {
  const all = await Promise.all(
    ['-4', '-6'].map(async (family) => run(netns, 'ip', '-d', family, 'route', 'show', 'table', 'all')),
  );
  return all.join('').replace(/expires \d+sec/g, 'expires');
}

describe('addRoute, removeRoute, listRoutes', () => {
  test.each(ROUTES)('%p', async (options, words) => {
    await using red = await lab();
    const before = await text(red);
    const names = new Map((await ip(red, 'link')).map(({ ifindex, ifname }) => [ifindex, ifname]));
    const { to } = options;
    // `ip` adds it
    await run(red, 'ip', familyOf(to), 'route', 'add', ...words.split(' '));
    const theirs = await text(red);
    expect(theirs).not.toBe(before);
    const [shown] = await ip(red, familyOf(to), 'route', 'show', to);
    const [listed, ...others] = await listRoutes(red, { to });
    expect(others).toEqual([]);
    const compared = Object.fromEntries(Object.entries(shown!).filter(([name]) => !LEFT_OUT.has(name)));
    expect(inWordsOfIp(listed!, names)).toEqual(compared);
    expect(listed!.unknown).toBeUndefined();
    // what was listed is removed, and added again
    await removeRoute(red, listed!);
    expect(await text(red)).toBe(before);
    await addRoute(red, listed!);
    expect(await text(red)).toBe(theirs);
    await removeRoute(red, listed!);
    // and by the options
    await addRoute(red, options);
    expect(await text(red)).toBe(theirs);
    await removeRoute(red, options);
    expect(await text(red)).toBe(before);
  });

  test('what is locked', async () => {
    await using red = await lab();
    const to = '10.8.0.0/16';
    await run(
      red,
      'ip',
      'route',
      'add',
      to,
      'dev',
      'eth0',
      ...'mtu lock 1300 cwnd lock 9 advmss 7'.split(' '),
    );
    expect((await listRoutes(red, { to }))[0]?.locked).toEqual(['mtu', 'congestionWindow']);
  });

  test('packets that are wrapped', async () => {
    await using red = await lab();
    const before = await text(red);
    const { index } = await getLink(red, 'eth1');
    let tested = 0;
    for (const [options, words] of WRAPPED) {
      const { to, encap } = options;
      const added = run(red, 'ip', familyOf(to), 'route', 'add', ...words.split(' '));
      // a kernel without the module or the attribute, and an `ip` without the word, say so
      const refused = await added.then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (refused !== undefined) {
        expect([words, refused]).toEqual([words, expect.stringMatching(LACKING)]);
        continue;
      }
      tested++;
      const theirs = await text(red);
      const [listed] = await listRoutes(red, { to });
      const { device, counters, ...rest } = encap as { device?: string; counters?: true };
      const ours = { ...rest, ...(device && { index }), ...(counters && { counters: NO_COUNTERS }) };
      expect(listed!.encap).toEqual(ours);
      const inBytes = { ...listed!, encap: await wrappedInBytes(red, encap!.type) };
      for (const again of [listed!, options, inBytes]) {
        await removeRoute(red, again);
        expect(await text(red)).toBe(before);
        await addRoute(red, again);
        expect([words, await text(red)]).toEqual([words, theirs]);
      }
      await removeRoute(red, listed!);
    }
    expect(tested).toBeGreaterThan(0);
  });

  test('there is no such next hop object, or no such algorithm', async () => {
    await using red = await lab();
    const error = await failure(addRoute(red, { to: '10.7.0.0/16', nexthopId: 77 }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    expect(error.message).toContain('Nexthop id does not exist');
    for (const [way, name] of [
      [{ via: '10.0.0.9' }, 'via'],
      [{ device: 'lo' }, 'device'],
      [{ nexthops: [{ via: '10.0.0.9' }] }, 'nexthops'],
      [{ index: 1, flags: [], device: 'lo' }, 'device'],
    ] as const) {
      const both = await failure(addRoute(red, { to: '10.7.0.0/16', nexthopId: 7, ...way }));
      expect(both.message).toBe(`${name}: it does not go together with nexthopId, which says it`);
    }
    expect(
      await failure(addRoute(red, { ...GATEWAY, to: '10.7.0.0/16', congestionControl: 'nosuch' })),
    ).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
  });
});
