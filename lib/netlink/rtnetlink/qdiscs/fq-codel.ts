import { defined } from '../../../common/objects';
import { integerFrom, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, u8, type ValueOf } from '../../codec';
import type { TrafficKind } from './qdisc-kind';
import { converted, fromMicroseconds, isMicroTime, toMicroseconds } from './units';

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

/**
 * The kernel counts in units of 1.024 us, and reports whole microseconds, of which it cuts off the rest: this is the least time
 * that gives as many units. Most often it is the one that was given.
 */
const fromUnits = (reported: number) => fromMicroseconds(Math.ceil(Math.ceil(reported / 1.024) * 1.024));

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
      target: converted(fromUnits, target),
      interval: converted(fromUnits, interval),
      ecn: ecn === undefined ? undefined : ecn !== 0,
      ceThreshold: converted(fromUnits, ceThreshold),
      dropBatch,
    }),
};
