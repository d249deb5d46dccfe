import type { Attempt } from '../netlink/error';
import type { Request } from '../netlink/object';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { parseFilterParent } from './handle';
import { qdiscsOf, UNNUMBERED } from './qdisc-request';
import type { Qdisc } from './qdisc-view';

/** Where filters stand in a queueing discipline. */
function placesIn({ kind, handle }: Qdisc): readonly string[] {
  if (kind === 'clsact') return ['ingress', 'egress'];
  if (kind === 'ingress') return ['ingress'];
  return handle === UNNUMBERED ? [] : [handle];
}

/** What stands at one place. */
interface Found<T> {
  place: string;
  found: readonly T[];
}

/** Lists what stands at one place of a device, or at each where filters may stand: the kernel lists those of one place at a time. */
export async function dumpPlaces<T>(
  netns: Netns,
  device: Device,
  place: string | undefined,
  attempt: Attempt,
  dump: (filter: { index: number; parent: number }) => Request<T[]>,
): Promise<Found<T>[]> {
  const index = await indexOf(netns, device, attempt);
  const places = place === undefined ? (await qdiscsOf(netns, index, attempt)).flatMap(placesIn) : [place];
  return Promise.all(
    places.map(async (one) => {
      const parent = parseFilterParent(one);
      return { place: one, found: await netns.request(dump({ index, parent })) };
    }),
  );
}
