import { attributes, NLA_F_NESTED } from '../attributes';
import { bareText, be16, bytes, choice, u8 } from '../codec';
import { be32, be64 } from '../network-order';
import { name } from './data';
import { connlimit, counter, limit, quota } from './expressions/stateful';
import { NetfilterObject, SUBSYSTEM } from './message';

/** linux/netfilter/nf_tables.h, NFT_OBJECT_* */
export const OBJECT_TYPES = {
  counter: 1,
  quota: 2,
  'ct helper': 3,
  limit: 4,
  'ct count': 5, // NFT_OBJECT_CONNLIMIT
  tunnel: 6,
  'ct timeout': 7,
  secmark: 8,
  'ct expectation': 9, // NFT_OBJECT_CT_EXPECT
  synproxy: 10,
} as const;

const helper = attributes({
  type: [1, bareText(15)], // NFTA_CT_HELPER_NAME
  l3proto: [2, be16], // NFTA_CT_HELPER_L3PROTO
  l4proto: [3, u8], // NFTA_CT_HELPER_L4PROTO
});

/** NFT_MSG_NEWOBJ and its kin: something with a name that rules and elements refer to. */
export const object = new NetfilterObject(
  SUBSYSTEM.nftables,
  { add: 18, get: 19, remove: 20, destroy: 31 },
  attributes({
    table: [1, name], // NFTA_OBJ_TABLE
    name: [2, name], // NFTA_OBJ_NAME
    type: [3, choice(be32, OBJECT_TYPES)], // NFTA_OBJ_TYPE
    data: [
      4 | NLA_F_NESTED, // NFTA_OBJ_DATA
      { by: 'type', codecs: { counter, quota, limit, 'ct count': connlimit, 'ct helper': helper } },
    ],
    use: [5, be32], // NFTA_OBJ_USE
    handle: [6, be64], // NFTA_OBJ_HANDLE
    userdata: [8, bytes], // NFTA_OBJ_USERDATA
  }),
);

export type ObjectMessage = ReturnType<typeof object.read>;
