import { isDeepStrictEqual } from 'node:util';
import { defined } from '../common/objects';
import { NLM_F_APPEND, NLM_F_REPLACE } from '../netlink/message';
import { type Route, type ShownRouteMessage, toRoute } from '../routes/route-view';
import type { Entry, Update } from './store';

// Routes have no number. A message about a route has its destination, table and metric, and several routes may have the
// same ones: which of them the message is about follows from its flags, and differently for IPv4 and IPv6.

/** RTM_F_CLONED of linux/rtnetlink.h: the route is in the cache, not in a table. */
const RTM_F_CLONED = 0x200;

/** Protocols of routes that the kernel never joins to a multipath route: router advertisement and redirect. */
const ALONE: readonly unknown[] = ['ra', 'redirect'];

interface Hop {
  via?: string;
  index?: number;
  /** What else IPv6 compares. */
  encap?: object;
  nexthopId?: number;
  unknown?: object;
}

/** What a message changes among the routes with its destination, table and metric. */
export function routeUpdate(message: ShownRouteMessage, removed: boolean, flags: number): Update | undefined {
  if ((message.flags & RTM_F_CLONED) !== 0) return undefined;
  const { family, dst = '', dstLength, source = '', srcLength, tos, metric = 0 } = message;
  const table = message.table ?? message.table8;
  const key = `${family} ${table} ${dst}/${dstLength} ${source}/${srcLength} ${tos} ${metric}`;
  const entry = toEntry(toRoute(message));
  return {
    key,
    change: (before) => {
      const routes = before as readonly Entry<Route>[];
      return removed ? withoutRoute(routes, entry) : withRoute(routes, entry, flags);
    },
  };
}

/**
 * The order of IPv6's hops has no meaning: an event begins with the newest hop, a dump with the oldest. And the time that a
 * route has left is no change.
 */
function toEntry(route: Route): Entry<Route> {
  if (route.family === 4) return { value: route, compared: route };
  const { expires: _, ...lasting } = route;
  if (route.nexthops === undefined) return { value: route, compared: lasting };
  const place = ({ index, via = '' }: Hop) => `${index} ${via}`;
  const nexthops = route.nexthops.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  return { value: route, compared: { ...lasting, nexthops } };
}

function withRoute(
  before: readonly Entry<Route>[],
  entry: Entry<Route>,
  flags: number,
): readonly Entry<Route>[] {
  const at = replacedBy(before, entry.value, flags);
  if (at !== -1) return before.toSpliced(at, 1, entry);
  // In the order of lookup: IPv6 puts a route last, IPv4 puts it first unless NLM_F_APPEND was given.
  const last = entry.value.family === 6 || (flags & NLM_F_APPEND) !== 0;
  return last ? [...before, entry] : [entry, ...before];
}

/** Index of the route that the new route takes the place of, or -1. */
function replacedBy(before: readonly Entry<Route>[], route: Route, flags: number): number {
  const known = before.findIndex(({ value }) => isSame(value, route));
  if (known !== -1) return known;
  const replaces = (flags & NLM_F_REPLACE) !== 0;
  if (route.family === 4) return replaces && before.length > 0 ? 0 : -1;
  // IPv6 joins routes by gateways to one multipath route, and reports all of its hops each time a hop is added.
  const joined = before.findIndex(({ value }) => isJoined(value) === isJoined(route));
  if (replaces) return joined === -1 && before.length > 0 ? 0 : joined;
  return isJoined(route) ? joined : -1;
}

function withoutRoute(
  before: readonly Entry<Route>[],
  { value: route }: Entry<Route>,
): readonly Entry<Route>[] {
  const at = before.findIndex(({ value }) => isSame(value, route));
  if (at !== -1) return before.toSpliced(at, 1);
  // IPv6 reports a hop that is removed as if it were a route that is removed.
  const gone = hops(route);
  const containing = before.findIndex(({ value }) => gone.every((hop) => hops(value).some(equal(hop))));
  const found = before[containing]?.value;
  if (route.family === 4 || found === undefined) return before;
  return before.toSpliced(containing, 1, toEntry(withoutHops(found, gone)));
}

/** IPv4 compares two routes by all their properties, IPv6 by their hops. Flags are left out: they show a device's state. */
function isSame(one: Route, other: Route): boolean {
  if (one.family === 4) return isDeepStrictEqual(unflagged(one), unflagged(other));
  const [some, others] = [hops(one), hops(other)];
  return some.length === others.length && some.every((hop) => others.some(equal(hop)));
}

function unflagged({ flags: _, nexthops, ...rest }: Route): object {
  return { ...rest, nexthops: nexthops?.map(({ flags: _, ...hop }) => hop) };
}

function isJoined(route: Route): boolean {
  return hops(route).every(({ via }) => via !== undefined) && !ALONE.includes(route.protocol);
}

function hops({ nexthops, via, index, encap, nexthopId }: Route): readonly Hop[] {
  if (nexthops !== undefined) return nexthops;
  return [defined({ via, index, encap, nexthopId })];
}

function equal(one: Hop): (other: Hop) => boolean {
  return (other) =>
    one.via === other.via &&
    one.index === other.index &&
    one.nexthopId === other.nexthopId &&
    isDeepStrictEqual([one.encap, one.unknown], [other.encap, other.unknown]);
}

/** The kernel reports a multipath route of which one hop is left as a route that never had more. */
function withoutHops(route: Route, gone: readonly Hop[]): Route {
  const { nexthops, ...rest } = route;
  const left = (nexthops ?? []).filter((hop) => !gone.some(equal(hop)));
  const [last] = left;
  if (left.length !== 1 || last === undefined) return { ...rest, nexthops: left };
  const { via, index, flags, encap } = last;
  return {
    ...rest,
    flags: [...new Set([...rest.flags, ...flags])],
    index,
    ...defined({ via, encap }),
  };
}
