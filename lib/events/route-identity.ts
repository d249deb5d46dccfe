import { isDeepStrictEqual } from 'node:util';
import { NLM_F_APPEND, NLM_F_REPLACE } from '../netlink/message';
import { type Route, toRoute } from '../routes/route-view';
import type { RouteMessage } from '../netlink/rtnetlink/route';
import type { Entry, Said } from './store';

// Routes have no number. What tells of one names its destination, table and metric, and there may be several of the
// same: which of them it is about is for the flags of the message to say, and different with IPv4 and IPv6.

/** RTM_F_CLONED of linux/rtnetlink.h: of the route cache, not of a table. */
const RTM_F_CLONED = 0x200;

/** Made by a router's advertisement, or by a redirect: these the kernel never joins to a multipath route. */
const ALONE: readonly unknown[] = ['ra', 'redirect'];

interface Hop {
  via?: string;
  index?: number;
}

/** What a message says of the routes of its destination, table and metric. */
export function routeSaid(message: RouteMessage, removed: boolean, flags: number): Said | undefined {
  if ((message.flags & RTM_F_CLONED) !== 0) return undefined;
  const { family, dst = '', dstLength, source = '', srcLength, tos, metric = 0 } = message;
  const table = message.table ?? message.table8;
  const key = `${family} ${table} ${dst}/${dstLength} ${source}/${srcLength} ${tos} ${metric}`;
  const entry = toEntry(toRoute(message));
  return {
    key,
    change: (before) => {
      const routes = before as readonly Entry<Route>[];
      return removed ? without(routes, entry) : having(routes, entry, flags);
    },
  };
}

/** The order of IPv6's hops says nothing: an event begins with the one that is new, a dump with the oldest. */
function toEntry(route: Route): Entry<Route> {
  if (route.family === 4 || route.nexthops === undefined) return { value: route, compared: route };
  const place = ({ index, via = '' }: Hop) => `${index} ${via}`;
  const nexthops = route.nexthops.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  return { value: route, compared: { ...route, nexthops } };
}

function having(
  before: readonly Entry<Route>[],
  entry: Entry<Route>,
  flags: number,
): readonly Entry<Route>[] {
  const at = replacedBy(before, entry.value, flags);
  if (at !== -1) return before.toSpliced(at, 1, entry);
  // where a lookup comes to it: last, or with IPv4 before the others unless it was appended
  const last = entry.value.family === 6 || (flags & NLM_F_APPEND) !== 0;
  return last ? [...before, entry] : [entry, ...before];
}

/** Which of them the new one takes the place of: -1 for none. */
function replacedBy(before: readonly Entry<Route>[], route: Route, flags: number): number {
  const told = before.findIndex(({ value }) => isSame(value, route));
  if (told !== -1) return told;
  const replaces = (flags & NLM_F_REPLACE) !== 0;
  if (route.family === 4) return replaces && before.length > 0 ? 0 : -1;
  // IPv6 joins those by gateways to one multipath route, and tells of it as a whole each time one comes
  const joined = before.findIndex(({ value }) => isJoined(value) === isJoined(route));
  if (replaces) return joined === -1 && before.length > 0 ? 0 : joined;
  return isJoined(route) ? joined : -1;
}

function without(before: readonly Entry<Route>[], { value: route }: Entry<Route>): readonly Entry<Route>[] {
  const at = before.findIndex(({ value }) => isSame(value, route));
  if (at !== -1) return before.toSpliced(at, 1);
  // IPv6 tells of a hop that is taken away as if it were the route
  const gone = hops(route);
  const within = before.findIndex(({ value }) => gone.every((hop) => hops(value).some(equal(hop))));
  const found = before[within]?.value;
  if (route.family === 4 || found === undefined) return before;
  return before.toSpliced(within, 1, toEntry(less(found, gone)));
}

/** IPv4 tells two by all that they say, IPv6 by where they lead. The flags tell how a device is, not which it is. */
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

function hops({ nexthops, via, index }: Route): readonly Hop[] {
  return nexthops ?? [{ ...(via !== undefined && { via }), ...(index !== undefined && { index }) }];
}

function equal(one: Hop): (other: Hop) => boolean {
  return (other) => one.via === other.via && one.index === other.index;
}

/** Where one hop is left, the kernel tells of it as of a route that never had more. */
function less(route: Route, gone: readonly Hop[]): Route {
  const { nexthops, ...rest } = route;
  const left = (nexthops ?? []).filter((hop) => !gone.some(equal(hop)));
  const [last] = left;
  if (left.length !== 1 || last === undefined) return { ...rest, nexthops: left };
  const { via, index, flags } = last;
  return {
    ...rest,
    flags: [...new Set([...rest.flags, ...flags])],
    index,
    ...(via !== undefined && { via }),
  };
}
