// Routes: several of the same destination, those that are replaced, and those that the kernel takes away in silence.
import { addRoute, createNetns, type Netns } from '../../../lib';
import { run } from '../../support/ip';
import { subnets } from '../../support/namespaces';
import { caughtUp, Follower } from '../../support/watching';

/** A command of `ip`, in one line. */
async function does(netns: Netns, ...commands: string[]): Promise<void> {
  for (const command of commands) await run(netns, 'ip', ...command.split(' '));
}

/** What has been told of a destination, in short. */
function told(follower: Follower, to: string): string[] {
  return follower.events.flatMap((event) => {
    if (event.kind !== 'route' || event.route.to !== to) return [];
    const { via, nexthops, metric, mtu, type } = event.route;
    const hops = nexthops?.map((hop) => hop.via).sort();
    return `${event.change} ${[hops ?? via, metric, mtu, type === 'unicast' ? undefined : type].flat().filter(Boolean).join(' ')}`;
  });
}

/** Waits until the routes are as `ip` shows them, and says what has been told of a destination. */
async function after(netns: Netns, routes: Follower, to: string, ...commands: string[]): Promise<string[]> {
  await does(netns, ...commands);
  await caughtUp(netns, routes);
  return told(routes, to);
}

describe('watch', () => {
  test('IPv4: added, appended, prepended, replaced and deleted', async () => {
    await using red = await subnets();
    await using routes = await new Follower(red, { routes: true }).ready();
    const to = '10.9.0.0/16';
    const said = await after(
      red,
      routes,
      to,
      `route add ${to} via 10.0.0.2`,
      `route append ${to} via 10.0.0.3`,
      `route prepend ${to} via 10.0.0.4`,
      `route add ${to} via 10.0.0.5 metric 10`,
      `route replace ${to} via 10.0.0.6`, // the first, which is .4
      `route replace ${to} via 10.0.0.5 metric 10 mtu 1300`,
      `route del ${to} via 10.0.0.2`,
      `route append blackhole ${to}`,
      `route del ${to} via 10.0.0.3`,
    );
    expect(said).toEqual([
      'new 10.0.0.2',
      'new 10.0.0.3',
      'new 10.0.0.4',
      'new 10.0.0.5 10',
      'changed 10.0.0.6',
      'changed 10.0.0.5 10 1300',
      'gone 10.0.0.2',
      'new blackhole',
      'gone 10.0.0.3',
    ]);
  });

  test('IPv4: multipath, of which one hop goes dead with its device and the whole with both', async () => {
    await using red = await subnets();
    await using routes = await new Follower(red, { routes: true }).ready();
    const to = '10.9.0.0/16';
    const both = 'nexthop via 10.0.0.2 nexthop via 10.1.0.2';
    await after(red, routes, to, `route add ${to} ${both}`);
    await after(red, routes, to, 'link set eth0 down');
    await after(red, routes, to, 'link set eth0 up', 'link set eth1 down');
    await after(red, routes, to, 'link set eth0 down');
    expect(told(routes, to).at(-1)).toBe('gone 10.0.0.2 10.1.0.2');
  });

  test('IPv6: hops join and leave a route; some stay alone', async () => {
    await using red = await subnets();
    await using routes = await new Follower(red, { routes: true }).ready();
    const to = 'fd09::/64';
    const said = await after(
      red,
      routes,
      to,
      `-6 route add ${to} via fd00::2`,
      `-6 route append ${to} via fd01::2`,
      `-6 route append ${to} via fd00::3`,
      `-6 route del ${to} via fd00::2`,
      `-6 route append ${to} dev eth0`,
      `-6 route append ${to} dev eth1`,
      `-6 route replace ${to} via fd00::4`,
      `-6 route del ${to} dev eth1`,
      `-6 route replace ${to} nexthop via fd00::5 nexthop via fd01::5`,
      `-6 route del ${to} via fd00::5`,
      `-6 route del ${to} dev eth0`,
      `-6 route replace ${to} dev eth0`,
      `-6 route del ${to}`,
    );
    expect(said).toEqual([
      'new fd00::2 1024',
      'changed fd00::2 fd01::2 1024',
      'changed fd00::2 fd00::3 fd01::2 1024',
      'changed fd00::3 fd01::2 1024',
      'new 1024',
      'new 1024',
      'changed fd00::4 1024',
      'gone 1024',
      'changed fd00::5 fd01::5 1024',
      'changed fd01::5 1024',
      'gone 1024',
      'changed 1024',
      'gone 1024',
    ]);
  });

  test('the same link-local subnet by several devices', async () => {
    await using red = await createNetns('red');
    await using routes = await new Follower(red, { routes: true }).ready();
    await does(red, 'link add va type veth peer name vb', 'link set va up', 'link set vb up');
    await routes.until(() => told(routes, 'fe80::/64').length === 2);
    await after(red, routes, '', 'link set va down');
    await after(red, routes, '', 'link del vb');
    expect(routes.state('route')).toEqual([]);
  });

  // each of these the kernel does without a word about the routes
  test.each<[what: string, before: string[], silent: string[]]>([
    ['a device goes down', ['route add 10.9.0.0/16 via 10.0.0.2'], ['link set eth0 down']],
    [
      'a device is deleted',
      ['route add 10.9.0.0/16 via 10.0.0.2', 'route add 10.8.0.0/16 dev eth1'],
      ['link del eth0'],
    ],
    ['a device is moved away', ['route add 10.9.0.0/16 via 10.0.0.2'], ['link set eth0 netns other']],
    [
      'a device loses its last address',
      ['route add 10.9.0.0/16 dev eth0'],
      ['addr del 10.0.0.1/24 dev eth0'],
    ],
    [
      'a source address goes',
      ['addr add 10.7.0.1/32 dev eth0', 'route add 10.9.0.0/16 dev eth1 src 10.7.0.1'],
      ['addr del 10.7.0.1/32 dev eth0'],
    ],
    [
      'a source address of IPv6 goes',
      ['addr add fd07::1/128 dev eth0 nodad', '-6 route add fd09::/64 dev eth1 src fd07::1'],
      ['addr del fd07::1/128 dev eth0'],
    ],
    ['the other end goes down', ['route add 10.9.0.0/16 via 10.0.0.2'], ['link set eth1 down']],
    [
      'the other end comes up again',
      ['link set eth1 down', 'route add 10.9.0.0/16 via 10.0.0.2'],
      ['link set eth1 up'],
    ],
    [
      'a nexthop is removed',
      [
        'nexthop add id 7 via 10.0.0.2 dev eth0',
        'route add 10.9.0.0/16 nhid 7',
        '-6 nexthop add id 8 via fd00::2 dev eth0',
        '-6 route add fd09::/64 nhid 8',
      ],
      ['nexthop del id 7', 'nexthop del id 8'],
    ],
  ])('%s', async (_, before, silent) => {
    await using other = await createNetns('other');
    await using red = await subnets();
    await does(red, ...before);
    await using routes = await new Follower(red, { routes: true }).ready();
    await caughtUp(red, routes);
    const had = JSON.stringify(routes.state('route'));
    await does(red, ...silent);
    await caughtUp(red, routes);
    expect(JSON.stringify(routes.state('route'))).not.toBe(had);
    expect(routes.events.some((event) => 'recovered' in event)).toBe(false);
    expect(other.open).toBe(true);
  });

  test('thousands of routes, told of while the kernel is still at taking them away', async () => {
    await using red = await createNetns('red');
    await run(red, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1'); // whose addresses go with events of their own
    await does(red, 'link set lo up');
    const numbers = Array.from({ length: 10_000 }, (_, i) => i);
    await Promise.all(
      numbers.map(async (i) => addRoute(red, { to: `10.${i >> 8}.${i & 255}.0/24`, device: 'lo' })),
    );
    await using routes = await new Follower(red, { routes: true }).ready();
    expect(routes.state('route').length).toBeGreaterThan(10_000);
    await does(red, 'link set lo down');
    await routes.until(() => routes.state('route').length < 10);
    await caughtUp(red, routes);
  });

  test('begun while devices go down, it is not left with routes that are gone', async () => {
    await using red = await subnets();
    for (let round = 0; round < 30; round++) {
      await does(red, 'route add 10.9.0.0/16 via 10.0.0.2');
      const down = does(red, 'link set eth0 down');
      await using routes = await new Follower(red, { routes: true }).ready();
      await down;
      await caughtUp(red, routes);
      await does(red, 'link set eth0 up');
    }
  });
});
