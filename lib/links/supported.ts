import { constants } from 'node:os';
import { type Attempt, ignoring, NetlinkError } from '../netlink/error';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
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
  if (reported === undefined) return;
  const asked = Object.entries(settings) as [string, unknown][];
  const unknown = asked.find(([name, value]) => value !== undefined && !(name in reported));
  if (unknown === undefined) return;
  const [option] = unknown;
  const details = { ...attempt, errno: EOPNOTSUPP, netns: netns.toString(), option };
  throw new NetlinkError(details, 'this kernel does not know it, and would ignore it');
}
