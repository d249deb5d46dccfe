import { AF, type Family } from '../common/check';
import { assignDefined, defined, flagNames } from '../common/objects';
import { type Encap, toEncap } from './encap';
import { type RouteRealms, toRealms } from './realms';
import { type TableName, tableName } from './route-table';
import { type RouteMetrics, toMetrics, unexpressedMetrics } from './route-metrics';
import { type Nexthop, RTNH_F } from '../netlink/rtnetlink/nexthops';
import { type PROTOCOLS, route, type ROUTE_TYPES } from '../netlink/rtnetlink/route';
import { type UnknownAttributes, unexpressed } from './unexpressed';
import type { SCOPES } from '../netlink/rtnetlink/address';

/**
 * What a route does with its packets.
 *
 * @useDeclaredType
 */
export type RouteType = keyof typeof ROUTE_TYPES;

/** One of several ways of a route that was listed. */
export interface RouteNexthop {
  /** The gateway. */
  via?: string;
  /** Index of the device. */
  index: number;
  /** Share of the traffic, 1 to 256. */
  weight: number;
  /** 'onlink', 'linkdown', 'dead', … */
  flags: string[];
  /** What the packets that go this way are wrapped into. */
  encap?: Encap;
  /** By which the packets that go this way are counted. */
  realms?: RouteRealms;
  /** What the way has that no other property expresses. */
  unknown?: UnknownAttributes;
}

/** A route as rtnetlink(7) describes it. */
export interface Route extends RouteMetrics {
  /** 'default', '10.0.0.0/8'; a single address has no prefix length. */
  to: string;
  family: Family;
  type: RouteType | number;
  /** The gateway. */
  via?: string;
  /** Index of the device. */
  index?: number;
  /** Source address that the kernel prefers for this destination. */
  src?: string;
  /** Of two routes to one destination, the lower metric is taken. */
  metric?: number;
  /** Of an answer to `getRoute`, 0 where no table was looked into: for a multicast address on a given device. */
  table: TableName;
  /** Who made it: 'kernel', 'boot', 'static', 'dhcp', … */
  protocol: keyof typeof PROTOCOLS | number;
  /** How far away the destination is: 'link' is on the link, 'host' is this host. */
  scope: keyof typeof SCOPES | number;
  /** 'onlink', 'linkdown', 'dead', … */
  flags: string[];
  /** Several ways instead of one. */
  nexthops?: RouteNexthop[];
  /** The number of the next hop object from which the route has its ways. */
  nexthopId?: number;
  /** What the packets are wrapped into. */
  encap?: Encap;
  /** Of IPv4: for packets with these bits in their TOS field alone. */
  tos?: number;
  /** Of IPv6: for packets from this network alone. */
  from?: string;
  /** Seconds until the kernel removes the route. */
  expires?: number;
  /** Of IPv6, where it is not 'medium'. */
  preference?: 'low' | 'high' | number;
  /** By which `tc` counts and classifies the packets. */
  realms?: RouteRealms;
  /** What the route has that no other property expresses. */
  unknown?: UnknownAttributes;
}

const SHOWN = [
  'dst',
  'gateway',
  'via',
  'index',
  'preferredSource',
  'metric',
  'metrics',
  'nexthops',
  'table',
  'source',
  'flow',
  'preference',
  'cacheinfo',
  'encapType',
  'encap',
  'ttlPropagate',
  'nexthopId',
  'unknown',
] as const;

/** @internal Requests whose replies become a `Route`. */
export const shownRoute = route.reading(...SHOWN);

/** @internal The same for lists and events. */
export const listedRoute = route.viewing(...SHOWN);

const EXPRESSED_HOP: ReadonlySet<string> = new Set([
  ...['gateway', 'via', 'index', 'hops', 'flags', 'encapType', 'encap', 'flow'],
]);

/** @internal */
export type ShownRouteMessage = ReturnType<typeof shownRoute.read>;

// This module's own, because each use of an import looks it up.
const IPV4 = AF[4];

/** @internal */
export function toRoute(message: ShownRouteMessage): Route {
  const family: Family = message.family === IPV4 ? 4 : 6;
  const { metrics, gateway, via, index, preferredSource, metric, nexthops, nexthopId } = message;
  const { tos, source, cacheinfo, preference = 'medium', flow } = message;
  const route: Route = {
    to: destination(message, family),
    family,
    type: message.type,
    table: tableName(message.table ?? message.table8),
    protocol: message.protocol,
    scope: message.scope,
    flags: message.flags === 0 ? [] : flagNames(RTNH_F, message.flags),
  };
  // one by one, and what is rare only where it is there, because lists of ten thousand routes come by here
  if (metrics !== undefined) Object.assign(route, toMetrics(metrics));
  const next = gateway ?? via?.address;
  if (next !== undefined) route.via = next;
  if (index !== undefined) route.index = index;
  if (preferredSource !== undefined) route.src = preferredSource;
  if (metric !== undefined) route.metric = metric;
  if (nexthops !== undefined) route.nexthops = nexthops.map(toNexthop);
  if (nexthopId !== undefined) route.nexthopId = nexthopId;
  if (message.encap !== undefined) assignDefined(route, { encap: toEncap(message) });
  if (tos !== 0) route.tos = tos;
  if (source !== undefined) route.from = network(source, message.srcLength, family);
  const expires = cacheinfo?.expires ?? 0;
  if (expires !== 0) route.expires = seconds(expires);
  if (preference !== 'medium') route.preference = preference;
  if (flow !== undefined) assignDefined(route, { realms: toRealms(flow) });
  const unknown = unknownOf(message);
  if (unknown !== undefined) route.unknown = unknown;
  return route;
}

const USER_HZ = 100;

// at least one, because a route that is added with none does not expire
const seconds = (ticks: number) => Math.max(1, Math.trunc(ticks / USER_HZ));

function unknownOf({ metrics, ttlPropagate, unknown }: ShownRouteMessage): UnknownAttributes | undefined {
  if (metrics === undefined && ttlPropagate === undefined && unknown === undefined) return undefined;
  const own = unexpressed({ ttlPropagate, unknown }, NONE);
  const left = unexpressedMetrics(metrics);
  return left === undefined ? own : { ...own, metrics: unexpressed(left, NONE) };
}

const NONE: ReadonlySet<string> = new Set();

function destination({ dst, dstLength }: ShownRouteMessage, family: Family): string {
  if (dst === undefined)
    return dstLength === 0 ? 'default' : `${family === 4 ? '0.0.0.0' : '::'}/${dstLength}`;
  return network(dst, dstLength, family);
}

function network(address: string, length: number, family: Family): string {
  return length === (family === 4 ? 32 : 128) ? address : `${address}/${length}`;
}

function toNexthop(hop: Nexthop): RouteNexthop {
  const { gateway, via, index, hops, flags } = hop;
  return {
    ...defined({ via: gateway ?? via?.address }),
    index,
    weight: hops + 1,
    flags: flagNames(RTNH_F, flags),
    ...defined({
      encap: toEncap(hop),
      realms: toRealms(hop.flow),
      unknown: unexpressed(hop, EXPRESSED_HOP),
    }),
  };
}
