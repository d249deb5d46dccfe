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

/** @internal Requests whose replies become a `Route`. */
export const shownRoute = route.reading(
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
);

const EXPRESSED: ReadonlySet<string> = new Set([
  ...['family', 'dstLength', 'srcLength', 'tos', 'table8', 'protocol', 'scope', 'type', 'flags'],
  ...['dst', 'gateway', 'via', 'index', 'preferredSource', 'metric', 'metrics', 'nexthops', 'table'],
  ...['source', 'flow', 'preference', 'encapType', 'encap', 'nexthopId'],
  // counters and clocks, and what only an answer to `getRoute` has, which repeats the question
  ...['cacheinfo', 'expires', 'inputIndex', 'mark', 'uid', 'ipProtocol', 'sourcePort', 'destinationPort'],
]);
const EXPRESSED_HOP: ReadonlySet<string> = new Set([
  ...['gateway', 'via', 'index', 'hops', 'flags', 'encapType', 'encap', 'flow'],
]);

/** @internal */
export type ShownRouteMessage = ReturnType<typeof shownRoute.read>;

/** @internal */
export function toRoute(message: ShownRouteMessage): Route {
  const family: Family = message.family === AF[4] ? 4 : 6;
  const table = message.table ?? message.table8;
  const { tos, preference, cacheinfo, source, srcLength } = message;
  return assignDefined(
    {
      to: destination(message, family),
      family,
      type: message.type,
      table: tableName(table),
      protocol: message.protocol,
      scope: message.scope,
      flags: flagNames(RTNH_F, message.flags),
      ...toMetrics(message.metrics),
    },
    {
      via: message.gateway ?? message.via?.address,
      index: message.index,
      src: message.preferredSource,
      metric: message.metric,
      nexthops: message.nexthops?.map(toNexthop),
      nexthopId: message.nexthopId,
      encap: toEncap(message),
      tos: tos === 0 ? undefined : tos,
      from: source === undefined ? undefined : network(source, srcLength, family),
      expires: cacheinfo === undefined || cacheinfo.expires === 0 ? undefined : seconds(cacheinfo.expires),
      preference: preference === 'medium' ? undefined : preference,
      realms: toRealms(message.flow),
      unknown: unknownOf(message),
    },
  );
}

const USER_HZ = 100;

// at least one, because a route that is added with none does not expire
const seconds = (ticks: number) => Math.max(1, Math.trunc(ticks / USER_HZ));

function unknownOf(message: ShownRouteMessage): UnknownAttributes | undefined {
  const own = unexpressed(message, EXPRESSED);
  const left = unexpressedMetrics(message.metrics);
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
