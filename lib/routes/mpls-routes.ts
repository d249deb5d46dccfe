import { AF_MPLS } from '../addon/socket-constants';
import { checkDevice } from '../common/check';
import { checkOptions, optionTable, oneOf } from '../common/options';
import { type Attempt, ignoring, type Words } from '../netlink/error';
import { addFlags, IF_MISSING, type IfExists, type IfMissing, onExisting } from '../netlink/existence';
import { mplsRoute, type MplsRouteMessage } from '../netlink/rtnetlink/mpls-route';
import { PROTOCOLS } from '../netlink/rtnetlink/route';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import {
  isMplsLabel,
  isMplsProtocol,
  MPLS_ROUTE,
  type MplsRouteOptions,
  toAsk,
  toChange,
  toMplsMessage,
} from './mpls-request';
import { type MplsRoute, toMplsRoute } from './mpls-view';
import { requestRoute, withoutZones } from './route-devices';
import { deviceOf } from './route-ways';

const NO_MPLS = 'the kernel has no routes of MPLS: CONFIG_MPLS_ROUTING, module mpls_router';

/** How a route of MPLS is added. */
export interface AddMplsRouteOptions extends MplsRouteOptions {
  /** Where there is one of that label: 'fail' (default) with EEXIST, 'ignore', or 'replace' it. */
  ifExists?: IfExists | 'replace';
}

const ADD_OPTIONS = optionTable<AddMplsRouteOptions>(
  { ...MPLS_ROUTE, ifExists: oneOf(['fail', 'ignore', 'replace']) },
  ['label'],
);

const ADD_WORDS: Words = {
  EEXIST: 'there is a route for this label already',
  EOPNOTSUPP: NO_MPLS,
};

/** Of a route, or of ways, without a device: the kernel looks for the one that reaches the gateway. */
const NO_DEVICE_GIVEN: Words = {
  ENODEV: 'a device has to be given, unless `via` is an address of IP, and one that is given has to be there',
  ENETUNREACH: 'no link leads to `via`, so the `device` has to be given',
};

/**
 * Adds a route of MPLS: packets that come in with a label leave with others, or without. It may be one as `listMplsRoutes` returns it. In a new
 * namespace no labels are free, and no device takes packets with labels: the sysctls `net.mpls.platform_labels` and
 * `net.mpls.conf.DEVICE.input` change that. Packets get their first label by a route of IP with `encap: { type: 'mpls', … }`.
 *
 * @throws {@link NetlinkError} EEXIST where the label has a route; EINVAL for a label that is not below
 * `net.mpls.platform_labels`; ENETUNREACH for a gateway that no link has; ENODEV; EOPNOTSUPP where the kernel has no MPLS (module mpls_router).
 * @see ip-route(8): `ip -f mpls route add`, `replace`
 * @example
 * ```ts
 * const added = addMplsRoute(red, { label: 100, newLabels: [200], via: '10.0.0.2', device: 'eth0' });
 * await added.catch(({ code }) => code); // EOPNOTSUPP, where the kernel has no MPLS
 * ```
 */
export async function addMplsRoute(netns: Netns, options: AddMplsRouteOptions): Promise<void> {
  checkNetns(netns);
  checkOptions(options, ADD_OPTIONS);
  const { ifExists = 'fail' } = options;
  const asked = withoutZones(options);
  const device = deviceOf(asked);
  const words = device === undefined ? { ...ADD_WORDS, ...NO_DEVICE_GIVEN } : ADD_WORDS;
  const attempt = attemptTo('add', asked.label, device, words);
  await requestRoute(netns, asked, (index) =>
    mplsRoute.add(toMplsMessage(asked, index), addFlags(ifExists), attempt),
  ).catch(onExisting(ifExists));
}

/** Which route of MPLS is removed; one that was listed is one, too. */
export interface RemoveMplsRouteOptions extends MplsRouteOptions {
  /** Where there is none: 'fail' (default) with ENETUNREACH, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveMplsRouteOptions>({ ...MPLS_ROUTE, ifMissing: IF_MISSING }, [
  'label',
]);

const MISSING: Words = { ENETUNREACH: 'there is no route for this label', EOPNOTSUPP: NO_MPLS };

/**
 * Removes the route of a label of MPLS. A label has one route at most, so the other options say nothing.
 *
 * @throws {@link NetlinkError} ENETUNREACH where the label has none; EINVAL for a label that is not below
 * `net.mpls.platform_labels`; EOPNOTSUPP where the kernel has no MPLS (module mpls_router).
 * @see ip-route(8): `ip -f mpls route del`
 * @example
 * ```ts
 * const removed = removeMplsRoute(red, { label: 100, ifMissing: 'ignore' });
 * await removed.catch(({ code }) => code); // EOPNOTSUPP, where the kernel has no MPLS
 * ```
 */
export async function removeMplsRoute(netns: Netns, options: RemoveMplsRouteOptions): Promise<void> {
  checkNetns(netns);
  checkOptions(options, REMOVE_OPTIONS);
  const { label, ifMissing = 'fail' } = options;
  const attempt = attemptTo('remove', label, undefined, MISSING);
  // the kernel (7.2) removes what is not there without an error, and refuses a label that can have no route
  const asked = ifMissing === 'fail' ? netns.request(mplsRoute.get(whole(label), attempt)) : undefined;
  const removed = netns.request(mplsRoute.remove(toChange(label), attempt));
  await Promise.all([asked, removed.catch(ignoring('EINVAL'))]);
}

// linux/rtnetlink.h
const RTM_F_FIB_MATCH = 0x2000;

/** The question for a route as it was added, and not for the way of a packet. */
const whole = (label: number) => ({ ...toAsk(label), flags: RTM_F_FIB_MATCH });

/**
 * Returns the route of a label of MPLS.
 *
 * @throws {@link NetlinkError} ENETUNREACH where the label has none; EINVAL for a label that is not below
 * `net.mpls.platform_labels`; EOPNOTSUPP where the kernel has no MPLS (module mpls_router).
 * @see ip-route(8): `ip -f mpls route get fibmatch`
 * @example
 * ```ts
 * const found = await getMplsRoute(red, 100).catch(() => undefined);
 * console.log(found?.newLabels); // undefined
 * ```
 */
export async function getMplsRoute(netns: Netns, label: number): Promise<MplsRoute> {
  checkNetns(netns);
  isMplsLabel(label, 'label');
  const attempt = attemptTo('get', label, undefined, MISSING);
  return toMplsRoute((await netns.request(mplsRoute.get(whole(label), attempt))) as MplsRouteMessage);
}

/** Which routes of MPLS are meant: those to which all of this applies. */
export interface MplsRouteFilter {
  /** Those by this device; a route of several ways by any of them. */
  device?: Device;
  /** Those that this one has made: 'static', 'bgp', … */
  protocol?: MplsRoute['protocol'];
}

const FILTER = optionTable<MplsRouteFilter>({ device: checkDevice, protocol: isMplsProtocol });

/**
 * The routes of MPLS of a namespace, in the order of their labels; none, where the kernel has no MPLS.
 *
 * @see ip-route(8): `ip -f mpls route show`
 * @example
 * ```ts
 * for (const { label, newLabels, via } of await listMplsRoutes(red)) console.log(label, newLabels, via);
 * ```
 */
export async function listMplsRoutes(netns: Netns, filter: MplsRouteFilter = {}): Promise<MplsRoute[]> {
  checkNetns(netns);
  checkOptions(filter, FILTER, { whole: 'filter' });
  const { device, protocol } = filter;
  const attempt: Attempt = { operation: 'list routes of MPLS', device };
  const index = device === undefined ? undefined : await indexOf(netns, device, attempt);
  const listed = await netns.request(mplsRoute.dump({ family: AF_MPLS }, attempt));
  return (
    listed
      // a kernel without MPLS lists the routes of all families
      .filter(({ family }) => family === AF_MPLS)
      .map(toMplsRoute)
      .filter(
        (route) =>
          (index === undefined || [route, ...(route.nexthops ?? [])].some((way) => way.index === index)) &&
          (protocol === undefined || numberOf(route.protocol) === numberOf(protocol)),
      )
  );
}

const numberOf = (protocol: MplsRoute['protocol']) =>
  typeof protocol === 'string' ? PROTOCOLS[protocol] : protocol;

function attemptTo(verb: string, label: number, device: Device | undefined, words: Words): Attempt {
  const operation = `${verb} route of label ${label}${device === undefined ? '' : ' by'}`;
  return { operation, device, words, called: CALLED };
}

/** What the attributes of the message are called as options. */
const CALLED = { index: 'device' };
