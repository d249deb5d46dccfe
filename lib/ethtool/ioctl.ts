import { written } from '../netlink/codec';
import type { Attempt } from '../netlink/error';
import { link, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';
import { routeSocket } from '../netlink/sockets';
import { type Device, deviceRef } from '../netns/device';
import { ifreq, IFREQ_DATA, ioctls } from '../netns/ioctl';
import type { Netns } from '../netns/netns';
import { toNetnsError } from '../netns/netns-error';
import { attemptTo, explainLacking } from './requests';
import { SIOCETHTOOL } from './tables/ioctl';

/** A device that is asked by ioctl(2). */
export interface AskedDevice {
  netns: Netns;
  /** Its name, by which alone ioctl(2) finds a device. */
  name: string;
  attempt: Attempt;
  /** What a device is without that refuses: 'statistics'. */
  what: string;
}

const named = link.reading('name');

/** Finds out the name of a device that may be given by its index, or by an alternative name. */
export async function askedDevice(
  netns: Netns,
  device: Device,
  operation: string,
  what: string,
): Promise<AskedDevice> {
  const attempt = attemptTo(operation, device);
  const request = named.get({ ...deviceRef(device), extMask: RTEXT_FILTER_SKIP_STATS }, attempt);
  const { name = '' } = (await netns.request(request)) as ReturnType<typeof named.read>;
  return { netns, name, attempt, what };
}

/** Sends commands, one after another, and returns what the kernel has made of each. Any socket of the namespace does for that. */
export async function askByIoctl(
  { netns, name, attempt, what }: AskedDevice,
  ...commands: readonly Buffer[]
): Promise<Buffer[]> {
  const request = written(ifreq, { name, flags: 0 });
  const calls = commands.map((command) => ({ call: [SIOCETHTOOL, request, command, IFREQ_DATA] as const }));
  const refuse = (error: unknown): never => {
    throw toNetnsError(error, attempt, netns.toString());
  };
  return netns
    .lend(attempt, async ({ socket }) =>
      ioctls(netns, await socket(routeSocket).catch(refuse), calls, attempt),
    )
    .catch(explainLacking(netns, attempt, what));
}
