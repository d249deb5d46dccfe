import { checkDevice, checkInteger, checkNewDeviceName, checkU32 } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, isText, optionTable, trueOrFalse } from '../common/options';
import { changeDevice, type Device, indexOf, deviceRef, NO_DEVICE } from '../netns/device';
import {
  EXTRAS,
  type LinkExtras,
  wantsExtras,
  wholeLink,
  type WholeLinkMessage,
  withExtras,
} from './link-extras';
import { type Link, listedLink, shownLink, type ShownLinkMessage, toLink } from './link-view';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { type Attempt, ignoring } from '../netlink/error';
import { IF_MISSING, type IfMissing, onMissing } from '../netlink/existence';
import { MASTER_WORDS } from './link-request';
import { explainTaken, identify } from './name-taken';
import { withStillOpen } from '../netns/still-open';
import { link, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';

/** What is returned of a device besides the `Link` itself. */
export type GetLinkOptions = LinkExtras;

const GET_OPTIONS = optionTable<GetLinkOptions>(EXTRAS);

/**
 * One device, by its name or its index. With `details` and `statistics` the `Link` has these, too.
 *
 * @throws {@link NetlinkError} ENODEV where there is none.
 * @see rtnetlink(7), RTM_GETLINK
 * @example
 * ```ts
 * const { name, mtu, kind } = await getLink(red, 'eth0');
 * console.log(name, mtu, kind); // eth0 1500 veth
 * const { statistics } = await getLink(red, 'eth0', { statistics: true });
 * console.log(statistics?.tx.errors); // 0
 * ```
 */
export async function getLink(netns: Netns, device: Device, options: GetLinkOptions = {}): Promise<Link> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, GET_OPTIONS);
  const attempt = { operation: 'get link', device, words: NO_DEVICE };
  if (!wantsExtras(options)) return readLink(netns, device, attempt);
  const request = wholeLink.get({ ...deviceRef(device), ...unlessDetails(options) }, attempt);
  return withExtras((await netns.request(request)) as WholeLinkMessage, options);
}

/** With the counters of IPv6, kernels before 6.18 also leave out what `details` has of it. */
function unlessDetails({ details = false }: LinkExtras): { extMask?: number } {
  return details ? {} : { extMask: RTEXT_FILTER_SKIP_STATS };
}

/** @internal The same as a step of something else. */
export async function readLink(netns: Netns, device: Device, attempt: Attempt): Promise<Link> {
  const value = { ...deviceRef(device), extMask: RTEXT_FILTER_SKIP_STATS };
  return toLink((await netns.request(shownLink.get(value, attempt))) as ShownLinkMessage);
}

/** Which devices are listed, all by default; and what is returned of each besides the `Link` itself. */
export interface ListLinksOptions extends LinkExtras {
  /** Only the ports of this bridge (or bond, or VRF). */
  master?: Device;
  /** Only those that are no port of anything. */
  noMaster?: boolean;
  /** Only devices of this kind: 'veth', 'bridge'. */
  kind?: string;
  /** Only those of this group. */
  group?: number;
}

const LIST_OPTIONS = optionTable<ListLinksOptions>({
  ...EXTRAS,
  master: checkDevice,
  noMaster: trueOrFalse,
  kind: isText,
  group: checkU32,
});

/**
 * All devices of a namespace, in the order of their index.
 *
 * @example
 * ```ts
 * const names = (await listLinks(red)).map(({ name }) => name);
 * console.log(names); // [ 'lo', 'eth0' ]
 * ```
 */
export async function listLinks(netns: Netns, options: ListLinksOptions = {}): Promise<Link[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { master, noMaster = false, kind, group } = options;
  if (master !== undefined && noMaster) throw new TypeError('noMaster: it does not go together with master');
  const attempt = { operation: 'list links' };
  const masterIndex = master === undefined ? undefined : await indexOf(netns, master, attempt, 'master');
  const filter = {
    ...unlessDetails(options),
    ...defined({ master: masterIndex }),
    ...(kind !== undefined && { info: { kind } }),
  };
  const links = wantsExtras(options)
    ? (await netns.request(wholeLink.dump(filter, attempt))).map((message) => withExtras(message, options))
    : await netns.request(listedLink.list(filter, attempt, toLink));
  // the kernel lists all devices where it does not know the kind, because its module is not loaded (6.18)
  const isAsked = (link: Link) =>
    (kind === undefined || link.kind === kind) &&
    (masterIndex === undefined || link.master === masterIndex) &&
    !(noMaster && link.master !== undefined) &&
    (group === undefined || link.group === group);
  // before 6.6 the kernel lists them by the last eight bits of the index
  return links.filter(isAsked).sort((one, other) => one.index - other.index);
}

/**
 * Gives a device another name. Its own name is no change. Before Linux 6.2, the device has to be down.
 *
 * @throws {@link NetlinkError} EEXIST where the name is taken, be it as an alternative name, of this device, too; EBUSY for
 * a device that is up, on such a kernel: to take it down would lose its routes.
 * @example
 * ```ts
 * await renameLink(red, 'eth0', 'uplink');
 * ```
 */
export async function renameLink(netns: Netns, device: Device, name: string): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkNewDeviceName(name, 'name');
  const operation = `rename to '${name}' the link`;
  // by index, since the attribute that would name the device holds the new name
  const { index, name: before } = await identify(netns, device, operation);
  if (name === before) return; // as with `ip`; a kernel that renames no device that is up refuses that, too
  const words = { ...NO_DEVICE, EBUSY: 'it is up: this kernel wants it down' };
  await netns
    .request(link.add({ index, name }, 0, { operation, device, words }))
    .catch(explainTaken([{ name, netns }]));
}

/** What becomes of a device that is not there. */
export interface DeleteLinkOptions {
  /** Where there is no such device: 'fail' (default) with ENODEV, or 'ignore'. */
  ifMissing?: IfMissing;
}

const DELETE_OPTIONS = optionTable<DeleteLinkOptions>({ ifMissing: IF_MISSING });

/**
 * Deletes a virtual device. The other end of a veth pair goes with it, wherever it is.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that cannot be deleted, such as `lo`.
 * @example
 * ```ts
 * await deleteLink(red, 'eth0'); // and the other end in blue
 * await deleteLink(blue, 'eth0', { ifMissing: 'ignore' });
 * ```
 */
export async function deleteLink(
  netns: Netns,
  device: Device,
  options: DeleteLinkOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, DELETE_OPTIONS);
  const { ifMissing = 'fail' } = options;
  const words = { ...NO_DEVICE, EOPNOTSUPP: 'a device of this kind is not deleted' };
  await netns
    .request(link.remove(deviceRef(device), { operation: 'delete link', device, words }))
    .catch(onMissing(ifMissing, 'ENODEV'));
}

/**
 * Deletes all virtual devices of a group, or none: where one of them cannot be deleted, all stay.
 *
 * @param group - 1 to 4,294,967,295: devices that were given no group are in group 0, which is not deleted.
 * @throws {@link NetlinkError} ENODEV where there is none; EOPNOTSUPP where one of them is not virtual.
 * @see ip-link(8), `ip link delete group`
 * @example
 * ```ts
 * await createLink(red, { kind: 'bridge', name: 'br1', group: 7 });
 * await createLink(red, { kind: 'bridge', name: 'br2', group: 7 });
 * await deleteLinkGroup(red, 7);
 * ```
 */
export async function deleteLinkGroup(
  netns: Netns,
  group: number,
  options: DeleteLinkOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkInteger('group', group, 1, 0xffffffff);
  checkOptions(options, DELETE_OPTIONS);
  const { ifMissing = 'fail' } = options;
  const words = {
    ENODEV: 'there are no devices of this group',
    EOPNOTSUPP: 'a device of the group is of a kind that is not deleted',
  };
  await netns
    .request(link.remove({ group }, { operation: `delete links of group ${group}`, words }))
    .catch(onMissing(ifMissing, 'ENODEV'));
}

/**
 * @internal Takes back a device of an operation that failed, `fd` being the namespace's descriptor: where the handle
 * was closed meanwhile, by one of its own.
 *
 * @returns whether the device was there.
 */
export async function takeBack(netns: Netns, fd: number, device: Device): Promise<boolean> {
  const deleted = await withStillOpen(netns, fd, async (handle) =>
    deleteLink(handle, device)
      .then(() => true)
      .catch(ignoring('ENODEV')),
  );
  return deleted ?? false;
}

/**
 * Makes a device a port of a bridge (or of a bond, or VRF). A port of another bridge changes over. A device that is a
 * port of this bridge already stays one.
 *
 * @throws {@link NetlinkError} ENODEV where the device or the master is not there; EOPNOTSUPP where the master is
 * not one; EINVAL where it takes no such device; EXFULL when a bridge has its 1,023 ports; ELOOP for a bridge in a bridge.
 * @example
 * ```ts
 * await createBridge(red, 'br0', { up: true });
 * await enslaveLink(red, 'eth0', 'br0');
 * ```
 */
export async function enslaveLink(netns: Netns, device: Device, master: Device): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkDevice(master, 'master');
  const words = { ...NO_DEVICE, ...MASTER_WORDS, EINVAL: NO_MASTER };
  const attempt = { operation: `enslave to '${master}' the link`, device, words };
  const index = await indexOf(netns, master, attempt, 'master');
  await changeDevice(netns, device, (ref) => [link.add({ ...ref, master: index }, 0, attempt)]);
}

const NO_MASTER = 'there is no such master, or it takes no such device: a bridge takes Ethernet only, not lo';

/**
 * Takes a device away from its master; one that has none stays as it is.
 *
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * await releaseLink(red, 'eth0');
 * ```
 */
export async function releaseLink(netns: Netns, device: Device): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const attempt = { operation: 'release link', device, words: NO_DEVICE };
  await changeDevice(netns, device, (ref) => [link.add({ ...ref, master: 0 }, 0, attempt)]);
}
