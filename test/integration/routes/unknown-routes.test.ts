import { addRoute, listRoutes, removeRoute, type Route, watch } from '../../../lib';
import { failure, ip } from '../../support/ip';
import { subnets } from '../../support/namespaces';

const ENCAP = ['encap', 'ip', 'id', '5', 'dst', '10.0.0.7'];

/** Routes that our options cannot express, by ip(8)'s words. */
const ROUTES = {
  '10.7.0.0/16': ['nhid', '7'],
  '10.8.0.0/16': [...ENCAP, 'dev', 'eth0'],
  '10.9.0.0/16': ['dev', 'eth0', 'realm', '5'],
  '10.10.0.0/16': ['dev', 'eth0', 'tos', '0x10'],
  '10.11.0.0/16': ['dev', 'eth0', 'mtu', '1400', 'advmss', '1200'],
  'fd07::/64': ['from', 'fd02::/64', 'dev', 'eth0'],
  'fd08::/64': ['dev', 'eth0', 'pref', 'high'],
} as const;

const UNKNOWN: Readonly<Record<keyof typeof ROUTES, object>> = {
  '10.7.0.0/16': { nexthopId: 7 },
  '10.8.0.0/16': { encapType: 2, encap: expect.stringMatching(/^0x/) as string },
  '10.9.0.0/16': { flow: 5 },
  '10.10.0.0/16': { tos: 16 },
  '10.11.0.0/16': { metrics: { advertisedMss: 1200 } },
  'fd07::/64': { source: 'fd02::', srcLength: 64 },
  'fd08::/64': { preference: 1 },
};

describe('listRoutes', () => {
  test('what a view cannot express is marked, and remove and add refuse it', async () => {
    await using red = await subnets();
    await ip(red, 'nexthop', 'add', 'id', '7', 'via', '10.0.0.9', 'dev', 'eth0');
    const plain = await listRoutes(red);
    expect(plain.filter(({ unknown }) => unknown !== undefined)).toEqual([]);
    for (const [to, words] of Object.entries(ROUTES)) {
      await ip(red, to.includes(':') ? '-6' : '-4', 'route', 'add', to, ...words);
    }
    const listed = await listRoutes(red);
    const found = listed.filter(({ unknown }) => unknown !== undefined);
    expect(Object.fromEntries(found.map(({ to, unknown }) => [to, unknown]))).toEqual(UNKNOWN);
    for (const { to, unknown } of found) {
      for (const attempt of [addRoute, removeRoute]) {
        const refusal = await failure(attempt(red, { to, unknown: unknown! }));
        expect(refusal).toBeInstanceOf(RangeError);
        expect(refusal.message).toMatch(/^unknown: the route has attributes that no option expresses \("/);
      }
    }
    expect(await listRoutes(red)).toEqual(listed);
  });

  test('one of several ways is marked, too', async () => {
    await using red = await subnets();
    const ways = ['nexthop', 'via', '10.0.0.5', 'nexthop', ...ENCAP, 'via', '10.0.0.6'];
    await ip(red, 'route', 'add', '10.7.0.0/16', ...ways);
    const route = (await listRoutes(red)).find(({ to }) => to === '10.7.0.0/16');
    expect(route?.nexthops?.map(({ unknown }) => Object.keys(unknown ?? {}))).toEqual([
      [],
      expect.arrayContaining(['encapType', 'encap']),
    ]);
  });

  test('watch does not take one for the other', async () => {
    await using red = await subnets();
    const of6 = (...words: string[]) => ['-6', 'route', 'append', 'fd09::/64', ...words, 'dev', 'eth0'];
    const encap = ['encap', 'ip6', 'id', '5', 'dst', 'fd00::7'];
    const seen: [string, Route['unknown']][] = [];
    for await (const event of watch(red, { routes: true })) {
      if (event.kind === 'ready') {
        await ip(red, ...of6(...encap));
        await ip(red, '-4', 'route', 'add', '10.9.0.0/16', 'dev', 'eth0', 'tos', '0x10', 'realm', '5');
        await ip(red, '-4', 'route', 'append', '10.9.0.0/16', 'dev', 'eth0', 'tos', '0x10', 'realm', '6');
        await ip(red, '-4', 'route', 'del', '10.9.0.0/16', 'tos', '0x10', 'realm', '5');
      }
      if (event.kind !== 'route') continue;
      const { to, unknown } = event.route;
      if (event.change !== 'present') seen.push([`${event.change} ${to}`, unknown]);
      if (event.change === 'gone') break;
    }
    expect(seen).toEqual([
      ['new fd09::/64', { encapType: 4, encap: expect.stringMatching(/^0x/) as string }],
      ['new 10.9.0.0/16', { tos: 16, flow: 5 }],
      ['new 10.9.0.0/16', { tos: 16, flow: 6 }],
      ['gone 10.9.0.0/16', { tos: 16, flow: 5 }],
    ]);
  });
});
