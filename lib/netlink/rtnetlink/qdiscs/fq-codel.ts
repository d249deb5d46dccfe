import { defined } from '../../../common/objects';
import { integerFrom, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';
import { kindStatistics } from './statistics';
import { converted, fromCodelTime, isMicroTime, toMicroseconds } from './units';

const codec = attributes({
  target: [1, u32], // TCA_FQ_CODEL_TARGET
  limit: [2, u32], // TCA_FQ_CODEL_LIMIT
  interval: [3, u32], // TCA_FQ_CODEL_INTERVAL
  ecn: [4, u32], // TCA_FQ_CODEL_ECN
  flows: [5, u32], // TCA_FQ_CODEL_FLOWS
  quantum: [6, u32], // TCA_FQ_CODEL_QUANTUM
  ceThreshold: [7, u32], // TCA_FQ_CODEL_CE_THRESHOLD
  dropBatch: [8, u32], // TCA_FQ_CODEL_DROP_BATCH_SIZE
  memoryLimit: [9, u32], // TCA_FQ_CODEL_MEMORY_LIMIT
  ceThresholdSelector: [10, u8], // TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR
  ceThresholdMask: [11, u8], // TCA_FQ_CODEL_CE_THRESHOLD_MASK
});

type Data = ValueOf<typeof codec>;

/** Many queues, of which each connection has one, and which are kept short: packets that wait for too long are dropped. */
export interface FqCodelOptions {
  /** Packets that may wait; 10,240 by default. */
  limit?: number;
  /** Bytes that may wait; 32 MiB by default. */
  memoryLimit?: number;
  /** How many queues; 1024 by default. The kernel does not change it later. */
  flows?: number;
  /** Bytes that a queue sends in its turn; the MTU by default. */
  quantum?: number;
  /** Milliseconds that packets may wait; 5 by default. */
  target?: number;
  /** Milliseconds within which the wait has to come below the target; 100 by default. */
  interval?: number;
  /** Whether packets that can be marked (ECN) are marked in the place of being dropped; true by default. */
  ecn?: boolean;
  /** Milliseconds after which each packet that can be marked is marked. */
  ceThreshold?: number;
  /** Packets that are dropped at once where the limit is reached; 64 by default. */
  dropBatch?: number;
}

export const fqCodel: TrafficKind<FqCodelOptions, Data, FqCodelOptions> = {
  codec,
  options: {
    limit: integerFrom(1, 0xffffffff),
    memoryLimit: integerFrom(0, 0x7fffffff),
    flows: integerFrom(1, 65536),
    quantum: integerFrom(256, 1 << 20),
    target: isMicroTime,
    interval: isMicroTime,
    ecn: trueOrFalse,
    ceThreshold: isMicroTime,
    dropBatch: integerFrom(1, 0xffffffff),
  },
  creationOnly: ['flows'],
  toData: ({ target, interval, ecn, ceThreshold, ...rest }) =>
    defined({
      ...rest,
      target: converted(toMicroseconds, target),
      interval: converted(toMicroseconds, interval),
      ecn: ecn === undefined ? undefined : Number(ecn),
      ceThreshold: converted(toMicroseconds, ceThreshold),
    }),
  toView: ({ target, limit, interval, ecn, flows, quantum, ceThreshold, dropBatch, memoryLimit }) =>
    defined({
      ...{ limit, memoryLimit, flows, quantum },
      target: converted(fromCodelTime, target),
      interval: converted(fromCodelTime, interval),
      ecn: ecn === undefined ? undefined : ecn !== 0,
      ceThreshold: converted(fromCodelTime, ceThreshold),
      dropBatch,
    }),
};

/** struct tc_fq_codel_xstats: of a queueing discipline, the struct tc_fq_codel_qd_stats follows the type. */
const counted = struct([
  4,
  ['maxPacket', u32, 4],
  ['dropsOverLimit', u32, 4],
  ['ecnMarks', u32, 4],
  ['newFlows', u32, 4],
  ['newFlowsNow', u32, 4],
  ['oldFlowsNow', u32, 4],
  ['ceMarks', u32, 4],
  ['memory', u32, 4],
  ['dropsOverMemory', u32, 4],
]);

/** What an fq_codel counts. */
export interface FqCodelStatistics {
  /** Bytes of the largest packet. */
  maxPacket: number;
  /** Packets that were dropped because the limit was reached. */
  dropsOverLimit: number;
  /** Packets that were dropped because `memoryLimit` was reached. */
  dropsOverMemory: number;
  /** Packets that were marked in the place of being dropped. */
  ecnMarks: number;
  /** Packets that were marked because of `ceThreshold`. */
  ceMarks: number;
  /** How often a packet began a queue. */
  newFlows: number;
  /** Queues that have begun, and had no turn. */
  newFlowsNow: number;
  /** Queues that had one. */
  oldFlowsNow: number;
  /** Bytes that wait, with what the kernel needs for them. */
  memory: number;
}

export const fqCodelStatistics = kindStatistics(counted, (found): FqCodelStatistics => found);
