import { NLMSG_DONE, readAcknowledgement } from '../../../../lib/netlink/message';
import { RTNH_F } from '../../../../lib/netlink/rtnetlink/nexthops';
import { route, type RouteMessage } from '../../../../lib/netlink/rtnetlink/route';
import { capture } from '../../../golden/captures';
import { received } from '../../support/requests';

const AF_INET = 2;
const AF_INET6 = 10;
const MAIN = 254;

const v4 = { family: AF_INET, table8: MAIN, protocol: 'boot', type: 'unicast' } as const;
const v6 = { ...v4, family: AF_INET6 } as const;
const gateway = '10.0.1.254';

describe('what the kernel says of routes', () => {
  const routes = (command: string): RouteMessage[] =>
    received(capture('route', command).reply)
      .filter(({ type }) => type !== NLMSG_DONE)
      .map((message) => route.read(message));
  const find = (command: string, dst: string) => routes(command).find((one) => one.dst === dst);

  test('the routes of IPv4', () => {
    const all = routes('ip route show');
    expect(all.map(({ dst }) => dst)).toEqual([
      undefined,
      '10.0.1.0',
      '10.0.2.0',
      '10.1.0.0',
      '10.1.0.0',
      '10.2.0.0',
      '10.3.0.1',
      '10.5.1.0',
      '10.5.2.0',
      '10.5.3.0',
      '10.6.0.0',
      '10.7.0.0',
      '10.8.0.0',
      '10.8.1.0',
      '10.8.2.0',
      '10.8.3.0',
      '10.9.0.0',
      '10.9.1.0',
      '10.9.2.0',
      '10.10.0.0',
    ]);
    expect(all[0]).toEqual({
      ...v4,
      dstLength: 0,
      srcLength: 0,
      tos: 0,
      scope: 'global',
      flags: 0,
      table: MAIN,
      gateway,
      index: 20,
    });
    expect(all[1]).toMatchObject({
      dstLength: 24,
      protocol: 'kernel',
      scope: 'link',
      preferredSource: '10.0.1.1',
    });
    expect(all.slice(7, 10).map(({ type }) => type)).toEqual(['blackhole', 'unreachable', 'prohibit']);
    expect(all.at(-1)).toMatchObject({ tos: 0x10, protocol: 'static', scope: 'global' });
  });

  test('several ways, one of them over the other family', () => {
    expect(find('ip route show', '10.6.0.0')?.nexthops).toEqual([
      { flags: 0, hops: 2, index: 20, gateway },
      { flags: 0, hops: 0, index: 21, gateway: '10.0.2.254' },
    ]);
    expect(find('ip route show', '10.9.2.0')?.nexthops).toEqual([
      { flags: 0, hops: 0, index: 20, via: { family: AF_INET6, address: 'fd00:1::254' } },
      { flags: 0, hops: 0, index: 21, gateway: '10.0.2.254' },
    ]);
    expect(find('ip route show', '10.9.1.0')?.nexthops?.[1]).toMatchObject({ flags: RTNH_F.onlink });
    expect(find('ip route show', '10.9.0.0')).toMatchObject({
      via: { family: AF_INET6, address: 'fd00:1::254' },
    });
  });

  test('metrics', () => {
    expect(find('ip route show', '10.8.0.0')?.metrics).toEqual({
      lock: 1 << 13,
      mtu: 1300,
      window: 65536,
      advertisedMss: 1260,
      initialWindow: 20,
      minimumRto: 200,
    });
    expect(find('ip route show', '10.8.1.0')?.metrics).toMatchObject({ congestionControl: 'cubic' });
  });

  test('the routes of IPv6', () => {
    const all = routes('ip -6 route show');
    expect(all.find(({ dst }) => dst === 'fd00:2::')).toMatchObject({
      ...v6,
      dstLength: 64,
      gateway: 'fd00:1::254',
      metric: 50,
      preference: 'high',
    });
    // in hundredths of a second, and a little of the 600 is over
    const expires = all.find(({ dst }) => dst === 'fd00:2::')?.cacheinfo?.expires;
    expect(expires).toBeGreaterThan(59_000);
    expect(expires).toBeLessThanOrEqual(60_000);
    expect(all.at(-1)).toMatchObject({ ...v6, dstLength: 0, metric: 1024, gateway: 'fd00:1::254' });
    expect(all.at(-1)).not.toHaveProperty('dst');
  });

  test('a table whose number does not fit the header', () => {
    // RT_TABLE_COMPAT
    expect(routes('ip route show table 1000')).toMatchObject([{ table8: 252, table: 1000, dst: '10.4.0.0' }]);
  });

  test('the way of one packet', () => {
    expect(routes('ip route get 10.2.3.4')).toMatchObject([
      { gateway: '10.0.1.253', index: 20, preferredSource: '10.0.1.1', table: MAIN, uid: 0 },
    ]);
    const marked = 'ip route get 10.2.3.4 from 10.0.1.2 oif va mark 7 ipproto tcp sport 1000 dport 443 uid 0';
    expect(routes(marked)).toMatchObject([{ source: '10.0.1.2', srcLength: 32, mark: 7 }]);
    expect(routes('ip route get 10.0.2.1 from 10.0.1.9 iif va')).toMatchObject([
      { type: 'local', inputIndex: 20, index: 1 },
    ]);
    expect(routes('ip route get fd00:2::7')).toMatchObject([{ source: '::', preferredSource: 'fd00:1::1' }]);
  });

  test('nothing is left raw', () => {
    const all = ['ip route show table all dev va', 'ip route show', 'ip -6 route show'].flatMap(routes);
    expect(all).toHaveLength(30 + 20 + 7);
    expect(all.flatMap(({ unknown = [] }) => unknown)).toEqual([]);
  });

  test('refusals', () => {
    const refusal = (command: string) => readAcknowledgement(received(capture('route', command).reply)[0]!);
    expect(refusal('ip route add 10.1.0.0/16 dev va')).toEqual({ errno: 17 });
    expect(refusal('ip route add 10.11.0.0/16 via 192.0.2.1')).toEqual({
      errno: 101,
      sentence: 'Nexthop has invalid gateway',
    });
    expect(refusal('ip route get 10.5.2.1')).toEqual({ errno: 113 });
  });
});
