import { integerFrom, type OptionCheck } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';
import { kindStatistics } from './statistics';
import { isPercent } from './units';

/** struct tc_sfb_qopt: times are milliseconds, probabilities parts of 65535. */
const parms = struct([
  ['rehash', u32, 4],
  ['warmUp', u32, 4],
  ['max', u32, 4],
  ['target', u32, 4],
  ['increment', u32, 4],
  ['decrement', u32, 4],
  ['limit', u32, 4],
  ['penaltyRate', u32, 4],
  ['penaltyBurst', u32, 4],
]);

const codec = attributes({
  parms: [1, parms], // TCA_SFB_PARMS
});

type Data = ValueOf<typeof codec>;

/** A queue that drops packets by a chance of each connection, which grows while too many of its packets wait. */
export interface SfbOptions {
  /** Packets that may wait; as many as the device's queue has by default. */
  limit?: number;
  /** Milliseconds after which connections are told apart anew; 600,000 by default. */
  rehash?: number;
  /** Milliseconds before that from which on this is prepared; 60,000 by default. */
  warmUp?: number;
  /** Packets of a connection that may wait; 25 by default. */
  max?: number;
  /** Packets of it that wait from which on its chance grows; 20 by default. */
  target?: number;
  /** Percent by which the chance grows; 0.05 by default, rounded to parts of 65535. */
  increment?: number;
  /** Percent by which it falls; 0.005 by default. */
  decrement?: number;
  /** Packets a second of connections that do not slow down; 10 by default. */
  penaltyRate?: number;
  /** Packets of those that may pass at once; 20 by default. */
  penaltyBurst?: number;
}

const WHOLE = 0xffff;
const toParts = (percent: number) => Math.round((percent / 100) * WHOLE);
const toPercent = (parts: number) => Math.round((parts / WHOLE) * 1e8) / 1e6;

/** struct tc_sfb_xstats */
const counted = struct([
  ['earlyDrops', u32, 4],
  ['penaltyDrops', u32, 4],
  ['bucketDrops', u32, 4],
  ['queueDrops', u32, 4],
  ['childDrops', u32, 4],
  ['marked', u32, 4],
  ['maxQueue', u32, 4],
  ['maxProbability', u32, 4],
  ['averageProbability', u32, 4],
]);

/** What an sfb counts. */
export interface SfbStatistics {
  /** Packets that were dropped by chance. */
  earlyDrops: number;
  /** Packets that were dropped because their connection did not slow down. */
  penaltyDrops: number;
  /** Packets that were dropped because too many of their connection waited. */
  bucketDrops: number;
  /** Packets that were dropped because the limit was reached. */
  queueDrops: number;
  /** Packets that what waits below has dropped. */
  childDrops: number;
  /** Packets that were marked in the place of being dropped. */
  marked: number;
  /** Packets of one connection that wait at most. */
  maxQueue: number;
  /** Percent: the largest chance of a connection. */
  maxProbability: number;
  /** Percent: the chance on average. */
  averageProbability: number;
}

export const sfbStatistics = kindStatistics(
  counted,
  ({ maxProbability, averageProbability, ...rest }): SfbStatistics => ({
    ...rest,
    maxProbability: toPercent(maxProbability),
    averageProbability: toPercent(averageProbability),
  }),
);

const isCount: OptionCheck = integerFrom(1, 0xffffffff);
const isMilliseconds: OptionCheck = integerFrom(0, 0xffffffff);

/** The kernel takes the struct whole: what is not given is what it has by itself. */
export const sfb: TrafficKind<SfbOptions, Data, SfbOptions> = {
  codec,
  options: {
    ...{ limit: isCount, max: integerFrom(1, 0xffff), target: integerFrom(1, 0xffff) },
    ...{ rehash: isMilliseconds, warmUp: isMilliseconds },
    ...{
      increment: isPercent,
      decrement: isPercent,
      penaltyRate: isMilliseconds,
      penaltyBurst: isMilliseconds,
    },
  },
  check({ max = 25, target = 20 }) {
    if (target >= max) throw new RangeError(`target: it has to be less than 'max', got ${target}`);
  },
  toData({
    limit = 0,
    rehash = 600_000,
    warmUp = 60_000,
    max = 25,
    target = 20,
    increment,
    decrement,
    ...penalty
  }) {
    const { penaltyRate = 10, penaltyBurst = 20 } = penalty;
    return {
      parms: {
        ...{ limit, rehash, warmUp, max, target, penaltyRate, penaltyBurst },
        increment: increment === undefined ? 33 : toParts(increment),
        decrement: decrement === undefined ? 3 : toParts(decrement),
      },
    };
  },
  toView({ parms: found }) {
    if (found === undefined) return {};
    const { increment, decrement, ...rest } = found;
    return { ...rest, increment: toPercent(increment), decrement: toPercent(decrement) };
  },
};
