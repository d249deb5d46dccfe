import { constants } from 'node:os';
import { checkNewDeviceName } from '../../common/check';
import { defined } from '../../common/objects';
import { optionTable, checkOptions } from '../../common/options';
import { type Attempt, ignoring, NetlinkError, NO_NET_ADMIN } from '../../netlink/error';
import { tun, type TunOptions } from '../../netlink/rtnetlink/kinds/tun';
import { checkNetns } from '../../netns/check-netns';
import { closeFile } from '../../netns/close-file';
import { indexOf } from '../../netns/device';
import type { Netns } from '../../netns/netns';
import { readLink } from '../links';
import type { Link } from '../link-view';
import { type Attached, attachTun } from './attach';
import { TunQueue } from './tun-queue';

const { EINVAL, ENODEV } = constants.errno;

/** How a queue is opened. Of a device that is there, what is not given is as the device has it. */
export interface OpenTunOptions extends Omit<TunOptions, 'mode' | 'uid' | 'gid'> {
  /** With it, a device that is not there is made, and is there as long as a queue of it is open. */
  mode?: TunOptions['mode'];
}

const { mode, multiQueue, packetInfo, vnetHeader } = tun.options;
const OPTIONS = optionTable<OpenTunOptions>({ mode, multiQueue, packetInfo, vnetHeader });

/** What the kernel never changes of a device. */
const FIXED = ['mode', 'multiQueue'] as const;

const WORDS = {
  EBUSY: 'its queue is open already, here or in another process: a device with multiQueue has several',
  E2BIG: 'a device has no more than 256 queues',
  EPERM: `the device belongs to another user or group, or ${NO_NET_ADMIN}`,
};

/**
 * Opens a queue of a TUN or TAP device, by which this process sends and receives packets in the place of a cable. The device is one
 * that `createLink` has made with the kind `tun`, or with `mode` a new one, which is gone when its last queue is closed. It
 * has to be up before packets pass: `setLink`.
 *
 * The options `packetInfo` and `vnetHeader` change a device that is there, for all of its queues.
 *
 * @param name of the device; with `mode`, 'tun%d' lets the kernel fill in a number, and the queue has the whole `name`.
 * @throws {@link NetlinkError} ENODEV where there is no such device, or it is deleted meanwhile, and no `mode`; EBUSY where its queue is open already; EINVAL
 * for a device of another kind, or with the `option` for one of another mode; ENOENT where there is no /dev/net/tun; EPERM.
 * @see https://docs.kernel.org/networking/tuntap.html
 * @example
 * ```ts
 * await using queue = await openTun(red, 'tap0', { mode: 'tap' });
 * await setLink(red, 'tap0', { up: true });
 * const frame = await queue.read();
 * console.log(frame?.readUInt16BE(12)); // 34525
 * ```
 */
export async function openTun(netns: Netns, name: string, options: OpenTunOptions = {}): Promise<TunQueue> {
  checkNetns(netns);
  checkNewDeviceName(name, 'name', { pattern: true });
  checkOptions(options, OPTIONS);
  const attempt = { operation: 'open a queue of', device: name, words: WORDS };
  const found = await readLink(netns, name, attempt).catch(ignoring('ENODEV'));
  const wanted = { ...wantedOf(netns, found, options, attempt), ...defined(options) };
  const opening = { name: found?.name ?? name, options: wanted, exclusive: false, attempt };
  const attached = await attachTun(netns, opening);
  if (found !== undefined && options.mode === undefined) await requireSame(netns, attached, found, attempt);
  return new TunQueue({ ...attached, netns: netns.toString() });
}

/** TUNSETIFF makes a device where there is none, as one that was deleted meanwhile. It goes with the file. */
async function requireSame(netns: Netns, { file, name }: Attached, found: Link, attempt: Attempt) {
  try {
    const index = await indexOf(netns, name, attempt);
    if (index === found.index) return;
    const details = { ...attempt, errno: ENODEV, netns: netns.toString() };
    throw new NetlinkError(details, 'the device was deleted meanwhile');
  } catch (error) {
    await closeFile(file);
    throw error;
  }
}

/** What the device has, or what a new one is to have; refused where the kernel would refuse it without a word. */
function wantedOf(
  netns: Netns,
  found: Link | undefined,
  options: OpenTunOptions,
  attempt: Attempt,
): TunOptions {
  const refuse = (errno: number, reason: string, option?: string): never => {
    throw new NetlinkError({ ...attempt, errno, netns: netns.toString(), option }, reason);
  };
  if (found === undefined) {
    const { mode } = options;
    return mode === undefined
      ? refuse(ENODEV, "there is no such device: with 'mode', one is made for as long as it is open")
      : { mode };
  }
  const info = found.tun;
  if (info === undefined) {
    return refuse(EINVAL, `it is no TUN or TAP device, but ${found.kind ?? 'one without a kind'}`);
  }
  const other = FIXED.find((name) => options[name] !== undefined && options[name] !== info[name]);
  if (other !== undefined) refuse(EINVAL, `the device was made with ${String(info[other])}`, other);
  const { mode, multiQueue = false, packetInfo = false, vnetHeader = false } = info;
  if (typeof mode !== 'string') return refuse(EINVAL, 'the device is of an unknown mode', 'mode');
  return { mode, multiQueue, packetInfo, vnetHeader };
}
