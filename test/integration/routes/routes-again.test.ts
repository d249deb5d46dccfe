// Routes that are there already, or not there, or cannot be.
import { addRoute, type AddRouteOptions, createVeth, type Netns, removeRoute } from '../../../lib';
import { failure, ip, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';

const shown = async (netns: Netns, to: string) =>
  (await run(netns, 'ip', to.includes(':') ? '-6' : '-4', 'route', 'show', to))
    .trim()
    .split('\n')
    .filter(Boolean);

describe('addRoute, removeRoute', () => {
  describe.each([
    { to: '10.2.0.0/16', via: '10.0.0.9', other: '10.0.0.8' },
    { to: 'fd02::/64', via: 'fd00::9', other: 'fd00::8' },
  ])('to $to', ({ to, via, other }) => {
    test('twice is an error, or nothing', async () => {
      await using red = await subnets();
      await addRoute(red, { to, via });
      const before = await ip(red, 'route', 'show', 'table', 'all');
      expect(await failure(addRoute(red, { to, via }))).toMatchObject({
        name: 'NetlinkError',
        code: 'EEXIST',
        message: `EEXIST: add route to ${to} in namespace red: the table has a route to this destination with this metric already`,
      });
      expect(await failure(addRoute(red, { to, via: other }))).toMatchObject({ code: 'EEXIST' });
      await addRoute(red, { to, via, ifExists: 'ignore' });
      await addRoute(red, { to, via: other, ifExists: 'ignore' });
      expect(await ip(red, 'route', 'show', 'table', 'all')).toEqual(before);
    });

    test('another metric, another table, are other routes', async () => {
      await using red = await subnets();
      await addRoute(red, { to, via, metric: 1 });
      await addRoute(red, { to, via, metric: 2 });
      await addRoute(red, { to, via, table: 100 });
      const told = await shown(red, to);
      expect(told.map((line) => /metric (\d)/.exec(line)?.[1])).toEqual(['1', '2']);
      await removeRoute(red, { to, metric: 2 });
      expect((await shown(red, to)).map((line) => /metric (\d)/.exec(line)?.[1])).toEqual(['1']);
      await removeRoute(red, { to, table: 100 });
      await removeRoute(red, { to });
      expect(await shown(red, to)).toEqual([]);
    });

    test('replacing, and appending', async () => {
      await using red = await subnets();
      await addRoute(red, { to, via, ifExists: 'replace' });
      await addRoute(red, { to, via: other, ifExists: 'replace' });
      expect(await shown(red, to)).toEqual([expect.stringContaining(`via ${other} dev eth0`) as string]);
      await addRoute(red, { to, via, ifExists: 'append' });
      const told = (await shown(red, to)).join(' ');
      expect(told).toContain(`via ${via} dev eth0`);
      expect(told).toContain(`via ${other} dev eth0`);
      await removeRoute(red, { to, via: other });
      expect((await shown(red, to)).join(' ')).not.toContain(other);
      expect((await shown(red, to)).join(' ')).toContain(via);
    });

    test('removing what is not there is an error, or nothing', async () => {
      await using red = await subnets();
      await addRoute(red, { to, via });
      const before = await ip(red, 'route', 'show', 'table', 'all');
      const attempts = [
        { to, via: other },
        { to, via, metric: 77 },
        { to, table: 'default' as const },
        { to, type: 'blackhole' as const, metric: 77 },
      ];
      for (const route of attempts) {
        expect(await failure(removeRoute(red, route))).toMatchObject({
          name: 'NetlinkError',
          code: 'ESRCH',
          message: expect.stringMatching(
            /^ESRCH: remove route to .* in namespace red: .*there is no such route$/,
          ) as string,
        });
        await removeRoute(red, { ...route, ifMissing: 'ignore' });
      }
      expect(await ip(red, 'route', 'show', 'table', 'all')).toEqual(before);
      await removeRoute(red, { to });
      await removeRoute(red, { to, ifMissing: 'ignore' });
      expect(await failure(removeRoute(red, { to }))).toMatchObject({ code: 'ESRCH' });
    });
  });

  test('routes of several ways are removed as a whole, also by naming the ways', async () => {
    await using red = await subnets();
    const nexthops = [{ via: '10.0.0.2', weight: 2 }, { via: '10.0.0.3' }];
    const before = await ip(red, 'route', 'show', 'table', 'all');
    for (const route of [{ to: 'default' }, { to: 'default', nexthops }]) {
      await addRoute(red, { to: 'default', nexthops });
      await removeRoute(red, route);
      expect(await ip(red, 'route', 'show', 'table', 'all')).toEqual(before);
    }
  });

  test.each<[AddRouteOptions, string, string]>([
    [{ to: 'default', via: '10.9.0.1' }, 'ENETUNREACH', 'the gateway is on no link'],
    [{ to: 'default', via: 'fd09::1' }, 'EHOSTUNREACH', 'the gateway is on no link'],
    // a route too early: the device is down
    [{ to: 'default', via: '10.7.0.9' }, 'ENETUNREACH', 'its device has to be up'],
    [{ to: 'default', via: '10.7.0.9', device: 'down0' }, 'ENETUNREACH', 'its device has to be up'],
    [{ to: '10.2.0.0/16', device: 'down0' }, 'ENETDOWN', 'Device for nexthop is not up'],
    [{ to: 'fd02::/64', device: 'down0' }, 'ENETDOWN', 'not up'],
    [
      { to: '10.2.0.0/16', device: 'nosuch' },
      'ENODEV',
      'find device nosuch in namespace red: there is no such device',
    ],
    [{ to: '10.2.0.0/16', device: 4711 }, 'ENODEV', 'there is no such device'],
    [{ to: 'fd02::/64', device: 4711 }, 'ENODEV', 'there is no such device'],
    [{ to: '10.2.0.0/16' }, 'ENODEV', 'neither device nor gateway was given'],
    [
      { to: '10.2.0.0/16', nexthops: [{ via: '10.0.0.2' }, { device: 'nosuch' }] },
      'ENODEV',
      'there is no such device',
    ],
    [
      { to: '10.2.0.0/16', nexthops: [{ via: '10.0.0.2' }, { via: '10.9.0.1' }] },
      'ENETUNREACH',
      'the gateway is on no link',
    ],
    [{ to: '10.2.0.0/16', via: '10.0.0.9', src: '9.9.9.9' }, 'EINVAL', 'Invalid prefsrc address'],
    [{ to: 'fd02::/64', via: 'fd00::9', src: 'fd09::1' }, 'EINVAL', 'in namespace red'],
    [
      { to: '10.2.0.0/16', type: 'blackhole', device: 'eth0' },
      'EINVAL',
      'can not be specified for this route type',
    ],
  ])('%p is refused', async (options, code, message) => {
    await using red = await subnets();
    await createVeth({ netns: red, name: 'down0', addrs: ['10.7.0.1/24'] }, { netns: red, name: 'down1' });
    const before = await ip(red, 'route', 'show', 'table', 'all');
    const error = await failure(addRoute(red, options));
    expect(error).toMatchObject({ name: 'NetlinkError', code });
    expect(error.message).toContain(message);
    expect(await ip(red, 'route', 'show', 'table', 'all')).toEqual(before);
  });

  test('hundreds at once, of which one fails alone', async () => {
    await using red = await subnets();
    await addRoute(red, { to: '10.2.150.0/24', via: '10.0.0.9' });
    const all = await Promise.allSettled(
      Array.from({ length: 300 }, (_, i) =>
        addRoute(red, { to: `10.${2 + (i >> 8)}.${i & 255}.0/24`, via: '10.0.0.9' }),
      ),
    );
    expect(all.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([150]);
    expect((await ip(red, 'route', 'show', 'via', '10.0.0.9')).length).toBe(300);
  });
});
