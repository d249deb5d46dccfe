import { checkDevice } from './check';
import type { Netns } from './netns';
import { link, type LinkMessage, RTEXT_FILTER_SKIP_STATS } from './route/link';

/** A device's name, or its index. */
export type Device = string | number;

/** @internal Lookups under way, so that a thousand requests for one bridge ask once. */
const lookups = new WeakMap<Netns, Map<string, Promise<number>>>();

/** @internal What addresses and routes name a device by. */
export async function indexOf(netns: Netns, device: Device, option = 'device'): Promise<number> {
  checkDevice(device, option);
  if (typeof device === 'number') return device;
  let pending = lookups.get(netns);
  if (pending === undefined) lookups.set(netns, (pending = new Map()));
  const before = pending.get(device);
  if (before !== undefined) return before;
  const lookup = find(netns, device, option).finally(() => pending.delete(device));
  pending.set(device, lookup);
  return lookup;
}

async function find(netns: Netns, name: string, option: string): Promise<number> {
  const request = link.get(
    { name, extMask: RTEXT_FILTER_SKIP_STATS },
    { operation: `find ${option}`, device: name },
  );
  return ((await netns.request(request)) as LinkMessage).index;
}
