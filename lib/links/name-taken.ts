import { type Device, deviceRef, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { NetlinkError, type Words } from '../netlink/error';
import { link, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';

// EEXIST does not show who has a name. A name may be an alternative name of another device, and a request that gives a
// name may be refused for something else that exists.

const identity = link.reading('name', 'altNames', 'mac');

/** A device, by all that distinguishes it. */
export interface Identity {
  index: number;
  name: string;
  altNames: readonly string[];
  mac?: string | undefined;
}

/** @internal For an operation that needs the names of a device. */
export async function identify(netns: Netns, device: Device, operation: string): Promise<Identity> {
  const value = { ...deviceRef(device), extMask: RTEXT_FILTER_SKIP_STATS };
  const reply = await netns.request(identity.get(value, { operation, device, words: NO_DEVICE }));
  const { index, name = '', altNames = [], mac } = reply as ReturnType<typeof identity.read>;
  return { index, name, altNames, mac };
}

/** A name, and where it is to be. */
export interface WantedName {
  name?: string | undefined;
  netns: Netns;
}

/** @internal Which of the names are taken, in a sentence; '' if none is. */
export async function namesTaken(wanted: readonly WantedName[]): Promise<string> {
  const checked = await Promise.all(
    wanted.map(async ({ name, netns }) => {
      const found =
        name === undefined ? undefined : await identify(netns, name, 'find device').catch(() => undefined);
      if (found === undefined) return '';
      const where = `in namespace ${netns.toString()}`;
      return found.name === name
        ? `a device named '${name}' exists already ${where}`
        : `'${name}' is an alternative name of the device '${found.name}' ${where}`;
    }),
  );
  return checked.filter(Boolean).join(', and ');
}

/** @internal What else may be taken than names. */
export function indexTaken(...indexes: readonly (number | undefined)[]): string | undefined {
  const given = indexes.filter((index) => index !== undefined);
  return given.length === 0 ? undefined : `a device has the index ${given.join(', or ')} already`;
}

/** @internal The kernel has EBUSY for the index of a pair's second end (6.18). */
export const takenWords = (taken: string | undefined): Words => (taken === undefined ? {} : { EBUSY: taken });

/** @internal A handler for `catch` that names who has a name, where the kernel refused the request with EEXIST. */
export function explainTaken(
  wanted: readonly WantedName[],
  otherwise?: string,
): (error: unknown) => Promise<never> {
  return async (error) => {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    const found = (await namesTaken(wanted)) || otherwise;
    throw found === undefined ? error : error.explained(found);
  };
}
