import { ROUTE_TYPES } from '../rtnetlink/route';

// Numbers that nft(8) has words for; `nft describe TYPE` lists them.

/** linux/netfilter.h, NFPROTO_* */
export const NF_PROTOCOLS = { ipv4: 2, ipv6: 10 } as const;

/** linux/if_ether.h, ETH_P_* */
export const ETHER_TYPES = { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100, '8021ad': 0x88a8 } as const;

/** IANA protocol numbers. */
export const PROTOCOLS = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  ipcomp: 108,
  sctp: 132,
  udplite: 136,
} as const;

/** RFC 792 */
export const ICMP_TYPES = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
} as const;

/** RFC 4443, RFC 4861, RFC 3810 */
export const ICMPV6_TYPES = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'mld2-listener-report': 143,
} as const;

/** RFC 9293 */
export const TCP_FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 } as const;

/** linux/netfilter/nf_conntrack_common.h, NF_CT_STATE_BIT() */
export const CT_STATES = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;

/** linux/netfilter/nf_conntrack_common.h, enum ip_conntrack_status */
export const CT_STATUSES = {
  expected: 0x1,
  'seen-reply': 0x2,
  assured: 0x4,
  confirmed: 0x8,
  snat: 0x10,
  dnat: 0x20,
  dying: 0x200,
} as const;

const { throw: _throw, nat: _nat, ...fibTypes } = ROUTE_TYPES;

/** What `fib … type` finds: the types of routes but for two, which nft(8) has no words for. */
export const FIB_TYPES = fibTypes;

/** linux/if_packet.h, PACKET_*, as seen by nft: what is for this host is 'host'. */
export const PACKET_TYPES = { host: 0, broadcast: 1, multicast: 2, other: 3 } as const;

/** Reasons of a rejection, by the family of what is sent back: RFC 792, RFC 4443, and the kernel's common ones. */
export const REJECT_CODES = {
  icmp: {
    'net-unreachable': 0,
    'host-unreachable': 1,
    'prot-unreachable': 2,
    'port-unreachable': 3,
    'net-prohibited': 9,
    'host-prohibited': 10,
    'admin-prohibited': 13,
  },
  icmpv6: {
    'no-route': 0,
    'admin-prohibited': 1,
    'addr-unreachable': 3,
    'port-unreachable': 4,
    'policy-fail': 5,
    'reject-route': 6,
  },
  icmpx: { 'no-route': 0, 'port-unreachable': 1, 'host-unreachable': 2, 'admin-prohibited': 3 },
} as const;
