import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { attemptTo, ethtoolRequest, headerOf } from './requests';
import { pause } from './tables/pause';

/** How the ends of a cable slow each other down. */
export interface PauseSettings {
  /** Whether the two ends agree on it by themselves. */
  autoneg?: boolean;
  /** Whether the device stops sending where the other end asks for a pause. */
  rx?: boolean;
  /** Whether the device asks the other end for a pause. */
  tx?: boolean;
}

const SETTINGS = optionTable<PauseSettings>({ autoneg: trueOrFalse, rx: trueOrFalse, tx: trueOrFalse });

/**
 * Flow control of a device. Virtual devices have none.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device without flow control.
 * @see ethtool(8), `ethtool -a`
 * @example
 * ```ts
 * const error = await getPause(red, 'eth0').catch((error: unknown) => error);
 * console.log(error instanceof NetlinkError && error.code); // EOPNOTSUPP
 * ```
 */
export async function getPause(netns: Netns, device: Device): Promise<Required<PauseSettings>> {
  checkNetns(netns);
  checkDevice(device);
  const request = pause.ask('getPause', { header: headerOf(device) }, attemptTo('get pause of', device));
  const {
    autoneg = false,
    rx = false,
    tx = false,
  } = (await ethtoolRequest(netns, request, 'flow control')) ?? {};
  return { autoneg, rx, tx };
}

/**
 * Changes the flow control of a device. What {@link getPause} has returned can be given back.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device whose flow control cannot be changed.
 * @see ethtool(8), `ethtool -A`
 * @example
 * ```ts
 * const error = await setPause(red, 'eth0', { rx: false }).catch((error: unknown) => error);
 * console.log(error instanceof NetlinkError && error.code); // EOPNOTSUPP
 * ```
 */
export async function setPause(netns: Netns, device: Device, settings: PauseSettings): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(settings, SETTINGS, { whole: 'settings' });
  const value = { header: headerOf(device), ...defined(settings) };
  const request = pause.tell('setPause', value, attemptTo('set pause of', device));
  await ethtoolRequest(netns, request, 'flow control that can be changed');
}
