import { withoutZone } from '../netns/zone';
import { indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import type { Request } from '../netlink/object';
import { encapDevice } from './encap';
import { deviceOf, type IndexOf, type NexthopOptions } from './route-ways';

type WayOptions = Pick<NexthopOptions, 'via' | 'device' | 'index' | 'encap'>;

/** What a route says of its ways, whatever its family is. */
export interface WaysOptions extends WayOptions {
  readonly nexthops?: readonly WayOptions[];
}

/** The options with the devices that zones name: `via: 'fe80::1%eth0'`. */
export function withoutZones<O extends WaysOptions>(options: O): O {
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

/** The devices that a route or a way names, with what an error calls them. */
function devicesOf(hop: WayOptions, path = '') {
  return [
    [deviceCalled(hop, path), deviceOf(hop)],
    [`${path}encap.device`, encapDevice(hop.encap)],
  ] as const;
}

function hopWithoutZone<O extends WayOptions>(hop: O, option: string): O {
  const { address, device } = withoutZone(hop.via, hop.device, option);
  if (address === hop.via) return hop;
  const found = { ...hop, via: address, device };
  if (hop.device === undefined) zoned.add(found);
  return found;
}

/**
 * Sends a request for a route. The request is built once before a device's name is looked up, so that wrong options are
 * refused before any system call. Where there is no name to look up, the request is queued before this returns.
 */
export async function requestRoute(
  netns: Netns,
  options: WaysOptions,
  build: (index: IndexOf) => Request<undefined>,
): Promise<undefined> {
  const devices = [
    ...devicesOf(options),
    ...(options.nexthops ?? []).flatMap((hop, i) => devicesOf(hop, `nexthops[${i}].`)),
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
