import { deleteConntrack } from '../../netfilter/conntrack';
import { deleteLink } from '../../links/links';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { deleting } from '../table/elements';
import type { Sign } from './life-sign';
import { changingState, type MemberRecord, stateElement } from '../table/member-records';

/**
 * Makes the caller the one who takes a member away, if it still is as it was when it was read: nobody else attaches it
 * then, or takes it away.
 */
export async function seizeMember(
  host: Netns,
  member: MemberRecord,
  sign: Sign,
): Promise<MemberRecord | undefined> {
  const { port, state, elements } = member;
  try {
    await nft.apply(host, changingState(port, state, sign.id));
  } catch (error) {
    if (error instanceof nft.NftError && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const others = elements.filter(({ set }) => set !== 'states');
  return { ...member, state: sign.id, elements: [...others, stateElement(port, sign.id)] };
}

/** Takes a member away: its pair, which nobody else knows of then, and last what the table says of it. */
export async function dropMember(host: Netns, member: MemberRecord): Promise<void> {
  await deleteLink(host, member.port, { ifMissing: 'ignore' });
  await nft.apply(host, deleting(member.elements));
  await forgetConnections(host, member);
}

/** What conntrack remembers of connections by published ports would go on to be sent to these addresses. */
export async function forgetConnections(
  host: Netns,
  { addresses, published }: Pick<MemberRecord, 'addresses' | 'published'>,
): Promise<void> {
  // each takes the kernel milliseconds to look for, however few there are
  if (published.length === 0) return;
  const own = Object.values(addresses);
  await Promise.all(own.map(async (source) => deleteConntrack(host, { reply: { source } })));
}
