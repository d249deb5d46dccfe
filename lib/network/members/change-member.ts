import * as nft from '../../nft';
import { NetworkError } from '../network-error';
import { changeElements } from '../table/change-elements';
import { isAttached, type MemberRecord, readMember, stateChange } from '../table/member-records';
import type { NetworkContext } from './context';
import type { MemberIdentity } from './member-plan';

/**
 * Changes a member as this object knows it. Where other processes have changed it since, the table is read, as it is where this object
 * has not changed the member yet: for ten thousand published ports that takes half a second. `operation` is what errors say of it.
 */
export async function changeMember(
  context: NetworkContext,
  identity: MemberIdentity,
  operation: string,
  change: (member: MemberRecord) => Promise<void>,
): Promise<void> {
  const { known } = context;
  for (;;) {
    const member = known.get(identity.port) ?? (await requireMember(context, identity, operation));
    try {
      await change(member);
      return;
    } catch (error) {
      // another process was first, which has changed the member or detached it
      if (!(error instanceof NetworkError && error.code === 'ERR_NOT_A_MEMBER')) throw error;
      known.delete(identity.port);
    }
  }
}

/** @throws {@link NetworkError} ERR_NOT_A_MEMBER where others have changed the member since. */
export async function requireUnchanged(
  context: NetworkContext,
  { port, state }: MemberRecord,
  operation: string,
): Promise<void> {
  await changeElements(context.host, stateChange(port, state, state)).catch((error: unknown) => {
    throw asNotMember(context, port, operation, error);
  });
}

/** Keeps a member as it is now. */
export function remember({ known }: NetworkContext, member: MemberRecord): void {
  if (isAttached(member.state)) known.set(member.port, member);
}

async function requireMember(
  context: NetworkContext,
  { netns, device, port }: MemberIdentity,
  operation: string,
): Promise<MemberRecord> {
  const member = await readMember(context.host, context.plan.name, port);
  if (member === undefined) throw notMember(context, operation, `${device} of ${netns.toString()}`);
  return member;
}

/** What it means that the state which a transaction was to delete is not there. */
export function asNotMember(
  context: NetworkContext,
  port: string,
  operation: string,
  error: unknown,
): unknown {
  const isMissing = error instanceof nft.NftError && error.code === 'ENOENT';
  return isMissing ? notMember(context, operation, port, error) : error;
}

function notMember({ plan }: NetworkContext, operation: string, who: string, cause?: unknown): NetworkError {
  const details = { operation, network: plan.name, reason: `${who} is not a member` };
  return new NetworkError({ ...details, code: 'ERR_NOT_A_MEMBER' }, { cause });
}
