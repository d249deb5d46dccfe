import {
  AF,
  checkDevice,
  checkFamily,
  checkInteger,
  checkU32,
  type Family,
  parseDestination,
  parseIp,
  refuse,
} from '../common/check';
import { type Device, indexOf } from '../netns/device';
import { isLinkLocal, withoutZone } from '../netns/zone';
import { defined } from '../common/objects';
import {
  isText,
  listOf,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { SCOPES } from '../netlink/rtnetlink/address';
import { PROTOCOLS, ROUTE_TYPES } from '../netlink/rtnetlink/route';
import type { Netns } from '../netns/netns';
import { shown } from '../common/shown';
import type { Request } from '../netlink/object';
import { type Route, type RouteType, type TableName, tableNumber } from './route-view';
import { refuseUnknown } from './unexpressed';
import { type Nexthop, RTNH_F } from '../netlink/rtnetlink/nexthops';

/** One of several ways that a route spreads its traffic over. */
export interface NexthopOptions {
  /** The gateway: '10.0.1.254', or 'fe80::1%eth0' with its device. */
  via?: string;
  /** The device that packets leave by; by default the one that reaches the gateway. */
  device?: Device;
  /** The device's index, as a listed route has it; `device` comes first. */
  index?: number;
  /** Share of the traffic, 1 to 256; 1 by default. */
  weight?: number;
  /** Take the gateway to be on the link even if there is no route to it. */
  onlink?: boolean;
  /** Those of a listed route: 'onlink' is as the option above, unless that is given; the others are the kernel's. */
  flags?: readonly string[];
  /** As for the route. */
  unknown?: Route['unknown'];
}

/** A route; one that `listRoutes` has returned is a route, too. */
export interface RouteOptions {
  /** 'default', '10.0.0.0/8', 'fd00::/8', or one address. */
  to: string;
  /** The gateway: '10.0.1.254', or 'fe80::1%eth0' with its device. */
  via?: string;
  /** The device that its packets leave by; by default the one that reaches the gateway. */
  device?: Device;
  /** The device's index, as a listed route has it; `device` comes first. */
  index?: number;
  /** Source address that the kernel prefers for this destination. */
  src?: string;
  /** Of two routes to one destination, the lower metric is taken; IPv6 makes 1024 of none. */
  metric?: number;
  /** 'main' by default, 'local' for the types 'local', 'broadcast', 'anycast' and 'nat', as `ip route` guesses. */
  table?: TableName;
  /** 'unicast' by default; 'blackhole', 'unreachable', 'prohibit' and 'throw' have neither gateway nor device. */
  type?: RouteType | number;
  /** 'link' for a destination on the link, 'host' for a local one, otherwise 'global', as `ip route` guesses. */
  scope?: Route['scope'];
  /** Who made the route; 'boot' by default, as with `ip route`. */
  protocol?: Route['protocol'];
  /** Take the gateway to be on the link even if there is no route to it. */
  onlink?: boolean;
  /** Those of a listed route: 'onlink' is as the option above, unless that is given; the others are the kernel's. */
  flags?: readonly string[];
  /** Bytes. */
  mtu?: number;
  /** Several ways instead of one. */
  nexthops?: readonly NexthopOptions[];
  /** 4 or 6, for a default route whose other options name no address; 4 by default. */
  family?: Family;
  /** Of a route that was listed. A route with anything in it is refused, because another route may be taken for it. */
  unknown?: Route['unknown'];
}

const checkIndex: OptionCheck = (value, path) => checkInteger(path, value, 1, 0x7fffffff);

const NEXTHOP = optionTable<NexthopOptions>({
  via: true,
  device: checkDevice,
  index: checkIndex,
  weight: true,
  onlink: trueOrFalse,
  flags: listOf(isText),
  unknown: true,
});

const isNexthops = listOf(optionsOf(NEXTHOP));

/** @internal */
export const ROUTE_OPTIONS = optionTable<RouteOptions>({
  to: true,
  via: true,
  device: checkDevice,
  index: checkIndex,
  src: true,
  metric: true,
  table: true,
  type: oneOf(Object.keys(ROUTE_TYPES), { number: true }),
  scope: oneOf(Object.keys(SCOPES), { number: true }),
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  onlink: trueOrFalse,
  flags: listOf(isText),
  mtu: checkU32,
  nexthops: (value, path) => {
    isNexthops(value, path);
    if ((value as readonly unknown[]).length === 0) throw new TypeError(`${path}: expected at least one`);
  },
  family: checkFamily,
  unknown: true,
});

/** The device that a route or one of its ways names. */
export function deviceOf({ device, index }: Pick<RouteOptions, 'device' | 'index'>): Device | undefined {
  return device ?? index;
}

const isOnlink = ({ onlink, flags = [] }: Pick<RouteOptions, 'onlink' | 'flags'>) =>
  onlink ?? flags.includes('onlink');

/** The options with the devices that zones name: `via: 'fe80::1%eth0'`. */
export function withoutZones<O extends RouteOptions>(options: O): O {
  const nexthops = options.nexthops?.map((hop, i) => hopWithoutZone(hop, `nexthops[${i}].via`));
  const route = hopWithoutZone(options, 'via');
  const all = { ...route, ...(nexthops !== undefined && { nexthops }) };
  if (zoned.has(route)) zoned.add(all);
  return all;
}

/** The routes, and the ways of routes, whose device comes from a zone alone. */
const zoned = new WeakSet<object>();

/** What an error calls the device of a route or of a way: `path` is '' or 'nexthops[1].'. */
const deviceCalled = (hop: object, path = '') => (zoned.has(hop) ? `zone of ${path}via` : `${path}device`);

function hopWithoutZone<O extends Pick<NexthopOptions, 'via' | 'device'>>(hop: O, option: string): O {
  const { address, device } = withoutZone(hop.via, hop.device, option);
  if (address === hop.via) return hop;
  const found = { ...hop, via: address, device };
  if (hop.device === undefined) zoned.add(found);
  return found;
}

/** Returns the index of a device that a route names. */
export type IndexOf = (device: Device | undefined) => number | undefined;

/**
 * Sends a request for a route. The request is built once before a device's name is looked up, so that wrong options are
 * refused before any system call. Where there is no name to look up, the request is queued before this returns.
 */
export async function requestRoute(
  netns: Netns,
  options: RouteOptions,
  build: (index: IndexOf) => Request<undefined>,
): Promise<undefined> {
  const devices = [
    [deviceCalled(options), deviceOf(options)] as const,
    ...(options.nexthops ?? []).map(
      (hop, i) => [deviceCalled(hop, `nexthops[${i}].`), deviceOf(hop)] as const,
    ),
  ];
  if (!devices.some(([, device]) => typeof device === 'string')) {
    return netns.request(build((device) => device as number | undefined));
  }
  const { attempt } = build(() => 0);
  const found = await Promise.all(
    devices.map(async ([option, device]) =>
      device === undefined ? undefined : ([device, await indexOf(netns, device, attempt, option)] as const),
    ),
  );
  const indexes = new Map(found.filter((entry) => entry !== undefined));
  return netns.request(build((device) => (device === undefined ? undefined : indexes.get(device))));
}

/** A route in the message's terms, to be added or to be looked for. */
export function toMessage(options: RouteOptions, adding: boolean, index: IndexOf) {
  const { to, via, src, metric, mtu, nexthops } = options;
  for (const { unknown } of [options, ...(nexthops ?? [])]) refuseUnknown(unknown, 'route');
  if (adding) checkGateways(options);
  const destination = parseDestination(to, 'to');
  const gateway = via === undefined ? undefined : parseIp(via, 'via');
  const preferred = src === undefined ? undefined : parseIp(src, 'src');
  const family = routeFamily(options, destination, gateway, preferred);
  const type = options.type ?? (adding ? 'unicast' : 'unspec');
  const table = tableNumber(options.table ?? (LOCAL_TYPES.has(type) ? 'local' : 'main'));
  const hops = nexthops?.map((hop, i) => ({
    ...toNexthop(hop, `nexthops[${i}]`, family),
    index: index(deviceOf(hop)) ?? 0,
  }));
  return {
    family: AF[family],
    dstLength: destination === 'default' ? 0 : destination.length,
    table8: table <= 0xff ? table : 0,
    protocol: options.protocol ?? (adding ? ('boot' as const) : ('unspec' as const)),
    scope: options.scope ?? guessScope(options, family, adding),
    type,
    flags: isOnlink(options) ? RTNH_F.onlink : 0,
    ...(destination !== 'default' && { dst: destination.address }),
    ...viaAttributes(gateway, family),
    ...defined({ metric, preferredSource: preferred?.address }),
    ...(table > 0xff && { table }),
    ...(mtu !== undefined && { metrics: { mtu } }),
    ...defined({ index: index(deviceOf(options)), nexthops: hops }),
  };
}

/** Refuses a link-local gateway without its device, because each link may have that gateway. */
function checkGateways({ nexthops = [], ...route }: RouteOptions): void {
  const hops = [['via', route] as const, ...nexthops.map((hop, i) => [`nexthops[${i}].via`, hop] as const)];
  for (const [option, hop] of hops) {
    if (deviceOf(hop) !== undefined || !isLinkLocal(hop.via)) continue;
    const example = shown(`${hop.via}%eth0`);
    refuse(
      option,
      `a link-local gateway needs its device: the option 'device', or a zone as in ${example}`,
      hop.via,
    );
  }
}

interface Parsed {
  family: Family;
  address: string;
}

function routeFamily(
  { family, nexthops = [] }: RouteOptions,
  destination: Parsed | 'default',
  gateway: Parsed | undefined,
  preferred: Parsed | undefined,
): Family {
  const hop = nexthops.find(({ via }) => via !== undefined)?.via;
  const told = [
    destination === 'default' ? undefined : destination,
    family === undefined ? undefined : { family },
    preferred,
    gateway,
    hop === undefined ? undefined : parseIp(hop, 'nexthops'),
  ];
  const found = told.find((one) => one !== undefined)?.family ?? 4;
  if (family !== undefined && family !== found) {
    throw new RangeError(`family: the destination is IPv${found}, got ${shown(family)}`);
  }
  if (preferred !== undefined && preferred.family !== found) {
    throw new RangeError(`src: the route is IPv${found}, got ${shown(preferred.address)}`);
  }
  return found;
}

// An IPv4 route may lead over an IPv6 gateway (RFC 8950), which goes into an attribute of its own.
function viaAttributes(gateway: Parsed | undefined, family: Family) {
  if (gateway === undefined) return {};
  if (gateway.family === family) return { gateway: gateway.address };
  return { via: { family: AF[gateway.family], address: gateway.address } };
}

// The guesses of `ip route`.
const LOCAL_TYPES: ReadonlySet<RouteType | number> = new Set(['local', 'broadcast', 'anycast', 'nat']);

function guessScope({ type, via, nexthops }: RouteOptions, family: Family, adding: boolean): Route['scope'] {
  if (family === 6) return 'global';
  if (!adding) return 'nowhere';
  if (type === 'local' || type === 'nat') return 'host';
  const onLink: readonly (RouteType | number)[] = ['unicast', 'broadcast', 'multicast', 'anycast'];
  const direct = via === undefined && nexthops === undefined && onLink.includes(type ?? 'unicast');
  return direct ? 'link' : 'global';
}

function toNexthop(hop: NexthopOptions, option: string, family: Family): Nexthop {
  const { via, weight = 1 } = hop;
  if (!Number.isInteger(weight) || weight < 1 || weight > 256) {
    throw new RangeError(`${option}.weight: expected an integer from 1 to 256, got ${shown(weight)}`);
  }
  const gateway = via === undefined ? undefined : parseIp(via, `${option}.via`);
  return {
    flags: isOnlink(hop) ? RTNH_F.onlink : 0,
    hops: weight - 1,
    index: 0,
    ...viaAttributes(gateway, family),
  };
}
