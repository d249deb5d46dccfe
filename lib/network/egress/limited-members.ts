import { ipFamily } from '../../common/ip-text';
import { coalesce } from '../../common/coalesce';
import { ignoring } from '../../netlink/error';
import type { Netns } from '../../netns/netns';
import type { NftElement } from '../../nft';
import { findElement } from '../../nft/list';
import type { Addresses } from '../members/address-book';
import { type PlacedElement, readElements } from '../table/elements';
import { type SetName, SETS } from '../table/sets';
import { type Grant, isGrant, toGrants } from './grants';

/** A limited member as the resolver knows it. */
export interface LimitedMember {
  network: string;
  port: string;
  /** It is another one after each change of the member. */
  state: number;
  addresses: Addresses;
  grants: readonly Grant[];
}

/**
 * Returns a function that finds the limited member of a network that has an address; undefined where that is not limited. What was
 * read of a member holds for as long as the member's state is the same, whatever else changes in the table: the resolver itself adds
 * addresses all the time.
 */
export function limitedMembers(
  host: Netns,
  network: string,
): (address: string) => Promise<LimitedMember | undefined> {
  let known: ReadonlyMap<string, LimitedMember> = new Map();
  const read = coalesce(async () => {
    known = toLimited(
      network,
      await readElements(host, ['limited4', 'limited6', 'states', 'grants', 'names']),
    );
  });
  return async (address) => {
    const port = (await find(host, `limited${ipFamily(address) ?? 4}`, [network, address]))?.comment;
    if (port === undefined) return undefined;
    const member = known.get(port);
    if (member !== undefined && (await find(host, 'states', [port, member.state])) !== undefined)
      return member;
    await read();
    return known.get(port);
  };
}

/** Undefined also where there is no such set, because no member was limited yet. */
async function find(host: Netns, set: SetName, key: (string | number)[]): Promise<NftElement | undefined> {
  return findElement(host, SETS[set], key).catch(ignoring('ENOENT'));
}

/** The limited members by their ports. */
function toLimited(network: string, placed: readonly PlacedElement[]): Map<string, LimitedMember> {
  const states = new Map<string, number>();
  const granted = new Map<string, PlacedElement[]>();
  const limited = new Map<string, Addresses>();
  for (const one of placed) {
    const [first = '', second = ''] = (one.element.key as readonly (string | number)[]).map(String);
    if (one.set === 'states') states.set(first, Number(second));
    else if (isGrant(one)) gathered(granted, first, () => []).push(one);
    else if (first === network) {
      const port = one.element.comment ?? '';
      gathered<Addresses>(limited, port, () => ({}))[one.set === 'limited6' ? 6 : 4] = second;
    }
  }
  const members = [...limited].map(([port, addresses]): LimitedMember => {
    const grants = toGrants(granted.get(port) ?? []);
    return { network, port, state: states.get(port) ?? 0, addresses, grants };
  });
  return new Map(members.map((member) => [member.port, member]));
}

function gathered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const there = map.get(key) ?? make();
  map.set(key, there);
  return there;
}
