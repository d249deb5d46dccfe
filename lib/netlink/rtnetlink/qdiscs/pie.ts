import { defined } from '../../../common/objects';
import { integerFrom, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, u64, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';
import { kindStatistics } from './statistics';
import {
  converted,
  fromMicroseconds,
  fromPieTime,
  isMicroTime,
  toBitsPerSecond,
  toMicroseconds,
} from './units';

const codec = attributes({
  target: [1, u32], // TCA_PIE_TARGET
  limit: [2, u32], // TCA_PIE_LIMIT
  update: [3, u32], // TCA_PIE_TUPDATE
  alpha: [4, u32], // TCA_PIE_ALPHA
  beta: [5, u32], // TCA_PIE_BETA
  ecn: [6, u32], // TCA_PIE_ECN
  byteMode: [7, u32], // TCA_PIE_BYTEMODE
  estimator: [8, u32], // TCA_PIE_DQ_RATE_ESTIMATOR
});

type Data = ValueOf<typeof codec>;

/** One queue, from which packets are dropped by a chance that follows their wait. */
export interface PieOptions {
  /** Packets that may wait; 1000 by default. */
  limit?: number;
  /** Milliseconds that packets may wait; 15 by default. */
  target?: number;
  /** Milliseconds after which the chance is computed anew; 15 by default. The kernel keeps whole ticks of its clock. */
  update?: number;
  /** How much the chance follows the wait, in sixteenths of a hertz, from 0 to 32; 2 by default. */
  alpha?: number;
  /** How much it follows the change of the wait, from 0 to 32; 20 by default. */
  beta?: number;
  /** Whether packets that can be marked (ECN) are marked in the place of being dropped, while the chance is small; off by default. */
  ecn?: boolean;
  /** Whether large packets are dropped more often; off by default. */
  byteMode?: boolean;
  /** Whether the wait is computed of the rate at which packets leave, and not measured; off by default. */
  estimator?: boolean;
}

/** struct tc_pie_xstats */
const counted = struct([
  ['probability', u64, 8],
  ['delay', u32, 4],
  ['rate', u32, 4],
  ['estimating', u32, 4],
  ['packets', u32, 4],
  ['dropped', u32, 4],
  ['overLimit', u32, 4],
  ['maxQueue', u32, 4],
  ['ecnMarks', u32, 4],
]);

/** What a pie counts. */
export interface PieStatistics {
  /** Percent of packets that are dropped now. */
  probability: number;
  /** Milliseconds that packets wait now. */
  delay: number;
  /** Bits a second that leave, where `estimator` is on and has begun. */
  rate?: number;
  /** Packets that came. */
  packets: number;
  /** Packets that were dropped by chance. */
  dropped: number;
  /** Packets that were dropped because the limit was reached. */
  overLimit: number;
  /** Packets that waited at most. */
  maxQueue: number;
  /** Packets that were marked in the place of being dropped. */
  ecnMarks: number;
}

/** The kernel reports the chance in parts of 2^64. */
const WHOLE = 2 ** 64;

export const pieStatistics = kindStatistics(
  counted,
  ({ probability, delay, rate, estimating, ...rest }): PieStatistics => ({
    ...rest,
    probability: Math.round((probability / WHOLE) * 1e9) / 1e7,
    delay: fromMicroseconds(delay),
    ...(estimating !== 0 && { rate: toBitsPerSecond(rate) }),
  }),
);

const yes = (value: number | undefined) => (value === undefined ? undefined : value !== 0);
const no = (value: boolean | undefined) => (value === undefined ? undefined : Number(value));

/** The checks of what fq_pie has as well. */
export const PIE_OPTIONS = {
  limit: integerFrom(1, 0xffffffff),
  target: isMicroTime,
  update: isMicroTime,
  alpha: integerFrom(0, 32),
  beta: integerFrom(0, 32),
  ...{ ecn: trueOrFalse, byteMode: trueOrFalse, estimator: trueOrFalse },
} as const;

/** What is another number to the kernel, of pie and of fq_pie. */
export const toPieNumbers = ({ target, update, ecn, byteMode, estimator }: PieOptions) => ({
  target: converted(toMicroseconds, target),
  update: converted(toMicroseconds, update),
  ...{ ecn: no(ecn), byteMode: no(byteMode), estimator: no(estimator) },
});

export const fromPieNumbers = ({ target, update, ecn, byteMode, estimator }: Data) => ({
  target: converted(fromPieTime, target),
  update: converted(fromMicroseconds, update),
  ...{ ecn: yes(ecn), byteMode: yes(byteMode), estimator: yes(estimator) },
});

export const pie: TrafficKind<PieOptions, Data, PieOptions> = {
  codec,
  options: PIE_OPTIONS,
  toData: (options) => defined({ ...options, ...toPieNumbers(options) }),
  toView: ({ unknown: _, ...found }) => defined({ ...found, ...fromPieNumbers(found) }),
};
