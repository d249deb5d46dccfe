import { addRoute, connect, listRoutes, ping, removeRoute, waitForAddr } from '../../../lib';
import { failure, ip } from '../../support/ip';
import { linked } from '../../support/namespaces';

describe('addRoute', () => {
  test('a link-local gateway brings its device', async () => {
    await using pair = await linked();
    const { red } = pair;
    await addRoute(red, { to: 'fd01::/64', via: 'fe80::1%eth0' });
    await addRoute(red, { to: 'fd02::/64', via: 'fe80::1%eth0', device: 'eth0' });
    const nexthops = [{ via: 'fe80::1%eth0' }, { via: 'fe80::2%eth0' }];
    await addRoute(red, { to: 'fd03::/64', nexthops });
    const theirs = (await ip(red, '-6', 'route')).filter(({ dst }) => /^fd0[1-3]/.test(String(dst)));
    expect(theirs).toMatchObject([
      { dst: 'fd01::/64', gateway: 'fe80::1', dev: 'eth0' },
      { dst: 'fd02::/64', gateway: 'fe80::1', dev: 'eth0' },
      {
        dst: 'fd03::/64',
        nexthops: [
          { gateway: 'fe80::1', dev: 'eth0' },
          { gateway: 'fe80::2', dev: 'eth0' },
        ],
      },
    ]);
    await removeRoute(red, { to: 'fd01::/64', via: 'fe80::1%eth0' });
    expect((await listRoutes(red)).map(({ to }) => to)).not.toContain('fd01::/64');
  });

  test('a zone that contradicts the device, or of an address that is not link-local, is refused', async () => {
    await using pair = await linked();
    const { red } = pair;
    for (const [via, device, message] of [
      ['fe80::1%eth0', 'lo', /^via: the zone and the option 'device' differ/],
      ['fe80::1%2', 3, /^via: the zone and the option 'device' differ/],
      ['fd00::1%eth0', 'eth0', /^via: expected an address/],
    ] as const) {
      expect((await failure(addRoute(red, { to: 'fd01::/64', via, device }))).message).toMatch(message);
    }
    expect((await failure(ping(red, 'fe80::1%lo', { device: 'eth0' }))).message).toMatch(/^to: the zone/);
  });

  test('a zone that no device may have is refused by the option that it was given in', async () => {
    await using pair = await linked();
    const { red } = pair;
    const index = 'zone: a device index is an integer from 1 to 2147483647, got';
    const far = { to: 'fd01::/64', nexthops: [{ via: 'fe80::1%eth0' }, { via: 'fe80::1%4294967298' }] };
    for (const [attempt, message] of [
      [() => addRoute(red, { to: 'fd01::/64', via: 'fe80::b%0' }), `via: ${index} 0`],
      [() => addRoute(red, { to: '10.9.0.0/16', via: 'fe80::b%4294967298' }), `via: ${index} 4294967298`],
      [() => removeRoute(red, { to: 'fd01::/64', via: 'fe80::b%0' }), `via: ${index} 0`],
      [() => addRoute(red, far), `nexthops[1].via: ${index} 4294967298`],
      [
        () => addRoute(red, { to: 'fd01::/64', via: 'fe80::b%' }),
        'via: zone: a device name must not be empty, got ""',
      ],
      [() => ping(red, 'fe80::1%0'), `to: ${index} 0`],
      [() => connect(red, { host: 'fe80::1%0', port: 80 }), `host: ${index} 0`],
    ] as const) {
      expect((await failure(attempt())).message).toBe(message);
    }
  });

  test('a zone that is no device here is called a zone', async () => {
    const { red, blue } = await linked();
    const nexthops = [{ via: 'fe80::1%eth0' }, { via: 'fe80::1%nosuch' }];
    for (const [attempt, operation] of [
      [() => addRoute(red, { to: 'fd01::/64', via: 'fe80::b%nosuch' }), 'find zone of via'],
      [() => addRoute(red, { to: 'fd01::/64', nexthops }), 'find zone of nexthops[1].via'],
      [() => addRoute(red, { to: 'fd01::/64', via: 'fe80::b', device: 'nosuch' }), 'find device'],
      [() => ping(red, 'fe80::1%nosuch'), 'find zone'],
      [() => connect(red, { host: 'fe80::1%nosuch', port: 80 }), 'find zone'],
    ] as const) {
      expect(await failure(attempt())).toMatchObject({ code: 'ENODEV', device: 'nosuch', operation });
    }
    red.close();
    blue.close();
    expect((await failure(ping(red, 'fe80::1%eth0'))).message).toMatch(
      /^ERR_NETNS_CLOSED: ping fe80::1%eth0 in namespace /,
    );
  });

  test('ping takes the device from the zone', async () => {
    await using pair = await linked({ addrs: ['fe80::#/64'], addrGenMode: 'none' });
    const { red, blue } = pair;
    await waitForAddr(red, 'eth0', 'fe80::1');
    await waitForAddr(blue, 'eth0', 'fe80::2');
    expect(await ping(red, 'fe80::2%eth0', { count: 1 })).toMatchObject({ received: 1 });
  });
});
