import { flagValues, maskedFlags } from '../../../common/flags';
import { defined } from '../../../common/objects';
import { trueOrFalse } from '../../../common/options';
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

/** linux/pkt_sched.h, TC_RED_* */
const FLAGS = {
  ecn: 1, // TC_RED_ECN
  hardDrop: 2, // TC_RED_HARDDROP
  adaptive: 4, // TC_RED_ADAPTATIVE
  noDrop: 8, // TC_RED_NODROP
} as const;

const ALL_FLAGS = 15;

/** struct tc_red_qopt */
const parms = struct([
  ['limit', u32, 4],
  ['min', u32, 4],
  ['max', u32, 4],
  ['weightLog', u8, 1],
  ['probabilityLog', u8, 1],
  ['cellLog', u8, 1],
  ['flags', u8, 1],
]);

/** struct nla_bitfield32 */
const bitfield = struct([
  ['value', u32, 4],
  ['selector', u32, 4],
]);

const codec = attributes({
  parms: [1, parms], // TCA_RED_PARMS
  idleTable: [2, bytes], // TCA_RED_STAB
  probability: [3, u32], // TCA_RED_MAX_P
  flags: [4, bitfield], // TCA_RED_FLAGS
  earlyDropBlock: [5, u32], // TCA_RED_EARLY_DROP_BLOCK
  markBlock: [6, u32], // TCA_RED_MARK_BLOCK
});

type Data = ValueOf<typeof codec>;

/** A queue that drops packets by chance before it is full: none below `min` bytes on average, and all above `max`. */
export interface RedOptions {
  /** Bytes that may wait. */
  limit: number;
  /** Bytes on average below which nothing is dropped. */
  min: number;
  /** Bytes on average above which all is dropped: at least twice `min`. */
  max: number;
  /** Bytes of a packet on average; 1000 by default. The kernel does not report it: a change without it takes the default. */
  averagePacket?: number;
  /** Packets that may come at once; by default as many as (2 * min + max) / 3 bytes have. The kernel does not report it. */
  burst?: number;
  /** Bits a second of the device, for the time while the queue is empty; 10 Mbit/s by default. The kernel does not report it. */
  bandwidth?: number;
  /** Percent of packets that are dropped at `max`; 2 by default. */
  probability?: number;
  /** Whether packets that can be marked (ECN) are marked in the place of being dropped; off by default. */
  ecn?: boolean;
  /** Whether all are dropped above `max`, also those that can be marked; off by default. */
  hardDrop?: boolean;
  /** Whether the percentage follows the average; off by default. */
  adaptive?: boolean;
  /** Whether packets that cannot be marked wait in the place of being dropped (5.7); off by default. It takes `ecn`. */
  noDrop?: boolean;
  /** The logarithm (to 2) of how slowly the average follows, in the place of what `burst` makes of it. */
  weightLog?: number;
}

/** What the kernel reports of a red: its options but `averagePacket`, `burst` and `bandwidth`. */
export type RedInfo = Omit<RedOptions, 'averagePacket' | 'burst' | 'bandwidth'>;

function check(options: RedOptions): void {
  const { min, max, limit, ecn, noDrop } = options;
  if (max < 2 * min) throw new RangeError(`max: it has to be at least twice 'min', got ${max}`);
  if (limit < max) throw new RangeError(`limit: it has to be at least 'max', got ${limit}`);
  if (noDrop === true && ecn !== true) throw new TypeError("noDrop: it takes 'ecn'");
  if (options.weightLog === undefined) weightLogOf(options);
}

export const red: TrafficKind<RedOptions, Data, RedInfo> = {
  codec,
  options: {
    ...AVERAGE_OPTIONS,
    hardDrop: trueOrFalse,
    adaptive: trueOrFalse,
    noDrop: trueOrFalse,
  },
  required: ['limit', 'min', 'max'],
  alternatives: AVERAGE_ALTERNATIVES,
  check,
  toData(options) {
    const { limit, min, max, weightLog = weightLogOf(options), probability = 2, ecn, hardDrop } = options;
    const { cellLog, idleTable } = idleTableOf(weightLog, options);
    const { adaptive, noDrop } = options;
    const { flags } = maskedFlags(FLAGS, defined({ ecn, hardDrop, adaptive, noDrop }));
    const probabilityLog = probabilityLogOf(options);
    // the kernel takes flags at one place only: the newer one is in the attribute, which old kernels do not know
    const attribute = noDrop !== undefined;
    return {
      parms: { limit, min, max, weightLog, probabilityLog, cellLog, flags: attribute ? 0 : flags },
      idleTable,
      probability: toParts(probability),
      ...(attribute && { flags: { value: flags, selector: ALL_FLAGS } }),
    };
  },
  toView({ parms: found, probability = 0, flags }) {
    if (found === undefined) return { limit: 0, min: 0, max: 0 };
    const { limit, min, max, weightLog } = found;
    const set = flagValues(FLAGS, found.flags | (flags?.value ?? 0));
    return { limit, min, max, probability: toPercent(probability), ...set, weightLog };
  },
};

/** struct tc_red_xstats */
const counted = struct([
  ['early', u32, 4],
  ['overLimit', u32, 4],
  ['other', u32, 4],
  ['marked', u32, 4],
]);

/** What a red counts. */
export interface RedStatistics {
  /** Packets that were dropped by chance. */
  early: number;
  /** Packets that were dropped because the limit was reached. */
  overLimit: number;
  /** Packets that were dropped for another reason. */
  other: number;
  /** Packets that were marked in the place of being dropped. */
  marked: number;
}

export const redStatistics = kindStatistics(counted, (found): RedStatistics => found);
