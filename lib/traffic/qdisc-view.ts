import { assignDefined } from '../common/objects';
import { qdiscKinds, type QdiscKindViews } from '../netlink/rtnetlink/qdiscs';
import { kindStatisticsOf, type QdiscKindStatistics } from '../netlink/rtnetlink/qdiscs/kind-statistics';
import { fromSizeTable, type SizeTable } from '../netlink/rtnetlink/qdiscs/size-table';
import { qdisc } from '../netlink/rtnetlink/traffic';
import { handleText, parentText } from './handle';
import { type AnyKind, findIn } from './kind-request';
import { type TrafficStatistics, withOwnStatistics } from './statistics';

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
  /** What each packet counts, where that is not its own length. */
  sizeTable?: SizeTable;
  /** Number of the block of filters that it shares for what the device receives. */
  ingressBlock?: number;
  /** The same for what leaves the device. */
  egressBlock?: number;
  /** TCA_OPTIONS in bytes, of a kind whose options the library does not know. */
  data?: Uint8Array;
}

/** @internal Requests whose replies become a `Qdisc`. */
export const shownQdisc = qdisc.reading(
  ...(['kind', 'options', 'statistics', 'sizeTable', 'ingressBlock', 'egressBlock'] as const),
);

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

/** @internal */
export function toQdisc(message: Message): Qdisc {
  return assignDefined(
    {
      index: message.index,
      kind: message.kind ?? '',
      handle: handleText(message.handle),
      parent: parentText(message.parent),
      statistics: withOwnStatistics(message, kindStatisticsOf),
    },
    {
      sizeTable: message.sizeTable && fromSizeTable(message.sizeTable),
      ingressBlock: message.ingressBlock,
      egressBlock: message.egressBlock,
      ...ownView(qdiscKinds as Readonly<Record<string, AnyKind>>, message),
    },
  );
}
