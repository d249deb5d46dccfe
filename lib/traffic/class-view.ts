import { assignDefined } from '../common/objects';
import { classKinds, type ClassKindViews } from '../netlink/rtnetlink/qdiscs';
import { type ClassKindStatistics, classStatisticsOf } from '../netlink/rtnetlink/qdiscs/class-statistics';
import { TC_H, trafficClass } from '../netlink/rtnetlink/traffic';
import { handleText, parentText } from './handle';
import type { AnyKind } from './kind-request';
import { ownView } from './qdisc-view';
import { type TrafficStatistics, withOwnStatistics } from './statistics';

/** What passed a class; what its kind counts besides is under the kind's name. */
export interface ClassStatistics extends TrafficStatistics, ClassKindStatistics {}

/** A class of a queueing discipline. What its kind has of its own is under the kind's name. */
export interface TrafficClass extends ClassKindViews {
  /** Index of the device. */
  index: number;
  /** The kind of its queueing discipline: 'htb'. */
  kind: string;
  /** '1:10' */
  handle: string;
  /** The class that it is a part of, '1:1'; 'root' is the queueing discipline. */
  parent: string;
  /** Handle of the queueing discipline that its packets wait in, where the kernel tells it: '10:'. */
  leaf?: string;
  /** What passed it. */
  statistics: ClassStatistics;
  /** TCA_OPTIONS in bytes, of a kind whose options the library does not know. */
  data?: Uint8Array;
}

/** @internal */
export const CLASS_KINDS = classKinds as Readonly<Record<string, AnyKind>>;

/** @internal Requests whose replies become a `TrafficClass`. */
export const shownClass = trafficClass.reading('kind', 'options', 'statistics');

/** @internal The kernel lists them by the hashes of their numbers (6.1). */
export function parentsFirst(classes: readonly TrafficClass[]): TrafficClass[] {
  const found = new Map(classes.map((one) => [one.handle, one]));
  const depth = ({ parent }: TrafficClass): number => {
    const above = found.get(parent);
    return above === undefined ? 0 : depth(above) + 1;
  };
  return classes
    .map((one) => ({ one, depth: depth(one) }))
    .sort((one, other) => one.depth - other.depth)
    .map(({ one }) => one);
}

/** @internal */
export function toClass(message: ReturnType<typeof shownClass.read>): TrafficClass {
  return assignDefined(
    {
      index: message.index,
      kind: message.kind ?? '',
      handle: handleText(message.handle),
      parent: parentText(message.parent),
      statistics: withOwnStatistics(message, classStatisticsOf),
    },
    {
      leaf: message.info === TC_H.unspec ? undefined : handleText(message.info),
      ...ownView(CLASS_KINDS, message),
    },
  );
}
