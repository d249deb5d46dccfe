// Which routes are listed, and which are removed by the same filter: those that `ip route show` prints for the same words.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createNetns,
  flushRoutes,
  iterateRoutes,
  listRoutes,
  type Netns,
  type Route,
  type RouteFilter,
} from '../../../lib';
import { failure, ip, type Json, node, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';

const ADDED = [
  'default via 10.0.0.254 proto static',
  'default via 10.0.0.254 metric 7 table 100',
  '10.0.0.0/8 via 10.0.0.9 src 10.1.0.1',
  '10.2.0.0/16 via 10.0.0.9 proto static metric 7',
  '10.2.3.0/24 via 10.1.0.9 proto bird',
  '10.2.3.4 via 10.1.0.9',
  '10.3.0.0/16 nexthop via 10.0.0.9 nexthop via 10.1.0.9',
  '10.4.0.0/16 dev eth1 scope link proto 77',
  '10.5.0.0/16 via inet6 fd00::9 dev eth0',
  'blackhole 10.6.0.0/16 proto static',
  'unreachable 10.7.0.0/16 table 1000',
  '10.8.0.0/16 via 10.0.0.9 tos 0x10',
  '10.9.0.0/16 via 10.0.0.9 realm 5',
  '10.10.0.0/16 via 10.0.0.9 realm 3/7',
  '10.11.0.0/16 via 10.0.0.9 realm 3/6',
  'default via fd00::fe proto static',
  'fd02::/32 via fd00::9 metric 7',
  'fd02::/64 via fd01::9 proto bird',
  'fd02::1 via fd01::9',
  'blackhole fd06::/64 proto static',
  'fd07::/64 dev eth1 table 100',
];

const FAMILY = (words: string) => (words.includes('fd0') && !words.includes('inet6') ? '-6' : '-4');

async function lab(): Promise<Netns> {
  const red = await subnets();
  for (const words of ADDED) await run(red, 'ip', FAMILY(words), 'route', 'add', ...words.split(' '));
  return red;
}

/** A filter, and the words of `ip` for it; where they are for one family, that one. */
const FILTERS: [filter: RouteFilter, words: string, family?: '-4' | '-6'][] = [
  [{}, ''],
  [{ table: 100 }, 'table 100'],
  [{ table: 1000 }, 'table 1000'],
  [{ table: 'all' }, 'table all'],
  [{ table: 'local' }, 'table local'],
  [{ protocol: 'static' }, 'proto static'],
  [{ protocol: 'bird', family: 6 }, 'proto bird', '-6'],
  [{ protocol: 77 }, 'proto 77'],
  [{ protocol: 'kernel', table: 'all' }, 'proto kernel table all'],
  [{ type: 'blackhole' }, 'type blackhole'],
  [{ type: 6 }, 'type blackhole'],
  [{ type: 'local', table: 'all', family: 4 }, 'type local table all', '-4'],
  [{ scope: 'link' }, 'scope link', '-4'],
  [{ scope: 'host', table: 'local' }, 'scope host table local', '-4'],
  [{ device: 'eth1', family: 6 }, 'dev eth1', '-6'],
  [{ via: '10.1.0.9' }, 'via 10.1.0.9', '-4'],
  [{ via: 'FD01:0::9' }, 'via fd01::9', '-6'],
  [{ src: '10.1.0.1' }, 'src 10.1.0.1', '-4'],
  [{ tos: 0x10 }, 'tos 0x10', '-4'],
  [{ realms: { to: 5 } }, 'realms 5', '-4'],
  [{ realms: { from: 3, to: 7 } }, 'realms 3/7', '-4'],
  [{ metric: 7, table: 'all' }, 'metric 7 table all'],
  [{ to: '10.2.0.0/16' }, 'exact 10.2.0.0/16', '-4'],
  [{ to: '10.2.3.4' }, 'exact 10.2.3.4', '-4'],
  [{ to: 'default', family: 4 }, 'exact default', '-4'],
  [{ to: 'default', family: 6 }, 'exact default', '-6'],
  [{ to: 'fd02::/64' }, 'exact fd02::/64', '-6'],
  [{ root: '10.2.0.0/16' }, 'root 10.2.0.0/16', '-4'],
  [{ root: '10.2.0.0/15' }, 'root 10.2.0.0/15', '-4'],
  [{ root: 'fd02::/16', protocol: 'bird' }, 'root fd02::/16 proto bird', '-6'],
  [{ match: '10.2.3.4' }, 'match 10.2.3.4', '-4'],
  [{ match: '10.2.3.0/24' }, 'match 10.2.3.0/24', '-4'],
  [{ match: 'fd02::7' }, 'match fd02::7', '-6'],
  [{ match: '0.0.0.0/0' }, 'match 0.0.0.0/0', '-4'],
  [{ match: '10.9.9.9', table: 100 }, 'match 10.9.9.9 table 100', '-4'],
];

/** The routes over several ways, whose gateways `ip` does not look at. */
const SEVERAL: readonly string[] = ['10.3.0.0/16'];

async function told(netns: Netns, words: string, family?: string): Promise<string[]> {
  const families = family === undefined ? ['-4', '-6'] : [family];
  const args = words.split(' ').filter(Boolean);
  const shown: Json[] = [];
  for (const one of families) {
    // which fails where one of the families never had such a table
    shown.push(...(await ip(netns, one, 'route', 'show', ...args).catch(() => [])));
  }
  // `ip` does not print what it was told
  const [asked = 'main', priority] = ['table', 'metric'].map(
    (word) => new RegExp(`${word} (\\S+)`).exec(words)?.[1],
  );
  return shown.map(({ dst, table = asked, metric = priority }) => [dst, table, metric].join(' '));
}

const named = (routes: readonly Route[]) =>
  routes.map(({ to, table, metric }) => [to, table, metric].join(' '));

describe('listRoutes, iterateRoutes, flushRoutes', () => {
  test('every filter chooses what ip chooses', async () => {
    await using red = await lab();
    for (const [filter, words, family] of FILTERS) {
      const listed = await listRoutes(red, filter);
      const alone = listed.filter(({ to }) => filter.via === undefined || !SEVERAL.includes(to));
      expect([words, named(alone)]).toEqual([words, await told(red, words, family)]);
      if (words !== 'table all') expect(listed.length).toBeLessThan(30);
      const iterated: Route[] = [];
      for await (const one of iterateRoutes(red, filter)) iterated.push(one);
      expect(iterated).toEqual(listed);
    }
  });

  test('a realm that is left out may be any', async () => {
    await using red = await lab();
    const listed = await listRoutes(red, { realms: { from: 3 } });
    expect(listed.map(({ to }) => to)).toEqual(['10.10.0.0/16', '10.11.0.0/16']);
  });

  test('a route of several ways is found by any of them', async () => {
    await using red = await lab();
    for (const filter of [{ via: '10.0.0.9' }, { via: '10.1.0.9' }, { device: 'eth0' }, { device: 'eth1' }]) {
      expect((await listRoutes(red, { ...filter, family: 4 })).map(({ to }) => to)).toContain('10.3.0.0/16');
    }
    expect(await listRoutes(red, { via: '10.1.0.8' })).toEqual([]);
  });

  test('what was listed is flushed, and nothing else', async () => {
    for (const [filter, words, family] of FILTERS) {
      // without routes in the table 'local', others cannot be looked at
      if (words === '' || /all|local/.test(words)) continue;
      await using red = await lab();
      const before = await told(red, 'table all');
      const listed = named(await listRoutes(red, filter));
      expect(await flushRoutes(red, filter)).toBe(listed.length);
      expect([words, await told(red, words, family)]).toEqual([words, []]);
      expect([words, await told(red, 'table all')]).toEqual([
        words,
        before.filter((one) => !listed.includes(one)),
      ]);
      expect(await flushRoutes(red, filter)).toBe(0);
    }
  });

  test('routes that no option expresses are flushed as well', async () => {
    await using red = await subnets();
    const before = await told(red, 'table all');
    await run(red, 'ip', 'nexthop', 'add', 'id', '7', 'via', '10.0.0.9', 'dev', 'eth0');
    await run(red, 'ip', 'nexthop', 'add', 'id', '8', 'via', 'fd00::9', 'dev', 'eth0');
    for (const words of [
      '10.7.0.0/16 nhid 7 proto static',
      '10.8.0.0/16 encap ip id 5 dst 10.0.0.7 dev eth0 proto static',
      '10.9.0.0/16 dev eth0 tos 0x10 mtu lock 1400 advmss 1300 proto static',
      'fd07::/64 nhid 8 proto static',
      'fd08::/64 dev eth0 pref high expires 600 proto static',
    ])
      await run(red, 'ip', FAMILY(words), 'route', 'add', ...words.split(' '));
    expect(await flushRoutes(red, { protocol: 'static' })).toBe(5);
    expect(await told(red, 'table all')).toEqual(before);
  });

  test('a filter that says nothing flushes nothing', async () => {
    await using red = await lab();
    const before = await told(red, 'table all');
    for (const filter of [{}, { family: 4 }, { family: 6, device: undefined }] as RouteFilter[]) {
      const error = await failure(flushRoutes(red, filter));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe("filter: expected what the routes have, such as { table: 'main' }");
    }
    expect(await told(red, 'table all')).toEqual(before);
  });

  test.each<[object, string]>([
    [{ tabel: 7 }, "tabel: there is no such option; did you mean 'table'?"],
    [{ table: 'mian' }, 'table: expected default, main, local or a number from 1 to 4294967295, got "mian"'],
    [{ protocol: 'sttic' }, 'protocol: expected a number, or one of '],
    [{ to: '10.0.0.1/8' }, 'to: address bits beyond the prefix length'],
    [{ via: '10.0.0.1/8' }, 'via: expected an address'],
    [{ root: '10.0.0.0/8', family: 6 }, 'root: expected an IPv6 network, got "10.0.0.0/8"'],
  ])('%p is refused', async (filter, message) => {
    await using red = await createNetns();
    for (const attempt of [
      listRoutes(red, filter),
      flushRoutes(red, filter),
      Promise.resolve().then(() => iterateRoutes(red, filter)),
    ]) {
      expect((await failure(attempt as Promise<unknown>)).message).toContain(message);
    }
  });

  test('there is no such device, or the handle is closed', async () => {
    await using red = await lab();
    const missing = iterateRoutes(red, { device: 'nosuch' }).next();
    expect(await failure(missing)).toMatchObject({
      name: 'NetlinkError',
      code: 'ENODEV',
      message: 'ENODEV: find device nosuch in namespace red: there is no such device',
    });
    const handle = await createNetns();
    const closed = iterateRoutes(handle).next();
    handle.close();
    expect(await failure(closed)).toMatchObject({ name: 'NetnsError', code: 'ERR_NETNS_CLOSED' });
  });

  test('a loop that is left ends the list', async () => {
    await using red = await lab();
    const all = await listRoutes(red, { table: 'all' });
    for await (const first of iterateRoutes(red, { table: 'all' })) {
      expect(first).toEqual(all[0]);
      break;
    }
    expect(await listRoutes(red, { table: 'all' })).toEqual(all);
  });

  test('a list that nobody goes on with does not keep the process alive', async () => {
    const said = await node(`
    const netns = await rtnetns.createNetns();
    await rtnetns.setLink(netns, 'lo', { up: true });
    const { value } = await rtnetns.iterateRoutes(netns, { table: 'local' }).next();
    say(value.to);`);
    expect(said).toEqual([expect.stringMatching(/^127\./)]); // 5.10 has a route to 127.0.0.0 as well
  });

  test('the kernel lists on as the loop takes', async () => {
    await using red = await createNetns('red');
    const count = 50_000;
    const metrics =
      'mtu 1400 advmss 1300 window 9 rtt 9ms rttvar 9ms ssthresh 9 cwnd 9 hoplimit 9 initcwnd 9';
    const lines = Array.from(
      { length: count },
      (_, i) =>
        `route add blackhole 10.${i >> 16}.${(i >> 8) & 255}.${i & 255} table 100 ${metrics} initrwnd 9 reordering 9`,
    );
    const directory = mkdtempSync(join(tmpdir(), 'routes-'));
    writeFileSync(join(directory, 'batch'), lines.join('\n'));
    await run(red, 'ip', '-batch', join(directory, 'batch'));
    rmSync(directory, { recursive: true });
    let seen = 0;
    for await (const { table } of iterateRoutes(red, { table: 100 })) seen += table === 100 ? 1 : 0;
    expect(seen).toBe(count);
    // what has not been listed by now is not there any more
    seen = 0;
    for await (const { table } of iterateRoutes(red, { table: 100 })) {
      if (seen === 0) await run(red, 'ip', 'route', 'flush', 'table', '100');
      seen += table === 100 ? 1 : 0;
    }
    expect(seen).toBeGreaterThan(100);
    expect(seen).toBeLessThan(count);
  });
});
