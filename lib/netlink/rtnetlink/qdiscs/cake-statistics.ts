import { defined } from '../../../common/objects';
import { attributes, list } from '../../attributes';
import { Bytes } from '../../bytes';
import { padding, s32, u32, u64, type ValueOf } from '../../codec';
import type { KindStatistics } from './statistics';
import { converted, fromMicroseconds, toBitsPerSecond, toPercent } from './units';

const tinCodec = attributes({
  padding: [1, padding], // TCA_CAKE_TIN_STATS_PAD
  packets: [2, u32], // TCA_CAKE_TIN_STATS_SENT_PACKETS
  bytes: [3, u64], // TCA_CAKE_TIN_STATS_SENT_BYTES64
  drops: [4, u32], // TCA_CAKE_TIN_STATS_DROPPED_PACKETS
  droppedBytes: [5, u64], // TCA_CAKE_TIN_STATS_DROPPED_BYTES64
  acksDropped: [6, u32], // TCA_CAKE_TIN_STATS_ACKS_DROPPED_PACKETS
  acksDroppedBytes: [7, u64], // TCA_CAKE_TIN_STATS_ACKS_DROPPED_BYTES64
  ecnMarks: [8, u32], // TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS
  ecnMarkedBytes: [9, u64], // TCA_CAKE_TIN_STATS_ECN_MARKED_BYTES64
  qlen: [10, u32], // TCA_CAKE_TIN_STATS_BACKLOG_PACKETS
  backlog: [11, u32], // TCA_CAKE_TIN_STATS_BACKLOG_BYTES
  rate: [12, u64], // TCA_CAKE_TIN_STATS_THRESHOLD_RATE64
  target: [13, u32], // TCA_CAKE_TIN_STATS_TARGET_US
  interval: [14, u32], // TCA_CAKE_TIN_STATS_INTERVAL_US
  indirectHits: [15, u32], // TCA_CAKE_TIN_STATS_WAY_INDIRECT_HITS
  misses: [16, u32], // TCA_CAKE_TIN_STATS_WAY_MISSES
  collisions: [17, u32], // TCA_CAKE_TIN_STATS_WAY_COLLISIONS
  peakDelay: [18, u32], // TCA_CAKE_TIN_STATS_PEAK_DELAY_US
  averageDelay: [19, u32], // TCA_CAKE_TIN_STATS_AVG_DELAY_US
  baseDelay: [20, u32], // TCA_CAKE_TIN_STATS_BASE_DELAY_US
  sparseFlows: [21, u32], // TCA_CAKE_TIN_STATS_SPARSE_FLOWS
  bulkFlows: [22, u32], // TCA_CAKE_TIN_STATS_BULK_FLOWS
  unresponsiveFlows: [23, u32], // TCA_CAKE_TIN_STATS_UNRESPONSIVE_FLOWS
  maxPacket: [24, u32], // TCA_CAKE_TIN_STATS_MAX_SKBLEN
  quantum: [25, u32], // TCA_CAKE_TIN_STATS_FLOW_QUANTUM
});

/** TCA_STATS_APP of a cake, and of each of its queues that has packets. */
const codec = attributes({
  padding: [1, padding], // TCA_CAKE_STATS_PAD
  capacity: [2, u64], // TCA_CAKE_STATS_CAPACITY_ESTIMATE64
  memoryLimit: [3, u32], // TCA_CAKE_STATS_MEMORY_LIMIT
  memory: [4, u32], // TCA_CAKE_STATS_MEMORY_USED
  averageOffset: [5, u32], // TCA_CAKE_STATS_AVG_NETOFF
  minPacket: [6, u32], // TCA_CAKE_STATS_MIN_NETLEN
  maxPacket: [7, u32], // TCA_CAKE_STATS_MAX_NETLEN
  minAdjusted: [8, u32], // TCA_CAKE_STATS_MIN_ADJLEN
  maxAdjusted: [9, u32], // TCA_CAKE_STATS_MAX_ADJLEN
  tins: [10, list((i) => i + 1, tinCodec)], // TCA_CAKE_STATS_TIN_STATS
  deficit: [11, s32], // TCA_CAKE_STATS_DEFICIT
  count: [12, u32], // TCA_CAKE_STATS_COBALT_COUNT
  dropping: [13, u32], // TCA_CAKE_STATS_DROPPING
  dropNext: [14, s32], // TCA_CAKE_STATS_DROP_NEXT_US
  probability: [15, u32], // TCA_CAKE_STATS_P_DROP
  blueTimer: [16, s32], // TCA_CAKE_STATS_BLUE_TIMER_US
});

/** What one of the classes of a cake by the field DSCP counts: the lowest first, as tc-cake(8) has them. */
export interface CakeTin {
  /** Bits a second up to which its packets go before others. */
  rate: number;
  /** Milliseconds that packets may wait. */
  target: number;
  /** Milliseconds within which the wait has to come below the target. */
  interval: number;
  /** Milliseconds that packets waited: the longest of late, on average, and the shortest. */
  peakDelay: number;
  averageDelay: number;
  baseDelay: number;
  /** Packets and bytes that were sent. */
  packets: number;
  bytes: number;
  /** Packets and bytes that wait. */
  qlen: number;
  backlog: number;
  /** Packets and bytes that were dropped. */
  drops: number;
  droppedBytes: number;
  /** Acknowledgements that were dropped because of `ackFilter`, and their bytes. */
  acksDropped: number;
  acksDroppedBytes: number;
  /** Packets and bytes that were marked in the place of being dropped. */
  ecnMarks: number;
  ecnMarkedBytes: number;
  /** Packets whose queue was another one than their hash says, because that one was taken. */
  indirectHits: number;
  /** How often a connection had no queue yet. */
  misses: number;
  /** How often one had to share a queue. */
  collisions: number;
  /** Connections that send little. */
  sparseFlows: number;
  /** Connections that have packets waiting. */
  bulkFlows: number;
  /** Connections that do not slow down. */
  unresponsiveFlows: number;
  /** Bytes of the largest packet. */
  maxPacket: number;
  /** Bytes that a connection sends in its turn. */
  quantum: number;
}

/** What a cake counts. */
export interface CakeStatistics {
  /** Bits a second that the link can carry, as cake has it, which is the bandwidth unless `autorate` is on. */
  capacity: number;
  /** Bytes of memory that packets take, at most. */
  memory: number;
  /** Bytes of memory that they may take. */
  memoryLimit: number;
  /** Bytes of the smallest and the largest packet, as the network has them; 4294967295 and 0 before the first one. */
  minPacket: number;
  maxPacket: number;
  /** The same with what each counts more because of `overhead`, `mpu` and `framing`. */
  minAdjusted: number;
  maxAdjusted: number;
  /** Bytes in front of the network's header, on average. */
  averageOffset: number;
  /** What its classes count, the lowest first. */
  tins: CakeTin[];
}

/** What a queue of a cake counts, which `listClasses` lists while it has packets. */
export interface CakeFlowStatistics {
  /** Bytes that it may send in its turn. */
  deficit: number;
  /** How often packets were dropped or marked, one soon after another. */
  count: number;
  /** Whether packets are being dropped or marked. */
  dropping: boolean;
  /** Milliseconds up to the next one, while they are. */
  dropNext?: number;
  /** Percent of packets that are dropped by chance, because the queue is full. */
  probability: number;
  /** Milliseconds up to which that stays, where there is a chance. */
  blueTimer?: number;
}

/** What is not reported was not counted. */
const NOTHING: CakeTin = {
  ...{ rate: 0, target: 0, interval: 0, peakDelay: 0, averageDelay: 0, baseDelay: 0 },
  ...{ packets: 0, bytes: 0, qlen: 0, backlog: 0, drops: 0, droppedBytes: 0 },
  ...{ acksDropped: 0, acksDroppedBytes: 0, ecnMarks: 0, ecnMarkedBytes: 0 },
  ...{ indirectHits: 0, misses: 0, collisions: 0 },
  ...{ sparseFlows: 0, bulkFlows: 0, unresponsiveFlows: 0, maxPacket: 0, quantum: 0 },
};

function toTin({ padding: _, unknown: __, ...found }: ValueOf<typeof tinCodec>): CakeTin {
  const all = { ...NOTHING, ...found };
  return {
    ...all,
    rate: toBitsPerSecond(all.rate),
    target: fromMicroseconds(all.target),
    interval: fromMicroseconds(all.interval),
    peakDelay: fromMicroseconds(all.peakDelay),
    averageDelay: fromMicroseconds(all.averageDelay),
    baseDelay: fromMicroseconds(all.baseDelay),
  };
}

const readAll = (bytes: Uint8Array) => codec.read(new Bytes(Buffer.from(bytes)), 0, bytes.length);

export const cakeStatistics: KindStatistics<CakeStatistics> = {
  read(bytes) {
    const found = readAll(bytes);
    return {
      capacity: toBitsPerSecond(found.capacity ?? 0),
      memory: found.memory ?? 0,
      memoryLimit: found.memoryLimit ?? 0,
      minPacket: found.minPacket ?? 0,
      maxPacket: found.maxPacket ?? 0,
      minAdjusted: found.minAdjusted ?? 0,
      maxAdjusted: found.maxAdjusted ?? 0,
      averageOffset: found.averageOffset ?? 0,
      tins: (found.tins ?? []).map(toTin),
    };
  },
};

export const cakeFlowStatistics: KindStatistics<CakeFlowStatistics> = {
  read(bytes) {
    const { deficit = 0, count = 0, dropping = 0, probability = 0, dropNext, blueTimer } = readAll(bytes);
    return {
      ...{ deficit, count, dropping: dropping !== 0, probability: toPercent(probability) },
      ...defined({
        dropNext: converted(fromMicroseconds, dropNext),
        blueTimer: converted(fromMicroseconds, blueTimer),
      }),
    };
  },
};
