import { constants } from 'node:os';
import { type Attempt, NetlinkError } from '../netlink/error';
import type { GenericRequest } from '../netlink/genetlink/message';
import { link, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';
import { type Device, deviceRef, NO_DEVICE } from '../netns/device';
import { findFamily, sendToFamily } from '../netns/generic';
import type { Netns } from '../netns/netns';

const { EOPNOTSUPP } = constants.errno;

/** How a message names its device. Here the kernel takes an alternative name for a name, however long it is. */
export function headerOf(device: Device): { index: number } | { name: string } {
  return typeof device === 'number' ? { index: device } : { name: device };
}

export function attemptTo(operation: string, device: Device): Attempt {
  return { operation, device, words: NO_DEVICE, called: { header: 'device' } };
}

/** Sends a request about a device. `what` is what a device is without that refuses any such request: 'rings'. */
export async function ethtoolRequest<T>(netns: Netns, request: GenericRequest<T>, what: string): Promise<T> {
  await findFamily(netns, request);
  return sendToFamily(netns, request).catch(explainLacking(netns, request.attempt, what));
}

/** A handler for `catch` that says what the driver of the device lacks. */
export function explainLacking(
  netns: Netns,
  attempt: Attempt,
  what: string,
): (error: unknown) => Promise<never> {
  return async (error) => {
    // the kernel does not say more where the driver has no function for what is asked
    if (!(error instanceof NetlinkError && error.errno === EOPNOTSUPP && error.option === undefined))
      throw error;
    throw error.explained(`${await kindWords(netns, attempt)} no ${what}`);
  };
}

const linkKind = link.reading('info');

/** 'devices of the kind dummy have' */
async function kindWords(netns: Netns, { operation, device = 0 }: Attempt): Promise<string> {
  const ref = { ...deviceRef(device), extMask: RTEXT_FILTER_SKIP_STATS };
  const found = await netns.request(linkKind.get(ref, { operation, device })).catch(() => undefined);
  const kind = found?.info?.kind;
  return kind === undefined ? 'the driver of the device has' : `devices of the kind ${kind} have`;
}
