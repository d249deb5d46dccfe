import { changeElements } from '../table/change-elements';
import { deleteOperations, readElements } from '../table/elements';
import { MEMBER_SETS, type MemberRecord, portsWithoutMember, toMembers } from '../table/member-records';
import { removeIfUnchanged, type RemovalContext } from './removal';
import { memberState } from './state';

/**
 * Removes what is left of members whose namespaces were deleted, or whose attaching or detaching process crashed. A
 * member that a living process is attaching or detaching is left alone.
 *
 * @returns the members that remain.
 */
export async function repairMembers(context: RemovalContext, network: string): Promise<MemberRecord[]> {
  const { host } = context;
  const placed = await readElements(host, MEMBER_SETS);
  const members = toMembers([network], placed);
  const states = await Promise.all(members.map(async (member) => memberState(host, member)));
  const isGone = (_: MemberRecord, i: number) => states[i] === 'gone';
  for (const member of members.filter(isGone)) {
    await removeIfUnchanged(context, member);
  }
  const abandoned = portsWithoutMember(placed);
  if (abandoned.length > 0) await changeElements(host, deleteOperations(abandoned));
  return members.filter((member, i) => !isGone(member, i));
}
