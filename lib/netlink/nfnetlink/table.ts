import { attributes } from '../attributes';
import { bytes } from '../codec';
import { be32, be64 } from '../network-order';
import { name } from './data';
import { NetfilterObject, SUBSYSTEM } from './message';

/** linux/netfilter/nf_tables.h, NFT_TABLE_F_* */
export const TABLE_F = { dormant: 1, owner: 2, persist: 4 } as const;

/** linux/netfilter/nf_tables.h, NFT_MSG_NEWTABLE and its kin */
export const table = new NetfilterObject(
  SUBSYSTEM.nftables,
  { add: 0, get: 1, remove: 2, destroy: 26 },
  attributes({
    name: [1, name], // NFTA_TABLE_NAME
    flags: [2, be32], // NFTA_TABLE_FLAGS
    /** How many chains, sets and objects are in it. */
    use: [3, be32], // NFTA_TABLE_USE
    handle: [4, be64], // NFTA_TABLE_HANDLE
    userdata: [6, bytes], // NFTA_TABLE_USERDATA
    /** Port of the socket with which it goes. */
    owner: [7, be32], // NFTA_TABLE_OWNER
  }),
);

export type TableMessage = ReturnType<typeof table.read>;
