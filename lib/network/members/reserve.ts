import * as nft from '../../nft';
import { removedMeanwhile } from '../host';
import { NetworkError } from '../network-error';
import { changeElements } from '../table/change-elements';
import { addOperations, deleteOperations, type PlacedElement } from '../table/elements';
import {
  addressElements,
  memberElement,
  type MemberRecord,
  newState,
  stateElement,
} from '../table/member-records';
import { portElements } from '../table/published-ports';
import { type Addresses, addressTaken } from './address-book';
import type { NetworkContext } from './context';
import type { MemberPlan } from './member-plan';
import { addPorts } from './publishing';
import { removeIfUnchanged } from './removal';
import { repairMembers } from './repair';
import { readSettledMember } from './state';

// Of two processes that attach the same member, or want the same address, the kernel decides which one is first: it
// accepts one element, and refuses the other with EEXIST. While a member is being attached or detached, its element in
// `states` has the number of the life sign of the process that does so.

/**
 * Reserves a member in the table, with its addresses, for this process to attach.
 *
 * @returns the addresses, or the member where others have attached it.
 */
export async function reserveMember(
  context: NetworkContext,
  member: MemberPlan,
): Promise<{ addresses: Addresses } | { attached: MemberRecord }> {
  const { host, plan, book } = context;
  const { port, addresses: wanted } = member;
  for (let learned = false; ; learned = true) {
    const addresses = await book.choose(port, wanted).catch((error: unknown) => {
      // The book may be out of date, because other processes release addresses, too, or crash before they use them.
      if (learned || !(error instanceof NetworkError)) throw error;
      return undefined;
    });
    if (addresses !== undefined) {
      try {
        await changeElements(host, addOperations(reservedElements(context, member, addresses)));
        return { addresses };
      } catch (error) {
        await book.release(port);
        if (!(error instanceof nft.NftError)) throw error;
        if (error.code === 'ENOENT') throw removedMeanwhile('attach to', plan.name);
        if (error.code !== 'EEXIST') throw error;
      }
    }
    const attached = await attachedByOthers(context, port);
    if (attached !== undefined) return { attached };
    await learnAddresses(context);
    if (learned && Object.keys(wanted).length > 0) {
      const [address] = Object.values(wanted);
      throw addressTaken(plan.name, address);
    }
  }
}

function reservedElements(
  { plan: { name }, lifeSign }: NetworkContext,
  { port, mac }: MemberPlan,
  addresses: Addresses,
): PlacedElement[] {
  return [
    memberElement(name, port),
    stateElement(port, lifeSign.id),
    ...addressElements(name, port, mac, addresses),
  ];
}

/** Waits until no other process attaches or detaches the member. @returns the member, if it is attached then. */
async function attachedByOthers(context: NetworkContext, port: string): Promise<MemberRecord | undefined> {
  const { host, plan } = context;
  for (;;) {
    const settled = await readSettledMember(host, plan.name, port);
    if (settled?.state !== 'gone') return settled?.member;
    await removeIfUnchanged(context, settled.member);
  }
}

async function learnAddresses(context: NetworkContext): Promise<void> {
  const { plan, book, attachingHere } = context;
  await book.learn(await repairMembers(context, plan.name), attachingHere);
}

/** Marks the member as attached and publishes its ports, in one transaction. */
export async function completeMember(
  context: NetworkContext,
  member: MemberPlan,
  addresses: Addresses,
): Promise<void> {
  const { plan, lifeSign } = context;
  const { port, mac, published } = member;
  const elements = reservedElements(context, member, addresses);
  const reserved = { network: plan.name, port, state: lifeSign.id, addresses, mac, published: [], elements };
  try {
    await addPorts(
      context,
      reserved,
      published.flatMap((one) => portElements(one, addresses, port)),
      newState(),
    );
  } catch (error) {
    if (error instanceof nft.NftError && error.code === 'ENOENT')
      throw removedMeanwhile('attach to', plan.name);
    throw error;
  }
}

/** Undoes `reserveMember`. */
export async function releaseMember(
  context: NetworkContext,
  member: MemberPlan,
  addresses: Addresses,
): Promise<void> {
  const elements = reservedElements(context, member, addresses);
  await changeElements(context.host, deleteOperations(elements)).catch((error: unknown) => {
    // The sets are missing, because somebody removed the last network and with it the table.
    if (!(error instanceof nft.NftError && error.code === 'ENOENT')) throw error;
  });
  await context.book.release(member.port);
}
