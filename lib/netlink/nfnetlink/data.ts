import { attributes, NLA_F_NESTED } from '../attributes';
import { bytes, choice, text } from '../codec';
import { be32, bes32 } from '../network-order';

/** Names of tables, chains, sets and objects: NFT_NAME_MAXLEN, with the NUL. */
export const name = text(255);

/** What becomes of a packet: linux/netfilter.h, NF_*, and linux/netfilter/nf_tables.h, NFT_*. */
export const VERDICTS = {
  drop: 0,
  accept: 1,
  stolen: 2,
  queue: 3,
  repeat: 4,
  continue: -1,
  break: -2,
  jump: -3,
  goto: -4,
  return: -5,
} as const;

export const verdict = attributes({
  code: [1, choice(bes32, VERDICTS)], // NFTA_VERDICT_CODE
  chain: [2, name], // NFTA_VERDICT_CHAIN
  chainId: [3, be32], // NFTA_VERDICT_CHAIN_ID
});

/** What a register or an element holds: bytes, or a verdict. */
export const data = attributes({
  value: [1, bytes], // NFTA_DATA_VALUE
  verdict: [2 | NLA_F_NESTED, verdict], // NFTA_DATA_VERDICT
});

/** Registers: 0 is the verdict; 1 to 4 have 16 bytes each, 8 to 23 are the same room four bytes at a time. */
export const register = be32;
