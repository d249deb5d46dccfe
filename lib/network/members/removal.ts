import { takingBackIn } from '../../netns/still-open';
import * as nft from '../../nft';
import { changeElements } from '../table/change-elements';
import { addOperations, deleteOperations } from '../table/elements';
import { stateChange, type MemberRecord, stateElement } from '../table/member-records';
import { forgetMembers } from './connections';
import type { NetworkContext } from './context';
import { forgetReached, readmit } from '../egress/change-grants';
import { closeLocalnet } from './localnet';
import { deletePair } from './pair';
import { readSettledMember } from './state';

/** @returns whether there was such a member. */
export async function detachMember(context: NetworkContext, port: string): Promise<boolean> {
  const { host, plan, known } = context;
  const last = known.get(port);
  known.delete(port);
  if (last !== undefined && (await detach(context, last))) return true;
  for (;;) {
    const settled = await readSettledMember(host, plan.name, port);
    if (settled === undefined) return false;
    if (await detach(context, settled.member)) return true;
  }
}

/** @returns false where another process has changed the member since. */
async function detach(context: NetworkContext, member: MemberRecord): Promise<boolean> {
  const { book, heldPorts, known } = context;
  if (!(await removeIfUnchanged(context, member, known))) return false;
  heldPorts.release(member.published);
  await book.release(member.port);
  return true;
}

/** What it takes to remove a member. */
export type RemovalContext = Pick<NetworkContext, 'host' | 'hostFd' | 'lifeSign'>;

/**
 * Removes a member. Where a step fails, the member is given back to the table, so that another call finds what is left.
 *
 * @returns false where another process has changed the member since it was read.
 */
export async function removeIfUnchanged(
  context: RemovalContext,
  member: MemberRecord,
  known: ReadonlyMap<string, MemberRecord> = new Map(),
): Promise<boolean> {
  const { host, hostFd } = context;
  const seized = await seizeMember(context, member);
  if (seized === undefined) return false;
  let givingBack = stateChange(seized.port, seized.state, member.state);
  try {
    await deletePair(host, seized.port);
    // The elements are deleted last, because nobody would find the pair without them, if this process crashed before.
    await changeElements(host, deleteOperations(seized.elements));
    givingBack = addOperations(member.elements);
    await closeLocalnet(host, seized.network, seized.elements, known.values());
    await forgetMembers(host, [seized]);
    await forgetReached(context, [seized]);
  } catch (error) {
    return takingBackIn(host, hostFd, error, async (open) => {
      await readmit(open, member.elements);
      await changeElements(open, givingBack);
    });
  }
  return true;
}

/** Makes this process the only one that removes the member, or attaches it. Undefined where another one was first. */
async function seizeMember(
  { host, lifeSign: { id } }: RemovalContext,
  member: MemberRecord,
): Promise<MemberRecord | undefined> {
  const { port, state, elements } = member;
  try {
    await changeElements(host, stateChange(port, state, id));
  } catch (error) {
    if (error instanceof nft.NftError && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const others = elements.filter(({ set }) => set !== 'states');
  return { ...member, state: id, elements: [...others, stateElement(port, id)] };
}
