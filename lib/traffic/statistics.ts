import type { KindStatistics } from '../netlink/rtnetlink/qdiscs/statistics';
import type { qdisc } from '../netlink/rtnetlink/traffic';
import { findIn } from './kind-request';

/** What passed a queueing discipline or a class. */
export interface TrafficStatistics {
  /** Bytes that were sent. */
  bytes: number;
  /** Packets that were sent. */
  packets: number;
  /** Packets that were dropped. */
  drops: number;
  /** How often a packet had to wait, because of a rate or a limit. */
  overlimits: number;
  /** Packets that came back, because the device could not take them. */
  requeues: number;
  /** Bytes that wait. */
  backlog: number;
  /** Packets that wait. */
  qlen: number;
}

type Reported = Pick<ReturnType<typeof qdisc.read>, 'statistics'>['statistics'];

/** @internal The packets are in an attribute of their own where they are more than 32 bits (5.7). */
export function toStatistics({ basic, packets, queue }: NonNullable<Reported> = {}): TrafficStatistics {
  return {
    bytes: basic?.bytes ?? 0,
    packets: packets ?? basic?.packets ?? 0,
    drops: queue?.drops ?? 0,
    overlimits: queue?.overlimits ?? 0,
    requeues: queue?.requeues ?? 0,
    backlog: queue?.backlog ?? 0,
    qlen: queue?.qlen ?? 0,
  };
}

type Counted = Readonly<Record<string, KindStatistics<object>>>;

/** @internal The same with what the kind counts of its own, under its name. */
export function withOwnStatistics(
  { kind = '', statistics }: { kind?: string; statistics?: Reported },
  counted: Counted,
): TrafficStatistics {
  const known = findIn(counted, kind);
  const own = statistics?.own;
  return { ...toStatistics(statistics), ...(known && own && { [kind]: known.read(own) }) };
}
