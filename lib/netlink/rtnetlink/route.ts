import { attributes, headed } from '../attributes';
import { bareText, be16, choice, ip, s32, u32, u8 } from '../codec';
import { NetlinkObject } from '../object';
import { encapType } from './encap-type';
import { encapContent } from './encaps';
import { struct } from '../struct';
import { via } from './via';
import { scope } from './address';
import { mplsLabels } from './mpls-labels';
import { nexthops } from './nexthops';

/** linux/rtnetlink.h, RTN_* */
export const ROUTE_TYPES = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
} as const;

/** Who made a route: linux/rtnetlink.h, RTPROT_*, by the names of /etc/iproute2/rt_protos. */
export const PROTOCOLS = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  mrouted: 17,
  keepalived: 18,
  babel: 42,
  ovn: 84,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
} as const;

/** struct rtmsg */
export const rtmsg = struct([
  ['family', u8, 1],
  ['dstLength', u8, 1],
  ['srcLength', u8, 1],
  ['tos', u8, 1],
  ['table8', u8, 1],
  ['protocol', choice(u8, PROTOCOLS), 1],
  ['scope', scope, 1],
  ['type', choice(u8, ROUTE_TYPES), 1],
  ['flags', u32, 4],
]);

/** struct rta_cacheinfo */
const cacheinfo = struct([
  ['clientReferences', u32, 4],
  ['lastUse', u32, 4],
  /** In hundredths of a second, USER_HZ; negative where the kernel has not yet removed what has expired. */
  ['expires', s32, 4],
  ['error', u32, 4],
  ['used', u32, 4],
  ['id', u32, 4],
  ['timestamp', u32, 4],
  ['timestampAge', u32, 4],
]);

const TCP_CA_NAME_MAX = 16;

/** RTA_METRICS. Each bit of `lock` is that of the metric with the bit's number. */
export const metrics = attributes({
  lock: [1, u32], // RTAX_LOCK
  mtu: [2, u32], // RTAX_MTU
  window: [3, u32], // RTAX_WINDOW
  rtt: [4, u32], // RTAX_RTT
  rttVariance: [5, u32], // RTAX_RTTVAR
  slowStartThreshold: [6, u32], // RTAX_SSTHRESH
  congestionWindow: [7, u32], // RTAX_CWND
  advertisedMss: [8, u32], // RTAX_ADVMSS
  reordering: [9, u32], // RTAX_REORDERING
  hopLimit: [10, u32], // RTAX_HOPLIMIT
  initialWindow: [11, u32], // RTAX_INITCWND
  features: [12, u32], // RTAX_FEATURES
  minimumRto: [13, u32], // RTAX_RTO_MIN
  initialReceiveWindow: [14, u32], // RTAX_INITRWND
  quickAck: [15, u32], // RTAX_QUICKACK
  congestionControl: [16, bareText(TCP_CA_NAME_MAX - 1)], // RTAX_CC_ALGO
  fastOpenNoCookie: [17, u32], // RTAX_FASTOPEN_NO_COOKIE
});

/** linux/rtnetlink.h, RTAX_FEATURE_* */
export const ROUTE_FEATURES = {
  ecn: 1, // RTAX_FEATURE_ECN
  sack: 2, // RTAX_FEATURE_SACK
  timestamp: 4, // RTAX_FEATURE_TIMESTAMP
  allfrag: 8, // RTAX_FEATURE_ALLFRAG
  tcp_usec_ts: 16, // RTAX_FEATURE_TCP_USEC_TS
} as const;

/** RFC 4191: linux/icmpv6.h, ICMPV6_ROUTER_PREF_* */
export const ROUTE_PREFERENCES = {
  medium: 0, // ICMPV6_ROUTER_PREF_MEDIUM
  high: 1, // ICMPV6_ROUTER_PREF_HIGH
  low: 3, // ICMPV6_ROUTER_PREF_LOW
} as const;

/** rtnetlink(7), RTM_NEWROUTE and its kin. */
export const route = new NetlinkObject(
  { add: 24, remove: 25, get: 26 },
  headed(
    rtmsg,
    attributes({
      dst: [1, ip], // RTA_DST
      source: [2, ip], // RTA_SRC
      inputIndex: [3, u32], // RTA_IIF
      index: [4, u32], // RTA_OIF
      gateway: [5, ip], // RTA_GATEWAY
      metric: [6, u32], // RTA_PRIORITY
      preferredSource: [7, ip], // RTA_PREFSRC
      metrics: [8, metrics], // RTA_METRICS
      nexthops: [9, nexthops], // RTA_MULTIPATH
      flow: [11, u32], // RTA_FLOW
      cacheinfo: [12, cacheinfo], // RTA_CACHEINFO
      table: [15, u32], // RTA_TABLE
      mark: [16, u32], // RTA_MARK
      via: [18, via], // RTA_VIA
      newLabels: [19, mplsLabels], // RTA_NEWDST
      preference: [20, choice(u8, ROUTE_PREFERENCES)], // RTA_PREF
      encapType: [21, encapType], // RTA_ENCAP_TYPE
      encap: [22, encapContent], // RTA_ENCAP
      expires: [23, u32], // RTA_EXPIRES
      uid: [25, u32], // RTA_UID
      ttlPropagate: [26, u8], // RTA_TTL_PROPAGATE
      ipProtocol: [27, u8], // RTA_IP_PROTO
      sourcePort: [28, be16], // RTA_SPORT
      destinationPort: [29, be16], // RTA_DPORT
      nexthopId: [30, u32], // RTA_NH_ID
    }),
  ),
);

export type RouteMessage = ReturnType<typeof route.read>;
