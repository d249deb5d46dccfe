import { attributes, NLA_F_NESTED } from '../attributes';
import { bytes } from '../codec';
import { be32, be64 } from '../network-order';
import { name } from './data';
import { expressionList } from './expressions';
import { NetfilterObject, SUBSYSTEM } from './message';

/** linux/netfilter/nf_tables.h, NFT_MSG_NEWRULE and its kin */
export const rule = new NetfilterObject(
  SUBSYSTEM.nftables,
  { add: 6, get: 7, remove: 8, destroy: 28 },
  attributes({
    table: [1, name], // NFTA_RULE_TABLE
    chain: [2, name], // NFTA_RULE_CHAIN
    handle: [3, be64], // NFTA_RULE_HANDLE
    expressions: [4 | NLA_F_NESTED, expressionList], // NFTA_RULE_EXPRESSIONS
    /** Handle of the rule before this one; in a request, of the one to be added before or after. */
    position: [6, be64], // NFTA_RULE_POSITION
    userdata: [7, bytes], // NFTA_RULE_USERDATA
    id: [9, be32], // NFTA_RULE_ID
    positionId: [10, be32], // NFTA_RULE_POSITION_ID
  }),
);

export type RuleMessage = ReturnType<typeof rule.read>;
