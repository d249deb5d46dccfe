import { AF, checkDevice, parseIp } from '../common/check';
import type { Attempt, Words } from '../netlink/error';
import {
  addFlags,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { type Device, indexOf } from '../netns/device';
import { defined } from '../common/objects';
import { checkOptions, oneOf, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import type { Request } from '../netlink/object';
import { requestRoute, withoutZones } from './route-devices';
import { ROUTE_OPTIONS, type RouteOptions, toMessage } from './route-request';
import { deviceOf, type IndexOf } from './route-ways';
import { type Route, shownRoute, type ShownRouteMessage, toRoute } from './route-view';
import { route } from '../netlink/rtnetlink/route';

export interface AddRouteOptions extends RouteOptions {
  /** Where there is one: 'fail' (default) with EEXIST, 'ignore', 'replace' it, or 'append' (multipath). */
  ifExists?: IfExists | 'replace' | 'append';
}

// linux/rtnetlink.h
const RTM_F_LOOKUP_TABLE = 0x1000;

const ADD_OPTIONS = optionTable<AddRouteOptions>({
  ...ROUTE_OPTIONS,
  ifExists: oneOf(['fail', 'ignore', 'replace', 'append']),
});

/**
 * Adds a route: also one as `listRoutes` returns it, by the same device, or by another one with `device`.
 *
 * @throws {@link NetlinkError} EEXIST where there is one to the same destination with the same metric; ENETUNREACH
 * for a gateway that is not on a link (the device has to be up and addressed first); ENETDOWN, ENODEV.
 * @see rtnetlink(7) RTM_NEWROUTE, ip-route(8)
 * @example
 * ```ts
 * await addRoute(red, { to: 'default', via: '10.0.0.2' });
 * await addRoute(red, { to: '10.9.0.0/16', type: 'blackhole' });
 * ```
 */
export async function addRoute(netns: Netns, options: AddRouteOptions): Promise<void> {
  checkNetns(netns);
  checkOptions(options, ADD_OPTIONS);
  const asked = withoutZones(options);
  await requestRoute(netns, asked, (index) => routeRequest(asked, index)).catch(onExisting(asked.ifExists));
}

function routeAttempt(operation: string, device: Device | undefined, words: Words = {}): Attempt {
  return { operation: device === undefined ? operation : `${operation} by`, device, words, called: CALLED };
}

/** What the attributes of a route's message are called as options. */
const CALLED = { dst: 'to', gateway: 'via', index: 'device', preferredSource: 'src' };

/** @internal What adds it, once the devices that it names are known. */
export function routeRequest(
  { ifExists = 'fail', ...options }: AddRouteOptions,
  index: IndexOf,
): Request<undefined> {
  const attempt = routeAttempt(`add route to ${options.to}`, deviceOf(options), ADD_WORDS);
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

const REMOVE_OPTIONS = optionTable<RemoveRouteOptions>({ ...ROUTE_OPTIONS, ifMissing: IF_MISSING });

/**
 * Removes the first route that matches these options. An option that is left out matches any value. A route as
 * `listRoutes` returns it is removed, and no other one.
 *
 * @throws {@link NetlinkError} ESRCH where there is none.
 * @example
 * ```ts
 * await addRoute(red, { to: 'default', via: '10.0.0.2' });
 * await removeRoute(red, { to: 'default' });
 * ```
 */
export async function removeRoute(netns: Netns, options: RemoveRouteOptions): Promise<void> {
  checkNetns(netns);
  checkOptions(options, REMOVE_OPTIONS);
  const { ifMissing = 'fail' } = options;
  const asked = withoutZones(options);
  const words = { ESRCH: 'there is no such route' };
  const attempt = routeAttempt(`remove route to ${asked.to}`, deviceOf(asked), words);
  await requestRoute(netns, asked, (index) => route.remove(toMessage(asked, false, index), attempt)).catch(
    onMissing(ifMissing, 'ESRCH'),
  );
}

/** Which packet it is that a route is asked for. */
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

const GET_OPTIONS = optionTable<GetRouteOptions>({
  from: true,
  inputDevice: checkDevice,
  outputDevice: checkDevice,
  mark: true,
});

/**
 * Returns the route that a packet to this address takes.
 *
 * @throws {@link NetlinkError} ENETUNREACH where no route leads there; EHOSTUNREACH, EACCES, EINVAL for one of type
 * unreachable, prohibit, blackhole.
 * @see ip-route(8): `ip route get`
 * @example
 * ```ts
 * const { via, src } = await getRoute(red, '10.0.0.2');
 * console.log(via, src); // undefined 10.0.0.1
 * ```
 */
export async function getRoute(netns: Netns, address: string, options: GetRouteOptions = {}): Promise<Route> {
  checkNetns(netns);
  const to = parseIp(address, 'address');
  const bits = to.family === 4 ? 32 : 128;
  checkOptions(options, GET_OPTIONS);
  const { from, inputDevice, outputDevice, mark } = options;
  const source = from === undefined ? undefined : parseIp(from, 'from');
  const attempt = { operation: `get route to ${address}`, words: GET_WORDS, called: GET_CALLED };
  const [inputIndex, index] = await Promise.all([
    inputDevice === undefined ? undefined : indexOf(netns, inputDevice, attempt, 'inputDevice'),
    outputDevice === undefined ? undefined : indexOf(netns, outputDevice, attempt, 'outputDevice'),
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
  const answer = (await netns.request(shownRoute.get(value, attempt))) as ShownRouteMessage;
  // of the source, the answer repeats the question
  const { source: _, ...rest } = answer;
  return toRoute({ ...rest, srcLength: 0 });
}

const GET_CALLED = { dst: 'address', index: 'outputDevice', inputIndex: 'inputDevice', source: 'from' };

const GET_WORDS = {
  EACCES: "a route of type 'prohibit' leads there",
  EHOSTUNREACH: "a route of type 'unreachable' leads there",
  EINVAL: "a route of type 'blackhole' leads there, or the packet makes no sense",
  ENETUNREACH: 'no route leads there',
};
