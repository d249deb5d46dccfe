import { netfilterRequest } from '../netfilter';
import type { Netns } from '../netns';
import { generation } from '../nft/generation';

/** nfnetlink answers a request to a subsystem that it does not have with EINVAL. */
export const NO_NFTABLES = 'this kernel has no nf_tables: CONFIG_NF_TABLES, module nf_tables';

/** @internal The number that the next transaction will change. */
export async function getGeneration(netns: Netns): Promise<number> {
  const attempt = { operation: 'get generation of nf_tables', words: { EINVAL: NO_NFTABLES } };
  const reply = await netfilterRequest(netns, generation.get({}, attempt));
  return reply?.id ?? 0;
}
