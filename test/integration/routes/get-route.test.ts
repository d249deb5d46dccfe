import {
  addRoute,
  createNetns,
  getRoute,
  type GetRouteOptions,
  type Netns,
  type Route,
  setLink,
} from '../../../lib';
import { failure, ip, type Json, run, until } from '../../support/ip';
import { subnets } from '../../support/namespaces';

async function lab(): Promise<Netns> {
  const red = await subnets();
  await setLink(red, 'lo', { up: true });
  await addRoute(red, { to: 'default', via: '10.0.0.254', mtu: 1400 });
  await addRoute(red, { to: 'default', via: 'fd00::fe', mtu: 1400 });
  await addRoute(red, { to: '10.2.0.0/16', via: '10.1.0.2', src: '10.0.0.1' });
  await addRoute(red, { to: 'fd02::/64', via: 'fd01::2', src: 'fd00::1' });
  await addRoute(red, { to: '10.3.0.0/16', via: 'fd00::3', device: 'eth0' });
  await addRoute(red, { to: '10.9.0.0/16', via: '10.1.0.9', table: 100 });
  await addRoute(red, { to: 'fd09::/64', via: 'fd01::9', table: 100 });
  for (const family of ['-4', '-6']) {
    await run(red, 'ip', family, 'rule', 'add', 'fwmark', '7', 'lookup', '100');
    const icmp = family === '-4' ? 'icmp' : 'ipv6-icmp';
    for (const words of [
      'uidrange 77-77',
      'ipproto tcp dport 443',
      'ipproto udp sport 53',
      `ipproto ${icmp}`,
      'tos 0x10',
    ])
      await run(red, 'ip', family, 'rule', 'add', ...words.split(' '), 'lookup', '100');
    await run(
      red,
      'ip',
      family,
      'rule',
      'add',
      'to',
      family === '-4' ? '10.9.1.0/24' : 'fd09::1/128',
      'lookup',
      '100',
    );
  }
  await until(async () => (await ip(red, 'route', 'get', '::1'))[0]!['type'] === 'local');
  return red;
}

/** Ours in the words of `ip -d -j route get`, which leaves out what says nothing. */
function inWordsOfIp(route: Route, names: ReadonlyMap<unknown, unknown>, whole = false): Json {
  const other = route.via !== undefined && route.via.includes(':') !== (route.family === 6);
  return {
    type: route.type,
    dst: route.to,
    gateway: other ? undefined : route.via,
    via: other ? { family: 'inet6', host: route.via } : undefined,
    dev: names.get(route.index),
    table: route.table === 0 ? undefined : String(route.table),
    prefsrc: route.src,
    metric: route.metric,
    ...((whole || route.family === 6) && { protocol: route.protocol, scope: route.scope }),
    mtu: route.mtu,
  };
}

describe('getRoute', () => {
  describe('among routes and rules of both families', () => {
    let red: Netns;

    beforeAll(async () => {
      red = await lab();
    });
    afterAll(async () => red[Symbol.asyncDispose]());

    test.each<[string, GetRouteOptions, string]>([
      ['10.0.0.1', {}, ''],
      ['127.0.0.1', {}, ''],
      ['10.0.0.7', {}, ''],
      ['10.0.0.255', {}, ''],
      ['8.8.8.8', {}, ''],
      ['10.2.3.4', {}, ''],
      ['10.3.0.1', {}, ''],
      ['10.9.0.1', {}, ''],
      ['10.9.0.1', { mark: 7 }, 'mark 7'],
      ['10.9.0.1', { uid: 77 }, 'uid 77'],
      ['10.9.0.1', { ipProtocol: 'tcp', destinationPort: 443 }, 'ipproto tcp dport 443'],
      ['10.9.0.1', { ipProtocol: 'udp', destinationPort: 443 }, 'ipproto udp dport 443'],
      ['10.9.0.1', { ipProtocol: 'udp', sourcePort: 53, destinationPort: 7 }, 'ipproto udp sport 53 dport 7'],
      ['10.9.0.1', { ipProtocol: 'icmp' }, 'ipproto icmp'],
      ['10.9.0.1', { ipProtocol: 17, destinationPort: 7 }, 'ipproto udp dport 7'],
      ['10.9.0.1', { tos: 0x10 }, 'tos 0x10'],
      ['10.9.0.1', { fibMatch: true }, 'fibmatch'],
      ['10.2.3.4', { fibMatch: true }, 'fibmatch'],
      ['10.9.0.1', { fibMatch: true, mark: 7 }, 'fibmatch mark 7'],
      ['10.9.1.1', {}, ''],
      ['8.8.8.8', { from: '10.1.0.1' }, 'from 10.1.0.1'],
      ['10.2.3.4', { outputDevice: 'eth0' }, 'oif eth0'],
      ['10.1.0.7', { outputDevice: 'eth1' }, 'oif eth1'],
      ['10.0.0.1', { from: '10.0.0.77', inputDevice: 'eth0' }, 'from 10.0.0.77 iif eth0'],
      ['224.0.0.5', { outputDevice: 'eth1' }, 'oif eth1'],
      ['fd00::1', {}, ''],
      ['::1', {}, ''],
      ['fd00::7', {}, ''],
      ['2001:db8::1', {}, ''],
      ['fd02::3', {}, ''],
      ['fd09::2', {}, ''],
      ['fd09::2', { mark: 7 }, 'mark 7'],
      ['fd09::2', { uid: 77 }, 'uid 77'],
      ['fd09::2', { ipProtocol: 'tcp', destinationPort: 443 }, 'ipproto tcp dport 443'],
      ['fd09::2', { ipProtocol: 'udp', sourcePort: 53, destinationPort: 7 }, 'ipproto udp sport 53 dport 7'],
      ['fd09::2', { ipProtocol: 'icmpv6' }, 'ipproto ipv6-icmp'],
      ['fd09::2', { tos: 0x10 }, 'tos 0x10'],
      ['fd02::3', { fibMatch: true }, 'fibmatch'],
      ['fd09::1', {}, ''],
      ['2001:db8::1', { from: 'fd01::1' }, 'from fd01::1'],
      ['fd01::7', { outputDevice: 'eth1' }, 'oif eth1'],
    ])('the way to %s %p is that of ip route get', async (address, options, words) => {
      const names = new Map((await ip(red, 'link')).map(({ ifindex, ifname }) => [ifindex, ifname]));
      const [first = '', ...rest] = words.split(' ').filter(Boolean);
      const order = first === 'fibmatch' ? [first, address, ...rest] : [address, first, ...rest];
      const [theirs] = await ip(red, 'route', 'get', ...order.filter(Boolean));
      const {
        cache: _c,
        uid: _u,
        flags: _f,
        pref: _p,
        from: _s,
        iif: _i,
        mark: _m,
        tos: _t,
        metrics,
        ...route
      } = theirs!;
      const mtu = (metrics as { mtu: number }[] | undefined)?.[0]?.mtu;
      const ours = inWordsOfIp(await getRoute(red, address, options), names, options.fibMatch);
      expect(ours).toEqual({ ...route, mtu });
    });

    test('devices by their indexes, and a gateway that is on the link without a subnet', async () => {
      const [{ ifindex }] = (await ip(red, 'link', 'show', 'eth1')) as [Json];
      const index = ifindex as number;
      const [theirs] = await ip(red, 'route', 'get', '10.1.0.7', 'oif', 'eth1');
      expect(theirs!['dev']).toBe('eth1');
      expect(await getRoute(red, '10.1.0.7', { outputDevice: index })).toMatchObject({
        index,
        src: theirs!['prefsrc'],
      });
      const from = { from: '10.1.0.77', inputDevice: index };
      expect(await getRoute(red, '10.1.0.1', from)).toMatchObject({ type: 'local', to: '10.1.0.1' });
      await addRoute(red, { to: '10.8.0.0/16', via: '10.99.0.1', device: 'eth1', onlink: true });
      const found = await getRoute(red, '10.8.0.1', { fibMatch: true });
      const [match] = await ip(red, 'route', 'get', 'fibmatch', '10.8.0.1');
      expect(match!['flags']).toEqual(['onlink']);
      expect(found).toMatchObject({ to: '10.8.0.0/16', via: '10.99.0.1', flags: match!['flags'] });
    });
  });

  test('no way there', async () => {
    await using red = await createNetns('red');
    for (const address of ['10.0.0.1', 'fd00::1']) {
      expect(await failure(getRoute(red, address))).toMatchObject({
        name: 'NetlinkError',
        code: 'ENETUNREACH',
        message: `ENETUNREACH: get route to ${address} in namespace red: no route leads there`,
      });
    }
    expect(await failure(getRoute(red, '10.0.0.1', { outputDevice: 'nosuch' }))).toMatchObject({
      code: 'ENODEV',
      message: 'ENODEV: find outputDevice nosuch in namespace red: there is no such device',
    });
  });

  test('from an address that no device has, and one of the other family', async () => {
    await using red = await createNetns('red');
    await run(red, 'ip', ...'link add v0 type veth peer name v1'.split(' '));
    for (const name of ['v0', 'v1']) await setLink(red, name, { up: true });
    await run(red, 'ip', ...'addr add 10.0.0.1/24 dev v0'.split(' '));
    expect((await getRoute(red, '10.0.0.9', { from: '10.0.0.1' })).index).toBeGreaterThan(0);
    const foreign = await failure(getRoute(red, '10.0.0.9', { from: '10.9.9.9' }));
    expect(foreign).toMatchObject({ name: 'NetlinkError', code: 'ENETUNREACH' });
    expect(foreign.message).toContain('no device here has the address `from`');
    const mixed = await failure(getRoute(red, 'fd00::9', { from: '10.0.0.1' }));
    expect(mixed).toMatchObject({
      name: 'RangeError',
      message: 'from: expected an IPv6 address as well, got "10.0.0.1"',
    });
    expect((await failure(getRoute(red, '10.0.0.9', { from: 'fd00::1' }))).name).toBe('RangeError');
  });

  test.each([
    ['blackhole', 'EINVAL'],
    ['unreachable', 'EHOSTUNREACH'],
    ['prohibit', 'EACCES'],
    ['throw', 'ENETUNREACH'],
  ] as const)('a route of type %s', async (type, code) => {
    await using red = await createNetns('red');
    await setLink(red, 'lo', { up: true });
    await addRoute(red, { to: '10.2.0.0/16', type });
    await addRoute(red, { to: 'fd02::/64', type });
    for (const address of ['10.2.0.1', 'fd02::1']) {
      const error = await failure(getRoute(red, address));
      expect(error).toMatchObject({ name: 'NetlinkError', code });
      expect(error.message).toContain(
        type === 'throw' ? 'no route leads there' : `a route of type '${type}'`,
      );
      await expect(run(red, 'ip', 'route', 'get', address)).rejects.toThrow();
    }
  });
});
