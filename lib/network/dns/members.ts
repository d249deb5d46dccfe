import { listLinks } from '../../links/links';
import type { Netns } from '../../netns/netns';
import { readElements } from '../table/elements';
import { isAttached, toMembers } from '../table/member-records';
import { readOwner } from '../members/port-alias';
import type { NamedMember } from './names';
import { readWhileUnchanged } from './read-while-unchanged';

/** Returns a function that makes something of the members that are attached now, whichever process attached them. */
export function membersReader<T>(
  host: Netns,
  network: string,
  make: (members: NamedMember[]) => T,
): () => Promise<T> {
  return readWhileUnchanged(host, async () => make(await readNamed(host, network)));
}

async function readNamed(host: Netns, network: string): Promise<NamedMember[]> {
  const [placed, links] = await Promise.all([
    readElements(host, ['members', 'states', 'addresses4', 'addresses6']),
    listLinks(host, { kind: 'veth' }),
  ]);
  const aliases = new Map(links.map(({ name, alias }) => [name, readOwner(alias).aliases]));
  return toMembers([network], placed)
    .filter(({ state }) => isAttached(state))
    .map(({ port, addresses }) => ({ aliases: aliases.get(port) ?? [], addresses }));
}
