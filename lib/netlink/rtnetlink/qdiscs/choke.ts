import { attributes } from '../../attributes';
import { bytes, u32, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';
import {
  AVERAGE_ALTERNATIVES,
  AVERAGE_OPTIONS,
  idleTableOf,
  probabilityLogOf,
  toParts,
  toPercent,
  weightLogOf,
} from './red-average';
import { kindStatistics } from './statistics';

const ECN = 1; // TC_RED_ECN

/** struct tc_choke_qopt */
const parms = struct([
  ['limit', u32, 4],
  ['min', u32, 4],
  ['max', u32, 4],
  ['weightLog', u8, 1],
  ['probabilityLog', u8, 1],
  ['cellLog', u8, 1],
  ['flags', u8, 1],
]);

const codec = attributes({
  parms: [1, parms], // TCA_CHOKE_PARMS
  idleTable: [2, bytes], // TCA_CHOKE_STAB
  probability: [3, u32], // TCA_CHOKE_MAX_P
});

/** A red that counts packets, and drops first those of the connection that has most of the queue. */
export interface ChokeOptions {
  /** Packets that may wait; more are dropped. */
  limit: number;
  /** Packets that wait on average, up to which nothing is dropped; a third of `max` by default. */
  min?: number;
  /** Packets from which on the probability is the highest; a quarter of `limit` by default. */
  max?: number;
  /** Bytes of a packet on average; 1000 by default. */
  averagePacket?: number;
  /** Packets that may come at once; by default by `min` and `max`. */
  burst?: number;
  /** Bits a second of the device, by which the average falls while nothing is sent; 10 Mbit/s by default. */
  bandwidth?: number;
  /** The highest percentage of packets that are dropped; 2 by default. */
  probability?: number;
  /** Whether packets that can be marked (ECN) are marked in the place of being dropped; off by default. */
  ecn?: boolean;
  /** The logarithm (to 2) of how slowly the average follows, in the place of what `burst` makes of it. */
  weightLog?: number;
}

/** What the kernel reports of a choke: its options but `averagePacket`, `burst` and `bandwidth`. */
export type ChokeInfo = Omit<ChokeOptions, 'averagePacket' | 'burst' | 'bandwidth'>;

/** The options in bytes, with tc's defaults. */
function average({ limit, averagePacket = 1000, ...options }: ChokeOptions) {
  const max = options.max ?? Math.floor(limit / 4);
  const min = options.min ?? Math.floor(max / 3);
  return {
    packets: { limit, min, max },
    bytes: { ...options, averagePacket, min: min * averagePacket, max: max * averagePacket },
  };
}

function check(options: ChokeOptions): void {
  const { packets, bytes: all } = average(options);
  const { limit, min, max } = packets;
  if (min < 1) throw new RangeError(`limit: expected more, or 'min' with it, got ${limit}`);
  if (max > limit) throw new RangeError(`max: it has to be at most 'limit', got ${max}`);
  if (min >= max) throw new RangeError(`min: it has to be less than 'max', got ${min}`);
  if (options.weightLog === undefined) weightLogOf(all);
}

export const choke: TrafficKind<ChokeOptions, ValueOf<typeof codec>, ChokeInfo> = {
  codec,
  options: AVERAGE_OPTIONS,
  required: ['limit'],
  alternatives: AVERAGE_ALTERNATIVES,
  check,
  toData(options) {
    const { packets, bytes: all } = average(options);
    const { weightLog = weightLogOf(all), probability = 2, ecn = false } = options;
    const { cellLog, idleTable } = idleTableOf(weightLog, all);
    const probabilityLog = probabilityLogOf(all);
    return {
      parms: { ...packets, weightLog, probabilityLog, cellLog, flags: ecn ? ECN : 0 },
      idleTable,
      probability: toParts(probability),
    };
  },
  toView({ parms: found, probability = 0 }) {
    if (found === undefined) return { limit: 0 };
    const { limit, min, max, weightLog, flags } = found;
    return { limit, min, max, probability: toPercent(probability), ecn: (flags & ECN) !== 0, weightLog };
  },
};

/** struct tc_choke_xstats */
const counted = struct([
  ['early', u32, 4],
  ['overLimit', u32, 4],
  ['other', u32, 4],
  ['marked', u32, 4],
  ['matched', u32, 4],
]);

/** What a choke counts. */
export interface ChokeStatistics {
  /** Packets that were dropped by chance. */
  early: number;
  /** Packets that were dropped because the limit was reached. */
  overLimit: number;
  /** Packets that were dropped for another reason. */
  other: number;
  /** Packets that were marked in the place of being dropped. */
  marked: number;
  /** Packets that were dropped because one of the same connection was met in the queue. */
  matched: number;
}

export const chokeStatistics = kindStatistics(counted, (found): ChokeStatistics => found);
