import { integer } from './codec';

// Integers that lie in network byte order in their attributes: those of netfilter, and a few of rtnetlink.

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

export const be64 = integer(
  8,
  0,
  Number.MAX_SAFE_INTEGER,
  (to, value) => to.u64(value, false),
  (view, at) => Number(view.getBigUint64(at, false)),
);
