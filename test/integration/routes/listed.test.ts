// What a list returns is taken by what adds and what removes: `ip` shows the same after as before.
import {
  addAddr,
  addNeighbor,
  addRoute,
  addRule,
  createNetns,
  createVeth,
  listAddrs,
  listNeighbors,
  listRoutes,
  listRules,
  type Netns,
  removeAddr,
  removeNeighbor,
  removeRoute,
  removeRule,
} from '../../../lib';
import { failure, ip, type Json, run } from '../../support/ip';

/** Two devices that are up, with a neighbor each that never changes. */
async function lab(): Promise<Netns> {
  const red = await createNetns();
  await createVeth(
    { netns: red, name: 'eth0', up: true, addrs: ['10.0.0.1/24', 'fd00::1/64'] },
    { netns: red, name: 'eth1', up: true, addrs: ['10.0.1.1/24', 'fd01::1/64'] },
  );
  return red;
}

/** In one order, and without what changes by itself. */
const sorted = (shown: Json[]) => shown.map((one) => JSON.stringify({ ...one, flags: [] })).sort();

async function routes(netns: Netns): Promise<string[]> {
  const shown = await Promise.all(
    ['-4', '-6'].map((family) => ip(netns, family, 'route', 'show', 'table', 'all')),
  );
  // the kernel's own IPv6 routes come and go with the carrier
  return sorted(shown.flat().filter(({ dst, table }) => dst !== 'ff00::/8' && table !== 'local'));
}

describe('addRoute, removeRoute, addRule, removeRule, addAddr, removeAddr, addNeighbor, removeNeighbor', () => {
  test.each<[string]>([
    ['10.2.0.0/16 via 10.0.0.9'],
    ['10.2.0.0/16 via 10.0.1.9 dev eth1 metric 7 src 10.0.0.1 mtu 1400'],
    ['10.2.0.0/16 dev eth1 scope link'],
    ['10.2.0.0/16 via 192.0.2.1 dev eth1 onlink'],
    ['10.2.0.0/16 via inet6 fd01::9 dev eth1'],
    ['10.2.0.0/16 proto static table 100 dev eth1'],
    ['10.2.0.0/16 nexthop via 10.0.0.9 weight 2 nexthop via 10.0.1.9 dev eth1 weight 3'],
    ['blackhole 10.2.0.0/16'],
    ['unreachable 10.2.0.0/16 metric 9'],
    ['default via 10.0.1.9'],
    ['fd02::/64 via fd01::9 metric 5'],
    ['fd02::/64 via fd01::9 dev eth1 mtu 1400 proto 77'],
    ['fd02::/64 dev eth1 src fd01::1'],
    ['default via fd01::9'],
  ])('the route %s', async (words) => {
    await using red = await lab();
    const family = words.includes('fd0') && !words.includes('inet6') ? '-6' : '-4';
    await run(red, 'ip', family, 'route', 'add', ...words.split(' '));
    // one beside it that must not be taken for it
    const beside = words.includes('default') ? ['default'] : [/\S+\/\d+/.exec(words)![0]];
    const gateway = family === '-6' ? 'fd00::7' : '10.0.0.7';
    await run(red, 'ip', family, 'route', 'add', ...beside, 'via', gateway, 'dev', 'eth0', 'metric', '3000');
    const before = await routes(red);
    const listed = (await listRoutes(red, { table: 'all' })).filter(
      ({ to, metric, table }) => to === beside[0] && metric !== 3000 && table !== 'local',
    );
    expect(listed).toHaveLength(1);
    await removeRoute(red, listed[0]!);
    const [gone] = before.filter((one) => !one.includes('3000') && one.includes(`"dst":"${beside[0]}"`));
    expect(await routes(red)).toEqual(before.filter((one) => one !== gone));
    await addRoute(red, listed[0]!);
    expect(await routes(red)).toEqual(before);
  });

  test('of two routes by two devices, the listed one is removed', async () => {
    await using red = await lab();
    for (const device of ['eth0', 'eth1'])
      await addRoute(red, {
        to: '10.2.0.0/16',
        device,
        ifExists: 'append',
        metric: device === 'eth0' ? 1 : 2,
      });
    const listed = (await listRoutes(red)).filter(({ to }) => to === '10.2.0.0/16');
    const [, second] = listed;
    await removeRoute(red, { to: second!.to, index: second!.index! });
    expect((await ip(red, 'route', 'show', '10.2.0.0/16')).map(({ dev }) => dev)).toEqual(['eth0']);
    // in another namespace, where the device has another index
    await using blue = await createNetns();
    await createVeth({ netns: blue, name: 'a' }, { netns: blue, name: 'b' });
    await createVeth({ netns: blue, name: 'lan', up: true }, { netns: blue, name: 'c', up: true });
    await addRoute(blue, { ...second!, device: 'lan' });
    expect(await ip(blue, 'route', 'show', '10.2.0.0/16')).toMatchObject([{ dev: 'lan', metric: 2 }]);
  });

  test.each<[string]>([
    ['from 10.0.0.0/8 table 100 priority 50'],
    ['to 10.0.0.0/8 iif eth0 oif eth1 fwmark 0x5/0xff tos 0x10 goto 32766 priority 51'],
    ['not from 10.0.0.1 ipproto tcp sport 80-90 dport 443 uidrange 0-1000 prohibit priority 52'],
    ['table main suppress_prefixlength 0 priority 53'],
    ['from 10.9.0.0/16 protocol static blackhole priority 54'],
    ['l3mdev priority 55'],
    ['fwmark 0/0xf table 100 priority 56'],
    ['fwmark 0/0xffffffff table 100 priority 57'],
  ])('the rule %s', async (words) => {
    await using red = await createNetns();
    for (const family of ['-4', '-6']) {
      if (family === '-6' && words.includes('10.')) continue;
      await run(red, 'ip', family, 'rule', 'add', ...words.split(' '));
      await run(red, 'ip', family, 'rule', 'add', 'table', '77', 'priority', '60');
      const before = await ip(red, family, 'rule');
      const listed = await listRules(red, { family: family === '-4' ? 4 : 6 });
      const rule = listed.find(({ priority }) => priority > 49 && priority < 60)!;
      await removeRule(red, rule);
      expect(await ip(red, family, 'rule')).toEqual(
        before.filter(({ priority }) => priority !== rule.priority),
      );
      await addRule(red, rule);
      expect(await ip(red, family, 'rule')).toEqual(before);
    }
  });

  test.each<[string]>([
    ['10.0.5.1/24 brd 10.0.5.255 label eth1:x'],
    ['10.0.5.1 peer 10.0.5.2/32'],
    ['10.0.5.1/24 noprefixroute metric 7 scope link'],
    ['fd05::1/64 nodad'],
    ['fd05::1/64'],
    ['fd05::1/64 noprefixroute nodad metric 7'],
  ])('the address %s', async (words) => {
    await using red = await lab();
    await run(red, 'ip', 'addr', 'add', ...words.split(' '), 'dev', 'eth1');
    const shown = async () => {
      const [found] = await ip(red, 'addr', 'show', 'dev', 'eth1');
      const own = (found!['addr_info'] as Json[]).filter(({ local }) =>
        /^(10\.0\.5|fd05)/.test(String(local)),
      );
      return own.map(({ tentative: _, ...rest }) => rest);
    };
    const before = await shown();
    expect(before).toHaveLength(1);
    const listed = (await listAddrs(red)).filter(({ addr }) => /^(10\.0\.5|fd05)/.test(addr));
    const [one] = listed;
    await removeAddr(red, one!.index, one!.addr, one);
    expect(await shown()).toEqual([]);
    await addAddr(red, one!.index, one!.addr, one);
    expect(await shown()).toEqual(before);
  });

  test.each<[string]>([
    ['10.0.1.7 lladdr 02:00:00:00:00:07 nud permanent'],
    ['10.0.1.7 lladdr 02:00:00:00:00:07 nud stale extern_learn'],
    ['fd01::7 lladdr 02:00:00:00:00:07 nud permanent router'],
  ])('the neighbor %s', async (words) => {
    await using red = await lab();
    await run(red, 'ip', 'neigh', 'add', ...words.split(' '), 'dev', 'eth1');
    const shown = async () => (await ip(red, 'neigh')).filter(({ dst }) => String(dst).endsWith('7'));
    const before = await shown();
    expect(before).toHaveLength(1);
    const [one] = (await listNeighbors(red)).filter(({ address }) => address.endsWith('7'));
    await removeNeighbor(red, one!.index, one!.address, one);
    expect((await shown()).filter(({ state }) => (state as string[])[0] !== 'FAILED')).toEqual([]);
    await addNeighbor(red, one!.index, one!.address, { ...one!, mac: one!.mac!, ifExists: 'replace' });
    expect(await shown()).toEqual(before);
  });

  test('a rule for all packets says what becomes of them, and no rule is removed by nothing', async () => {
    await using red = await createNetns();
    const before = await ip(red, 'rule');
    for (const options of [{}, { priority: 7 }, { family: 4 as const }]) {
      expect((await failure(addRule(red, options))).message).toMatch(
        /^options: a rule for all packets needs/,
      );
    }
    for (const options of [{}, { family: 4 as const }, { ifMissing: 'ignore' as const }]) {
      expect((await failure(removeRule(red, options))).message).toMatch(
        /^options: expected what the rule has/,
      );
    }
    expect(await ip(red, 'rule')).toEqual(before);
  });
});
