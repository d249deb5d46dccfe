import { constants } from 'node:os';
import { checkDevice, checkNewDeviceName } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, isText, optionTable } from '../common/options';
import { changeDevice, type Device, indexOf, deviceRef, NO_DEVICE } from '../netns/device';
import {
  EXTRAS,
  type LinkExtras,
  wantsExtras,
  wholeLink,
  type WholeLinkMessage,
  withExtras,
} from './link-extras';
import { type Link, shownLink, type ShownLinkMessage, toLink } from './link-view';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { type Attempt, ignoring, NetlinkError } from '../netlink/error';
import { IF_MISSING, type IfMissing, onMissing } from '../netlink/existence';
import { MASTER_WORDS } from './link-request';
import { explainTaken, identify, type Identity, namesTaken } from './name-taken';
import { withStillOpen } from '../netns/still-open';
import { link, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';

const { EEXIST, EINVAL } = constants.errno;

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
  const request = wholeLink.get({ ...deviceRef(device), extMask: RTEXT_FILTER_SKIP_STATS }, attempt);
  return withExtras((await netns.request(request)) as WholeLinkMessage, options);
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
  /** Only devices of this kind: 'veth', 'bridge'. */
  kind?: string;
}

const LIST_OPTIONS = optionTable<ListLinksOptions>({ ...EXTRAS, master: checkDevice, kind: isText });

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
  const { master, kind } = options;
  const attempt = { operation: 'list links' };
  const masterIndex = master === undefined ? undefined : await indexOf(netns, master, attempt, 'master');
  const filter = {
    extMask: RTEXT_FILTER_SKIP_STATS,
    ...defined({ master: masterIndex }),
    ...(kind !== undefined && { info: { kind } }),
  };
  const links = wantsExtras(options)
    ? (await netns.request(wholeLink.dump(filter, attempt))).map((message) => withExtras(message, options))
    : (await netns.request(shownLink.dump(filter, attempt))).map(toLink);
  // the kernel lists all devices where it does not know the kind, because its module is not loaded (6.18)
  const isAsked = (link: Link) =>
    (kind === undefined || link.kind === kind) && (masterIndex === undefined || link.master === masterIndex);
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

/** What a device is called where it goes. */
export interface MoveLinkOptions {
  /** The device's new name; it keeps its name by default. */
  name?: string;
}

const MOVE_OPTIONS = optionTable<MoveLinkOptions>({ name: (name, path) => checkNewDeviceName(name, path) });

/**
 * Moves a device into another namespace, with a new name in the same request if one is given. The device arrives down
 * and without its addresses.
 *
 * @throws {@link NetlinkError} EEXIST where the target has a device of that name: the device is where it was then.
 * EINVAL for a device that belongs to its namespace for good: a bridge, `lo`.
 * @see ip-link(8), `ip link set DEVICE netns NAME name NEWNAME`
 * @example
 * ```ts
 * await createLink(red, { kind: 'veth', name: 'left', peer: { name: 'right' } });
 * await moveLink(red, 'right', blue, { name: 'eth1' });
 * ```
 */
export async function moveLink(
  netns: Netns,
  device: Device,
  target: Netns,
  options: MoveLinkOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkNetns(target, 'target');
  checkOptions(options, MOVE_OPTIONS);
  const { name } = options;
  const operation = `move to namespace ${target.toString()} the link`;
  const attempt = { operation, device, words: MOVE_WORDS };
  const taken = () => new NetlinkError({ ...attempt, errno: EEXIST, netns: netns.toString() });
  const intoTarget = `move link ${device} from namespace ${netns.toString()} to namespace`;
  await target.lend(intoTarget, async ({ fd: netnsFd }) => {
    const [before, other] = await Promise.all([
      identify(netns, device, operation),
      name === undefined ? undefined : identify(target, name, operation).catch(ignoring('ENODEV')),
    ]);
    // 6.18 moves first and renames then: where the name is taken, the device stays there under its old one
    const own = netns.ino === target.ino && other?.index === before.index;
    if (other !== undefined && !own) {
      throw await explainMove(taken(), before, name, target);
    }
    const request = link.add({ index: before.index, netnsFd, ...defined({ name }) }, 0, attempt);
    await netns.request(request).catch(async (error: unknown) => {
      if (!(error instanceof NetlinkError)) throw error;
      if (error.errno === EEXIST) {
        await comeBack(netns, before, target);
        throw await explainMove(error, before, name, target);
      }
      const unclear = error.errno === EINVAL && error.extack === undefined && name === undefined;
      if (unclear && (await isNameTaken(netns, before, target))) {
        throw await explainMove(taken(), before, name, target);
      }
      throw error;
    });
  });
}

const MOVE_WORDS = {
  ...NO_DEVICE,
  EINVAL: 'the device stays in its namespace for good, as bridges and lo do',
};

/**
 * Whether a move was refused because of the name: 5.10 has EINVAL for that, too. Such a kernel refuses a device that cannot be
 * moved at all even where it moves to its own namespace.
 */
async function isNameTaken(netns: Netns, { index, name }: Identity, target: Netns): Promise<boolean> {
  if ((await namesTaken([{ name, netns: target }])) === '') return false;
  const operation = 'move to its own namespace the link';
  return netns.lend(operation, async ({ fd: netnsFd }) =>
    netns.request(link.add({ index, netnsFd }, 0, { operation, device: index })).then(
      () => true,
      () => false,
    ),
  );
}

/** All names of a device move with it. */
async function explainMove(
  error: NetlinkError,
  { name: before, altNames }: Identity,
  name: string | undefined,
  target: Netns,
): Promise<NetlinkError> {
  const taken = await namesTaken([{ name: name ?? before, netns: target }]);
  if (taken !== '') return error.explained(`${taken} (a new name can be given with the move)`);
  const others = await namesTaken(altNames.map((altName) => ({ name: altName, netns: target })));
  return error.explained(others || 'a name was taken there, and is free again');
}

/** Somebody took the name between our look at it and the move. */
async function comeBack(netns: Netns, { index, name, mac }: Identity, target: Netns): Promise<void> {
  const here = await getLink(netns, index).catch(ignoring('ENODEV'));
  if (here !== undefined) return;
  const operation = `move back to namespace ${netns.toString()} the link`;
  await netns.lend({ operation, device: name }, async ({ fd: netnsFd }) => {
    const there = await getLink(target, name);
    // Whoever took the name may have renamed devices, too: what comes back must be what went.
    if (there.mac !== mac) return;
    await target.request(link.add({ index: there.index, netnsFd }, 0, { operation, device: name }));
  });
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
