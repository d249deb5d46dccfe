import { constants } from 'node:os';
import { type Attempt, ignoring, NetlinkError } from '../netlink/error';
import { RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';
import { type Device, deviceRef } from '../netns/device';
import type { Netns } from '../netns/netns';
import { wholeLink } from './link-extras';
import type { AllLinkOptions } from './link-request';
import type { Link } from './link-view';
import { readLink } from './links';

const { EOPNOTSUPP } = constants.errno;

/**
 * Refuses settings that the kernel does not report of a device. A kernel ignores a setting that is newer than the kernel,
 * and answers as if it had set it.
 */
export async function requireSupport(
  netns: Netns,
  device: Device,
  settings: object,
  reportedOf: (link: Link) => object | undefined,
  attempt: Attempt,
): Promise<void> {
  const link = await readLink(netns, device, attempt).catch(ignoring('ENODEV'));
  const reported = link === undefined ? undefined : reportedOf(link);
  // The kernel itself refuses a device that is not there, or is none of that kind.
  if (reported !== undefined) refuseUnreported(netns, settings, reported, attempt);
}

/** Of what all links have: the attributes that are newer than the oldest kernel. */
const NEWER = ['gsoIpv4MaxSize', 'groMaxSize', 'groIpv4MaxSize'] as const satisfies (keyof AllLinkOptions)[];

/** Refuses those of the settings of all links that the kernel does not know. */
export async function requireSettings(
  netns: Netns,
  device: Device,
  settings: AllLinkOptions,
  attempt: Attempt,
): Promise<void> {
  const asked = NEWER.filter((name) => settings[name] !== undefined);
  if (asked.length === 0) return;
  const value = { ...deviceRef(device), extMask: RTEXT_FILTER_SKIP_STATS };
  const reported = await netns.request(wholeLink.get(value, attempt)).catch(ignoring('ENODEV'));
  if (reported === undefined) return;
  refuseUnreported(netns, Object.fromEntries(asked.map((name) => [name, settings[name]])), reported, attempt);
}

/** Refuses what is not among what the kernel reports. */
export function refuseUnreported(
  netns: Netns,
  settings: object,
  reported: object,
  attempt: Attempt,
  sentence = 'this kernel does not know it, and would ignore it',
): void {
  const asked = Object.entries(settings) as [string, unknown][];
  const unknown = asked.find(([name, value]) => value !== undefined && !(name in reported));
  if (unknown === undefined) return;
  const [option] = unknown;
  throw new NetlinkError({ ...attempt, errno: EOPNOTSUPP, netns: netns.toString(), option }, sentence);
}
