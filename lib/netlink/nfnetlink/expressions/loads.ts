import { attributes, NLA_F_NESTED } from '../../attributes';
import { choice, u8 } from '../../codec';
import { be32 } from '../../network-order';
import { data, register } from '../data';

// Expressions that put something into a register (`dreg`), and their kin that set it from one (`sreg`).

/** enum nft_meta_keys */
export const META_KEYS = {
  length: 0,
  protocol: 1,
  priority: 2,
  mark: 3,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  iiftype: 8,
  oiftype: 9,
  skuid: 10,
  skgid: 11,
  nftrace: 12,
  rtclassid: 13,
  secmark: 14,
  nfproto: 15,
  l4proto: 16,
  ibrname: 17,
  obrname: 18,
  pkttype: 19,
  cpu: 20,
  iifgroup: 21,
  oifgroup: 22,
  cgroup: 23,
  random: 24,
  secpath: 25,
  iifkind: 26,
  oifkind: 27,
  ibrpvid: 28,
  ibrvproto: 29,
  time: 30,
  day: 31,
  hour: 32,
  sdif: 33,
  sdifname: 34,
  broute: 35,
} as const;

export const meta = attributes({
  key: [2, choice(be32, META_KEYS)], // NFTA_META_KEY
  dreg: [1, register], // NFTA_META_DREG
  sreg: [3, register], // NFTA_META_SREG
});

/** enum nft_payload_bases */
export const PAYLOAD_BASES = { link: 0, network: 1, transport: 2, inner: 3, tunnel: 4 } as const;

export const payload = attributes({
  dreg: [1, register], // NFTA_PAYLOAD_DREG
  base: [2, choice(be32, PAYLOAD_BASES)], // NFTA_PAYLOAD_BASE
  offset: [3, be32], // NFTA_PAYLOAD_OFFSET
  length: [4, be32], // NFTA_PAYLOAD_LEN
  sreg: [5, register], // NFTA_PAYLOAD_SREG
  checksum: [6, choice(be32, { none: 0, inet: 1, sctp: 2 })], // NFTA_PAYLOAD_CSUM_TYPE
  checksumOffset: [7, be32], // NFTA_PAYLOAD_CSUM_OFFSET
  /** 1: a pseudo header of the transport protocol covers it. */
  checksumFlags: [8, be32], // NFTA_PAYLOAD_CSUM_FLAGS
});

/** enum nft_exthdr_op */
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

/** enum nft_ct_keys */
export const CT_KEYS = {
  state: 0,
  direction: 1,
  status: 2,
  mark: 3,
  secmark: 4,
  expiration: 5,
  helper: 6,
  l3proto: 7,
  src: 8,
  dst: 9,
  protocol: 10,
  'proto-src': 11,
  'proto-dst': 12,
  label: 13,
  packets: 14,
  bytes: 15,
  avgpkt: 16,
  zone: 17,
  event: 18,
  'src-ip': 19,
  'dst-ip': 20,
  'src-ip6': 21,
  'dst-ip6': 22,
  id: 23,
} as const;

/** enum ip_conntrack_dir */
export const DIRECTIONS = { original: 0, reply: 1 } as const;

export const ct = attributes({
  key: [2, choice(be32, CT_KEYS)], // NFTA_CT_KEY
  dreg: [1, register], // NFTA_CT_DREG
  direction: [3, choice(u8, DIRECTIONS)], // NFTA_CT_DIRECTION
  sreg: [4, register], // NFTA_CT_SREG
});

/** enum nft_fib_flags */
export const FIB_FLAGS = { saddr: 1, daddr: 2, mark: 4, iif: 8, oif: 16, present: 32 } as const;

export const fib = attributes({
  flags: [3, be32], // NFTA_FIB_FLAGS
  result: [2, choice(be32, { oif: 1, oifname: 2, type: 3 })], // NFTA_FIB_RESULT
  dreg: [1, register], // NFTA_FIB_DREG
});

export const rt = attributes({
  dreg: [1, register], // NFTA_RT_DREG
  key: [2, choice(be32, { classid: 0, nexthop4: 1, nexthop6: 2, tcpmss: 3, ipsec: 4 })], // NFTA_RT_KEY
});

export const socket = attributes({
  key: [1, choice(be32, { transparent: 0, mark: 1, wildcard: 2, cgroupv2: 3 })], // NFTA_SOCKET_KEY
  dreg: [2, register], // NFTA_SOCKET_DREG
  level: [3, be32], // NFTA_SOCKET_LEVEL
});

export const numgen = attributes({
  dreg: [1, register], // NFTA_NG_DREG
  modulus: [2, be32], // NFTA_NG_MODULUS
  type: [3, choice(be32, { inc: 0, random: 1 })], // NFTA_NG_TYPE
  offset: [4, be32], // NFTA_NG_OFFSET
});

export const hash = attributes({
  sreg: [1, register], // NFTA_HASH_SREG
  dreg: [2, register], // NFTA_HASH_DREG
  length: [3, be32], // NFTA_HASH_LEN
  modulus: [4, be32], // NFTA_HASH_MODULUS
  seed: [5, be32], // NFTA_HASH_SEED
  offset: [6, be32], // NFTA_HASH_OFFSET
  type: [7, choice(be32, { jenkins: 0, symmetric: 1 })], // NFTA_HASH_TYPE
});

/** Also the verdict of a rule: into register 0. */
export const immediate = attributes({
  dreg: [1, register], // NFTA_IMMEDIATE_DREG
  data: [2 | NLA_F_NESTED, data], // NFTA_IMMEDIATE_DATA
});
