import type { Descriptor, IoctlCall } from '../../addon/native';
import { maskedFlags } from '../../common/flags';
import { Bytes } from '../../netlink/bytes';
import { written } from '../../netlink/codec';
import type { Attempt } from '../../netlink/error';
import { TUN_MODES, type TunOptions } from '../../netlink/rtnetlink/kinds/tun';
import { closeFile } from '../../netns/close-file';
import { ifreq, ioctls, openDevice } from '../../netns/ioctl';
import type { Netns } from '../../netns/netns';

const TUN_FILE = '/dev/net/tun';

// linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const TUNSETPERSIST = 0x400454cb;
const TUNSETOWNER = 0x400454cc;
const TUNSETGROUP = 0x400454ce;

/** linux/if_tun.h, IFF_* */
const FLAGS = {
  multiQueue: 0x0100, // IFF_MULTI_QUEUE
  noPacketInfo: 0x1000, // IFF_NO_PI
  vnetHeader: 0x4000, // IFF_VNET_HDR
  exclusive: 0x8000, // IFF_TUN_EXCL
} as const;

/** A file that has a queue of a device. */
export interface Attached {
  file: Descriptor;
  /** The device's name, as the kernel has it. */
  name: string;
}

/** What is opened, and what for. */
export interface Opening {
  /** '' leaves it to the kernel. */
  name: string;
  options: TunOptions;
  /** Whether the device has to be new. */
  exclusive: boolean;
  attempt: Attempt;
}

/**
 * Opens the file of all TUN devices, and gives it a queue of one. A device that is not there is made, and goes with the last of
 * its files unless it is made persistent.
 */
export async function attachTun(
  netns: Netns,
  { name, options, exclusive, attempt }: Opening,
): Promise<Attached> {
  const request = written(ifreq, { name, flags: flagsOf(options, exclusive) });
  const opening = { ...attempt, words: { ...attempt.words, ...FILE_WORDS } };
  const file = await openDevice(netns, TUN_FILE, opening);
  try {
    const [answer = request] = await ioctls(netns, file, [{ call: [TUNSETIFF, request] }], attempt);
    return { file, name: ifreq.read(new Bytes(answer), 0, answer.length).name };
  } catch (error) {
    await closeFile(file);
    throw error;
  }
}

function flagsOf(
  { mode, multiQueue = false, packetInfo = false, vnetHeader = false }: TunOptions,
  exclusive: boolean,
): number {
  const on = { multiQueue, noPacketInfo: !packetInfo, vnetHeader, exclusive };
  return TUN_MODES[mode] | maskedFlags(FLAGS, on).flags;
}

/** Says who may open the device, and that it stays. The last of it is that it stays: before, it goes with the file. */
export async function keepTun(
  netns: Netns,
  file: Descriptor,
  { uid, gid }: TunOptions,
  attempt: Attempt,
): Promise<void> {
  const call = (option: string, request: number, value: number | undefined) =>
    value === undefined ? [] : [{ option, call: [request, value] satisfies IoctlCall }];
  const calls = [
    ...call('uid', TUNSETOWNER, uid),
    ...call('gid', TUNSETGROUP, gid),
    { call: [TUNSETPERSIST, 1] satisfies IoctlCall },
  ];
  await ioctls(netns, file, calls, { ...attempt, words: { ...attempt.words, EINVAL: NOBODY } });
}

const NOBODY = 'there is no such user or group in the user namespace of this process';

const MAY_NOT = `the file ${TUN_FILE} may not be opened by this user, or not in this container (docker run --device ${TUN_FILE})`;

/** What it means that the file cannot be opened. */
const FILE_WORDS = {
  ENOENT: `there is no ${TUN_FILE}, by which programs make TUN and TAP devices: modprobe tun, and in a container give it the file (docker run --device ${TUN_FILE})`,
  ENODEV: `this kernel has no TUN and TAP devices: its module is not there (modprobe tun)`,
  ENXIO: `this kernel has no TUN and TAP devices: its module is not there (modprobe tun)`,
  EACCES: MAY_NOT,
  EPERM: MAY_NOT,
};
