import type { Attempt, Words } from '../netlink/error';
import {
  addFlags,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import type { Device } from '../netns/device';
import { checkOptions, oneOf, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import type { Request } from '../netlink/object';
import { requestRoute, withoutZones } from './route-devices';
import { ROUTE_OPTIONS, type RouteOptions, toMessage } from './route-request';
import { deviceOf, type IndexOf } from './route-ways';
import { route } from '../netlink/rtnetlink/route';

export interface AddRouteOptions extends RouteOptions {
  /** Where there is one: 'fail' (default) with EEXIST, 'ignore', 'replace' it, or 'append' (multipath). */
  ifExists?: IfExists | 'replace' | 'append';
}

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
