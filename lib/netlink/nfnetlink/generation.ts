import { attributes } from '../attributes';
import { text } from '../codec';
import { be32 } from '../network-order';
import { NetfilterObject, SUBSYSTEM } from './message';

/** Each transaction gives the ruleset a new number, which the last of the transaction's events holds. */
export const generation = new NetfilterObject(
  SUBSYSTEM.nftables,
  { add: 15, get: 16, remove: 15 }, // NFT_MSG_NEWGEN, NFT_MSG_GETGEN, NFT_MSG_NEWGEN
  attributes({
    id: [1, be32], // NFTA_GEN_ID
    /** Who has changed it. */
    pid: [2, be32], // NFTA_GEN_PROC_PID
    process: [3, text(15)], // NFTA_GEN_PROC_NAME
  }),
);
