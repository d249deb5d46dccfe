import { constants } from 'node:os';
import { type Attempt, NetlinkError } from '../netlink/error';
import type { Request } from '../netlink/object';
import type { Netns } from './netns';

const { EOPNOTSUPP } = constants.errno;

/** The kernel's sentence about an attribute in the filter of a dump that is newer than the kernel. */
const UNKNOWN = 'Unknown attribute type';

/**
 * @internal Refuses an option that the kernel does not know, because it would ignore the attribute in a request that adds an
 * object. `probe` is a list with the attribute as a filter: the kernel refuses such a list with EINVAL in any case, and its
 * sentence says why.
 */
export async function requireAttribute(netns: Netns, option: string, probe: Request<unknown>): Promise<void> {
  try {
    await netns.request(probe);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EINVAL') throw error;
    if (error.extack === UNKNOWN) throw notSupported(netns, option, probe.attempt);
  }
}

/** @internal What an option is refused with that the kernel would ignore. */
export function notSupported(netns: Netns, option: string, attempt: Attempt): NetlinkError {
  const details = { ...attempt, errno: EOPNOTSUPP, netns: netns.toString(), option };
  return new NetlinkError(details, 'this kernel does not know it, and would ignore it');
}
