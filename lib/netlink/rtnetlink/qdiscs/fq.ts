import { defined } from '../../../common/objects';
import { integerFrom, type OptionCheck, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, u8, type ValueOf } from '../../codec';
import type { TrafficKind } from './qdisc-kind';
import {
  converted,
  fromMicroseconds,
  isMicroTime,
  isSmallRate,
  toBitsPerSecond,
  toBytesPerSecond,
  toMicroseconds,
} from './units';

const codec = attributes({
  limit: [1, u32], // TCA_FQ_PLIMIT
  flowLimit: [2, u32], // TCA_FQ_FLOW_PLIMIT
  quantum: [3, u32], // TCA_FQ_QUANTUM
  initialQuantum: [4, u32], // TCA_FQ_INITIAL_QUANTUM
  pacing: [5, u32], // TCA_FQ_RATE_ENABLE
  maxRate: [7, u32], // TCA_FQ_FLOW_MAX_RATE
  bucketsLog: [8, u32], // TCA_FQ_BUCKETS_LOG
  refillDelay: [9, u32], // TCA_FQ_FLOW_REFILL_DELAY
  orphanMask: [10, u32], // TCA_FQ_ORPHAN_MASK
  lowRateThreshold: [11, u32], // TCA_FQ_LOW_RATE_THRESHOLD
  ceThreshold: [12, u32], // TCA_FQ_CE_THRESHOLD
  timerSlack: [13, u32], // TCA_FQ_TIMER_SLACK
  horizon: [14, u32], // TCA_FQ_HORIZON
  horizonDrop: [15, u8], // TCA_FQ_HORIZON_DROP
});

type Data = ValueOf<typeof codec>;

/** A queue for each socket, whose packets leave when the socket wants (pacing). */
export interface FqOptions {
  /** Packets that may wait; 10,000 by default. */
  limit?: number;
  /** Packets of one socket that may wait; 100 by default. */
  flowLimit?: number;
  /** Bytes that a socket sends in its turn; twice the MTU by default. */
  quantum?: number;
  /** Bytes that a socket sends in its first turn. */
  initialQuantum?: number;
  /** Whether sockets are paced; true by default. */
  pacing?: boolean;
  /** Bits a second of each socket at most, up to 32 Gbit/s, rounded to whole bytes. */
  maxRate?: number;
  /** How many lists the sockets are kept in, a power of 2; 1024 by default. */
  buckets?: number;
  /** Milliseconds that a socket has to be silent to be a new one; 40 by default. */
  refillDelay?: number;
  /** The bits of the hash by which packets without a socket are told apart; 1023 by default. */
  orphanMask?: number;
  /** Bits a second: below it each packet is delayed by itself; 550,000 by default. */
  lowRateThreshold?: number;
  /** Milliseconds after which each packet that can be marked (ECN) is marked. */
  ceThreshold?: number;
  /** Nanoseconds by which a timer may be late; 10,000 by default. */
  timerSlack?: number;
  /** Milliseconds up to which a packet may be sent in the future (5.8); 10,000 by default. */
  horizon?: number;
  /** Whether a packet beyond the horizon is dropped, and not sent at the horizon (5.8); true by default. */
  horizonDrop?: boolean;
}

/** A power of 2, up to 2^18. */
const isBuckets: OptionCheck = (value, path) => {
  integerFrom(1, 1 << 18)(value, path);
  if (Number.isInteger(Math.log2(value as number))) return;
  throw new RangeError(`${path}: expected a power of 2, got ${String(value)}`);
};

/** The kernel's largest number, where there is no limit. */
const NO_LIMIT = 0xffffffff;

export const fq: TrafficKind<FqOptions, Data, FqOptions> = {
  codec,
  options: {
    limit: integerFrom(1, NO_LIMIT),
    flowLimit: integerFrom(1, NO_LIMIT),
    quantum: integerFrom(1, 1 << 20),
    initialQuantum: integerFrom(1, 0x7fffffff),
    pacing: trueOrFalse,
    maxRate: isSmallRate,
    buckets: isBuckets,
    refillDelay: isMicroTime,
    orphanMask: integerFrom(0, NO_LIMIT),
    lowRateThreshold: isSmallRate,
    ceThreshold: isMicroTime,
    timerSlack: integerFrom(0, NO_LIMIT),
    horizon: isMicroTime,
    horizonDrop: trueOrFalse,
  },
  ignored: ['horizon', 'horizonDrop'],
  toData: ({
    pacing,
    maxRate,
    buckets,
    refillDelay,
    lowRateThreshold,
    ceThreshold,
    horizon,
    horizonDrop,
    ...rest
  }) =>
    defined({
      ...rest,
      pacing: pacing === undefined ? undefined : Number(pacing),
      maxRate: converted(toBytesPerSecond, maxRate),
      bucketsLog: converted(Math.log2, buckets),
      refillDelay: converted(toMicroseconds, refillDelay),
      lowRateThreshold: converted(toBytesPerSecond, lowRateThreshold),
      ceThreshold: converted(toMicroseconds, ceThreshold),
      horizon: converted(toMicroseconds, horizon),
      horizonDrop: horizonDrop === undefined ? undefined : Number(horizonDrop),
    }),
  toView: ({ limit, flowLimit, quantum, initialQuantum, orphanMask, timerSlack, ...data }) =>
    defined({
      ...{ limit, flowLimit, quantum, initialQuantum, orphanMask, timerSlack },
      pacing: data.pacing === undefined ? undefined : data.pacing !== 0,
      maxRate: data.maxRate === NO_LIMIT ? undefined : converted(toBitsPerSecond, data.maxRate),
      buckets: converted((log) => 2 ** log, data.bucketsLog),
      refillDelay: converted(fromMicroseconds, data.refillDelay),
      lowRateThreshold: converted(toBitsPerSecond, data.lowRateThreshold),
      ceThreshold: data.ceThreshold === NO_LIMIT ? undefined : converted(fromMicroseconds, data.ceThreshold),
      horizon: converted(fromMicroseconds, data.horizon),
      horizonDrop: data.horizonDrop === undefined ? undefined : data.horizonDrop !== 0,
    }),
};
