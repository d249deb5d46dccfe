import { checkDevice } from '../common/check';
import { checkOptions, optionTable } from '../common/options';
import { refuse } from '../common/refuse';
import { checkNetns } from '../netns/check-netns';
import { type Device, NO_DEVICE, requestFor } from '../netns/device';
import type { Netns } from '../netns/netns';
import { type IfExists, IF_EXISTS, type IfMissing, IF_MISSING, onMissing } from '../netlink/existence';
import { NetlinkError } from '../netlink/error';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message';
import { linkProperty } from '../netlink/rtnetlink/link';
import { readLink } from './links';

/** What becomes of a name that is there already. */
export interface AddAltNameOptions {
  /** Where a device of the namespace has the name: 'fail' (default) with EEXIST, or 'ignore' if it is this device. */
  ifExists?: IfExists;
}

const ADD_OPTIONS = optionTable<AddAltNameOptions>({ ifExists: IF_EXISTS });

/**
 * Gives a device one more name, of up to 127 bytes, by which all functions find it.
 *
 * @throws {@link NetlinkError} ENODEV; EEXIST where a device of the namespace has the name, this one, too.
 * @see ip-link(8), `ip link property add`
 * @example
 * ```ts
 * await addAltName(red, 'eth0', 'uplink-of-the-tenant');
 * console.log((await getLink(red, 'uplink-of-the-tenant')).name); // eth0
 * ```
 */
export async function addAltName(
  netns: Netns,
  device: Device,
  altName: string,
  options: AddAltNameOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkAltName(altName);
  checkOptions(options, ADD_OPTIONS);
  const { ifExists = 'fail' } = options;
  const words = { ...NO_DEVICE, EEXIST: `a device of the namespace has the name '${altName}' already` };
  const attempt = { operation: `add alternative name '${altName}' to`, device, words };
  // the kernel refuses a name of this device with the number that it has for that of another one
  const hasName = async () =>
    ifExists === 'ignore' && (await readLink(netns, device, attempt)).altNames.includes(altName);
  await requestFor(netns, device, (index) =>
    linkProperty.add({ index, altNames: [altName] }, NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND, attempt),
  ).catch(async (error: unknown) => {
    if (error instanceof NetlinkError && error.code === 'EEXIST' && (await hasName())) return;
    throw error;
  });
}

/** What becomes of a name that is not there. */
export interface RemoveAltNameOptions {
  /** Where the device has no such name: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveAltNameOptions>({ ifMissing: IF_MISSING });

/**
 * Takes an alternative name from a device.
 *
 * @throws {@link NetlinkError} ENODEV; ENOENT where there is no such name; EINVAL for a name of another device, and for the name of
 * the device itself, which is no alternative one.
 * @see ip-link(8), `ip link property delete`
 * @example
 * ```ts
 * await addAltName(red, 'eth0', 'uplink-of-the-tenant');
 * await removeAltName(red, 'eth0', 'uplink-of-the-tenant');
 * ```
 */
export async function removeAltName(
  netns: Netns,
  device: Device,
  altName: string,
  options: RemoveAltNameOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkAltName(altName);
  checkOptions(options, REMOVE_OPTIONS);
  const { ifMissing = 'fail' } = options;
  const words = {
    ...NO_DEVICE,
    ENOENT: 'the device has no such alternative name',
    EINVAL: 'the name is that of another device, or the name of the device itself',
  };
  const attempt = { operation: `remove alternative name '${altName}' from`, device, words };
  await requestFor(netns, device, (index) =>
    linkProperty.remove({ index, altNames: [altName] }, attempt),
  ).catch(onMissing(ifMissing, 'ENOENT'));
}

/** The rules of a device's name, but for its length. */
function checkAltName(altName: unknown): asserts altName is string {
  if (typeof altName !== 'string') refuse('altName', 'an alternative name is a string', altName);
  checkDevice(altName, 'altName');
}
