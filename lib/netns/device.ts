import type { Words } from '../netlink/error';
import { toBytes } from '../common/byte-text';
import { checkDevice } from '../common/check';
import { IFNAMSIZ } from '../common/limits';
import type { Netns } from './netns';
import { type Asked, during } from './netns-error';
import type { Request } from '../netlink/object';
import { type LinkHeader, linkHeader, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';

/** A device's name, an alternative name of it, or its index. A byte of the name that is not UTF-8 is U+DC00 and the byte: '\udcff'. */
export type Device = string | number;

/** @internal Lookups under way, so that a thousand requests for one bridge ask once. */
const lookups = new WeakMap<Netns, Map<string, Promise<number>>>();

/** @internal What addresses and routes name a device by. `asked` is what the caller needs it for. */
export async function indexOf(
  netns: Netns,
  device: Device,
  asked: Asked,
  option = 'device',
): Promise<number> {
  checkDevice(device, option);
  if (typeof device === 'number') return device;
  let pending = lookups.get(netns);
  if (pending === undefined) lookups.set(netns, (pending = new Map<string, Promise<number>>()));
  let lookup = pending.get(device);
  if (lookup === undefined) {
    lookup = find(netns, device, option).finally(() => pending.delete(device));
    pending.set(device, lookup);
  }
  try {
    return await lookup;
  } catch (error) {
    throw during(error, asked);
  }
}

async function find(netns: Netns, name: string, option: string): Promise<number> {
  const request = linkHeader.get(
    { ...deviceRef(name), extMask: RTEXT_FILTER_SKIP_STATS },
    { operation: `find ${option}`, device: name, words: NO_DEVICE },
  );
  return ((await netns.request(request)) as LinkHeader).index;
}

/**
 * @internal Sends a request that names its device by index. It is made up once before a name is looked up, so
 * that what it refuses is refused before any system call.
 */
export async function requestFor<T>(
  netns: Netns,
  device: Device,
  build: (index: number) => Request<T>,
): Promise<T> {
  checkDevice(device);
  if (typeof device === 'number') return netns.request(build(device));
  const { attempt } = build(0);
  return netns.request(build(await indexOf(netns, device, attempt)));
}

export const NO_DEVICE: Words = { ENODEV: 'there is no such device' };

/**
 * How a request names a device. The kernel takes an alternative name as well for a name, but not if it is longer than
 * names are.
 */
export function deviceRef(device: Device): DeviceRef {
  if (typeof device === 'number') return { index: device };
  return toBytes(device).length < IFNAMSIZ ? { name: device } : { altName: device };
}

export type DeviceRef = { index: number } | { name: string } | { altName: string };

/**
 * @internal Sends requests that change a device (RTM_NEWLINK). They are made up before any system call, so that what they refuse
 * is refused there. An alternative name longer than names are is looked up, because 5.10 finds no device by it in such requests.
 */
export async function changeDevice(
  netns: Netns,
  device: Device,
  build: (ref: DeviceRef) => readonly Request<undefined>[],
): Promise<void> {
  const ref = deviceRef(device);
  const requests = build(ref);
  const [first] = requests;
  const byIndex = first !== undefined && 'altName' in ref;
  const sent = byIndex ? build({ index: await indexOf(netns, device, first.attempt) }) : requests;
  await Promise.all(sent.map(async (request) => netns.request(request)));
}

/**
 * @internal An index that is free in a new namespace. Those next to lo's may be taken from the start, by the tunnel devices
 * that a namespace is born with where the kernel has such modules (net.core.fb_tunnels_only_for_init_net).
 */
export const UNUSED_INDEX = 100;

/** @internal The index of `lo` in every namespace. */
export const LOOPBACK = 1;
