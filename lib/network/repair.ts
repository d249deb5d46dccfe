import { ignoring } from '../catching';
import { getLink } from '../links';
import type { Netns } from '../netns';
import * as nft from '../nftables';
import { deleting, readElements } from './elements';
import { abandoned, dropMember, MEMBER_SETS, type MemberRecord, seizeMember, toMembers } from './members';
import { isAlive, type Sign } from '../sign';

/**
 * Clears away what is left of members that are gone, with their namespace or by a crash in the midst of it, and tells
 * who is there. A member that somebody is just attaching or detaching is left to them.
 */
export async function repairMembers(host: Netns, network: string, sign: Sign): Promise<MemberRecord[]> {
  const placed = await readElements(host, MEMBER_SETS);
  const members = toMembers(network, placed);
  const states = await Promise.all(members.map(async (member) => stateOf(host, member)));
  const isGone = (_: MemberRecord, i: number) => states[i] === 'gone';
  for (const member of members.filter(isGone)) {
    if (await seizeMember(host, network, member, sign)) await dropMember(host, member);
  }
  const ownerless = abandoned(placed);
  if (ownerless.length > 0) await nft.apply(host, deleting(ownerless));
  return members.filter((member, i) => !isGone(member, i));
}

export async function stateOf(
  host: Netns,
  { port, pending }: MemberRecord,
): Promise<'attached' | 'changing' | 'gone'> {
  if (pending !== undefined) return (await isAlive(host, pending)) ? 'changing' : 'gone';
  const link = await getLink(host, port).catch(ignoring('ENODEV'));
  return link === undefined ? 'gone' : 'attached';
}
