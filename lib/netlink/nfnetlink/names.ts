import { ROUTE_TYPES } from '../rtnetlink/route';

// Numbers that nft(8) has words for; `nft describe TYPE` lists them.

/** linux/netfilter.h, NFPROTO_* */
export const NF_PROTOCOLS = { ipv4: 2, ipv6: 10 } as const;

/** linux/if_ether.h, ETH_P_* */
export const ETHER_TYPES = {
  ip: 0x0800,
  arp: 0x0806,
  ip6: 0x86dd, // ETH_P_IPV6
  vlan: 0x8100, // ETH_P_8021Q
  '8021ad': 0x88a8,
} as const;

/** IANA protocol numbers: linux/in.h, linux/in6.h, IPPROTO_*. */
export const PROTOCOLS = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58, // IPPROTO_ICMPV6
  ipcomp: 108, // IPPROTO_COMP
  sctp: 132,
  udplite: 136,
} as const;

/** RFC 792, RFC 1256: linux/icmp.h, netinet/ip_icmp.h */
export const ICMP_TYPES = {
  'echo-reply': 0, // ICMP_ECHOREPLY
  'destination-unreachable': 3, // ICMP_DEST_UNREACH
  'source-quench': 4, // ICMP_SOURCE_QUENCH
  redirect: 5, // ICMP_REDIRECT
  'echo-request': 8, // ICMP_ECHO
  'router-advertisement': 9, // ICMP_ROUTERADVERT
  'router-solicitation': 10, // ICMP_ROUTERSOLICIT
  'time-exceeded': 11, // ICMP_TIME_EXCEEDED
  'parameter-problem': 12, // ICMP_PARAMETERPROB
  'timestamp-request': 13, // ICMP_TIMESTAMP
  'timestamp-reply': 14, // ICMP_TIMESTAMPREPLY
} as const;

/** RFC 4443, RFC 4861, RFC 3810: linux/icmpv6.h, netinet/icmp6.h */
export const ICMPV6_TYPES = {
  'destination-unreachable': 1, // ICMPV6_DEST_UNREACH
  'packet-too-big': 2, // ICMPV6_PKT_TOOBIG
  'time-exceeded': 3, // ICMPV6_TIME_EXCEED
  'parameter-problem': 4, // ICMPV6_PARAMPROB
  'echo-request': 128, // ICMPV6_ECHO_REQUEST
  'echo-reply': 129, // ICMPV6_ECHO_REPLY
  'mld-listener-query': 130, // ICMPV6_MGM_QUERY
  'mld-listener-report': 131, // ICMPV6_MGM_REPORT
  'mld-listener-done': 132, // ICMPV6_MGM_REDUCTION
  'nd-router-solicit': 133, // ND_ROUTER_SOLICIT
  'nd-router-advert': 134, // ND_ROUTER_ADVERT
  'nd-neighbor-solicit': 135, // ND_NEIGHBOR_SOLICIT
  'nd-neighbor-advert': 136, // ND_NEIGHBOR_ADVERT
  'nd-redirect': 137, // ND_REDIRECT
  'mld2-listener-report': 143, // ICMPV6_MLD2_REPORT
} as const;

/** RFC 9293 */
export const TCP_FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 } as const;

/** linux/netfilter/nf_conntrack_common.h */
export const CT_STATES = {
  invalid: 1, // NF_CT_STATE_INVALID_BIT
  established: 2, // NF_CT_STATE_BIT(IP_CT_ESTABLISHED)
  related: 4, // NF_CT_STATE_BIT(IP_CT_RELATED)
  new: 8, // NF_CT_STATE_BIT(IP_CT_NEW)
  untracked: 64, // NF_CT_STATE_UNTRACKED_BIT
} as const;

/** linux/netfilter/nf_conntrack_common.h, IPS_* */
export const CT_STATUSES = {
  expected: 0x1,
  'seen-reply': 0x2,
  assured: 0x4,
  confirmed: 0x8,
  snat: 0x10, // IPS_SRC_NAT
  dnat: 0x20, // IPS_DST_NAT
  dying: 0x200,
} as const;

const { throw: _throw, nat: _nat, ...fibTypes } = ROUTE_TYPES;

/** What `fib … type` finds: the types of routes but for two, which nft(8) has no words for. */
export const FIB_TYPES = fibTypes;

/** linux/if_packet.h, PACKET_*, as seen by nft: what is for this host is 'host'. */
export const PACKET_TYPES = {
  host: 0,
  broadcast: 1,
  multicast: 2,
  other: 3, // PACKET_OTHERHOST
} as const;

/** Reasons of a rejection, by the family of what is sent back: linux/icmp.h, linux/icmpv6.h, and those of both. */
export const REJECT_CODES = {
  icmp: {
    'net-unreachable': 0, // ICMP_NET_UNREACH
    'host-unreachable': 1, // ICMP_HOST_UNREACH
    'prot-unreachable': 2, // ICMP_PROT_UNREACH
    'port-unreachable': 3, // ICMP_PORT_UNREACH
    'net-prohibited': 9, // ICMP_NET_ANO
    'host-prohibited': 10, // ICMP_HOST_ANO
    'admin-prohibited': 13, // ICMP_PKT_FILTERED
  },
  icmpv6: {
    'no-route': 0, // ICMPV6_NOROUTE
    'admin-prohibited': 1, // ICMPV6_ADM_PROHIBITED
    'addr-unreachable': 3, // ICMPV6_ADDR_UNREACH
    'port-unreachable': 4, // ICMPV6_PORT_UNREACH
    'policy-fail': 5, // ICMPV6_POLICY_FAIL
    'reject-route': 6, // ICMPV6_REJECT_ROUTE
  },
  /** linux/netfilter/nf_tables.h, NFT_REJECT_ICMPX_* */
  icmpx: {
    'no-route': 0,
    'port-unreachable': 1, // NFT_REJECT_ICMPX_PORT_UNREACH
    'host-unreachable': 2, // NFT_REJECT_ICMPX_HOST_UNREACH
    'admin-prohibited': 3,
  },
} as const;
