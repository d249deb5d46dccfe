import { attributes, list, NLA_F_NESTED } from '../../attributes';
import { choice, text } from '../../codec';
import { be32, be64 } from '../../network-order';

// Expressions that keep something between packets. They are also what stands in an element of a set, and, but for
// `last`, as an object with a name.

export const counter = attributes({
  bytes: [1, be64], // NFTA_COUNTER_BYTES
  packets: [2, be64], // NFTA_COUNTER_PACKETS
});

/** `unit` is in seconds; 1 in `flags` turns it over: match what is beyond the rate. */
export const limit = attributes({
  rate: [1, be64], // NFTA_LIMIT_RATE
  unit: [2, be64], // NFTA_LIMIT_UNIT
  burst: [3, be32], // NFTA_LIMIT_BURST
  type: [4, choice(be32, { packets: 0, bytes: 1 })], // NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS, NFT_LIMIT_PKT_BYTES
  flags: [5, be32], // NFTA_LIMIT_FLAGS
});

/** In `flags`, 1 turns the quota over, and 2 is set when the quota is used up. */
export const quota = attributes({
  bytes: [1, be64], // NFTA_QUOTA_BYTES
  consumed: [4, be64], // NFTA_QUOTA_CONSUMED
  flags: [2, be32], // NFTA_QUOTA_FLAGS
});

export const connlimit = attributes({
  count: [1, be32], // NFTA_CONNLIMIT_COUNT
  flags: [2, be32], // NFTA_CONNLIMIT_FLAGS
});

/** When it was last passed. */
export const last = attributes({
  set: [1, be32], // NFTA_LAST_SET
  milliseconds: [2, be64], // NFTA_LAST_MSECS
});

const stateful = { counter, limit, quota, connlimit, last };

/** One of them, where no other kind may stand. */
export const statefulExpression = attributes({
  name: [1, text(0xff)], // NFTA_EXPR_NAME
  data: [2 | NLA_F_NESTED, { by: 'name', codecs: stateful }], // NFTA_EXPR_DATA
});

export const statefulList = list(1 | NLA_F_NESTED, statefulExpression); // NFTA_LIST_ELEM
