import { checkDevice, checkU32 } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, optionsOf, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { attemptTo, ethtoolRequest, headerOf } from './requests';
import { channels } from './tables/channels';

/** Numbers of queues, each with an interrupt of its own. */
export interface ChannelCounts {
  /** Of queues that only receive. */
  rx?: number;
  /** Of queues that only send. */
  tx?: number;
  /** Of queues for something else, such as the state of the link. */
  other?: number;
  /** Of queues that receive and send. */
  combined?: number;
}

/** The queues of a device; of a sort that the device does not have, the number is left out. */
export interface Channels extends ChannelCounts {
  /** How many there can be. */
  max: ChannelCounts;
}

const COUNTS = optionTable<ChannelCounts>({
  rx: checkU32,
  tx: checkU32,
  other: checkU32,
  combined: checkU32,
});

/** What getChannels returns is taken, too. */
const COUNTS_OR_READ = optionTable<ChannelCounts & Partial<Channels>>({ ...COUNTS, max: optionsOf(COUNTS) });

/**
 * The queues of a device.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device without channels, such as a bridge, or a veth on Linux 5.10.
 * @see ethtool(8), `ethtool -l`
 * @example
 * ```ts
 * const channels = await getChannels(red, 'eth0').catch(() => undefined);
 * console.log(channels?.rx ?? 1); // 1
 * ```
 */
export async function getChannels(netns: Netns, device: Device): Promise<Channels> {
  checkNetns(netns);
  checkDevice(device);
  const attempt = attemptTo('get channels of', device);
  const request = channels.ask('getChannels', { header: headerOf(device) }, attempt);
  const { rx, tx, other, combined, rxMax, txMax, otherMax, combinedMax } =
    (await ethtoolRequest(netns, request, 'channels')) ?? {};
  return {
    ...defined({ rx, tx, other, combined }),
    max: defined({ rx: rxMax, tx: txMax, other: otherMax, combined: combinedMax }),
  };
}

/**
 * Changes how many queues a device has, where its driver can. A veth has at most as many as it was created with. What
 * {@link getChannels} has returned can be given back; its `max` is not written.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device whose channels cannot be changed; EINVAL with the `option` for a
 * number that is too large.
 * @see ethtool(8), `ethtool -L`
 * @example
 * ```ts
 * const error = await setChannels(red, 'eth0', { rx: 5000 }).catch((error: unknown) => error);
 * console.log(error instanceof NetlinkError); // true
 * ```
 */
export async function setChannels(
  netns: Netns,
  device: Device,
  counts: ChannelCounts & Partial<Channels>,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(counts, COUNTS_OR_READ, { whole: 'counts' });
  const { max: _, ...given } = counts;
  const attempt = attemptTo('set channels of', device);
  const value = { header: headerOf(device), ...defined(given) };
  await ethtoolRequest(netns, channels.tell('setChannels', value, attempt), 'channels that can be changed');
}
