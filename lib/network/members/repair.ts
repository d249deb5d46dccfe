import { ignoring } from '../../netlink/error';
import { getLink } from '../../links/links';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { deleting, readElements } from '../table/elements';
import { abandoned, isAttached, MEMBER_SETS, type MemberRecord, toMembers } from '../table/member-records';
import { dropMember, seizeMember } from './removal';
import { isAlive, type Sign } from './life-sign';

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
    await dropIfSame(host, member, sign);
  }
  const ownerless = abandoned(placed);
  if (ownerless.length > 0) await nft.apply(host, deleting(ownerless));
  return members.filter((member, i) => !isGone(member, i));
}

/** @returns false where somebody else has changed it since it was read. */
export async function dropIfSame(host: Netns, member: MemberRecord, sign: Sign): Promise<boolean> {
  const seized = await seizeMember(host, member, sign);
  if (seized !== undefined) await dropMember(host, seized);
  return seized !== undefined;
}

export async function stateOf(
  host: Netns,
  { network, port, state }: MemberRecord,
): Promise<'attached' | 'changing' | 'gone'> {
  if (!isAttached(state)) return (await isAlive(host, state)) ? 'changing' : 'gone';
  const [bridge, link] = await Promise.all(
    [network, port].map(async (device) => getLink(host, device).catch(ignoring('ENODEV'))),
  );
  // one that lost its bridge was about to go with it
  return bridge !== undefined && link?.master === bridge.index ? 'attached' : 'gone';
}
