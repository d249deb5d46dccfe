import { constants } from 'node:os';
import { type Attempt, NetlinkError } from '../../netlink/error';
import type { TunOptions } from '../../netlink/rtnetlink/kinds/tun';
import { closeFile } from '../../netns/close-file';
import { indexOf } from '../../netns/device';
import type { Netns } from '../../netns/netns';
import type { CreatedLink } from '../new-device';
import { attachTun, keepTun } from './attach';

const { EBUSY, EEXIST } = constants.errno;

/**
 * Makes a persistent TUN or TAP device, because no request of rtnetlink makes one (6.18). Until all else is done, the device goes
 * with its file, so nothing is left where a step fails.
 */
export async function makeTun(
  netns: Netns,
  name: string | undefined,
  own: object,
  attempt: Attempt,
): Promise<CreatedLink> {
  const options = own as TunOptions; // checked by the kind's table
  const opening = { name: name ?? '', options, exclusive: true, attempt };
  const attached = await attachTun(netns, opening).catch((error: unknown) => {
    // the kernel's number for a name that is taken is another one for a request
    if (!(error instanceof NetlinkError && error.errno === EBUSY)) throw error;
    throw new NetlinkError({ ...attempt, errno: EEXIST, netns: netns.toString() });
  });
  try {
    const index = await indexOf(netns, attached.name, attempt);
    await keepTun(netns, attached.file, options, attempt);
    return { index, name: attached.name };
  } finally {
    await closeFile(attached.file);
  }
}
