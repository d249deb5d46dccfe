import { attributes, NLA_F_NESTED } from '../attributes';
import { be16, bytes, choice, type Codec, ipv4, ipv6, s32, u32, u64, u8 } from '../codec';
import { be64 } from '../network-order';
import { ila, ioam6, rpl } from './ipv6-encaps';
import { mplsLabels } from './mpls-labels';
import { type SegmentRouting, segmentRouting } from './segments';

/** linux/mpls_iptunnel.h, MPLS_IPTUNNEL_* */
const mpls = attributes({
  labels: [1, mplsLabels], // MPLS_IPTUNNEL_DST
  ttl: [2, u8], // MPLS_IPTUNNEL_TTL
});

/** linux/if_tunnel.h, TUNNEL_*: flags of LWTUNNEL_IP_FLAGS and LWTUNNEL_IP6_FLAGS. */
export const TUNNEL_FLAGS = {
  checksum: 0x01, // TUNNEL_CSUM
  key: 0x04, // TUNNEL_KEY
  sequence: 0x08, // TUNNEL_SEQ
} as const;

/** A number of 64 bits that is kept as it is, and is a bigint where a number would be rounded. */
const id64: Codec<number | bigint> = {
  shape: be64.shape,
  write(to, value) {
    if (typeof value === 'number') be64.write(to, value);
    else Buffer.from(value.toString(16).padStart(16, '0'), 'hex').forEach((byte) => to.u8(byte));
  },
  read(from, start, end) {
    const value = be64.read(from, start, end);
    if (Number.isSafeInteger(value)) return value;
    return BigInt(`0x${Buffer.from(bytes.read(from, start, end)).toString('hex')}`);
  },
};

const ip = attributes({
  id: [1, id64], // LWTUNNEL_IP_ID
  dst: [2, ipv4], // LWTUNNEL_IP_DST
  src: [3, ipv4], // LWTUNNEL_IP_SRC
  ttl: [4, u8], // LWTUNNEL_IP_TTL
  tos: [5, u8], // LWTUNNEL_IP_TOS
  flags: [6, be16], // LWTUNNEL_IP_FLAGS
  padding: [7, bytes], // LWTUNNEL_IP_PAD
  options: [8, bytes], // LWTUNNEL_IP_OPTS
});

const ip6 = attributes({
  id: [1, id64], // LWTUNNEL_IP6_ID
  dst: [2, ipv6], // LWTUNNEL_IP6_DST
  src: [3, ipv6], // LWTUNNEL_IP6_SRC
  hopLimit: [4, u8], // LWTUNNEL_IP6_HOPLIMIT
  trafficClass: [5, u8], // LWTUNNEL_IP6_TC
  flags: [6, be16], // LWTUNNEL_IP6_FLAGS
  padding: [7, bytes], // LWTUNNEL_IP6_PAD
  options: [8, bytes], // LWTUNNEL_IP6_OPTS
});

/** linux/seg6_iptunnel.h, SEG6_IPTUN_MODE_*, by the names of ip-route(8). */
export const SEG6_MODES = {
  inline: 0, // SEG6_IPTUN_MODE_INLINE
  encap: 1, // SEG6_IPTUN_MODE_ENCAP
  l2encap: 2, // SEG6_IPTUN_MODE_L2ENCAP
  'encap.red': 3, // SEG6_IPTUN_MODE_ENCAP_RED
  'l2encap.red': 4, // SEG6_IPTUN_MODE_L2ENCAP_RED
} as const;

const mode = choice(s32, SEG6_MODES);
const MODE_SIZE = 4;

/** struct seg6_iptunnel_encap: the mode, and the header of segment routing behind it. */
const seg6Header: Codec<SegmentRouting & { mode: keyof typeof SEG6_MODES | number }> = {
  get shape() {
    const { fields } = segmentRouting.shape as { fields: Record<string, Codec<unknown>['shape']> };
    return { kind: 'struct', fields: { mode: mode.shape, ...fields } } as const;
  },
  write(to, { mode: own, ...rest }) {
    mode.write(to, own);
    segmentRouting.write(to, rest);
  },
  read: (from, start, end) => ({
    mode: mode.read(from, start, Math.min(start + MODE_SIZE, end)),
    ...segmentRouting.read(from, start + MODE_SIZE, end),
  }),
};

const seg6 = attributes({
  header: [1, seg6Header], // SEG6_IPTUNNEL_SRH
});

/** linux/seg6_local.h, SEG6_LOCAL_ACTION_*, by the names of ip-route(8). */
export const SEG6_ACTIONS = {
  End: 1, // SEG6_LOCAL_ACTION_END
  'End.X': 2, // SEG6_LOCAL_ACTION_END_X
  'End.T': 3, // SEG6_LOCAL_ACTION_END_T
  'End.DX2': 4, // SEG6_LOCAL_ACTION_END_DX2
  'End.DX6': 5, // SEG6_LOCAL_ACTION_END_DX6
  'End.DX4': 6, // SEG6_LOCAL_ACTION_END_DX4
  'End.DT6': 7, // SEG6_LOCAL_ACTION_END_DT6
  'End.DT4': 8, // SEG6_LOCAL_ACTION_END_DT4
  'End.B6': 9, // SEG6_LOCAL_ACTION_END_B6
  'End.B6.Encaps': 10, // SEG6_LOCAL_ACTION_END_B6_ENCAP
  'End.BM': 11, // SEG6_LOCAL_ACTION_END_BM
  'End.S': 12, // SEG6_LOCAL_ACTION_END_S
  'End.AS': 13, // SEG6_LOCAL_ACTION_END_AS
  'End.AM': 14, // SEG6_LOCAL_ACTION_END_AM
  'End.BPF': 15, // SEG6_LOCAL_ACTION_END_BPF
  'End.DT46': 16, // SEG6_LOCAL_ACTION_END_DT46
} as const;

/** linux/seg6_local.h, SEG6_LOCAL_FLV_OP_*, by the names of ip-route(8): each is the number of a bit. */
export const SEG6_FLAVORS = {
  psp: 1, // SEG6_LOCAL_FLV_OP_PSP
  usp: 2, // SEG6_LOCAL_FLV_OP_USP
  usd: 3, // SEG6_LOCAL_FLV_OP_USD
  'next-csid': 4, // SEG6_LOCAL_FLV_OP_NEXT_CSID
} as const;

const counters = attributes({
  padding: [1, bytes], // SEG6_LOCAL_CNT_PAD
  packets: [2, u64], // SEG6_LOCAL_CNT_PACKETS
  bytes: [3, u64], // SEG6_LOCAL_CNT_BYTES
  errors: [4, u64], // SEG6_LOCAL_CNT_ERRORS
});

const flavors = attributes({
  operations: [1, u32], // SEG6_LOCAL_FLV_OPERATION
  blockBits: [2, u8], // SEG6_LOCAL_FLV_LCBLOCK_BITS
  nodeFunctionBits: [3, u8], // SEG6_LOCAL_FLV_LCNODE_FN_BITS
});

const seg6local = attributes({
  action: [1, choice(u32, SEG6_ACTIONS)], // SEG6_LOCAL_ACTION
  header: [2, segmentRouting], // SEG6_LOCAL_SRH
  table: [3, u32], // SEG6_LOCAL_TABLE
  gateway4: [4, ipv4], // SEG6_LOCAL_NH4
  gateway6: [5, ipv6], // SEG6_LOCAL_NH6
  inputIndex: [6, u32], // SEG6_LOCAL_IIF
  index: [7, u32], // SEG6_LOCAL_OIF
  bpf: [8, bytes], // SEG6_LOCAL_BPF
  vrfTable: [9, u32], // SEG6_LOCAL_VRFTABLE
  counters: [10 | NLA_F_NESTED, counters], // SEG6_LOCAL_COUNTERS
  flavors: [11 | NLA_F_NESTED, flavors], // SEG6_LOCAL_FLAVORS
});

/** linux/lwtunnel.h, LWT_XFRM_* */
const xfrm = attributes({
  interfaceId: [1, u32], // LWT_XFRM_IF_ID
  index: [2, u32], // LWT_XFRM_LINK
});

/** RTA_ENCAP and NHA_ENCAP by their types; those of others are bytes. */
export const encapCodecs = { mpls, ip, ip6, seg6, seg6local, ila, rpl, ioam6, xfrm } as const;

/** RTA_ENCAP, RTA_ENCAP of a way, and NHA_ENCAP. */
export const encapContent = { by: 'encapType', codecs: encapCodecs } as const;
