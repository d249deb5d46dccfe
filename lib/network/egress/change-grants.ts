import type { Netns } from '../../netns/netns';
import { takingBackIn } from '../../netns/still-open';
import type { Operation } from '../../nft';
import { asNotMember, changeMember, remember, requireUnchanged } from '../members/change-member';
import { forgetConnections } from '../members/connections';
import type { NetworkContext } from '../members/context';
import type { MemberIdentity } from '../members/member-plan';
import { changeElements } from '../table/change-elements';
import { ensureEgress, removeUnusedEgress } from '../table/egress-rules';
import { addOperations, deleteOperations, type PlacedElement } from '../table/elements';
import { type MemberRecord, nextState, stateChange, stateElement } from '../table/member-records';
import { type Grant, grantElements, grantOf, isGrant, isLimit, limitElements, toGrants } from './grants';
import { isGranted, type Reaching, readReached, resolverElements, toReach } from './reached';

const ALLOW = 'allow in';
const DENY = 'deny in';

/** Lets a member reach what a grant allows. A member that was not limited is limited from now on. */
export async function allow(context: NetworkContext, identity: MemberIdentity, grant: Grant): Promise<void> {
  const { host, hostFd } = context;
  await changeMember(context, identity, ALLOW, async (member) => {
    const isThere = member.elements.some((one) => isGrant(one) && grantOf(one) === grant.id);
    if (isThere) return requireUnchanged(context, member, ALLOW);
    const adding = async () => {
      await ensureEgress(host);
      await addGrant(context, member, grant);
    };
    return adding().catch(async (error: unknown) => takingBackIn(host, hostFd, error, removeUnusedEgress));
  });
}

async function addGrant(context: NetworkContext, member: MemberRecord, grant: Grant): Promise<void> {
  const { port, elements } = member;
  const wasLimited = elements.some(isLimit);
  const added = [...grantElements(port, grant), ...(wasLimited ? [] : limitElements(member))];
  // A process that crashed may have left what an earlier member of the same address reached.
  const left = wasLimited ? [] : await readReached(context.host, [member]);
  const resolver = wasLimited ? [] : resolverElements(context.plan, member);
  const operations = [...deleteOperations([...left, ...added]), ...addOperations([...added, ...resolver])];
  const changed = await change(context, member, ALLOW, [...elements, ...added], operations);
  if (wasLimited) return;
  const undo = deleteOperations([...added, ...resolver]);
  await orTakeBack(context, changed, member, undo, async () => endConnections(context, member, resolver));
}

/** Takes a grant back. @returns whether the member had it. */
export async function deny(
  context: NetworkContext,
  identity: MemberIdentity,
  { id }: Pick<Grant, 'id'>,
): Promise<boolean> {
  let found = false;
  await changeMember(context, identity, DENY, async (member) => {
    const removed = member.elements.filter((one) => isGrant(one) && grantOf(one) === id);
    found = removed.length > 0;
    if (!found) {
      await requireUnchanged(context, member, DENY);
      return;
    }
    const left = member.elements.filter((one) => !removed.includes(one));
    const changed = await change(context, member, DENY, left, deleteOperations(removed));
    // The resolver adds no more for this grant. What it has added by now is read.
    await orTakeBack(context, changed, member, addOperations(removed), async () => {
      const grants = toGrants(left);
      const reached = await readReached(context.host, [member]);
      const kept = reached.filter((one) => isGranted(one, grants));
      const lost = reached.filter((one) => !kept.includes(one));
      if (lost.length > 0) await changeElements(context.host, deleteOperations(lost));
      await endConnections(context, member, kept);
    });
  });
  return found;
}

/** Lifts the limits of a member. @returns whether it had some. */
export async function allowAll(context: NetworkContext, identity: MemberIdentity): Promise<boolean> {
  let found = false;
  await changeMember(context, identity, ALLOW, async (member) => {
    const removed = member.elements.filter((one) => isGrant(one) || isLimit(one));
    found = removed.length > 0;
    if (!found) {
      await requireUnchanged(context, member, ALLOW);
      return;
    }
    const left = member.elements.filter((one) => !removed.includes(one));
    const reached = await readReached(context.host, [member]);
    const changed = await change(context, member, ALLOW, left, deleteOperations([...removed, ...reached]));
    const undo = addOperations([...removed, ...reached.map(withoutExpiry)]);
    await orTakeBack(context, changed, member, undo, async () => removeUnusedEgress(context.host));
  });
  return found;
}

/** What is listed has a time that is left, which cannot be given to the kernel. */
function withoutExpiry({ set, element: { expires: _, ...element } }: PlacedElement): PlacedElement {
  return { set, element };
}

/** Makes sure that the elements of a member can be added again, after its removal has failed. */
export async function readmit(host: Netns, elements: readonly PlacedElement[]): Promise<void> {
  if (elements.some(isLimit)) await ensureEgress(host);
}

/** Deletes what members reach, which are no members any more. */
export async function forgetReached(
  { host }: Pick<NetworkContext, 'host'>,
  members: readonly (Reaching & { elements: readonly PlacedElement[] })[],
): Promise<void> {
  const limited = members.filter(({ elements }) => elements.some(isLimit));
  if (limited.length === 0) return;
  const reached = await readReached(host, limited);
  if (reached.length > 0) await changeElements(host, deleteOperations(reached));
  await removeUnusedEgress(host);
}

/** Changes elements of a member in one transaction with its state. @returns the member as it is then. */
async function change(
  context: NetworkContext,
  member: MemberRecord,
  operation: string,
  elements: readonly PlacedElement[],
  operations: readonly Operation[],
): Promise<MemberRecord> {
  const { port } = member;
  const state = nextState(member);
  await changeElements(context.host, [...stateChange(port, member.state, state), ...operations]).catch(
    (error: unknown) => {
      throw asNotMember(context, port, operation, error);
    },
  );
  const others = elements.filter(({ set }) => set !== 'states');
  const changed = { ...member, state, elements: [...others, stateElement(port, state)] };
  remember(context, changed);
  return changed;
}

/** Does what follows a change. Where it fails, the change is taken back, so that another call finds what there was. */
async function orTakeBack(
  { host, hostFd, known }: NetworkContext,
  { port, state }: MemberRecord,
  before: MemberRecord,
  undo: readonly Operation[],
  work: () => Promise<void>,
): Promise<void> {
  await work().catch(async (error: unknown) => {
    known.delete(port);
    return takingBackIn(host, hostFd, error, async (open) => {
      await readmit(open, before.elements);
      await changeElements(open, [...stateChange(port, state, before.state), ...undo]);
    });
  });
}

/** Ends the connections that a member has begun, but for those to what it reaches now. */
async function endConnections(
  { host }: NetworkContext,
  { addresses }: Reaching,
  reached: readonly PlacedElement[],
): Promise<void> {
  const own = new Set<string | undefined>(Object.values(addresses));
  const nameOf = (...parts: unknown[]) => parts.join(' ');
  const there = new Set(
    reached
      .map(toReach)
      .map(({ address, protocol, port }) => (port === undefined ? address : nameOf(address, protocol, port))),
  );
  await forgetConnections(host, ({ source, destination = '', protocol, destinationPort }) => {
    if (!own.has(source)) return false;
    return !there.has(destination) && !there.has(nameOf(destination, protocol, destinationPort));
  });
}
