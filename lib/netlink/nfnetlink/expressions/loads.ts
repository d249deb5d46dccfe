import { attributes, NLA_F_NESTED } from '../../attributes';
import { choice, u8 } from '../../codec';
import { be32 } from '../../network-order';
import { data, register } from '../data';

// Expressions that put something into a register (`dreg`), and their kin that set it from one (`sreg`).

/** linux/netfilter/nf_tables.h, NFT_META_* */
export const META_KEYS = {
  length: 0, // NFT_META_LEN
  protocol: 1,
  priority: 2,
  mark: 3,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  iiftype: 8, // NFT_META_IIFTYPE
  oiftype: 9,
  skuid: 10,
  skgid: 11,
  nftrace: 12,
  rtclassid: 13,
  secmark: 14,
  nfproto: 15,
  l4proto: 16,
  ibrname: 17, // NFT_META_BRI_IIFNAME
  obrname: 18, // NFT_META_BRI_OIFNAME
  pkttype: 19,
  cpu: 20,
  iifgroup: 21,
  oifgroup: 22,
  cgroup: 23,
  random: 24, // NFT_META_PRANDOM
  secpath: 25,
  iifkind: 26,
  oifkind: 27,
  ibrpvid: 28, // NFT_META_BRI_IIFPVID
  ibrvproto: 29, // NFT_META_BRI_IIFVPROTO
  time: 30, // NFT_META_TIME_NS
  day: 31, // NFT_META_TIME_DAY
  hour: 32, // NFT_META_TIME_HOUR
  sdif: 33,
  sdifname: 34,
  broute: 35, // NFT_META_BRI_BROUTE
} as const;

export const meta = attributes({
  key: [2, choice(be32, META_KEYS)], // NFTA_META_KEY
  dreg: [1, register], // NFTA_META_DREG
  sreg: [3, register], // NFTA_META_SREG
});

/** linux/netfilter/nf_tables.h, NFT_PAYLOAD_* */
export const PAYLOAD_BASES = {
  link: 0, // NFT_PAYLOAD_LL_HEADER
  network: 1, // NFT_PAYLOAD_NETWORK_HEADER
  transport: 2, // NFT_PAYLOAD_TRANSPORT_HEADER
  inner: 3, // NFT_PAYLOAD_INNER_HEADER
  tunnel: 4, // NFT_PAYLOAD_TUN_HEADER
} as const;

export const payload = attributes({
  dreg: [1, register], // NFTA_PAYLOAD_DREG
  base: [2, choice(be32, PAYLOAD_BASES)], // NFTA_PAYLOAD_BASE
  offset: [3, be32], // NFTA_PAYLOAD_OFFSET
  length: [4, be32], // NFTA_PAYLOAD_LEN
  sreg: [5, register], // NFTA_PAYLOAD_SREG
  checksum: [6, choice(be32, { none: 0, inet: 1, sctp: 2 })], // NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_*
  checksumOffset: [7, be32], // NFTA_PAYLOAD_CSUM_OFFSET
  /** 1: a pseudo header of the transport protocol covers it. */
  checksumFlags: [8, be32], // NFTA_PAYLOAD_CSUM_FLAGS
});

/** linux/netfilter/nf_tables.h, NFT_EXTHDR_OP_* */
export const EXTHDR_OPS = { ipv6: 0, tcpopt: 1, ipv4: 2, sctp: 3, dccp: 4 } as const;

export const exthdr = attributes({
  dreg: [1, register], // NFTA_EXTHDR_DREG
  sreg: [7, register], // NFTA_EXTHDR_SREG
  type: [2, u8], // NFTA_EXTHDR_TYPE
  offset: [3, be32], // NFTA_EXTHDR_OFFSET
  length: [4, be32], // NFTA_EXTHDR_LEN
  /** 1: whether it is there at all. */
  flags: [5, be32], // NFTA_EXTHDR_FLAGS
  op: [6, choice(be32, EXTHDR_OPS)], // NFTA_EXTHDR_OP
});

/** linux/netfilter/nf_tables.h, NFT_CT_* */
export const CT_KEYS = {
  state: 0,
  direction: 1,
  status: 2,
  mark: 3,
  secmark: 4,
  expiration: 5,
  helper: 6,
  l3proto: 7, // NFT_CT_L3PROTOCOL
  src: 8,
  dst: 9,
  protocol: 10,
  'proto-src': 11,
  'proto-dst': 12,
  label: 13, // NFT_CT_LABELS
  packets: 14, // NFT_CT_PKTS
  bytes: 15,
  avgpkt: 16,
  zone: 17,
  event: 18, // NFT_CT_EVENTMASK
  'src-ip': 19,
  'dst-ip': 20,
  'src-ip6': 21,
  'dst-ip6': 22,
  id: 23,
} as const;

/** linux/netfilter/nf_conntrack_tuple_common.h, IP_CT_DIR_* */
export const DIRECTIONS = { original: 0, reply: 1 } as const;

export const ct = attributes({
  key: [2, choice(be32, CT_KEYS)], // NFTA_CT_KEY
  dreg: [1, register], // NFTA_CT_DREG
  direction: [3, choice(u8, DIRECTIONS)], // NFTA_CT_DIRECTION
  sreg: [4, register], // NFTA_CT_SREG
});

/** linux/netfilter/nf_tables.h, NFTA_FIB_F_* */
export const FIB_FLAGS = { saddr: 1, daddr: 2, mark: 4, iif: 8, oif: 16, present: 32 } as const;

/** linux/netfilter/nf_tables.h, NFT_FIB_RESULT_* */
const FIB_RESULTS = {
  oif: 1,
  oifname: 2,
  type: 3, // NFT_FIB_RESULT_ADDRTYPE
} as const;

export const fib = attributes({
  flags: [3, be32], // NFTA_FIB_FLAGS
  result: [2, choice(be32, FIB_RESULTS)], // NFTA_FIB_RESULT
  dreg: [1, register], // NFTA_FIB_DREG
});

/** linux/netfilter/nf_tables.h, NFT_RT_* */
const RT_KEYS = {
  classid: 0,
  nexthop4: 1,
  nexthop6: 2,
  tcpmss: 3,
  ipsec: 4, // NFT_RT_XFRM
} as const;

export const rt = attributes({
  dreg: [1, register], // NFTA_RT_DREG
  key: [2, choice(be32, RT_KEYS)], // NFTA_RT_KEY
});

export const socket = attributes({
  key: [1, choice(be32, { transparent: 0, mark: 1, wildcard: 2, cgroupv2: 3 })], // NFTA_SOCKET_KEY, NFT_SOCKET_*
  dreg: [2, register], // NFTA_SOCKET_DREG
  level: [3, be32], // NFTA_SOCKET_LEVEL
});

export const numgen = attributes({
  dreg: [1, register], // NFTA_NG_DREG
  modulus: [2, be32], // NFTA_NG_MODULUS
  type: [3, choice(be32, { inc: 0, random: 1 })], // NFTA_NG_TYPE, NFT_NG_INCREMENTAL, NFT_NG_RANDOM
  offset: [4, be32], // NFTA_NG_OFFSET
});

export const hash = attributes({
  sreg: [1, register], // NFTA_HASH_SREG
  dreg: [2, register], // NFTA_HASH_DREG
  length: [3, be32], // NFTA_HASH_LEN
  modulus: [4, be32], // NFTA_HASH_MODULUS
  seed: [5, be32], // NFTA_HASH_SEED
  offset: [6, be32], // NFTA_HASH_OFFSET
  type: [7, choice(be32, { jenkins: 0, symmetric: 1 })], // NFTA_HASH_TYPE, NFT_HASH_JENKINS, NFT_HASH_SYM
});

/** Also the verdict of a rule: into register 0. */
export const immediate = attributes({
  dreg: [1, register], // NFTA_IMMEDIATE_DREG
  data: [2 | NLA_F_NESTED, data], // NFTA_IMMEDIATE_DATA
});
