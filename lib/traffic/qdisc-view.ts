import { assignDefined } from '../common/objects';
import { qdiscKinds, type QdiscKindViews } from '../netlink/rtnetlink/qdiscs';
import { kindStatisticsOf, type QdiscKindStatistics } from '../netlink/rtnetlink/qdiscs/kind-statistics';
import type { KindStatistics } from '../netlink/rtnetlink/qdiscs/statistics';
import { qdisc } from '../netlink/rtnetlink/traffic';
import { handleText, parentText } from './handle';
import { type AnyKind, findIn } from './kind-request';
import { toStatistics, type TrafficStatistics } from './statistics';

/** What passed a queueing discipline; what its kind counts besides is under the kind's name. */
export interface QdiscStatistics extends TrafficStatistics, QdiscKindStatistics {}

/** A queueing discipline: what decides when the packets of a device leave. What its kind has of its own is under the kind's name. */
export interface Qdisc extends QdiscKindViews {
  /** Index of the device. */
  index: number;
  /** 'netem', 'tbf'; 'noqueue' and others are what the kernel gives a device. */
  kind: string;
  /** '1:'; '0:' of what the kernel gave the device. */
  handle: string;
  /** 'root', 'ingress', or the class that it belongs to: '1:10'. */
  parent: string;
  /** What passed it. */
  statistics: QdiscStatistics;
  /** TCA_OPTIONS in bytes, of a kind whose options the library does not know. */
  data?: Uint8Array;
}

/** @internal Requests whose replies become a `Qdisc`. */
export const shownQdisc = qdisc.reading('kind', 'options', 'statistics');

type Message = ReturnType<typeof shownQdisc.read>;

/** @internal What a kind reports of its own, under its name; of a kind that is not known, in bytes. */
export function ownView<T extends AnyKind>(
  kinds: Readonly<Record<string, T>>,
  { kind = '', options }: { kind?: string; options?: unknown },
): object {
  if (options === undefined) return {};
  const known = findIn(kinds, kind);
  return known === undefined ? { data: options } : { [kind]: known.toView(options) };
}

const COUNTED: Readonly<Record<string, KindStatistics<object>>> = kindStatisticsOf;

function toQdiscStatistics({ kind = '', statistics }: Message): QdiscStatistics {
  const counted = findIn(COUNTED, kind);
  const own = statistics?.own;
  return { ...toStatistics(statistics), ...(counted && own && { [kind]: counted.read(own) }) };
}

/** @internal */
export function toQdisc(message: Message): Qdisc {
  return assignDefined(
    {
      index: message.index,
      kind: message.kind ?? '',
      handle: handleText(message.handle),
      parent: parentText(message.parent),
      statistics: toQdiscStatistics(message),
    },
    ownView(qdiscKinds as Readonly<Record<string, AnyKind>>, message),
  );
}
