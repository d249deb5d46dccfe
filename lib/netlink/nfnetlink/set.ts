import { attributes, list, NLA_F_NESTED } from '../attributes';
import { bytes, choice } from '../codec';
import { be32, be64 } from '../network-order';
import { name } from './data';
import { statefulExpression, statefulList } from './expressions/stateful';
import { NetfilterObject, SUBSYSTEM } from './message';

/** linux/netfilter/nf_tables.h, NFT_SET_* */
export const SET_F = {
  anonymous: 0x1,
  constant: 0x2,
  interval: 0x4,
  map: 0x8,
  timeout: 0x10,
  /** Packets may change it: `flags dynamic`. */
  dynamic: 0x20, // NFT_SET_EVAL
  object: 0x40,
  /** The parts of an interval's key are ranges, each for itself. */
  concat: 0x80,
  expression: 0x100, // NFT_SET_EXPR
} as const;

/** The data of a verdict map. */
export const DATA_VERDICT = 0xffffff00; // NFT_DATA_VERDICT

/** linux/netfilter/nf_tables.h, NFT_MSG_NEWSET and its kin */
export const set = new NetfilterObject(
  SUBSYSTEM.nftables,
  { add: 9, get: 10, remove: 11, destroy: 29 },
  attributes({
    table: [1, name], // NFTA_SET_TABLE
    name: [2, name], // NFTA_SET_NAME
    flags: [3, be32], // NFTA_SET_FLAGS
    /** A number that means something to nft alone. */
    keyType: [4, be32], // NFTA_SET_KEY_TYPE
    keyLength: [5, be32], // NFTA_SET_KEY_LEN
    dataType: [6, be32], // NFTA_SET_DATA_TYPE
    dataLength: [7, be32], // NFTA_SET_DATA_LEN
    objectType: [15, be32], // NFTA_SET_OBJ_TYPE
    /** By which the transaction's other operations may call it. */
    id: [10, be32], // NFTA_SET_ID
    policy: [8, choice(be32, { performance: 0, memory: 1 })], // NFTA_SET_POLICY, NFT_SET_POL_*
    description: [
      9 | NLA_F_NESTED, // NFTA_SET_DESC
      attributes({
        size: [1, be32], // NFTA_SET_DESC_SIZE
        fields: [
          2 | NLA_F_NESTED, // NFTA_SET_DESC_CONCAT
          list(1 | NLA_F_NESTED /* NFTA_LIST_ELEM */, attributes({ length: [1, be32] })), // NFTA_SET_FIELD_LEN
        ],
      }),
    ],
    /** In milliseconds, as is `gcInterval` that is not. */
    timeout: [11, be64], // NFTA_SET_TIMEOUT
    gcInterval: [12, be32], // NFTA_SET_GC_INTERVAL
    userdata: [13, bytes], // NFTA_SET_USERDATA
    handle: [16, be64], // NFTA_SET_HANDLE
    /** What each element has: a counter, for example. */
    expression: [17 | NLA_F_NESTED, statefulExpression], // NFTA_SET_EXPR
    expressions: [18 | NLA_F_NESTED, statefulList], // NFTA_SET_EXPRESSIONS
    type: [19, name], // NFTA_SET_TYPE
    count: [20, be32], // NFTA_SET_COUNT
  }),
);

export type SetMessage = ReturnType<typeof set.read>;
