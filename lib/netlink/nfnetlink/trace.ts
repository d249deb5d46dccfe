import { attributes, NLA_F_NESTED } from '../attributes';
import { be16, bytes, choice, u8 } from '../codec';
import { be32, be64 } from '../network-order';
import { name, verdict, VERDICTS } from './data';
import { DIRECTIONS } from './expressions/loads';
import { FAMILIES, NetfilterObject, SUBSYSTEM } from './message';

const NFT_MSG_TRACE = 17;

/** The type of the messages. */
export const TRACE_MESSAGE = (SUBSYSTEM.nftables << 8) | NFT_MSG_TRACE;

/** What happened to a packet whose nftrace mark is set: linux/netfilter/nf_tables.h, enum nft_trace_attributes. */
export const trace = new NetfilterObject(
  SUBSYSTEM.nftables,
  { add: NFT_MSG_TRACE, get: NFT_MSG_TRACE, remove: NFT_MSG_TRACE },
  attributes({
    table: [1, name], // NFTA_TRACE_TABLE
    chain: [2, name], // NFTA_TRACE_CHAIN
    rule: [3, be64], // NFTA_TRACE_RULE_HANDLE
    type: [4, choice(be32, { policy: 1, return: 2, rule: 3 })], // NFTA_TRACE_TYPE, NFT_TRACETYPE_*
    verdict: [5 | NLA_F_NESTED, verdict], // NFTA_TRACE_VERDICT
    /** The same for all of one packet. */
    id: [6, be32], // NFTA_TRACE_ID
    linkHeader: [7, bytes], // NFTA_TRACE_LL_HEADER
    networkHeader: [8, bytes], // NFTA_TRACE_NETWORK_HEADER
    transportHeader: [9, bytes], // NFTA_TRACE_TRANSPORT_HEADER
    iif: [10, be32], // NFTA_TRACE_IIF
    iifType: [11, be16], // NFTA_TRACE_IIFTYPE
    oif: [12, be32], // NFTA_TRACE_OIF
    oifType: [13, be16], // NFTA_TRACE_OIFTYPE
    mark: [14, be32], // NFTA_TRACE_MARK
    nfproto: [15, choice(be32, FAMILIES)], // NFTA_TRACE_NFPROTO
    policy: [16, choice(be32, { drop: VERDICTS.drop, accept: VERDICTS.accept })], // NFTA_TRACE_POLICY
    /** Of conntrack, since Linux 6.16. */
    ctId: [18, be32], // NFTA_TRACE_CT_ID
    ctDirection: [19, choice(u8, DIRECTIONS)], // NFTA_TRACE_CT_DIRECTION
    ctStatus: [20, be32], // NFTA_TRACE_CT_STATUS
    ctState: [21, be32], // NFTA_TRACE_CT_STATE
  }),
);
