import { attributes, headed } from '../attributes';
import { encode, NLM_F_REQUEST } from '../message';
import { be32 } from '../network-order';
import { nfgenmsg, SUBSYSTEM } from './message';

export const NFNL_MSG_BATCH_BEGIN = 16;
export const NFNL_MSG_BATCH_END = 17;

export const batchMarker = headed(
  nfgenmsg,
  attributes({
    /** The generation that this is meant for: with any other, all is refused with ERESTART. */
    generation: [1, be32], // NFNL_BATCH_GENID
  }),
);

/** What stands around the operations of one transaction. */
export function batchFrame(generation?: number): { begin: Buffer; end: Buffer } {
  const resource = SUBSYSTEM.nftables;
  const begin = { resource, ...(generation !== undefined && { generation }) };
  return {
    begin: encode(NFNL_MSG_BATCH_BEGIN, NLM_F_REQUEST, batchMarker, begin),
    end: encode(NFNL_MSG_BATCH_END, NLM_F_REQUEST, batchMarker, { resource }),
  };
}
