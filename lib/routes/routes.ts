import { AF, type Family, familyNumber, parseIp } from '../common/check';
import { ignoring } from '../netlink/error';
import { addFlags, type IfExists, type IfMissing, onExisting, onMissing } from '../netlink/existence';
import { type Device, indexOf } from '../netns/device';
import { defined } from '../common/objects';
import type { Netns } from '../netns/netns';
import type { Request } from '../netlink/object';
import { type IndexOf, requestRoute, type RouteOptions, toMessage, withoutZones } from './route-request';
import {
  type Route,
  shownRoute,
  type ShownRouteMessage,
  type TableName,
  tableNumber,
  toRoute,
} from './route-view';
import { route } from '../netlink/rtnetlink/route';

export interface AddRouteOptions extends RouteOptions {
  /** Where there is one: 'fail' (default) with EEXIST, 'ignore', 'replace' it, or 'append' (multipath). */
  ifExists?: IfExists | 'replace' | 'append';
}

// linux/rtnetlink.h
const RTM_F_LOOKUP_TABLE = 0x1000;

/**
 * Adds a route.
 *
 * @throws {@link NetlinkError} EEXIST where there is one to the same destination with the same metric; ENETUNREACH
 * for a gateway that is not on a link (the device has to be up and addressed first); ENETDOWN, ENODEV.
 * @see rtnetlink(7) RTM_NEWROUTE, ip-route(8)
 */
export async function addRoute(netns: Netns, given: AddRouteOptions): Promise<void> {
  const options = withoutZones(given);
  await requestRoute(netns, options, (index) => routeRequest(options, index)).catch(
    onExisting(options.ifExists),
  );
}

/** @internal What adds it, once the devices that it names are known. */
export function routeRequest(
  { ifExists = 'fail', ...options }: AddRouteOptions,
  index: IndexOf,
): Request<undefined> {
  const attempt = { operation: `add route to ${options.to}`, device: options.device, words: ADD_WORDS };
  return route.add(toMessage(options, true, index), addFlags(ifExists), attempt);
}

const UNREACHED = 'the gateway is on no link: its device has to be up, and to have an address of its subnet';
const ADD_WORDS = {
  EEXIST: 'the table has a route to this destination with this metric already',
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  ENODEV: 'there is no such device, or neither device nor gateway was given',
};

export interface RemoveRouteOptions extends RouteOptions {
  /** Where there is none: 'fail' (default) with ESRCH, or 'ignore'. */
  ifMissing?: IfMissing;
}

/**
 * Removes the first route that matches these options. An option that is left out matches any value.
 *
 * @throws {@link NetlinkError} ESRCH where there is none.
 */
export async function removeRoute(
  netns: Netns,
  { ifMissing = 'fail', ...given }: RemoveRouteOptions,
): Promise<void> {
  const options = withoutZones(given);
  const words = { ESRCH: 'there is no such route' };
  const attempt = { operation: `remove route to ${options.to}`, device: options.device, words };
  await requestRoute(netns, options, (index) =>
    route.remove(toMessage(options, false, index), attempt),
  ).catch(onMissing(ifMissing, 'ESRCH'));
}

export interface ListRoutesOptions {
  family?: Family;
  /** 'main' by default; 'all' for every table. */
  table?: TableName | 'all';
  device?: Device;
}

/** The routes of a namespace, in the kernel's order. Those of the kernel's route cache are left out. */
export async function listRoutes(
  netns: Netns,
  { family, table = 'main', device }: ListRoutesOptions = {},
): Promise<Route[]> {
  const filter = {
    family: familyNumber(family),
    ...(table !== 'all' && { table: tableNumber(table) }),
    ...(device !== undefined && { index: await indexOf(netns, device) }),
  };
  const request = shownRoute.dump(filter, { operation: 'list routes', device });
  // a table that never held a route does not exist; the list treats it as an empty table
  const replies = (await netns.request(request).catch(ignoring('ENOENT'))) ?? [];
  // without a family the kernel lists routes of all families: MPLS, multicast
  const isIp = ({ family }: ShownRouteMessage) => family === AF[4] || family === AF[6];
  return replies.filter(isIp).map(toRoute);
}

export interface GetRouteOptions {
  /** Where the packet comes from. */
  from?: string;
  /** The device that it comes in by, for one that is forwarded. */
  inputDevice?: Device;
  /** The device that it has to leave by. */
  outputDevice?: Device;
  /** Firewall mark. */
  mark?: number;
}

/**
 * Returns the route that a packet to this address takes.
 *
 * @throws {@link NetlinkError} ENETUNREACH where no route leads there; EHOSTUNREACH, EACCES, EINVAL for one of type
 * unreachable, prohibit, blackhole.
 * @see ip-route(8): `ip route get`
 */
export async function getRoute(netns: Netns, address: string, options: GetRouteOptions = {}): Promise<Route> {
  const to = parseIp(address, 'address');
  const bits = to.family === 4 ? 32 : 128;
  const { from, inputDevice, outputDevice, mark } = options;
  const source = from === undefined ? undefined : parseIp(from, 'from');
  const [inputIndex, index] = await Promise.all([
    inputDevice === undefined ? undefined : indexOf(netns, inputDevice, 'inputDevice'),
    outputDevice === undefined ? undefined : indexOf(netns, outputDevice, 'outputDevice'),
  ]);
  const value = {
    family: AF[to.family],
    dstLength: bits,
    dst: to.address,
    // the kernel then reports the table; for IPv6 it does so without the flag, and refuses the flag
    flags: to.family === 4 ? RTM_F_LOOKUP_TABLE : 0,
    ...(source !== undefined && { srcLength: bits, source: source.address }),
    ...defined({ inputIndex, index, mark }),
  };
  const attempt = { operation: `get route to ${address}`, words: GET_WORDS };
  const answer = (await netns.request(shownRoute.get(value, attempt))) as ShownRouteMessage;
  // of the source, the answer repeats the question
  const { source: _, ...rest } = answer;
  return toRoute({ ...rest, srcLength: 0 });
}

const GET_WORDS = {
  EACCES: "a route of type 'prohibit' leads there",
  EHOSTUNREACH: "a route of type 'unreachable' leads there",
  EINVAL: "a route of type 'blackhole' leads there, or the packet makes no sense",
  ENETUNREACH: 'no route leads there',
};
