import { checkDevice, checkU32 } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { attemptTo, ethtoolRequest, headerOf } from './requests';
import { coalesce } from './tables/coalesce';

/** How long a device waits, so that one interrupt reports several packets. Times are microseconds, frames are numbers of packets. */
export interface CoalesceSettings {
  /** The most time from a received packet to the interrupt; 0 is no wait. */
  rxUsecs?: number;
  /** The number of received packets that causes the interrupt. */
  rxFrames?: number;
  /** `rxUsecs` while an interrupt is handled. */
  rxUsecsIrq?: number;
  /** `rxFrames` while an interrupt is handled. */
  rxFramesIrq?: number;
  /** The most time from a sent packet to the interrupt. */
  txUsecs?: number;
  /** The number of sent packets that causes the interrupt. */
  txFrames?: number;
  /** `txUsecs` while an interrupt is handled. */
  txUsecsIrq?: number;
  /** `txFrames` while an interrupt is handled. */
  txFramesIrq?: number;
  /** How often the device writes its statistics into memory. */
  statsBlockUsecs?: number;
  /** Whether the driver chooses by itself what goes for received packets. */
  adaptiveRx?: boolean;
  /** Whether the driver chooses by itself what goes for sent packets. */
  adaptiveTx?: boolean;
  /** Packets in a second, below which the settings `…Low` hold. */
  packetRateLow?: number;
  /** `rxUsecs` at a low rate. */
  rxUsecsLow?: number;
  /** `rxFrames` at a low rate. */
  rxFramesLow?: number;
  /** `txUsecs` at a low rate. */
  txUsecsLow?: number;
  /** `txFrames` at a low rate. */
  txFramesLow?: number;
  /** Packets in a second, above which the settings `…High` hold. */
  packetRateHigh?: number;
  /** `rxUsecs` at a high rate. */
  rxUsecsHigh?: number;
  /** `rxFrames` at a high rate. */
  rxFramesHigh?: number;
  /** `txUsecs` at a high rate. */
  txUsecsHigh?: number;
  /** `txFrames` at a high rate. */
  txFramesHigh?: number;
  /** Seconds over which the rate is measured. */
  sampleInterval?: number;
  /** Whether the times of sent packets begin again with each event of the completion queue (5.15). */
  cqeModeTx?: boolean;
  /** Whether the times of received packets begin again with each event of the completion queue (5.15). */
  cqeModeRx?: boolean;
}

const SETTINGS = optionTable<CoalesceSettings>({
  rxUsecs: checkU32,
  rxFrames: checkU32,
  rxUsecsIrq: checkU32,
  rxFramesIrq: checkU32,
  txUsecs: checkU32,
  txFrames: checkU32,
  txUsecsIrq: checkU32,
  txFramesIrq: checkU32,
  statsBlockUsecs: checkU32,
  adaptiveRx: trueOrFalse,
  adaptiveTx: trueOrFalse,
  packetRateLow: checkU32,
  rxUsecsLow: checkU32,
  rxFramesLow: checkU32,
  txUsecsLow: checkU32,
  txFramesLow: checkU32,
  packetRateHigh: checkU32,
  rxUsecsHigh: checkU32,
  rxFramesHigh: checkU32,
  txUsecsHigh: checkU32,
  txFramesHigh: checkU32,
  sampleInterval: checkU32,
  cqeModeTx: trueOrFalse,
  cqeModeRx: trueOrFalse,
});

/**
 * How a device coalesces interrupts. What the driver does not have is left out. Of virtual devices, those of TUN and TAP have
 * `rxFrames`, the number of packets that they hand to the kernel at once.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that does not coalesce, such as a bridge.
 * @see ethtool(8), `ethtool -c`
 * @example
 * ```ts
 * const error = await getCoalesce(red, 'eth0').catch((error: unknown) => error);
 * console.log(error instanceof NetlinkError && error.code); // EOPNOTSUPP
 * ```
 */
export async function getCoalesce(netns: Netns, device: Device): Promise<CoalesceSettings> {
  checkNetns(netns);
  checkDevice(device);
  const attempt = attemptTo('get coalescing of', device);
  const request = coalesce.ask('getCoalesce', { header: headerOf(device) }, attempt);
  const { header, unknown, ...settings } = (await ethtoolRequest(netns, request, 'coalescing')) ?? {};
  return settings;
}

/**
 * Changes how a device coalesces interrupts. What is not given stays as it is; what {@link getCoalesce} has returned can be given
 * back.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that does not coalesce; EINVAL with the `option` for a setting that
 * its driver does not have: then nothing is changed.
 * @see ethtool(8), `ethtool -C`
 * @example
 * ```ts
 * const error = await setCoalesce(red, 'eth0', { rxUsecs: 50 }).catch((error: unknown) => error);
 * console.log(error instanceof NetlinkError && error.code); // EOPNOTSUPP
 * ```
 */
export async function setCoalesce(netns: Netns, device: Device, settings: CoalesceSettings): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(settings, SETTINGS, { whole: 'settings' });
  const value = { header: headerOf(device), ...defined(settings) };
  const request = coalesce.tell('setCoalesce', value, attemptTo('set coalescing of', device));
  await ethtoolRequest(netns, request, 'coalescing that can be changed');
}
