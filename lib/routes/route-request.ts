import {
  AF,
  checkDevice,
  checkFamily,
  checkU32,
  type Family,
  parseDestination,
  parseIp,
} from '../common/check';
import type { Device } from '../netns/device';
import { defined } from '../common/objects';
import { integerFrom, isText, listOf, oneOf, optionTable, trueOrFalse } from '../common/options';
import { SCOPES } from '../netlink/rtnetlink/address';
import { RTNH_F } from '../netlink/rtnetlink/nexthops';
import { PROTOCOLS, ROUTE_PREFERENCES, ROUTE_TYPES } from '../netlink/rtnetlink/route';
import { shown } from '../common/shown';
import { encapAttributes, type EncapOptions, isEncap } from './encap';
import { isRealms, realmsAttribute, type RouteRealms } from './realms';
import { metricsAttribute, ROUTE_METRICS, type RouteMetrics } from './route-metrics';
import { type TableName, tableNumber } from './route-table';
import type { Route, RouteType } from './route-view';
import {
  checkGateways,
  checkIndex,
  deviceOf,
  type IndexOf,
  isNexthops,
  isOnlink,
  type NexthopOptions,
  toNexthop,
  viaAttributes,
} from './route-ways';
import { refuseUnknown } from './unexpressed';

/** A route; one that `listRoutes` has returned is a route, too. */
export interface RouteOptions extends RouteMetrics {
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
  /** Several ways instead of one. */
  nexthops?: readonly NexthopOptions[];
  /**
   * The number of a next hop object, from which the route has its ways. `via`, `device`, `nexthops` and `encap` do not go with it, but for
   * those of a listed route, which the kernel says again.
   */
  nexthopId?: number;
  /** What the packets are wrapped into. */
  encap?: EncapOptions;
  /** IPv4: for packets with these bits in their TOS field alone, such as 0x10. */
  tos?: number;
  /** IPv6: for packets from this network alone (CONFIG_IPV6_SUBTREES). */
  from?: string;
  /** IPv6: seconds until the kernel removes the route. */
  expires?: number;
  /** IPv6: which of two routers is preferred (RFC 4191); 'medium' by default. */
  preference?: Route['preference'] | 'medium';
  /** IPv4: by which `tc` counts and classifies the packets (CONFIG_IP_ROUTE_CLASSID). */
  realms?: RouteRealms;
  /** 4 or 6, for a default route whose other options name no address; 4 by default. */
  family?: Family;
  /** Of a route that was listed. A route with anything in it is refused, because another route may be taken for it. */
  unknown?: Route['unknown'];
}

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
  nexthops: isNexthops,
  nexthopId: integerFrom(1, 0xffffffff),
  encap: isEncap,
  tos: integerFrom(0, 0xff),
  from: true,
  expires: checkU32,
  preference: oneOf(Object.keys(ROUTE_PREFERENCES), { number: true }),
  realms: isRealms,
  family: checkFamily,
  unknown: true,
  ...ROUTE_METRICS,
});

/** A route in the message's terms, to be added or to be looked for. */
export function toMessage(options: RouteOptions, adding: boolean, index: IndexOf) {
  const { to, via, src, metric, nexthops, nexthopId, tos = 0 } = options;
  for (const { unknown } of [options, ...(nexthops ?? [])]) refuseUnknown(unknown, 'route');
  if (nexthopId !== undefined) refuseWays(options);
  if (adding) checkGateways(options);
  const destination = parseDestination(to, 'to');
  const gateway = via === undefined ? undefined : parseIp(via, 'via');
  const preferred = src === undefined ? undefined : parseIp(src, 'src');
  const family = routeFamily(options, destination, gateway, preferred);
  const type = options.type ?? (adding ? 'unicast' : 'unspec');
  const table = tableNumber(options.table ?? (LOCAL_TYPES.has(type) ? 'local' : 'main'));
  const hops = nexthops?.map((hop, i) => toNexthop(hop, `nexthops[${i}]`, family, index));
  const ways = {
    ...viaAttributes(gateway, family),
    ...encapAttributes(options.encap, index),
    ...defined({ index: index(deviceOf(options)), nexthops: hops }),
  };
  return {
    family: AF[family],
    dstLength: destination === 'default' ? 0 : destination.length,
    tos,
    table8: table <= 0xff ? table : 0,
    protocol: options.protocol ?? (adding ? ('boot' as const) : ('unspec' as const)),
    scope: options.scope ?? guessScope(options, family, adding),
    type,
    flags: isOnlink(options) && nexthopId === undefined ? RTNH_F.onlink : 0,
    ...(destination !== 'default' && { dst: destination.address }),
    ...ofOneFamily(options, family),
    ...defined({ metric, preferredSource: preferred?.address }),
    ...(table > 0xff && { table }),
    ...metricsAttribute(options),
    // the kernel refuses a route that has both
    ...(nexthopId === undefined ? ways : { nexthopId }),
  };
}

/** The ways of a listed route, which has its flags, are those of its next hop object. */
function refuseWays({ via, device, index, nexthops, encap, flags }: RouteOptions): void {
  const ways = flags === undefined ? { via, device, index, nexthops, encap } : { device };
  const [name] = Object.keys(defined(ways));
  if (name !== undefined)
    throw new TypeError(`${name}: it does not go together with nexthopId, which says it`);
}

/** Options that the kernel ignores where the route is of the other family. */
const FAMILY_OF = { from: 6, expires: 6, preference: 6, tos: 4, realms: 4 } as const;

function ofOneFamily(options: RouteOptions, family: Family) {
  for (const name of Object.keys(FAMILY_OF) as (keyof typeof FAMILY_OF)[]) {
    if (options[name] === undefined || FAMILY_OF[name] === family) continue;
    throw new RangeError(`${name}: only IPv${FAMILY_OF[name]} has it, and the route is IPv${family}`);
  }
  const { from, expires, preference } = options;
  const source = from === undefined ? undefined : parseDestination(from, 'from');
  if (source !== undefined && (source === 'default' || source.family !== family)) {
    throw new RangeError(`from: expected an IPv6 network, got ${shown(from)}`);
  }
  return {
    ...(source !== undefined && { source: source.address, srcLength: source.length }),
    ...defined({ expires, preference }),
    ...realmsAttribute(options.realms),
  };
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

// The guesses of `ip route`.
const LOCAL_TYPES: ReadonlySet<RouteType | number> = new Set(['local', 'broadcast', 'anycast', 'nat']);

function guessScope(
  { type, via, nexthops, nexthopId }: RouteOptions,
  family: Family,
  adding: boolean,
): Route['scope'] {
  if (family === 6) return 'global';
  if (!adding) return 'nowhere';
  if (type === 'local' || type === 'nat') return 'host';
  const onLink: readonly (RouteType | number)[] = ['unicast', 'broadcast', 'multicast', 'anycast'];
  const direct =
    via === undefined &&
    nexthops === undefined &&
    nexthopId === undefined &&
    onLink.includes(type ?? 'unicast');
  return direct ? 'link' : 'global';
}
