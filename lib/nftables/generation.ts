import { explaining } from '../catching';
import { netfilterRequest } from '../netfilter';
import type { Netns } from '../netns';
import { generation } from '../nft/generation';

/** nfnetlink answers a request to a subsystem that it does not have with EINVAL. */
export const NO_NFTABLES = 'this kernel has no nf_tables: CONFIG_NF_TABLES, module nf_tables';

/** @internal The number that the next transaction will change. */
export async function getGeneration(netns: Netns): Promise<number> {
  const request = generation.get({}, { operation: 'get generation of nf_tables' });
  const reply = await netfilterRequest(netns, request).catch(explaining({ EINVAL: NO_NFTABLES }));
  return reply?.id ?? 0;
}
