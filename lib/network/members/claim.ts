import { setTimeout as pause } from 'node:timers/promises';
import { randomMac } from '../../links/mac';
import * as nft from '../../nft';
import { type Addresses, addressTaken } from './address-book';
import type { NetworkContext } from './context';
import { adding, deleting } from '../table/elements';
import { removed } from '../host';
import type { AttachPlan } from './member-options';
import {
  addressElements,
  changingState,
  memberElement,
  type MemberRecord,
  newAttachment,
  readMembers,
  stateElement,
} from '../table/member-records';
import { NetworkError } from '../network-error';
import { dropIfSame, repairMembers, stateOf } from './repair';

// Of two who attach the same member, or want the same address, one is first: whose element the kernel takes. While a
// member is being attached or detached, its element says by whose sign of life.

export interface Claim {
  addresses: Addresses;
  mac: string;
}

export const LOOK_AGAIN_MS = 5;

/** Makes the caller the one who attaches a member, with its addresses; or tells of it where it is attached. */
export async function claimMember(
  context: NetworkContext,
  port: string,
  { addresses: wanted, mac = randomMac() }: Pick<AttachPlan, 'addresses' | 'mac'>,
): Promise<{ claim: Claim } | { attached: MemberRecord }> {
  const { host, plan, sign, book } = context;
  for (let learned = false; ; learned = true) {
    const addresses = await book.choose(port, wanted).catch((error: unknown) => {
      // somebody else may have given one back, or not come to do so
      if (learned || !(error instanceof NetworkError)) throw error;
      return undefined;
    });
    if (addresses !== undefined) {
      try {
        const elements = [
          memberElement(plan.name, port),
          stateElement(port, sign.id),
          ...addressElements(plan.name, port, mac, addresses),
        ];
        await nft.apply(host, adding(elements));
        return { claim: { addresses, mac } };
      } catch (error) {
        await book.release(port);
        if (!(error instanceof nft.NftError)) throw error;
        if (error.code === 'ENOENT') throw removed('attach to', plan.name);
        if (error.code !== 'EEXIST') throw error;
      }
    }
    const attached = await othersDone(context, port);
    if (attached !== undefined) return { attached };
    await learnAddresses(context);
    if (learned && Object.keys(wanted).length > 0) {
      const [address] = Object.values(wanted);
      throw addressTaken(plan.name, address);
    }
  }
}

/** The member as it is attached by others, if it is; waits for those who are at it. */
async function othersDone(context: NetworkContext, port: string): Promise<MemberRecord | undefined> {
  const { host, plan, sign } = context;
  for (;;) {
    const record = (await readMembers(host, plan.name)).find((one) => one.port === port);
    if (record === undefined) return undefined;
    const state = await stateOf(host, record);
    if (state === 'attached') return record;
    if (state === 'gone') await dropIfSame(host, record, sign);
    else await pause(LOOK_AGAIN_MS);
  }
}

async function learnAddresses(context: NetworkContext): Promise<void> {
  const { host, plan, sign, book, busy } = context;
  await book.learn(await repairMembers(host, plan.name, sign), busy);
}

/** The member is attached from now on, and its ports are published: all at once. */
export async function completeClaim(
  { host, plan, sign, known }: NetworkContext,
  port: string,
  addresses: Addresses,
  published: Parameters<typeof adding>[0],
): Promise<void> {
  const state = newAttachment();
  try {
    await nft.apply(host, [...changingState(port, sign.id, state), ...adding(published)]);
    known.set(port, { port, state, addresses });
  } catch (error) {
    if (error instanceof nft.NftError && error.code === 'ENOENT') throw removed('attach to', plan.name);
    throw error;
  }
}

export async function dropClaim(
  { host, plan, sign, book }: NetworkContext,
  port: string,
  claim: Claim,
): Promise<void> {
  const { mac, addresses } = claim;
  const own = [memberElement(plan.name, port), stateElement(port, sign.id)];
  const elements = [...own, ...addressElements(plan.name, port, mac, addresses)];
  await nft.apply(host, deleting(elements)).catch((error: unknown) => {
    // with the network, or with the whole table
    if (!(error instanceof nft.NftError && error.code === 'ENOENT')) throw error;
  });
  await book.release(port);
}
