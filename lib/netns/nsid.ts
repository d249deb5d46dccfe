import { checkNetns } from './check-netns';
import type { Netns } from './netns';
import { shown } from '../common/shown';
import { nsid } from '../netlink/rtnetlink/nsid';

const NOT_ASSIGNED = -1; // NETNSA_NSID_NOT_ASSIGNED
const CALLED = { fd: 'other', nsid: 'id' };

/**
 * The number by which `netns` knows `other`, such as the `linkNsid` of a link whose other end is there;
 * undefined where it has none.
 *
 * @see ip-netns(8): `ip netns list-id`; rtnetlink RTM_GETNSID
 * @example
 * ```ts
 * await setNsid(host, red, 10);
 * console.log(await getNsid(host, red)); // 10
 * ```
 */
export async function getNsid(netns: Netns, other: Netns): Promise<number | undefined> {
  checkNetns(netns);
  checkNetns(other, 'other');
  const attempt = { operation: 'get nsid', called: CALLED };
  const reply = await other.lend(attempt, async ({ fd }) => netns.request(nsid.get({ fd }, attempt)));
  return reply?.nsid === NOT_ASSIGNED ? undefined : reply?.nsid;
}

/**
 * Gives `other` a number in `netns`, for good; without one the kernel chooses.
 *
 * @throws {@link NetlinkError} EEXIST where it has one already, or where the number is taken.
 * @see ip-netns(8): `ip netns set NAME NETNSID`; rtnetlink RTM_NEWNSID
 * @example
 * ```ts
 * await setNsid(host, red, 10);
 * await setNsid(host, blue); // the kernel chooses
 * ```
 */
export async function setNsid(netns: Netns, other: Netns, id?: number): Promise<void> {
  checkNetns(netns);
  checkNetns(other, 'other');
  if (id !== undefined && (!Number.isInteger(id) || id < 0)) {
    throw new RangeError(`id: expected a non-negative integer, got ${shown(id)}`);
  }
  const attempt = { operation: 'set nsid', called: CALLED };
  const value = { nsid: id ?? NOT_ASSIGNED };
  await other.lend(attempt, async ({ fd }) => netns.request(nsid.add({ ...value, fd }, 0, attempt)));
}
