import { be16, bytes, type Codec, ipv6, MalformedError, u8, type ValueOf } from '../codec';
import { struct } from '../struct';

/** struct ipv6_sr_hdr */
const header = struct([
  ['nextHeader', u8, 1],
  ['length', u8, 1],
  ['type', u8, 1],
  ['segmentsLeft', u8, 1],
  ['first', u8, 1],
  ['flags', u8, 1],
  ['tag', be16, 2],
]);

/** The header of segment routing (RFC 8754). The segments lie from the last one to the first. */
export interface SegmentRouting extends Omit<ValueOf<typeof header>, 'length' | 'first'> {
  segments: readonly string[];
  /** What lies behind the segments: signatures. */
  behind: Uint8Array;
}

const SEGMENT = 16;
/** The length counts units of so many bytes behind the first of them. */
const UNIT = 8;

const {
  length: _,
  first: __,
  ...fields
} = (header.shape as { fields: Record<string, typeof u8.shape> }).fields;

export const segmentRouting: Codec<SegmentRouting> = {
  shape: {
    kind: 'struct',
    fields: { ...fields, segments: { kind: 'list', item: ipv6.shape }, behind: bytes.shape },
  },
  write(to, { segments, behind, ...rest }) {
    const length = (segments.length * SEGMENT + behind.length) / UNIT;
    // the index of the first segment; of none it is -1
    header.write(to, { ...rest, length: Math.floor(length), first: (segments.length - 1) & 0xff });
    for (const segment of segments) ipv6.write(to, segment);
    to.bytes(behind);
  },
  read(from, start, end) {
    const { length: _, first, ...rest } = header.read(from, start, end);
    const count = (first + 1) & 0xff;
    const begin = start + header.size;
    const behind = begin + count * SEGMENT;
    if (behind > end) throw new MalformedError(`${end - begin} bytes where ${count} segments belong`);
    const segments = Array.from({ length: count }, (_, i) =>
      ipv6.read(from, begin + i * SEGMENT, begin + (i + 1) * SEGMENT),
    );
    return { ...rest, segments, behind: bytes.read(from, behind, end) };
  },
};
