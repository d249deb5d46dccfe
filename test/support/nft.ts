import type { Netns } from '../../lib';
import { type Json, run } from './ip';

/** What `nft ARGS` prints, in a namespace. */
export async function nftSays(netns: Netns, ...args: string[]): Promise<string> {
  return run(netns, 'nft', ...args);
}

/** What `nft -j list ruleset` says, without what it says of itself. */
export async function nftJson(netns: Netns): Promise<Json[]> {
  const { nftables } = JSON.parse(await nftSays(netns, '-j', 'list', 'ruleset')) as { nftables: Json[] };
  return nftables.filter((one) => !('metainfo' in one));
}
