import { integerFrom, trueOrFalse } from '../../../common/options';
import { isPercent, isRate } from './units';

// The average of a queue's length, by which red and choke drop packets, as tc(8) hands it to the kernel: in logarithms, and in a table.

/** Options in the units of a red: bytes, and bits a second. */
export interface Average {
  min: number;
  max: number;
  averagePacket?: number;
  burst?: number;
  bandwidth?: number;
  probability?: number;
}

const isCount = integerFrom(1, 0xffffffff);

/** The checks of the options of both, in whatever unit the lengths are. */
export const AVERAGE_OPTIONS = {
  limit: isCount,
  min: isCount,
  max: isCount,
  averagePacket: isCount,
  burst: isCount,
  bandwidth: isRate,
  probability: isPercent,
  ecn: trueOrFalse,
  weightLog: integerFrom(1, 31),
} as const;

/** A logarithm that is there gives way to what it would be computed from. */
export const AVERAGE_ALTERNATIVES = {
  min: ['weightLog'],
  max: ['weightLog'],
  averagePacket: ['weightLog'],
  burst: ['weightLog'],
} as const;

/** The kernel's probabilities here are parts of 2^32, and what is over is cut off. */
const PARTS = 2 ** 32;
export const toParts = (percent: number) => Math.min(PARTS - 1, Math.trunc((percent / 100) * PARTS));
export const toPercent = (parts: number) => Math.round((parts / PARTS) * 1e9) / 1e7;

/** The least logarithm with which a burst does not reach `min`: the weight of a packet is 1 / 2^log. */
export function weightLogOf({ min, max, averagePacket = 1000, burst }: Average): number {
  const packets = burst ?? Math.floor((2 * min + max) / (3 * averagePacket));
  const most = packets + 1 - min / averagePacket;
  for (let log = 1; log < 32; log++) {
    const weight = 1 / 2 ** log;
    if (most >= 1 && most <= (1 - (1 - weight) ** packets) / weight) return log;
  }
  throw new RangeError(`burst: ${packets} packets do not fit min, max and averagePacket: more are needed`);
}

/** The logarithm of how much smaller than the span between `min` and `max` the probability is. */
export function probabilityLogOf({ min, max, probability = 2 }: Average): number {
  for (let log = 0, share = probability / 100 / (max - min); log < 32; log++, share *= 2) {
    if (share > 1) return log;
  }
  return 31;
}

const CELLS = 256;
/** More than this halves nothing any more. */
const MOST_SHIFTS = 31;

/** By how much the average has fallen, after times of 2^cellLog ticks, while nothing was sent. */
export function idleTableOf(
  weightLog: number,
  { averagePacket = 1000, bandwidth = 10e6 }: Pick<Average, 'averagePacket' | 'bandwidth'>,
) {
  const ticks = Math.floor((averagePacket / (bandwidth / 8)) * 15_625_000);
  const perTick = -Math.log(1 - 1 / 2 ** weightLog) / ticks;
  const longest = MOST_SHIFTS / perTick;
  let cellLog = 0;
  while (cellLog < 31 && longest / 2 ** cellLog >= 512) cellLog++;
  const idleTable = Uint8Array.from({ length: CELLS }, (_, i) =>
    i === CELLS - 1 ? MOST_SHIFTS : Math.min(MOST_SHIFTS, Math.trunc(i * 2 ** cellLog * perTick)),
  );
  return { cellLog, idleTable };
}
