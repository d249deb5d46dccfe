import { checkDevice, checkDeviceName } from './check';
import { type Device, indexOf } from './device';
import { type Link, toLink } from './link-view';
import type { Netns } from './netns';
import { NLM_F_CREATE, NLM_F_EXCL } from './netlink/message';
import { explaining, ignoring, rethrow } from './catching';
import { attributesOf, flagsOf, type LinkOptions, named, taken, told } from './link-request';
import { link, type LinkMessage, RTEXT_FILTER_SKIP_STATS } from './route/link';

/**
 * One device, by its name or its index.
 *
 * @throws {@link NetlinkError} ENODEV where there is none.
 * @see rtnetlink(7), RTM_GETLINK
 */
export async function getLink(netns: Netns, device: Device): Promise<Link> {
  checkDevice(device);
  const value = { ...named(device), extMask: RTEXT_FILTER_SKIP_STATS };
  const reply = await netns.request(link.get(value, { operation: 'get link', device }));
  return toLink(reply as LinkMessage);
}

export interface ListLinksOptions {
  /** Only the ports of this bridge (or bond, or VRF). */
  master?: Device;
  /** Only devices of this kind: 'veth', 'bridge'. */
  kind?: string;
}

/** All devices of a namespace, in the order of their index. */
export async function listLinks(netns: Netns, { master, kind }: ListLinksOptions = {}): Promise<Link[]> {
  const filter = {
    extMask: RTEXT_FILTER_SKIP_STATS,
    ...(master !== undefined && { master: await indexOf(netns, master, 'master') }),
    ...(kind !== undefined && { info: { kind } }),
  };
  const replies = await netns.request(link.dump(filter, { operation: 'list links' }));
  return replies.map(toLink);
}

/**
 * Changes a device's properties, in one request (and one before it for `addrGenMode`).
 *
 * @throws {@link NetlinkError} ENODEV, and what the device refuses, such as EINVAL for an MTU out of range.
 * @see ip-link(8), `ip link set`
 */
export async function setLink(netns: Netns, device: Device, options: LinkOptions): Promise<void> {
  checkDevice(device);
  const attempt = { operation: 'set link', device };
  const { addrGenMode } = options;
  const requests = [];
  if (addrGenMode !== undefined) {
    const value = { ...named(device), perFamily: { inet6: { addrGenMode } } };
    requests.push(netns.request(link.add(value, 0, attempt)));
  }
  const change = { ...flagsOf(options), ...attributesOf(options) };
  if (Object.keys(change).length > 0) {
    requests.push(netns.request(link.add({ ...named(device), ...change }, 0, attempt)));
  }
  await Promise.all(requests);
}

/**
 * Gives a device another name; it may be up.
 *
 * @throws {@link NetlinkError} EEXIST where the name is taken.
 */
export async function renameLink(netns: Netns, device: Device, name: string): Promise<void> {
  checkDevice(device);
  checkDeviceName(name, 'name');
  // by index, since the attribute that would name the device holds the new name
  const index = await indexOf(netns, device);
  const request = link.add({ index, name }, 0, { operation: `rename to '${name}' the link`, device });
  await netns.request(request).catch(explaining('EEXIST', () => taken(name, netns)));
}

/**
 * Moves a device into another namespace, with a new name in the same request if one is given. It arrives down
 * and without its addresses.
 *
 * @throws {@link NetlinkError} EEXIST where the target has a device of that name: nothing has changed then.
 * EINVAL for a device that belongs to its namespace for good: a bridge, `lo`.
 * @see ip-link(8), `ip link set DEVICE netns NAME name NEWNAME`
 */
export async function moveLink(
  netns: Netns,
  device: Device,
  target: Netns,
  { name }: { name?: string } = {},
): Promise<void> {
  checkDevice(device);
  if (name !== undefined) checkDeviceName(name, 'name');
  const operation = `move to namespace ${target.toString()} the link`;
  await target.lend(operation, async (netnsFd) => {
    const index = await indexOf(netns, device);
    const value = { index, netnsFd, ...(name !== undefined && { name }) };
    await netns
      .request(link.add(value, 0, { operation, device }))
      .catch(explaining('EEXIST', () => taken(name ?? String(device), target)));
  });
}

export interface DeleteLinkOptions {
  /** Where there is no such device: 'fail' (default) with ENODEV, or 'ignore'. */
  ifMissing?: 'fail' | 'ignore';
}

/**
 * Deletes a virtual device. The other end of a veth pair goes with it, wherever it is.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that cannot be deleted, such as `lo`.
 */
export async function deleteLink(
  netns: Netns,
  device: Device,
  { ifMissing = 'fail' }: DeleteLinkOptions = {},
): Promise<void> {
  checkDevice(device);
  const request = netns.request(link.remove(named(device), { operation: 'delete link', device }));
  await request.catch(ifMissing === 'ignore' ? ignoring('ENODEV') : rethrow);
}

/**
 * Makes a device a port of a bridge (or of a bond, or VRF); a port of another one changes over. Doing it twice
 * is fine with the kernel.
 *
 * @throws {@link NetlinkError} ENODEV where the device or the master is not there; EOPNOTSUPP where the master is
 * not one; EXFULL when a bridge has its 1,023 ports; ELOOP for a bridge in a bridge.
 */
export async function enslaveLink(netns: Netns, device: Device, master: Device): Promise<void> {
  checkDevice(device);
  const value = { ...named(device), master: await indexOf(netns, master, 'master') };
  await netns.request(link.add(value, 0, { operation: `enslave to '${master}' the link`, device }));
}

/** Takes a device away from its master; one that has none stays as it is. */
export async function releaseLink(netns: Netns, device: Device): Promise<void> {
  checkDevice(device);
  await netns.request(link.add({ ...named(device), master: 0 }, 0, { operation: 'release link', device }));
}

export interface CreateLinkOptions extends LinkOptions {
  /** The kernel's name for the kind of device: 'bridge', 'dummy', 'ifb'. */
  kind: string;
  /** Without one the kernel chooses, such as 'dummy0'; 'port%d' lets it fill in a number. */
  name?: string;
  /** What the kind has to be told, in the terms of its table (a bridge's). */
  data?: Record<string, unknown>;
}

/**
 * Creates a device of any kind whose settings need no more than these.
 *
 * @returns its name and index, as the kernel tells them back.
 * @throws {@link NetlinkError} EEXIST where the name is taken; EOPNOTSUPP where the kernel has no such kind.
 * @see ip-link(8), `ip link add`
 */
export async function createLink(
  netns: Netns,
  { kind, name, data, ...options }: CreateLinkOptions,
): Promise<{ index: number; name: string }> {
  if (name !== undefined) checkDeviceName(name, 'name', { pattern: true });
  const value = {
    ...flagsOf(options),
    ...(name !== undefined && { name }),
    ...attributesOf(options),
    info: { kind, ...(data !== undefined && { data }) },
  };
  const request = link.addEcho(value, NLM_F_CREATE | NLM_F_EXCL, {
    operation: `create ${kind}`,
    device: name,
  });
  const created = await netns.request(request).catch(explaining('EEXIST', () => taken(name ?? kind, netns)));
  return told(created);
}
