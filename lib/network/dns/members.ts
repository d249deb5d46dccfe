import { listLinks } from '../../links/links';
import type { Netns } from '../../netns/netns';
import { getGeneration } from '../../nft/generation';
import { readElements } from '../table/elements';
import { isAttached, toMembers } from '../table/member-records';
import { readOwner } from '../members/port-alias';
import type { NamedMember } from './names';

/**
 * How long members are cached at most. They are read again after each transaction of nf_tables, because a member is
 * attached and detached by a transaction. Two changes cause no transaction, and are seen after this time: the deletion of a
 * member's namespace, and a change of a port's alias by another program.
 */
const LONGEST_KEPT_MS = 1000;

/** Returns a function that makes something of the members that are attached now, whichever process attached them. */
export function membersReader<T>(
  host: Netns,
  network: string,
  make: (members: NamedMember[]) => T,
): () => Promise<T> {
  let kept: { made: T; generation: number; since: number } | undefined;
  return coalesce(async () => {
    const since = performance.now();
    // The generation is read first, because a transaction after that has the members read again.
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

/**
 * Work that calls share: while it runs, all further calls get the result of one next run, which begins after them. So a
 * result is never older than its call.
 */
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
