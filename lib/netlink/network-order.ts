import { type Codec, integer, MalformedError } from './codec';
import { shown } from '../common/shown';

// The integers of netfilter: they lie in network byte order in their attributes.

export const be32 = integer(
  4,
  0,
  0xffffffff,
  (to, value) => to.u32(value, false),
  (view, at) => view.getUint32(at, false),
);

export const bes32 = integer(
  4,
  -0x80000000,
  0x7fffffff,
  (to, value) => to.u32(value >>> 0, false),
  (view, at) => view.getInt32(at, false),
);

export const be64: Codec<bigint> = {
  shape: { kind: 'bigint', bits: 64 },
  write(to, value) {
    if (typeof value !== 'bigint') throw new TypeError(`expected a bigint, got ${shown(value)}`);
    if (value < 0n || value > 0xffffffffffffffffn) throw new RangeError(`${value} does not fit 64 bits`);
    to.u64(value, false);
  },
  read(from, start, end) {
    if (end - start !== 8) throw new MalformedError(`${end - start} bytes where 8 belong`);
    return from.view.getBigUint64(start, false);
  },
};
