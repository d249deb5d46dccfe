import { listLinks } from '../../links/links';
import type { Netns } from '../../netns/netns';
import { getGeneration } from '../../nft/generation';
import { readElements } from '../table/elements';
import { isAttached, toMembers } from '../table/member-records';
import { readOwner } from '../members/port-alias';
import type { NamedMember } from './names';

/**
 * What is read only once until a transaction of nf_tables. A member is attached, and detached, by one, and its aliases are
 * there before it is. Only what is gone with its namespace goes without, and aliases that somebody else sets: so nothing is
 * kept longer than this.
 */
const LONGEST_KEPT_MS = 1000;

/** A reader of what is made of the members that are attached now, whoever did it. */
export function membersReader<T>(
  host: Netns,
  network: string,
  make: (members: NamedMember[]) => T,
): () => Promise<T> {
  let kept: { made: T; generation: number; since: number } | undefined;
  return coalesce(async () => {
    const since = performance.now();
    // of before it is read: what changes meanwhile is read again
    const generation = await getGeneration(host);
    if (kept?.generation === generation && since - kept.since < LONGEST_KEPT_MS) return kept.made;
    kept = { made: make(await readNamed(host, network)), generation, since };
    return kept.made;
  });
}

async function readNamed(host: Netns, network: string): Promise<NamedMember[]> {
  const [placed, links] = await Promise.all([
    readElements(host, ['members', 'states', 'addresses4', 'addresses6']),
    listLinks(host, { kind: 'veth' }),
  ]);
  const aliases = new Map(links.map(({ name, alias }) => [name, readOwner(alias).aliases]));
  return toMembers(network, placed)
    .filter(({ state }) => isAttached(state))
    .map(({ port, addresses }) => ({ aliases: aliases.get(port) ?? [], addresses }));
}

/** All calls during one run of the work share the next run: that one begins after each of the calls. */
export function coalesce<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = async (): Promise<T> => {
    next = undefined;
    const now = work();
    last = now;
    return now;
  };
  return async () => (next ??= last.then(begin, begin));
}
