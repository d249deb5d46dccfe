import { AF, type Family } from '../common/check';
import { assignDefined, defined, flagNames } from '../common/objects';
import { shown } from '../common/shown';
import { type Nexthop, RTNH_F } from '../netlink/rtnetlink/nexthops';
import { type PROTOCOLS, route, type ROUTE_TYPES } from '../netlink/rtnetlink/route';
import { type UnknownAttributes, unexpressed } from './unexpressed';
import type { SCOPES } from '../netlink/rtnetlink/address';

/** linux/rtnetlink.h, RT_TABLE_* */
const TABLES = { default: 253, main: 254, local: 255 } as const;

const TABLE_NAMES = new Map<number, TableName>();
for (const name of Object.keys(TABLES) as (keyof typeof TABLES)[]) TABLE_NAMES.set(TABLES[name], name);

/**
 * One of the three tables that have names, or a number from 1 to 4294967295.
 *
 * @useDeclaredType
 */
export type TableName = keyof typeof TABLES | number;

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
  /** What the way has that no other property expresses: an encapsulation, for example. */
  unknown?: UnknownAttributes;
}

/** A route as rtnetlink(7) describes it. */
export interface Route {
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
  /** Bytes. */
  mtu?: number;
  /** Several ways instead of one. */
  nexthops?: RouteNexthop[];
  /** What the route has that no other property expresses: an encapsulation, a next hop object (`nexthopId`), … */
  unknown?: UnknownAttributes;
}

/** @internal */
export function tableNumber(table: TableName): number {
  const number = typeof table === 'number' ? table : TABLES[table];
  if (!Number.isInteger(number) || number < 1 || number > 0xffffffff) {
    throw new RangeError(
      `table: expected ${Object.keys(TABLES).join(', ')} or a number from 1 to 4294967295, got ${shown(table)}`,
    );
  }
  return number;
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
  'encapType',
  'encap',
  'ttlPropagate',
  'nexthopId',
  'unknown',
);

const EXPRESSED: ReadonlySet<string> = new Set([
  ...['family', 'dstLength', 'table8', 'protocol', 'scope', 'type', 'flags'],
  ...['dst', 'gateway', 'via', 'index', 'preferredSource', 'metric', 'metrics', 'nexthops', 'table'],
  // counters and clocks, and what only an answer to `getRoute` has, which repeats the question
  ...['cacheinfo', 'expires', 'inputIndex', 'mark', 'uid', 'ipProtocol', 'sourcePort', 'destinationPort'],
]);
const EXPRESSED_METRICS: ReadonlySet<string> = new Set(['mtu']);
const EXPRESSED_HOP: ReadonlySet<string> = new Set(['gateway', 'via', 'index', 'hops', 'flags']);

/** @internal */
export type ShownRouteMessage = ReturnType<typeof shownRoute.read>;

/** @internal */
export function toRoute(message: ShownRouteMessage): Route {
  const family: Family = message.family === AF[4] ? 4 : 6;
  const table = message.table ?? message.table8;
  return assignDefined(
    {
      to: destination(message, family),
      family,
      type: message.type,
      table: tableName(table),
      protocol: message.protocol,
      scope: message.scope,
      flags: flagNames(RTNH_F, message.flags),
    },
    {
      via: message.gateway ?? message.via?.address,
      index: message.index,
      src: message.preferredSource,
      metric: message.metric,
      mtu: message.metrics?.mtu,
      nexthops: message.nexthops?.map(toNexthop),
      unknown: unknownOf(message),
    },
  );
}

function unknownOf(message: ShownRouteMessage): UnknownAttributes | undefined {
  const own = unexpressed(message, EXPRESSED);
  const metrics = message.metrics && unexpressed(message.metrics, EXPRESSED_METRICS);
  return metrics === undefined ? own : { ...own, metrics };
}

function destination({ dst, dstLength }: ShownRouteMessage, family: Family): string {
  const bits = family === 4 ? 32 : 128;
  if (dst === undefined)
    return dstLength === 0 ? 'default' : `${family === 4 ? '0.0.0.0' : '::'}/${dstLength}`;
  return dstLength === bits ? dst : `${dst}/${dstLength}`;
}

/** @internal */
export function tableName(number: number): TableName {
  return TABLE_NAMES.get(number) ?? number;
}

function toNexthop(hop: Nexthop): RouteNexthop {
  const { gateway, via, index, hops, flags } = hop;
  return {
    ...defined({ via: gateway ?? via?.address }),
    index,
    weight: hops + 1,
    flags: flagNames(RTNH_F, flags),
    ...defined({ unknown: unexpressed(hop, EXPRESSED_HOP) }),
  };
}
