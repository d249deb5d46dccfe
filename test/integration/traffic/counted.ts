import type { QdiscKindStatistics } from '../../../lib';
import type { Json } from '../../support/ip';

type Counted<V> = Readonly<Record<string, (found: NonNullable<V>) => unknown>>;

const near = (value: number) => expect.closeTo(value, 6) as unknown;

/** What `tc -s -j qdisc` calls what kinds count. */
const COUNTED: { readonly [K in keyof QdiscKindStatistics]-?: Counted<QdiscKindStatistics[K]> } = {
  cake: {
    memory_used: ({ memory }) => memory,
    memory_limit: ({ memoryLimit }) => memoryLimit,
    capacity_estimate: ({ capacity }) => capacity / 8,
    min_network_size: ({ minPacket }) => minPacket,
    max_network_size: ({ maxPacket }) => maxPacket,
    min_adj_size: ({ minAdjusted }) => minAdjusted,
    max_adj_size: ({ maxAdjusted }) => maxAdjusted,
    avg_hdr_offset: ({ averageOffset }) => averageOffset,
    tins: ({ tins }) =>
      tins.map((tin) => ({
        threshold_rate: tin.rate / 8,
        sent_bytes: tin.bytes,
        backlog_bytes: tin.backlog,
        target_us: near(tin.target * 1000),
        interval_us: near(tin.interval * 1000),
        peak_delay_us: near(tin.peakDelay * 1000),
        avg_delay_us: near(tin.averageDelay * 1000),
        base_delay_us: near(tin.baseDelay * 1000),
        sent_packets: tin.packets,
        way_indirect_hits: tin.indirectHits,
        way_misses: tin.misses,
        way_collisions: tin.collisions,
        drops: tin.drops,
        ecn_mark: tin.ecnMarks,
        ack_drops: tin.acksDropped,
        sparse_flows: tin.sparseFlows,
        bulk_flows: tin.bulkFlows,
        unresponsive_flows: tin.unresponsiveFlows,
        max_pkt_len: tin.maxPacket,
        flow_quantum: tin.quantum,
      })),
  },
  choke: {
    marked: ({ marked }) => marked,
    early: ({ early }) => early,
    pdrop: ({ overLimit }) => overLimit,
    other: ({ other }) => other,
    matched: ({ matched }) => matched,
  },
  codel: {
    count: ({ count }) => count,
    lastcount: ({ lastCount }) => lastCount,
    ldelay: ({ delay }) => delay * 1000,
    dropping: ({ dropping }) => dropping,
    drop_next: ({ dropNext }) => Math.max(0, dropNext * 1000),
    maxpacket: ({ maxPacket }) => maxPacket,
    ecn_mark: ({ ecnMarks }) => ecnMarks,
    drop_overlimit: ({ dropsOverLimit }) => dropsOverLimit,
    ce_mark: ({ ceMarks }) => ceMarks,
  },
  fq: {
    flows: ({ flows }) => flows,
    inactive: ({ inactiveFlows }) => inactiveFlows,
    // tc 6.1 has two numbers of this name, of which JSON.parse returns the second one
    throttled: ({ throttled }) => throttled,
    next_packet_delay: () => expect.any(Number) as unknown,
    latency: ({ unthrottleLatency }) => unthrottleLatency,
    gc: ({ collected }) => collected,
    highprio: ({ highPriority }) => highPriority,
    ce_mark: ({ ceMarks }) => ceMarks,
    flows_plimit: ({ overFlowLimit }) => overFlowLimit,
  },
  fq_codel: {
    maxpacket: ({ maxPacket }) => maxPacket,
    drop_overlimit: ({ dropsOverLimit }) => dropsOverLimit,
    new_flow_count: ({ newFlows }) => newFlows,
    ecn_mark: ({ ecnMarks }) => ecnMarks,
    ce_mark: ({ ceMarks }) => ceMarks,
    drop_overmemory: ({ dropsOverMemory }) => dropsOverMemory,
    memory_used: ({ memory }) => memory,
    new_flows_len: ({ newFlowsNow }) => newFlowsNow,
    old_flows_len: ({ oldFlowsNow }) => oldFlowsNow,
  },
  fq_pie: {
    pkts_in: ({ packets }) => packets,
    overlimit: ({ overLimit }) => overLimit,
    overmemory: ({ overMemory }) => overMemory,
    dropped: ({ dropped }) => dropped,
    ecn_mark: ({ ecnMarks }) => ecnMarks,
    new_flow_count: ({ newFlows }) => newFlows,
    new_flows_len: ({ newFlowsNow }) => newFlowsNow,
    old_flows_len: ({ oldFlowsNow }) => oldFlowsNow,
    memory_used: ({ memory }) => memory,
  },
  hhf: {
    drop_overlimit: ({ dropsOverLimit }) => dropsOverLimit,
    hh_overlimit: ({ flowsOverLimit }) => flowsOverLimit,
    tot_hh: ({ allFlows }) => allFlows,
    cur_hh: ({ flows }) => flows,
  },
  pie: {
    prob: ({ probability }) => near(probability / 100),
    delay: ({ delay }) => delay * 1000,
    avg_dq_rate: ({ rate }) => (rate ?? 0) / 8,
    pkts_in: ({ packets }) => packets,
    overlimit: ({ overLimit }) => overLimit,
    dropped: ({ dropped }) => dropped,
    maxq: ({ maxQueue }) => maxQueue,
    ecn_mark: ({ ecnMarks }) => ecnMarks,
  },
  red: {
    marked: ({ marked }) => marked,
    early: ({ early }) => early,
    pdrop: ({ overLimit }) => overLimit,
    other: ({ other }) => other,
  },
  sfb: {
    earlydrop: ({ earlyDrops }) => earlyDrops,
    penaltydrop: ({ penaltyDrops }) => penaltyDrops,
    bucketdrop: ({ bucketDrops }) => bucketDrops,
    queuedrop: ({ queueDrops }) => queueDrops,
    childdrop: ({ childDrops }) => childDrops,
    marked: ({ marked }) => marked,
    maxqlen: ({ maxQueue }) => maxQueue,
    maxprob: ({ maxProbability }) => near(maxProbability / 100),
    avgprob: ({ averageProbability }) => near(averageProbability / 100),
  },
};

/** Compares what a kind has counted with all that tc shows beside what all kinds have. */
export function seenCounts(kind: string, statistics: QdiscKindStatistics, said: Json): void {
  const fields = (COUNTED as unknown as Readonly<Record<string, Counted<object>>>)[kind] ?? {};
  const found = (statistics as Readonly<Record<string, object>>)[kind] ?? {};
  for (const [name, value] of Object.entries(said)) {
    // a field that is not in the table is one that listQdiscs does not return
    expect([name, value]).toEqual([name, fields[name] === undefined ? 'missing' : fields[name](found)]);
  }
}
