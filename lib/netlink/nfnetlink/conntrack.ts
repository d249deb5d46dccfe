import { attributes, NLA_F_NESTED } from '../attributes';
import { be16, bytes, choice, ipv4, ipv6, text, u32, u8 } from '../codec';
import { be32, be64 } from '../network-order';
import { NetfilterObject, SUBSYSTEM } from './message';

// ctnetlink: the connections that the kernel tracks, by which NAT knows what belongs together.

const addresses = attributes({
  src4: [1, ipv4], // CTA_IP_V4_SRC
  dst4: [2, ipv4], // CTA_IP_V4_DST
  src6: [3, ipv6], // CTA_IP_V6_SRC
  dst6: [4, ipv6], // CTA_IP_V6_DST
});

const protocol = attributes({
  number: [1, u8], // CTA_PROTO_NUM
  srcPort: [2, be16], // CTA_PROTO_SRC_PORT
  dstPort: [3, be16], // CTA_PROTO_DST_PORT
  icmpId: [4, be16], // CTA_PROTO_ICMP_ID
  icmpType: [5, u8], // CTA_PROTO_ICMP_TYPE
  icmpCode: [6, u8], // CTA_PROTO_ICMP_CODE
  icmp6Id: [7, be16], // CTA_PROTO_ICMPV6_ID
  icmp6Type: [8, u8], // CTA_PROTO_ICMPV6_TYPE
  icmp6Code: [9, u8], // CTA_PROTO_ICMPV6_CODE
});

/** One direction of a connection, as its packets look. */
export const tuple = attributes({
  addresses: [1 | NLA_F_NESTED, addresses], // CTA_TUPLE_IP
  protocol: [2 | NLA_F_NESTED, protocol], // CTA_TUPLE_PROTO
  zone: [3, be16], // CTA_TUPLE_ZONE
});

const counters = attributes({
  packets: [1, be64], // CTA_COUNTERS_PACKETS
  bytes: [2, be64], // CTA_COUNTERS_BYTES
});

/** linux/netfilter/nf_conntrack_tcp.h, TCP_CONNTRACK_* */
export const TCP_STATES = {
  none: 0,
  'syn-sent': 1,
  'syn-recv': 2,
  established: 3,
  'fin-wait': 4,
  'close-wait': 5,
  'last-ack': 6,
  'time-wait': 7,
  close: 8,
  'syn-sent2': 9,
} as const;

const protocolInfo = attributes({
  tcp: [
    1 | NLA_F_NESTED, // CTA_PROTOINFO_TCP
    attributes({ state: [1, choice(u8, TCP_STATES)] }), // CTA_PROTOINFO_TCP_STATE
  ],
});

/** linux/netfilter/nfnetlink_conntrack.h, IPCTNL_MSG_CT_* */
export const conntrack = new NetfilterObject(
  SUBSYSTEM.conntrack,
  { add: 0, get: 1, remove: 2 }, // IPCTNL_MSG_CT_NEW, IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_DELETE
  attributes({
    original: [1 | NLA_F_NESTED, tuple], // CTA_TUPLE_ORIG
    reply: [2 | NLA_F_NESTED, tuple], // CTA_TUPLE_REPLY
    status: [3, be32], // CTA_STATUS
    protocolInfo: [4 | NLA_F_NESTED, protocolInfo], // CTA_PROTOINFO
    helper: [5 | NLA_F_NESTED, attributes({ name: [1, text(15)] })], // CTA_HELP, CTA_HELP_NAME
    /** Seconds that are left. */
    timeout: [7, be32], // CTA_TIMEOUT
    mark: [8, be32], // CTA_MARK
    originalCounters: [9 | NLA_F_NESTED, counters], // CTA_COUNTERS_ORIG
    replyCounters: [10 | NLA_F_NESTED, counters], // CTA_COUNTERS_REPLY
    use: [11, be32], // CTA_USE
    id: [12, be32], // CTA_ID
    zone: [18, be16], // CTA_ZONE
    markMask: [21, be32], // CTA_MARK_MASK
    labels: [22, bytes], // CTA_LABELS
    /** Which parts of the tuples a dump is to be limited by: bits, and of this machine's byte order. */
    filter: [
      25 | NLA_F_NESTED, // CTA_FILTER
      attributes({
        original: [1, u32], // CTA_FILTER_ORIG_FLAGS
        reply: [2, u32], // CTA_FILTER_REPLY_FLAGS
      }),
    ],
    statusMask: [26, be32], // CTA_STATUS_MASK
  }),
);

/** include/net/netfilter/nf_internals.h, CTA_FILTER_F_*: they are not in a header for programs. */
export const CTA_FILTER_F = { src: 1, dst: 2, zone: 4, protocol: 8, srcPort: 16, dstPort: 32 } as const;

export type ConntrackMessage = ReturnType<typeof conntrack.read>;
