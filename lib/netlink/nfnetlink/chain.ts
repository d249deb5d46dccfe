import { IFNAMSIZ } from '../../common/limits';
import { attributes, list, NLA_F_NESTED } from '../attributes';
import { bytes, choice, text } from '../codec';
import { be32, be64, bes32 } from '../network-order';
import { name } from './data';
import { counter } from './expressions/stateful';
import { NetfilterObject, SUBSYSTEM } from './message';

/** linux/netfilter/nf_tables.h, NFT_CHAIN_* */
export const CHAIN_F = {
  base: 1,
  offload: 2, // NFT_CHAIN_HW_OFFLOAD
  binding: 4,
} as const;

/** Device names in a list. */
const device = text(IFNAMSIZ - 1);

/** linux/netfilter/nf_tables.h, NFT_MSG_NEWCHAIN and its kin */
export const chain = new NetfilterObject(
  SUBSYSTEM.nftables,
  { add: 3, get: 4, remove: 5, destroy: 27 },
  attributes({
    table: [1, name], // NFTA_CHAIN_TABLE
    handle: [2, be64], // NFTA_CHAIN_HANDLE
    name: [3, name], // NFTA_CHAIN_NAME
    type: [7, name], // NFTA_CHAIN_TYPE
    policy: [5, choice(be32, { drop: 0, accept: 1 })], // NFTA_CHAIN_POLICY, NF_*
    hook: [
      4 | NLA_F_NESTED, // NFTA_CHAIN_HOOK
      attributes({
        number: [1, be32], // NFTA_HOOK_HOOKNUM
        priority: [2, bes32], // NFTA_HOOK_PRIORITY
        device: [3, device], // NFTA_HOOK_DEV
        devices: [4 | NLA_F_NESTED, list(1 /* NFTA_DEVICE_NAME */, device)], // NFTA_HOOK_DEVS
      }),
    ],
    /** How many rules it has, and verdicts that lead to it. */
    use: [6, be32], // NFTA_CHAIN_USE
    counters: [8 | NLA_F_NESTED, counter], // NFTA_CHAIN_COUNTERS
    flags: [10, be32], // NFTA_CHAIN_FLAGS
    id: [11, be32], // NFTA_CHAIN_ID
    userdata: [12, bytes], // NFTA_CHAIN_USERDATA
  }),
);

export type ChainMessage = ReturnType<typeof chain.read>;
