import type { Attempt } from '../netlink/error';
import type { Netns } from '../netns/netns';
import { qdiscsOf, UNNUMBERED } from './qdisc-request';
import type { Qdisc } from './qdisc-view';

/** Where filters stand in a queueing discipline. */
function placesIn({ kind, handle }: Qdisc): readonly string[] {
  if (kind === 'clsact') return ['ingress', 'egress'];
  if (kind === 'ingress') return ['ingress'];
  return handle === UNNUMBERED ? [] : [handle];
}

/** Where filters may stand on a device: the kernel lists those of one place at a time. */
export async function filterPlaces(
  netns: Netns,
  index: number,
  parent: string | undefined,
  attempt: Attempt,
): Promise<readonly string[]> {
  return parent === undefined ? (await qdiscsOf(netns, index, attempt)).flatMap(placesIn) : [parent];
}
