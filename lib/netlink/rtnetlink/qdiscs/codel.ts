import { defined } from '../../../common/objects';
import { integerFrom, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { s32, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';
import { kindStatistics } from './statistics';
import { converted, fromCodelTime, fromMicroseconds, isMicroTime, toMicroseconds } from './units';

const codec = attributes({
  target: [1, u32], // TCA_CODEL_TARGET
  limit: [2, u32], // TCA_CODEL_LIMIT
  interval: [3, u32], // TCA_CODEL_INTERVAL
  ecn: [4, u32], // TCA_CODEL_ECN
  ceThreshold: [5, u32], // TCA_CODEL_CE_THRESHOLD
});

type Data = ValueOf<typeof codec>;

/** One queue, which is kept short: packets that wait for too long are dropped. */
export interface CodelOptions {
  /** Packets that may wait; 1000 by default. */
  limit?: number;
  /** Milliseconds that packets may wait; 5 by default. */
  target?: number;
  /** Milliseconds within which the wait has to come below the target; 100 by default. */
  interval?: number;
  /** Whether packets that can be marked (ECN) are marked in the place of being dropped; off by default. */
  ecn?: boolean;
  /** Milliseconds after which each packet that can be marked is marked. */
  ceThreshold?: number;
}

/** struct tc_codel_xstats */
const counted = struct([
  ['maxPacket', u32, 4],
  ['count', u32, 4],
  ['lastCount', u32, 4],
  ['delay', u32, 4],
  ['dropNext', s32, 4],
  ['dropsOverLimit', u32, 4],
  ['ecnMarks', u32, 4],
  ['dropping', u32, 4],
  ['ceMarks', u32, 4],
]);

/** What a codel counts. */
export interface CodelStatistics {
  /** Bytes of the largest packet. */
  maxPacket: number;
  /** Drops since it began to drop the last time. */
  count: number;
  /** Those when it began. */
  lastCount: number;
  /** Milliseconds that the last packet waited. */
  delay: number;
  /** Whether it drops now. */
  dropping: boolean;
  /** Milliseconds until it drops the next one; below 0 it is late. */
  dropNext: number;
  /** Packets that were dropped because the limit was reached. */
  dropsOverLimit: number;
  /** Packets that were marked in the place of being dropped. */
  ecnMarks: number;
  /** Packets that were marked because of `ceThreshold`. */
  ceMarks: number;
}

export const codelStatistics = kindStatistics(
  counted,
  ({ delay, dropNext, dropping, ...rest }): CodelStatistics => ({
    ...rest,
    delay: fromMicroseconds(delay),
    dropNext: fromMicroseconds(dropNext),
    dropping: dropping !== 0,
  }),
);

export const codel: TrafficKind<CodelOptions, Data, CodelOptions> = {
  codec,
  options: {
    limit: integerFrom(1, 0xffffffff),
    target: isMicroTime,
    interval: isMicroTime,
    ecn: trueOrFalse,
    ceThreshold: isMicroTime,
  },
  toData: ({ limit, target, interval, ecn, ceThreshold }) =>
    defined({
      limit,
      target: converted(toMicroseconds, target),
      interval: converted(toMicroseconds, interval),
      ecn: ecn === undefined ? undefined : Number(ecn),
      ceThreshold: converted(toMicroseconds, ceThreshold),
    }),
  toView: ({ limit, target, interval, ecn, ceThreshold }) =>
    defined({
      limit,
      target: converted(fromCodelTime, target),
      interval: converted(fromCodelTime, interval),
      ecn: ecn === undefined ? undefined : ecn !== 0,
      ceThreshold: converted(fromCodelTime, ceThreshold),
    }),
};
