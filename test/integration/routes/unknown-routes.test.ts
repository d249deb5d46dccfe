// Routes with attributes that few routes have: what is listed of them can be removed and added, and events tell them apart.
import { addRoute, listRoutes, removeRoute, type Route, type RouteOptions, watch } from '../../../lib';
import { defined } from '../../../lib/common/objects';
import { failure, ip, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';

const ENCAP = ['encap', 'ip', 'id', '5', 'dst', '10.0.0.7'];

describe('listRoutes', () => {
  test('one of several ways has what it is wrapped into', async () => {
    await using red = await subnets();
    const ways = ['nexthop', 'via', '10.0.0.5', 'nexthop', ...ENCAP, 'via', '10.0.0.6', 'dev', 'eth0'];
    await ip(red, 'route', 'add', '10.7.0.0/16', ...ways);
    const shown = async () => run(red, 'ip', '-d', 'route', 'show', '10.7.0.0/16');
    const before = await shown();
    const route = (await listRoutes(red)).find(({ to }) => to === '10.7.0.0/16')!;
    expect(route.nexthops?.map(({ encap }) => encap?.type)).toEqual([undefined, 'ip']);
    await removeRoute(red, route);
    expect(await shown()).toBe('');
    await addRoute(red, route);
    expect(await shown()).toBe(before);
  });

  test('a number of a tunnel that no number of JavaScript is, is kept', async () => {
    await using red = await subnets();
    for (const id of ['9007199254740993', '18446744073709551615']) {
      await ip(red, 'route', 'add', '10.7.0.0/16', 'encap', 'ip', 'id', id, 'dst', '10.0.0.7', 'dev', 'eth0');
      const shown = async () => run(red, 'ip', '-d', 'route', 'show', '10.7.0.0/16');
      const before = await shown();
      expect(before).toContain(`id ${id} `);
      const route = (await listRoutes(red)).find(({ to }) => to === '10.7.0.0/16')!;
      expect(route.encap).toEqual({ type: 'ip', data: expect.stringMatching(/^0x0c000100/) as string });
      await addRoute(red, { ...route, ifExists: 'replace' });
      expect(await shown()).toBe(before);
      await removeRoute(red, route);
      expect(await shown()).toBe('');
      await addRoute(red, route);
      expect(await shown()).toBe(before);
      await removeRoute(red, route);
    }
  });

  test('what the kernel lacks of an encapsulation is not taken for a lack of IPv6', async () => {
    await using red = await subnets();
    const encap = { type: 'seg6local', action: 'End', flavors: ['psp', 'usp'] } as const;
    const done = await addRoute(red, { to: 'fd99::/64', device: 'eth0', encap }).catch(
      (error: unknown) => error,
    );
    expect(String(done)).not.toContain('no IPv6');
  });

  test('what no option expresses is refused where it is added or removed', async () => {
    await using red = await subnets();
    const before = await listRoutes(red);
    for (const options of [
      { to: '10.0.0.0/24', unknown: { 31: '0x01' } },
      { to: '10.0.0.0/24', nexthops: [{ via: '10.0.0.9', unknown: { ttlPropagate: 1 } }] },
    ] satisfies RouteOptions[]) {
      for (const attempt of [addRoute, removeRoute]) {
        const refusal = await failure(attempt(red, options));
        expect(refusal).toBeInstanceOf(RangeError);
        expect(refusal.message).toMatch(/^unknown: the route has attributes that no option expresses \("/);
      }
    }
    expect(await listRoutes(red)).toEqual(before);
  });

  test('watch does not take one for the other', async () => {
    await using red = await subnets();
    const of6 = (...words: string[]) => ['-6', 'route', 'append', 'fd09::/64', ...words, 'dev', 'eth0'];
    const encap = ['encap', 'ip6', 'id', '5', 'dst', 'fd00::7'];
    const seen: [string, Partial<Route>][] = [];
    for await (const event of watch(red, { routes: true })) {
      if (event.kind === 'ready') {
        await ip(red, ...of6(...encap));
        await ip(red, '-4', 'route', 'add', '10.9.0.0/16', 'dev', 'eth0', 'tos', '0x10', 'realm', '5');
        await ip(red, '-4', 'route', 'append', '10.9.0.0/16', 'dev', 'eth0', 'tos', '0x10', 'realm', '6');
        await ip(red, '-4', 'route', 'del', '10.9.0.0/16', 'tos', '0x10', 'realm', '5');
      }
      if (event.kind !== 'route') continue;
      const { to, ...route } = event.route;
      if (event.change !== 'present')
        seen.push([
          `${event.change} ${to}`,
          defined({ encap: route.encap, tos: route.tos, realms: route.realms }),
        ]);
      if (event.change === 'gone') break;
    }
    expect(seen).toEqual([
      ['new fd09::/64', { encap: { type: 'ip6', id: 5, dst: 'fd00::7' } }],
      ['new 10.9.0.0/16', { tos: 16, realms: { to: 5 } }],
      ['new 10.9.0.0/16', { tos: 16, realms: { to: 6 } }],
      ['gone 10.9.0.0/16', { tos: 16, realms: { to: 5 } }],
    ]);
  });
});
