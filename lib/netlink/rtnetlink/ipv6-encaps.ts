import { attributes } from '../attributes';
import { be16, bytes, choice, type Codec, ipv6, MalformedError, u32, u8, type ValueOf } from '../codec';
import { be32 } from '../network-order';
import { struct } from '../struct';

/** struct ipv6_rpl_sr_hdr, without its segments; what may be compressed in it is not, between programs and the kernel. */
const rplHeader = struct([
  ['nextHeader', u8, 1],
  ['length', u8, 1],
  ['type', u8, 1],
  ['segmentsLeft', u8, 1],
  ['compression', u32, 4],
]);

const SEGMENT = 16;
/** The length counts units of so many bytes behind the header. */
const UNIT = 8;

/** The header of a source route of RPL (RFC 6554). The segments lie from the last one to the first. */
export interface RplHeader extends Omit<ValueOf<typeof rplHeader>, 'length'> {
  segments: readonly string[];
}

const { length: _, ...rplFields } = (rplHeader.shape as { fields: Record<string, typeof u8.shape> }).fields;

const rplSource: Codec<RplHeader> = {
  shape: { kind: 'struct', fields: { ...rplFields, segments: { kind: 'list', item: ipv6.shape } } },
  write(to, { segments, ...rest }) {
    rplHeader.write(to, { ...rest, length: (segments.length * SEGMENT) / UNIT });
    for (const segment of segments) ipv6.write(to, segment);
  },
  read(from, start, end) {
    const { length: _, ...rest } = rplHeader.read(from, start, end);
    const begin = start + rplHeader.size;
    if ((end - begin) % SEGMENT !== 0) {
      throw new MalformedError(`${end - begin} bytes where ${SEGMENT} belong for each segment`);
    }
    const segments: string[] = [];
    for (let at = begin; at < end; at += SEGMENT) segments.push(ipv6.read(from, at, at + SEGMENT));
    return { ...rest, segments };
  },
};

export const rpl = attributes({
  header: [1, rplSource], // RPL_IPTUNNEL_SRH
});

/** linux/ioam6_iptunnel.h, IOAM6_IPTUNNEL_MODE_*, by the names of ip-route(8). */
export const IOAM6_MODES = {
  inline: 1, // IOAM6_IPTUNNEL_MODE_INLINE
  encap: 2, // IOAM6_IPTUNNEL_MODE_ENCAP
  auto: 3, // IOAM6_IPTUNNEL_MODE_AUTO
} as const;

/** struct ioam6_trace_hdr */
const trace = struct([
  ['namespace', be16, 2],
  /** Five bits of how much each node writes, which the kernel finds out, and a flag. */
  ['nodeLength', u8, 1],
  /** In units of four bytes. */
  ['room', u8, 1],
  /** 24 bits of what each node writes, and eight that are reserved. */
  ['type', be32, 4],
]);

export const ioam6 = attributes({
  mode: [1, choice(u8, IOAM6_MODES)], // IOAM6_IPTUNNEL_MODE
  dst: [2, ipv6], // IOAM6_IPTUNNEL_DST
  trace: [3, trace], // IOAM6_IPTUNNEL_TRACE
  frequencyPackets: [4, u32], // IOAM6_IPTUNNEL_FREQ_K
  frequencyOf: [5, u32], // IOAM6_IPTUNNEL_FREQ_N
});

/** linux/ila.h, ILA_CSUM_*, by the names of ip-route(8). */
export const ILA_CHECKSUMS = {
  'adj-transport': 0, // ILA_CSUM_ADJUST_TRANSPORT
  'neutral-map': 1, // ILA_CSUM_NEUTRAL_MAP
  'no-action': 2, // ILA_CSUM_NO_ACTION
  'neutral-map-auto': 3, // ILA_CSUM_NEUTRAL_MAP_AUTO
} as const;

/** linux/ila.h, ILA_ATYPE_*, by the names of ip-route(8). */
export const ILA_IDENTIFIERS = {
  iid: 0, // ILA_ATYPE_IID
  luid: 1, // ILA_ATYPE_LUID
  'virt-v4': 2, // ILA_ATYPE_VIRT_V4
  'virt-uni-v6': 3, // ILA_ATYPE_VIRT_UNI_V6
  'virt-multi-v6': 4, // ILA_ATYPE_VIRT_MULTI_V6
  'nonlocal-addr': 5, // ILA_ATYPE_NONLOCAL_ADDR
  'use-format': 32, // ILA_ATYPE_USE_FORMAT
} as const;

/** linux/ila.h, ILA_HOOK_ROUTE_*, by the names of ip-route(8). */
export const ILA_HOOKS = {
  output: 0, // ILA_HOOK_ROUTE_OUTPUT
  input: 1, // ILA_HOOK_ROUTE_INPUT
} as const;

export const ila = attributes({
  /** Half an address of IPv6. */
  locator: [1, bytes], // ILA_ATTR_LOCATOR
  checksum: [7, choice(u8, ILA_CHECKSUMS)], // ILA_ATTR_CSUM_MODE
  identifier: [8, choice(u8, ILA_IDENTIFIERS)], // ILA_ATTR_IDENT_TYPE
  hook: [9, choice(u8, ILA_HOOKS)], // ILA_ATTR_HOOK_TYPE
});
