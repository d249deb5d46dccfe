import { indexOf } from '../netns/device';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { streamDump } from '../netns/stream-dump';
import { checkOptions } from '../common/options';
import { type Attempt, ignoring } from '../netlink/error';
import { defined } from '../common/objects';
import { route, type RouteMessage } from '../netlink/rtnetlink/route';
import { dumpFilter, ROUTE_FILTER, type RouteFilter, routeMatcher } from './route-filter';
import { type Route, listedRoute, toRoute } from './route-view';

/**
 * The routes of a namespace, in the kernel's order: without a filter, those of the table 'main'. Those of the kernel's route
 * cache are left out.
 *
 * @see rtnetlink(7) RTM_GETROUTE, ip-route(8): `ip route show`
 * @example
 * ```ts
 * const [route] = await listRoutes(red, { device: 'eth0' });
 * console.log(route?.to, route?.protocol); // 10.0.0.0/24 kernel
 * ```
 */
export async function listRoutes(netns: Netns, filter: RouteFilter = {}): Promise<Route[]> {
  checkFilter(netns, filter);
  const isMeant = routeMatcher(filter);
  const attempt = attemptTo('list', filter);
  const request = listedRoute.list(await kernelFilter(netns, filter, attempt), attempt, (found) =>
    isMeant(found) ? toRoute(found) : undefined,
  );
  // a table that never held a route does not exist; the list treats it as an empty table
  return (await netns.request(request).catch(ignoring('ENOENT'))) ?? [];
}

/**
 * The same routes one by one, in memory that does not grow with the table: for tables of hundreds of thousands of routes. The
 * kernel lists on while the loop takes what it has listed, by a socket that is the iterator's own, and is closed when the loop
 * ends, by `return()` of an iterator without a loop, or with the handle. An iterator for which nobody waits does not keep the process alive. A route that is added or removed meanwhile may be there or not, as with `ip route show`.
 *
 * @throws {@link DumpInterruptedError} where the kernel reports that the table has changed meanwhile. Unlike `listRoutes`, the
 * iterator cannot begin again, because it has handed over routes by then.
 * @example
 * ```ts
 * for await (const { to, metric } of iterateRoutes(red, { table: 'all', family: 4 })) {
 *   if (metric !== undefined) console.log(to, metric);
 * }
 * ```
 */
export function iterateRoutes(netns: Netns, filter: RouteFilter = {}): AsyncIterableIterator<Route> {
  checkFilter(netns, filter);
  const isMeant = routeMatcher(filter);
  const attempt = attemptTo('list', filter);
  return streamDump(netns, attempt, {
    request: async () => route.dump(await kernelFilter(netns, filter, attempt), attempt),
    read: (message) => {
      const found = listedRoute.read(message);
      return isMeant(found) ? toRoute(found) : undefined;
    },
    noneAfter: 'ENOENT',
  });
}

/**
 * Removes all routes that a filter chooses: those that `listRoutes` returns for it, also those with attributes that no option
 * expresses. A route that has gone since is no failure. A filter without anything but a family is refused, because nobody is
 * reached without routes: `{ table: 'main' }` says that it is meant.
 *
 * @returns how many there were.
 * @throws {@link NetlinkError} EPERM.
 * @see ip-route(8): `ip route flush`
 * @example
 * ```ts
 * await addRoute(red, { to: '10.9.0.0/16', via: '10.0.0.2', protocol: 'static' });
 * console.log(await flushRoutes(red, { protocol: 'static' })); // 1
 * ```
 */
export async function flushRoutes(netns: Netns, filter: RouteFilter): Promise<number> {
  checkFilter(netns, filter);
  const { family: _, ...rest } = filter;
  if (Object.keys(defined(rest)).length === 0) {
    throw new TypeError("filter: expected what the routes have, such as { table: 'main' }");
  }
  const isMeant = routeMatcher(filter);
  const attempt = attemptTo('flush', filter);
  const request = route.dump(await kernelFilter(netns, filter, attempt), attempt);
  const listed = (await netns.request(request).catch(ignoring('ENOENT'))) ?? [];
  const removals = listed.filter(isMeant).map((found) => route.remove(toRemove(found), attempt));
  const results = await Promise.allSettled(removals.map(async (removal) => netns.request(removal)));
  for (const result of results) {
    // one that has gone since, or with another one
    if (result.status === 'rejected' && (result.reason as { code?: string }).code !== 'ESRCH') {
      throw result.reason;
    }
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
}

function checkFilter(netns: Netns, filter: RouteFilter): void {
  checkNetns(netns);
  checkOptions(filter, ROUTE_FILTER, { whole: 'filter' });
}

function attemptTo(verb: string, { device }: RouteFilter): Attempt {
  return { operation: `${verb} routes${device === undefined ? '' : ' by'}`, device };
}

async function kernelFilter(netns: Netns, filter: RouteFilter, attempt: Attempt) {
  const { device } = filter;
  return dumpFilter(filter, device === undefined ? undefined : await indexOf(netns, device, attempt));
}

/**
 * The request that removes a listed route, and no other one. Flags show what a device does. The way of a route by a next hop
 * object is listed with it, and the kernel (6.18) refuses a request that has both.
 */
function toRemove(listed: RouteMessage): RouteMessage {
  const { cacheinfo: _, nexthops, ...found } = listed;
  const ways = nexthops?.map((hop) => ({ ...hop, flags: 0 }));
  const all = { ...found, flags: 0, ...defined({ nexthops: ways }) };
  if (listed.nexthopId === undefined) return all;
  const { gateway: _g, via: _v, index: _i, nexthops: _n, encap: _e, encapType: _t, ...byObject } = all;
  return byObject;
}
