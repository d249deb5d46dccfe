import {
  AF,
  checkDevice,
  checkFamily,
  checkU32,
  type Family,
  familyNumber,
  parseDestination,
  parseIp,
} from '../common/check';
import { ipBytes } from '../common/ip-text';
import { defined } from '../common/objects';
import { integerFrom, oneOf, optionTable } from '../common/options';
import { shown } from '../common/shown';
import type { Device } from '../netns/device';
import { SCOPES } from '../netlink/rtnetlink/address';
import { PROTOCOLS, ROUTE_TYPES, type RouteMessage } from '../netlink/rtnetlink/route';
import { isRealms, type RouteRealms, toRealms } from './realms';
import { type TableName, tableNumber } from './route-table';
import type { Route, RouteType } from './route-view';

/** Which routes are meant: those to which all of this applies. */
export interface RouteFilter {
  /** Those of this family. */
  family?: Family;
  /** Those of this table, 'main' by default; 'all' for every table. */
  table?: TableName | 'all';
  /** Those by this device; a route of several ways by any of them. */
  device?: Device;
  /** Those that this one has made: 'static', 'kernel', 'bird', … */
  protocol?: Route['protocol'];
  /** Those of this type: 'unicast', 'blackhole', … */
  type?: RouteType | number;
  /** Those whose destination is this far away. */
  scope?: Route['scope'];
  /** Those over this gateway; a route of several ways by any of them. */
  via?: string;
  /** Those that prefer this source address. */
  src?: string;
  /** Those with this metric; 0 for IPv4 routes that have none. */
  metric?: number;
  /** IPv4: those for packets with exactly these bits in their TOS field; 0 for those of any. */
  tos?: number;
  /** Those with these realms; what is left out may be any. */
  realms?: RouteRealms;
  /** The route to exactly this destination: 'default', '10.0.0.0/8', one address. */
  to?: string;
  /** Those to this network, or to a part of it. */
  root?: string;
  /** Those that a packet to this address, or to all of this network, may take: to it, or to a network around it. */
  match?: string;
}

/** @internal */
export const ROUTE_FILTER = optionTable<RouteFilter>({
  family: checkFamily,
  table: (value) => {
    if (value !== 'all') tableNumber(value as TableName);
  },
  device: checkDevice,
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  type: oneOf(Object.keys(ROUTE_TYPES), { number: true }),
  scope: oneOf(Object.keys(SCOPES), { number: true }),
  via: parseIp,
  src: parseIp,
  metric: checkU32,
  tos: integerFrom(0, 0xff),
  realms: isRealms,
  to: parseDestination,
  root: parseDestination,
  match: parseDestination,
});

/** What the filters look at of a route, as the kernel lists it. */
export type FilteredRoute = Pick<
  RouteMessage,
  | 'family'
  | 'dst'
  | 'dstLength'
  | 'scope'
  | 'gateway'
  | 'via'
  | 'nexthops'
  | 'preferredSource'
  | 'metric'
  | 'protocol'
  | 'type'
  | 'tos'
  | 'flow'
>;

type Matches = (route: FilteredRoute) => boolean;

/**
 * What the kernel is asked for. It filters by what stands in the message, and refuses other fields of its header. To it, a
 * protocol or a type of 0 is any.
 */
export function dumpFilter({ family, table = 'main', protocol, type }: RouteFilter, index?: number) {
  return {
    family: familyNumber(family),
    ...defined({ protocol, type, index }),
    ...(table !== 'all' && { table: tableNumber(table) }),
  };
}

/** Whether a route is meant, as far as the kernel has not filtered. */
export function routeMatcher(filter: RouteFilter): Matches {
  const { family, scope, src, via, metric, tos, realms } = filter;
  const prefixes = (['to', 'root', 'match'] as const).map((option) => prefixMatcher(filter, option));
  // without a family the kernel lists routes of all families: MPLS, multicast. A kernel without IPv6 does so for that family, too.
  const [ipv4, ipv6] = family === undefined ? [AF[4], AF[6]] : [AF[family], AF[family]];
  const found: (Matches | undefined)[] = [
    (route) => route.family === ipv4 || route.family === ipv6,
    ...prefixes,
    ...(['protocol', 'type'] as const).map((option) => zeroMatcher(filter, option)),
    scope === undefined ? undefined : (route) => sameNumber(SCOPES, route.scope, scope),
    metric === undefined ? undefined : (route) => (route.metric ?? 0) === metric,
    tos === undefined ? undefined : (route) => route.tos === tos,
    realms === undefined ? undefined : realmsMatcher(realms),
    via === undefined ? undefined : gatewayMatcher(via),
    src === undefined ? undefined : (route) => isAddress(src)(route.preferredSource),
  ];
  const tests = found.filter((test) => test !== undefined);
  const [first] = tests;
  if (first !== undefined && tests.length === 1) return first;
  return (route) => tests.every((test) => test(route));
}

/** The kernel does not filter by the number 0, which is a protocol and a type, too. */
function zeroMatcher(filter: RouteFilter, option: 'protocol' | 'type'): Matches | undefined {
  const value = filter[option];
  return value === 'unspec' || value === 0 ? (route) => route[option] === 'unspec' : undefined;
}

function sameNumber(names: Readonly<Record<string, number>>, one: string | number, other: string | number) {
  const number = (value: string | number) => (typeof value === 'number' ? value : names[value]);
  return number(one) === number(other);
}

function isAddress(wanted: string): (address: string | undefined) => boolean {
  const bytes = ipBytes(wanted);
  return (address) => {
    if (address === undefined) return false;
    const found = ipBytes(address);
    return found.length === bytes.length && found.every((octet, i) => octet === bytes[i]);
  };
}

function gatewayMatcher(wanted: string): Matches {
  const matches = isAddress(wanted);
  return ({ gateway, via, nexthops = [] }) =>
    [{ gateway, via }, ...nexthops].some((hop) => matches(hop.gateway ?? hop.via?.address));
}

function realmsMatcher({ from, to }: RouteRealms): Matches {
  return ({ flow, nexthops = [] }) =>
    [{ flow }, ...nexthops]
      .map((way) => toRealms(way.flow) ?? {})
      .some((way) => (from ?? way.from) === way.from && (to ?? way.to) === way.to);
}

function prefixMatcher(filter: RouteFilter, option: 'to' | 'root' | 'match'): Matches | undefined {
  const wanted = filter[option];
  if (wanted === undefined) return undefined;
  const prefix = parseDestination(wanted, option);
  const { length, family } = prefix === 'default' ? { length: 0, family: filter.family } : prefix;
  if (filter.family !== undefined && family !== filter.family) {
    throw new RangeError(`${option}: expected an IPv${filter.family} network, got ${shown(wanted)}`);
  }
  const bytes = prefix === 'default' ? [] : ipBytes(prefix.address);
  const allows: Readonly<Record<typeof option, (routeLength: number) => boolean>> = {
    to: (routeLength) => routeLength === length,
    root: (routeLength) => routeLength >= length,
    match: (routeLength) => routeLength <= length,
  };
  return ({ dst, dstLength, family: of }) => {
    if ((family !== undefined && of !== AF[family]) || !allows[option](dstLength)) return false;
    const common = Math.min(length, dstLength);
    return common === 0 || sameBits(dst === undefined ? [] : ipBytes(dst), bytes, common);
  };
}

/** Whether the first bits of two addresses are the same; what is missing is 0. */
function sameBits(one: ArrayLike<number>, other: ArrayLike<number>, bits: number): boolean {
  for (let at = 0; 8 * at < bits; at++) {
    const mask = 0xff00 >> Math.min(8, bits - 8 * at);
    if ((((one[at] ?? 0) ^ (other[at] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}
