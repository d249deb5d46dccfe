import { attributes, NLA_F_NESTED } from '../../attributes';
import { choice } from '../../codec';
import { be32 } from '../../network-order';
import { data, name, register } from '../data';

// Expressions that look at a register (`sreg`) and end the rule where it does not match, or compute on it.

/** linux/netfilter/nf_tables.h, NFT_CMP_* */
export const CMP_OPS = { eq: 0, neq: 1, lt: 2, lte: 3, gt: 4, gte: 5 } as const;

export const cmp = attributes({
  sreg: [1, register], // NFTA_CMP_SREG
  op: [2, choice(be32, CMP_OPS)], // NFTA_CMP_OP
  data: [3 | NLA_F_NESTED, data], // NFTA_CMP_DATA
});

export const range = attributes({
  sreg: [1, register], // NFTA_RANGE_SREG
  op: [2, choice(be32, { eq: 0, neq: 1 })], // NFTA_RANGE_OP, NFT_RANGE_*
  from: [3 | NLA_F_NESTED, data], // NFTA_RANGE_FROM_DATA
  to: [4 | NLA_F_NESTED, data], // NFTA_RANGE_TO_DATA
});

/** linux/netfilter/nf_tables.h, NFT_BITWISE_* */
const BITWISE_OPS = { 'mask-xor': 0, lshift: 1, rshift: 2, and: 3, or: 4, xor: 5 } as const;

/** dreg = (sreg & mask) ^ xor */
export const bitwise = attributes({
  sreg: [1, register], // NFTA_BITWISE_SREG
  dreg: [2, register], // NFTA_BITWISE_DREG
  op: [6, choice(be32, BITWISE_OPS)], // NFTA_BITWISE_OP
  length: [3, be32], // NFTA_BITWISE_LEN
  mask: [4 | NLA_F_NESTED, data], // NFTA_BITWISE_MASK
  xor: [5 | NLA_F_NESTED, data], // NFTA_BITWISE_XOR
  data: [7 | NLA_F_NESTED, data], // NFTA_BITWISE_DATA
  sreg2: [8, register], // NFTA_BITWISE_SREG2
});

export const byteorder = attributes({
  sreg: [1, register], // NFTA_BYTEORDER_SREG
  dreg: [2, register], // NFTA_BYTEORDER_DREG
  op: [3, choice(be32, { ntoh: 0, hton: 1 })], // NFTA_BYTEORDER_OP, NFT_BYTEORDER_*
  length: [4, be32], // NFTA_BYTEORDER_LEN
  size: [5, be32], // NFTA_BYTEORDER_SIZE
});

/** Of a map, what it has for the key goes to `dreg`; 0 for a verdict. */
export const lookup = attributes({
  sreg: [2, register], // NFTA_LOOKUP_SREG
  dreg: [3, register], // NFTA_LOOKUP_DREG
  set: [1, name], // NFTA_LOOKUP_SET
  /** Of a set that is new in the same transaction. */
  setId: [4, be32], // NFTA_LOOKUP_SET_ID
  /** 1: match what is not in it. */
  flags: [5, be32], // NFTA_LOOKUP_FLAGS
});
