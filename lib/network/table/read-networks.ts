import type { Netns } from '../../netns/netns';
import { readElements } from './elements';
import { MEMBER_SETS, type MemberRecord, toMembers } from './member-records';
import type { SetName } from './sets';

/** A network as the table records it. */
export interface ListedNetwork {
  /** Name of the network and of its bridge. */
  name: string;
  internal: boolean;
  /** The addresses that the bridge has to have. */
  gateways: string[];
  members: MemberRecord[];
}

/** Reads all networks of a namespace, whichever process created them. */
export async function readNetworks(host: Netns): Promise<ListedNetwork[]> {
  const placed = await readElements(host, ['bridges', 'internal', ...MEMBER_SETS]);
  const keysOf = (wanted: SetName) =>
    placed.flatMap(({ set, element: { key } }) => (set === wanted && typeof key === 'string' ? [key] : []));
  const internal = new Set(keysOf('internal'));
  return keysOf('bridges').map((name) => ({
    name,
    internal: internal.has(name),
    gateways: placed.flatMap(({ set, element: { key, comment } }) => {
      if ((set !== 'addresses4' && set !== 'addresses6') || comment !== name) return [];
      return [String((key as readonly string[])[1])];
    }),
    members: toMembers([name], placed),
  }));
}
