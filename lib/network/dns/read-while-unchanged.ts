import { coalesce } from '../../common/coalesce';
import type { Netns } from '../../netns/netns';
import { getGeneration } from '../../nft/generation';

/**
 * How long something is kept at most. It is read again after each transaction of nf_tables, because a member is attached, detached and
 * limited by a transaction. Two changes cause no transaction, and are seen after this time: the deletion of a member's namespace, and a
 * change of a port's alias by another program.
 */
const LONGEST_KEPT_MS = 1000;

/** Returns a function that reads something of the table, and keeps it until the next transaction. */
export function readWhileUnchanged<T>(host: Netns, read: () => Promise<T>): () => Promise<T> {
  let kept: { found: T; generation: number; since: number } | undefined;
  return coalesce(async () => {
    const since = performance.now();
    // The generation is read first, because a transaction after that has all of it read again.
    const generation = await getGeneration(host);
    if (kept?.generation === generation && since - kept.since < LONGEST_KEPT_MS) return kept.found;
    kept = { found: await read(), generation, since };
    return kept.found;
  });
}
