import { checkDevice, checkU32 } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, optionsOf, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { attemptTo, ethtoolRequest, headerOf } from './requests';
import { rings } from './tables/rings';

/** Numbers of packets that wait in a queue between the device and its driver. */
export interface RingSizes {
  /** Received ones. */
  rx?: number;
  /** Received small ones, where they have a ring of their own. */
  rxMini?: number;
  /** Received large ones, where they have a ring of their own. */
  rxJumbo?: number;
  /** Those to be sent. */
  tx?: number;
}

/** The rings of a device; of a sort that the device does not have, the size is left out. */
export interface Rings extends RingSizes {
  /** How large they can be. */
  max: RingSizes;
}

const SIZES = optionTable<RingSizes>({ rx: checkU32, rxMini: checkU32, rxJumbo: checkU32, tx: checkU32 });

/** What getRings returns is taken, too. */
const SIZES_OR_READ = optionTable<RingSizes & Partial<Rings>>({ ...SIZES, max: optionsOf(SIZES) });

/**
 * The sizes of a device's rings. Virtual devices have none.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device without rings.
 * @see ethtool(8), `ethtool -g`
 * @example
 * ```ts
 * const error = await getRings(red, 'eth0').catch((error: unknown) => error);
 * console.log(error instanceof NetlinkError && error.code); // EOPNOTSUPP
 * ```
 */
export async function getRings(netns: Netns, device: Device): Promise<Rings> {
  checkNetns(netns);
  checkDevice(device);
  const attempt = attemptTo('get rings of', device);
  const request = rings.ask('getRings', { header: headerOf(device) }, attempt);
  const { rx, rxMini, rxJumbo, tx, rxMax, rxMiniMax, rxJumboMax, txMax } =
    (await ethtoolRequest(netns, request, 'rings')) ?? {};
  return {
    ...defined({ rx, rxMini, rxJumbo, tx }),
    max: defined({ rx: rxMax, rxMini: rxMiniMax, rxJumbo: rxJumboMax, tx: txMax }),
  };
}

/**
 * Changes the sizes of a device's rings. Many drivers take the device down for a moment. What {@link getRings} has returned can be
 * given back; its `max` is not written.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device whose rings cannot be changed; EINVAL with the `option` for a size
 * that is too large.
 * @see ethtool(8), `ethtool -G`
 * @example
 * ```ts
 * const error = await setRings(red, 'eth0', { rx: 512 }).catch((error: unknown) => error);
 * console.log(error instanceof NetlinkError && error.code); // EOPNOTSUPP
 * ```
 */
export async function setRings(
  netns: Netns,
  device: Device,
  sizes: RingSizes & Partial<Rings>,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(sizes, SIZES_OR_READ, { whole: 'sizes' });
  const { max: _, ...given } = sizes;
  const attempt = attemptTo('set rings of', device);
  const value = { header: headerOf(device), ...defined(given) };
  await ethtoolRequest(netns, rings.tell('setRings', value, attempt), 'rings that can be changed');
}
