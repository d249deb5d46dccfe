import {
  addRoute,
  type AddRouteOptions,
  createNetns,
  listLinks,
  listRoutes,
  type Netns,
  removeRoute,
  type Route,
  type RouteNexthop,
} from '../../../lib';
import { failure, ip, type Json, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';

const text = (netns: Netns, ...args: string[]) => run(netns, 'ip', 'route', 'show', 'table', 'all', ...args);

async function ipRoute(netns: Netns, verb: string, words: string): Promise<void> {
  const [first, ...rest] = words.split(' ');
  await run(
    netns,
    'ip',
    ...(first!.startsWith('-') ? [first!, 'route', verb] : ['route', verb, first!]),
    ...rest,
  );
}

/** A route of ours in the words of `ip -d -j route`. */
function inWordsOfIp(route: Route, names: ReadonlyMap<unknown, unknown>): Json {
  const hop = ({ via, index, flags }: Pick<RouteNexthop, 'via' | 'flags'> & { index?: number }) => {
    const other = via !== undefined && via.includes(':') !== (route.family === 6);
    return {
      gateway: other ? undefined : via,
      via: other ? { family: route.family === 4 ? 'inet6' : 'inet', host: via } : undefined,
      dev: names.get(index),
      flags,
    };
  };
  return {
    ...hop(route),
    type: route.type,
    dst: route.to,
    table: String(route.table),
    protocol: String(route.protocol),
    scope: route.scope,
    prefsrc: route.src,
    metric: route.metric,
    metrics: route.mtu === undefined ? undefined : [{ mtu: route.mtu }],
    nexthops: route.nexthops?.map((one) => ({ ...hop(one), weight: one.weight })),
  };
}

async function expectSameAsIp(netns: Netns): Promise<void> {
  const names = new Map((await ip(netns, 'link')).map(({ ifindex, ifname }) => [ifindex, ifname]));
  const routes = await listRoutes(netns, { table: 'all' });
  const theirs = await ip(netns, 'route', 'show', 'table', 'all');
  expect(routes.map((route) => inWordsOfIp(route, names))).toEqual(
    theirs.map(({ pref: _, ...route }) => route),
  );
}

// What `ip route add` makes of the same words is what ours makes.
const ROUTES: [AddRouteOptions, string][] = [
  [{ to: 'default', via: '10.0.0.254' }, 'default via 10.0.0.254'],
  [{ to: 'default', device: 'eth0' }, 'default dev eth0'],
  [{ to: '0.0.0.0/0', via: '10.0.0.254' }, 'default via 10.0.0.254'],
  [
    { to: 'default', via: '10.0.0.254', device: 'eth0', metric: 7 },
    'default via 10.0.0.254 dev eth0 metric 7',
  ],
  [{ to: '10.2.0.0/16', device: 'eth1' }, '10.2.0.0/16 dev eth1'],
  [{ to: '10.2.0.1', via: '10.1.0.254' }, '10.2.0.1 via 10.1.0.254'],
  [{ to: '10.2.0.1/32', via: '10.1.0.254' }, '10.2.0.1 via 10.1.0.254'],
  [{ to: '10.2.0.0/16', device: 'eth0', src: '10.1.0.1' }, '10.2.0.0/16 dev eth0 src 10.1.0.1'],
  [{ to: '10.2.0.0/16', via: '10.0.0.9', mtu: 1300 }, '10.2.0.0/16 via 10.0.0.9 mtu 1300'],
  [{ to: '10.2.0.0/16', via: '10.0.0.9', table: 100 }, '10.2.0.0/16 via 10.0.0.9 table 100'],
  [{ to: '10.2.0.0/16', via: '10.0.0.9', table: 4000000000 }, '10.2.0.0/16 via 10.0.0.9 table 4000000000'],
  [{ to: '10.2.0.0/16', via: '10.0.0.9', table: 'default' }, '10.2.0.0/16 via 10.0.0.9 table default'],
  [{ to: '10.2.0.0/16', device: 'eth0', protocol: 'static' }, '10.2.0.0/16 dev eth0 proto static'],
  [{ to: '10.2.0.0/16', device: 'eth0', protocol: 77 }, '10.2.0.0/16 dev eth0 proto 77'],
  [{ to: '10.2.0.0/16', device: 'eth0', scope: 'global' }, '10.2.0.0/16 dev eth0 scope global'],
  [
    { to: '10.2.0.0/16', via: '10.99.0.1', device: 'eth0', onlink: true },
    '10.2.0.0/16 via 10.99.0.1 dev eth0 onlink',
  ],
  [{ to: '10.2.0.0/16', via: 'fd00::9', device: 'eth0' }, '10.2.0.0/16 via inet6 fd00::9 dev eth0'],
  [{ to: 'default', via: 'fd00::9', family: 4, device: 'eth0' }, '-4 default via inet6 fd00::9 dev eth0'],
  [{ to: '10.2.0.0/16', type: 'blackhole' }, 'blackhole 10.2.0.0/16'],
  [{ to: '10.2.0.0/16', type: 'unreachable', metric: 5 }, 'unreachable 10.2.0.0/16 metric 5'],
  [{ to: 'default', type: 'prohibit', table: 100 }, 'prohibit default table 100'],
  [{ to: 'default', type: 'unreachable', table: 100 }, 'unreachable default table 100'],
  [{ to: 'default', type: 'blackhole' }, 'blackhole default'],
  [{ to: '10.2.0.0/16', type: 'throw', table: 100 }, 'throw 10.2.0.0/16 table 100'],
  [
    { to: '10.2.0.0/16', device: 'eth0', type: 'local', table: 'local' },
    'local 10.2.0.0/16 dev eth0 table local',
  ],
  [{ to: '10.2.0.0/16', device: 'eth0', type: 'broadcast' }, 'broadcast 10.2.0.0/16 dev eth0'],
  [
    {
      to: 'default',
      nexthops: [
        { via: '10.0.0.2', weight: 3 },
        { via: '10.1.0.2', device: 'eth1', weight: 256 },
        { device: 'eth1' },
      ],
    },
    'default nexthop via 10.0.0.2 weight 3 nexthop via 10.1.0.2 dev eth1 weight 256 nexthop dev eth1',
  ],
  [
    {
      to: '10.2.0.0/16',
      src: '10.0.0.1',
      nexthops: [
        { via: 'fd00::2', device: 'eth0' },
        { via: '10.99.0.1', device: 'eth1', onlink: true },
      ],
    },
    '10.2.0.0/16 src 10.0.0.1 nexthop via inet6 fd00::2 dev eth0 nexthop via 10.99.0.1 dev eth1 onlink',
  ],
  [{ to: 'default', via: 'fd00::9' }, 'default via fd00::9'],
  [{ to: 'default', family: 6, device: 'eth0' }, '-6 default dev eth0'],
  [{ to: '::/0', device: 'eth0', metric: 3 }, '-6 default dev eth0 metric 3'],
  [{ to: 'fd02::/64', via: 'fd00::9', metric: 5, mtu: 1300 }, 'fd02::/64 via fd00::9 metric 5 mtu 1300'],
  [{ to: 'fd02::1', device: 'eth0', src: 'fd01::1' }, 'fd02::1 dev eth0 src fd01::1'],
  [{ to: 'fd02::/64', via: 'fe80::1', device: 'eth1' }, 'fd02::/64 via fe80::1 dev eth1'],
  [
    { to: 'fd02::/64', via: 'fd99::1', device: 'eth1', onlink: true },
    'fd02::/64 via fd99::1 dev eth1 onlink',
  ],
  [{ to: 'fd02::/64', device: 'eth0', table: 1000 }, 'fd02::/64 dev eth0 table 1000'],
  [{ to: 'fd02::/64', type: 'blackhole' }, 'blackhole fd02::/64'],
  [{ to: 'default', family: 6, type: 'blackhole' }, '-6 blackhole default'],
  [{ to: 'fd02::/64', type: 'unreachable' }, 'unreachable fd02::/64'],
  [{ to: 'fd02::/64', type: 'prohibit', metric: 9 }, 'prohibit fd02::/64 metric 9'],
  [{ to: 'default', family: 6, type: 'throw', table: 100 }, '-6 throw default table 100'],
  [
    {
      to: 'fd02::/64',
      nexthops: [
        { via: 'fd00::2', weight: 3 },
        { via: 'fe80::2', device: 'eth1', weight: 200 },
      ],
    },
    'fd02::/64 nexthop via fd00::2 weight 3 nexthop via fe80::2 dev eth1 weight 200',
  ],
];

describe('addRoute, removeRoute, listRoutes', () => {
  test.each(ROUTES)('%p', async (options, words) => {
    await using red = await subnets();
    const before = await text(red);
    await ipRoute(red, 'add', words);
    const theirs = await text(red);
    expect(theirs).not.toBe(before);
    await ipRoute(red, 'delete', words);
    expect(await text(red)).toBe(before);

    await addRoute(red, options);
    expect(await text(red)).toBe(theirs);
    await expectSameAsIp(red);
    expect(await failure(addRoute(red, options))).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
    const { ifExists: _, ...route } = options;
    await removeRoute(red, route);
    expect(await text(red)).toBe(before);
  });

  test('all tables, field by field', async () => {
    await using red = await subnets();
    for (const [i, [, words]] of ROUTES.entries()) {
      const anywhere = words.replace(/ table \S+/, '');
      await ipRoute(red, 'add', anywhere.replace(/(?= nexthop)|$/, ` table ${1000 + i}`));
    }
    await expectSameAsIp(red);
    expect((await listRoutes(red, { table: 'all' })).length).toBeGreaterThan(ROUTES.length);
    // those that are dead, or down
    await run(red, 'ip', 'link', 'set', 'eth1', 'down');
    await expectSameAsIp(red);
  });

  test('of one table, one family, one device', async () => {
    await using red = await subnets();
    await addRoute(red, { to: 'default', via: '10.0.0.254' });
    await addRoute(red, { to: 'default', via: 'fd01::fe' });
    await addRoute(red, { to: 'default', via: '10.0.0.254', table: 100 });
    await addRoute(red, { to: 'default', via: '10.0.0.254', table: 1000 });
    const { index } = (await listLinks(red)).find(({ name }) => name === 'eth1')!;
    const told = async (...args: string[]) => (await ip(red, ...args)).map(({ dst }) => dst);
    const listed = async (...args: Parameters<typeof listRoutes>) =>
      (await listRoutes(...args)).map(({ to }) => to);
    expect(await listed(red, { family: 4 })).toEqual(await told('-4', 'route', 'show'));
    expect(await listed(red, { family: 6 })).toEqual(await told('-6', 'route', 'show'));
    expect(await listed(red)).toEqual([
      ...(await told('-4', 'route', 'show')),
      ...(await told('-6', 'route', 'show')),
    ]);
    expect(await listed(red)).toContain('default');
    expect(await listed(red, { table: 'local', family: 6 })).toEqual(
      await told('-6', 'route', 'show', 'table', 'local'),
    );
    expect(await listed(red, { table: 100 })).toEqual(['default']);
    expect(await listed(red, { table: 1000 })).toEqual(await told('route', 'show', 'table', '1000'));
    expect(await listed(red, { device: index })).toEqual(['10.1.0.0/24', 'fd01::/64', 'default']);
    expect(await listed(red, { device: 'eth1', family: 4, table: 'all' })).toEqual(
      await told('-4', 'route', 'show', 'table', 'all', 'dev', 'eth1'),
    );
  });

  // ip has the name of the protocol only since 6.14: its numbers (-N) are compared
  test('the protocol of OVN', async () => {
    await using red = await subnets();
    await addRoute(red, { to: '10.2.0.0/16', device: 'eth0', protocol: 'ovn' });
    expect(await ip(red, '-N', 'route', 'show', '10.2.0.0/16')).toMatchObject([{ protocol: '84' }]);
    await ipRoute(red, 'add', '10.3.0.0/16 dev eth0 proto 84');
    const protocols = (await listRoutes(red)).map(({ to, protocol }) => [to, protocol]);
    expect(protocols).toEqual(expect.arrayContaining([['10.3.0.0/16', 'ovn']]));
  });

  test('a table that no route was ever in is empty', async () => {
    await using red = await createNetns('red');
    for (const family of [4, 6, undefined] as const) {
      for (const table of [100, 'main', 'default', 'all'] as const) {
        expect(await listRoutes(red, { table, ...(family !== undefined && { family }) })).toEqual([]);
      }
    }
  });
});
