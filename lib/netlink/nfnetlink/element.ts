import { attributes, list, NLA_F_NESTED } from '../attributes';
import { bytes } from '../codec';
import { be32, be64 } from '../network-order';
import { data, name } from './data';
import { statefulExpression, statefulList } from './expressions/stateful';
import { NetfilterObject, SUBSYSTEM } from './message';

/** linux/netfilter/nf_tables.h, NFT_SET_ELEM_* */
export const ELEMENT_F = { intervalEnd: 1, catchall: 2 } as const;

export const element = attributes({
  flags: [3, be32], // NFTA_SET_ELEM_FLAGS
  /** In milliseconds, as is `expiration`. */
  timeout: [4, be64], // NFTA_SET_ELEM_TIMEOUT
  expiration: [5, be64], // NFTA_SET_ELEM_EXPIRATION
  key: [1 | NLA_F_NESTED, data], // NFTA_SET_ELEM_KEY
  keyEnd: [10 | NLA_F_NESTED, data], // NFTA_SET_ELEM_KEY_END
  data: [2 | NLA_F_NESTED, data], // NFTA_SET_ELEM_DATA
  userdata: [6, bytes], // NFTA_SET_ELEM_USERDATA
  object: [9, name], // NFTA_SET_ELEM_OBJREF
  expression: [7 | NLA_F_NESTED, statefulExpression], // NFTA_SET_ELEM_EXPR
  expressions: [11 | NLA_F_NESTED, statefulList], // NFTA_SET_ELEM_EXPRESSIONS
});

/** NFT_MSG_NEWSETELEM and its kin: elements of one set. nft numbers them; what the number is, is the same to the kernel. */
export const elements = new NetfilterObject(
  SUBSYSTEM.nftables,
  { add: 12, get: 13, remove: 14, destroy: 30 },
  attributes({
    table: [1, name], // NFTA_SET_ELEM_LIST_TABLE
    set: [2, name], // NFTA_SET_ELEM_LIST_SET
    setId: [4, be32], // NFTA_SET_ELEM_LIST_SET_ID
    elements: [3 | NLA_F_NESTED, list((i) => ((i + 1) & 0x3fff) | NLA_F_NESTED, element)], // NFTA_SET_ELEM_LIST_ELEMENTS
  }),
);

export type ElementsMessage = ReturnType<typeof elements.read>;
