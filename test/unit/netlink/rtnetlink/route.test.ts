import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../../lib/netlink/message';
import { RTNH_F } from '../../../../lib/netlink/rtnetlink/nexthops';
import { route } from '../../../../lib/netlink/rtnetlink/route';
import { ATTEMPT, type Sent, testRequests, unacknowledged } from '../../support/requests';

type Value = Parameters<typeof route.add>[0];

const NEW = NLM_F_CREATE | NLM_F_EXCL;
const AF_INET = 2;
const AF_INET6 = 10;
const RTM_F_LOOKUP_TABLE = 0x1000;
const MAIN = 254;

/** struct rtmsg */
const EMPTY = {
  family: 0,
  dstLength: 0,
  srcLength: 0,
  tos: 0,
  table8: 0,
  protocol: 'unspec' as const,
  scope: 'global' as const,
  type: 'unspec' as const,
  flags: 0,
};

const v4 = { family: AF_INET, table8: MAIN, protocol: 'boot', type: 'unicast' } as const;
const v6 = { ...v4, family: AF_INET6 } as const;
const gone4 = { family: AF_INET, table8: MAIN, scope: 'nowhere' } as const;
const gateway = '10.0.1.254';

/** A destination, by which the header knows how long it is. */
function to(dst: string, dstLength: number): Value {
  return { dst, dstLength };
}

function add(value: Value, flags = NEW): Sent<Value> {
  return { value, bytes: route.add(value, flags, ATTEMPT).bytes };
}

function remove(value: Value): Sent<Value> {
  return { value, bytes: route.remove(value, ATTEMPT).bytes };
}

function get(value: Value): Sent<Value> {
  return { value, bytes: unacknowledged(route.get(value, ATTEMPT).bytes) };
}

function dump(value: Value): Sent<Value> {
  return { value, bytes: route.dump(value, ATTEMPT).bytes };
}

describe('the requests of ip route', () => {
  const lookup = { family: AF_INET, flags: RTM_F_LOOKUP_TABLE };

  testRequests('route', route.codec, EMPTY, {
    'ip route add default via 10.0.1.254': add({ ...v4, gateway }),
    'ip route add 10.1.0.0/16 dev va': add({ ...v4, scope: 'link', ...to('10.1.0.0', 16), index: 20 }),
    'ip route add 10.2.0.0/16 via 10.0.1.254 dev va src 10.0.1.2 metric 100': add({
      ...v4,
      ...to('10.2.0.0', 16),
      gateway,
      preferredSource: '10.0.1.2',
      metric: 100,
      index: 20,
    }),
    'ip route add 10.3.0.1 via 10.0.1.254': add({ ...v4, ...to('10.3.0.1', 32), gateway }),
    'ip route add 10.4.0.0/16 via 10.0.1.254 table 100': add({
      ...v4,
      table8: 100,
      ...to('10.4.0.0', 16),
      gateway,
    }),
    'ip route add 10.4.0.0/16 via 10.0.1.254 table 1000': add({
      ...v4,
      table8: 0,
      ...to('10.4.0.0', 16),
      gateway,
      table: 1000,
    }),
    'ip route add blackhole 10.5.1.0/24': add({ ...v4, type: 'blackhole', ...to('10.5.1.0', 24) }),
    'ip route add unreachable 10.5.2.0/24': add({ ...v4, type: 'unreachable', ...to('10.5.2.0', 24) }),
    'ip route add prohibit 10.5.3.0/24': add({ ...v4, type: 'prohibit', ...to('10.5.3.0', 24) }),
    'ip route add throw 10.5.4.0/24 table 100': add({
      ...v4,
      table8: 100,
      type: 'throw',
      ...to('10.5.4.0', 24),
    }),
    'ip route add local 10.5.5.0/24 dev va table local': add({
      ...v4,
      table8: 255,
      scope: 'host',
      type: 'local',
      ...to('10.5.5.0', 24),
      index: 20,
    }),
    'ip route add 10.6.0.0/16 nexthop via 10.0.1.254 dev va weight 3 nexthop via 10.0.2.254 dev vb': add({
      ...v4,
      ...to('10.6.0.0', 16),
      nexthops: [
        { flags: 0, hops: 2, index: 20, gateway },
        { flags: 0, hops: 0, index: 21, gateway: '10.0.2.254' },
      ],
    }),
    'ip route add 10.7.0.0/16 via 192.0.2.1 dev va onlink': add({
      ...v4,
      flags: RTNH_F.onlink,
      ...to('10.7.0.0', 16),
      gateway: '192.0.2.1',
      index: 20,
    }),
    'ip route add 10.8.0.0/16 via 10.0.1.254 mtu 1300 advmss 1260 window 65536 rto_min 200ms initcwnd 20':
      add({
        ...v4,
        ...to('10.8.0.0', 16),
        gateway,
        metrics: {
          mtu: 1300,
          advertisedMss: 1260,
          window: 65536,
          minimumRto: 200,
          initialWindow: 20,
          // the bit of RTAX_RTO_MIN: not to be adapted
          lock: 1 << 13,
        },
      }),
    ['ip route add 10.8.2.0/24 via 10.0.1.254 rtt 100ms rttvar 50ms ssthresh 11 cwnd 12 reordering 13 hoplimit 64 ' +
    'features ecn initrwnd 30 quickack 1 fastopen_no_cookie 1']: add({
      ...v4,
      ...to('10.8.2.0', 24),
      gateway,
      metrics: {
        // in eighths and quarters of a millisecond
        rtt: 800,
        rttVariance: 200,
        slowStartThreshold: 11,
        congestionWindow: 12,
        reordering: 13,
        hopLimit: 64,
        features: 1,
        initialReceiveWindow: 30,
        quickAck: 1,
        fastOpenNoCookie: 1,
      },
    }),
    'ip route add 10.8.3.0/24 via 10.0.1.254 realms 2/3': add({
      ...v4,
      ...to('10.8.3.0', 24),
      gateway,
      flow: 0x0002_0003,
    }),
    'ip route add 10.8.1.0/24 via 10.0.1.254 mtu lock 1300 congctl cubic': add({
      ...v4,
      ...to('10.8.1.0', 24),
      gateway,
      metrics: { mtu: 1300, congestionControl: 'cubic', lock: 1 << 2 },
    }),
    'ip route add 10.9.0.0/16 via inet6 fd00:1::254 dev va': add({
      ...v4,
      ...to('10.9.0.0', 16),
      via: { family: AF_INET6, address: 'fd00:1::254' },
      index: 20,
    }),
    'ip route add 10.9.1.0/24 nexthop via 10.0.1.254 dev va nexthop via 192.0.2.1 dev vb onlink': add({
      ...v4,
      ...to('10.9.1.0', 24),
      nexthops: [
        { flags: 0, hops: 0, index: 20, gateway },
        { flags: RTNH_F.onlink, hops: 0, index: 21, gateway: '192.0.2.1' },
      ],
    }),
    'ip route add 10.10.0.0/16 dev va proto static scope global tos 0x10': add({
      ...v4,
      tos: 0x10,
      protocol: 'static',
      ...to('10.10.0.0', 16),
      index: 20,
    }),
    'ip -6 route add default via fd00:1::254': add({ ...v6, ...to('::', 0), gateway: 'fd00:1::254' }),
    'ip route add fd00:2::/64 via fd00:1::254 dev va metric 50 pref high expires 600': add({
      ...v6,
      ...to('fd00:2::', 64),
      gateway: 'fd00:1::254',
      metric: 50,
      preference: 'high',
      expires: 600,
      index: 20,
    }),
    'ip route add fd00:3::/64 dev va table 1000': add({
      ...v6,
      table8: 0,
      ...to('fd00:3::', 64),
      table: 1000,
      index: 20,
    }),
    'ip route add blackhole fd00:4::/64': add({ ...v6, type: 'blackhole', ...to('fd00:4::', 64) }),
    'ip route add fd00:5::/64 nexthop via fd00:1::253 dev va nexthop via fd00:1::254 dev va weight 256': add({
      ...v6,
      ...to('fd00:5::', 64),
      nexthops: [
        { flags: 0, hops: 0, index: 20, gateway: 'fd00:1::253' },
        { flags: 0, hops: 255, index: 20, gateway: 'fd00:1::254' },
      ],
    }),
    'ip route add 10.11.0.0/16 via 192.0.2.1': add({ ...v4, ...to('10.11.0.0', 16), gateway: '192.0.2.1' }),
    'ip route replace 10.1.0.0/16 via 10.0.1.254': add(
      { ...v4, ...to('10.1.0.0', 16), gateway },
      NLM_F_CREATE | NLM_F_REPLACE,
    ),
    'ip route append 10.1.0.0/16 via 10.0.1.253': add(
      { ...v4, ...to('10.1.0.0', 16), gateway: '10.0.1.253' },
      NLM_F_CREATE | NLM_F_APPEND,
    ),
    'ip route change 10.2.0.0/16 via 10.0.1.253 metric 100': add(
      { ...v4, ...to('10.2.0.0', 16), gateway: '10.0.1.253', metric: 100 },
      NLM_F_REPLACE,
    ),
    'ip route show': dump({ family: AF_INET, table: MAIN }),
    'ip route show table 1000': dump({ family: AF_INET, table: 1000 }),
    'ip -6 route show': dump({ family: AF_INET6, table: MAIN }),
    'ip route show table all dev va': dump({ index: 20 }),
    'ip route get 10.2.3.4': get({ ...lookup, ...to('10.2.3.4', 32) }),
    'ip route get 10.2.3.4 from 10.0.1.2 oif va mark 7 ipproto tcp sport 1000 dport 443 uid 0': get({
      ...lookup,
      srcLength: 32,
      ...to('10.2.3.4', 32),
      source: '10.0.1.2',
      ipProtocol: 6,
      sourcePort: 1000,
      destinationPort: 443,
      uid: 0,
      index: 20,
      mark: 7,
    }),
    'ip route get 10.0.2.1 from 10.0.1.9 iif va': get({
      ...lookup,
      srcLength: 32,
      ...to('10.0.2.1', 32),
      source: '10.0.1.9',
      inputIndex: 20,
    }),
    'ip route get fd00:2::7': get({ family: AF_INET6, ...to('fd00:2::7', 128) }),
    'ip route get 10.5.2.1': get({ ...lookup, ...to('10.5.2.1', 32) }),
    'ip route del 10.1.0.0/16 via 10.0.1.253': remove({
      ...gone4,
      ...to('10.1.0.0', 16),
      gateway: '10.0.1.253',
    }),
    'ip route del 10.2.0.0/16 metric 100': remove({ ...gone4, ...to('10.2.0.0', 16), metric: 100 }),
    'ip route del 10.4.0.0/16 table 1000': remove({
      ...gone4,
      table8: 0,
      ...to('10.4.0.0', 16),
      table: 1000,
    }),
    'ip route del blackhole 10.5.1.0/24': remove({ ...gone4, type: 'blackhole', ...to('10.5.1.0', 24) }),
    'ip route del fd00:3::/64 dev va table 1000': remove({
      family: AF_INET6,
      ...to('fd00:3::', 64),
      table: 1000,
      index: 20,
    }),
    'ip route del default': remove(gone4),
  });
});
