import { defined } from '../../../common/objects';
import { integerFrom, oneOf, trueOrFalse } from '../../../common/options';
import { attributes, headed, NLA_F_NESTED } from '../../attributes';
import { bytes, s32, u32, u64, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { type DelayDistribution, DISTRIBUTIONS, distributionTable } from './netem-distribution';
import {
  fourStates,
  gilbert,
  lossModel,
  type NetemFourStates,
  type NetemGilbert,
  toLoss,
} from './netem-loss';
import { fromSlot, isJitter, isSlot, type NetemSlot, slotStruct, toSlot, withTable } from './netem-slot';
import type { TrafficKind } from './qdisc-kind';
import {
  fromNanoseconds,
  fromTicks,
  isPercent,
  isRateOrNone,
  isTime,
  toBitsPerSecond,
  toBytesPerSecond,
  toNanoseconds,
  toParts,
  toPercent,
} from './units';

/** struct tc_netem_qopt: the times are in ticks, and of no account where there are the attributes of 64 bits. */
const head = struct([
  ['latency', u32, 4],
  ['limit', u32, 4],
  ['loss', u32, 4],
  ['gap', u32, 4],
  ['duplicate', u32, 4],
  ['jitter', u32, 4],
]);

/** struct tc_netem_corr */
const correlations = struct([
  ['delay', u32, 4],
  ['loss', u32, 4],
  ['duplicate', u32, 4],
]);

/** struct tc_netem_reorder, struct tc_netem_corrupt */
const chance = struct([
  ['probability', u32, 4],
  ['correlation', u32, 4],
]);

/** struct tc_netem_rate */
const rateStruct = struct([
  ['rate', u32, 4],
  ['packetOverhead', s32, 4],
  ['cellSize', u32, 4],
  ['cellOverhead', s32, 4],
]);

const codec = headed(
  head,
  attributes({
    correlations: [1, correlations], // TCA_NETEM_CORR
    distribution: [2, bytes], // TCA_NETEM_DELAY_DIST
    reorder: [3, chance], // TCA_NETEM_REORDER
    corrupt: [4, chance], // TCA_NETEM_CORRUPT
    lossModel: [5 | NLA_F_NESTED, lossModel], // TCA_NETEM_LOSS
    rate: [6, rateStruct], // TCA_NETEM_RATE
    ecn: [7, u32], // TCA_NETEM_ECN
    rate64: [8, u64], // TCA_NETEM_RATE64
    latency64: [10, u64], // TCA_NETEM_LATENCY64
    jitter64: [11, u64], // TCA_NETEM_JITTER64
    slot: [12, slotStruct], // TCA_NETEM_SLOT
    slotDistribution: [13, bytes], // TCA_NETEM_SLOT_DIST
    seed: [14, u64], // TCA_NETEM_PRNG_SEED
  }),
);

type Data = ValueOf<typeof codec>;

/** What becomes of the packets that leave a device. Times are milliseconds, chances percent, and rates bits a second. */
export interface NetemOptions {
  /** Milliseconds by which each packet is delayed; fractions are allowed. */
  delay?: number;
  /** Milliseconds by which the delay is more or less, at most 2147.483647, because the kernel (6.18) cuts off what is beyond. */
  jitter?: number;
  /** Percent of a delay that the next one takes over. */
  delayCorrelation?: number;
  /** How the delays are spread within the jitter: each is as likely ('uniform', the default), or as the name says. */
  distribution?: DelayDistribution;
  /** Percent of packets that are lost. */
  loss?: number;
  /** Percent by which a loss depends on the one before. */
  lossCorrelation?: number;
  /** In the place of `loss`, losses in bursts: two states, a good one and a bad one. */
  gilbert?: NetemGilbert;
  /** In the place of `loss`, losses in bursts: a chain of four states, as netem(8) describes it. */
  fourStates?: NetemFourStates;
  /** Percent of packets that leave twice. */
  duplicate?: number;
  /** Percent by which a duplicate depends on the one before. */
  duplicateCorrelation?: number;
  /** Percent of packets in which one bit is turned. */
  corrupt?: number;
  /** Percent by which a corruption depends on the one before. */
  corruptCorrelation?: number;
  /** Percent of packets that leave at once, and so overtake those that are delayed. It takes a `delay`. */
  reorder?: number;
  /** Percent by which that depends on the packet before. */
  reorderCorrelation?: number;
  /** Only each so many-th packet may leave at once, 1 by default: each. It takes `reorder`. */
  gap?: number;
  /** Bits a second at which packets leave, rounded to whole bytes; 0 is no limit. */
  rate?: number;
  /** Bytes that each packet counts more for the rate, or less. */
  packetOverhead?: number;
  /** Bytes of a cell, of which each packet takes whole ones for the rate. */
  cellSize?: number;
  /** Bytes that each cell counts more, or less. */
  cellOverhead?: number;
  /** Whether packets that can be marked (ECN) are marked in the place of being lost. */
  ecn?: boolean;
  /** Packets that may wait; 1,000 by default. More are lost, so that a delay and a high rate need more. */
  limit?: number;
  /** Packets leave together, at times that are apart. */
  slot?: NetemSlot;
  /** What the chances begin with, so that they can be repeated (6.6). A kernel before would ignore it, and it is refused there. */
  seed?: number;
}

/** What the kernel reports of a netem: all of its options but `distribution`. */
export type NetemInfo = Omit<NetemOptions, 'distribution'>;

/** net/sched/sch_netem.c takes as many where it is not told. */
const DEFAULT_LIMIT = 1000;

function check(options: NetemOptions): void {
  const { delay = 0, reorder = 0, gap = 0, loss = 0 } = options;
  if (reorder > 0 && delay === 0) {
    throw new RangeError("reorder: packets overtake only those that are delayed, so 'delay' has to be given");
  }
  if (gap > 0 && reorder === 0) {
    throw new RangeError("gap: it says which packets 'reorder' may choose, which has to be given");
  }
  const models = (['loss', 'gilbert', 'fourStates'] as const).filter((name) =>
    name === 'loss' ? loss > 0 : options[name] !== undefined,
  );
  const [first, second] = models;
  if (second !== undefined)
    throw new TypeError(`${second}: it cannot be given together with '${first ?? ''}'`);
}

/** With the table that a slot takes. */
export function filled(options: NetemOptions): NetemOptions {
  return options.slot === undefined ? options : { ...options, slot: withTable(options.slot) };
}

export const netem: TrafficKind<NetemOptions, Data, NetemInfo> = {
  codec,
  options: {
    delay: isTime,
    jitter: isJitter,
    delayCorrelation: isPercent,
    distribution: oneOf(DISTRIBUTIONS),
    loss: isPercent,
    lossCorrelation: isPercent,
    gilbert,
    fourStates,
    duplicate: isPercent,
    duplicateCorrelation: isPercent,
    corrupt: isPercent,
    corruptCorrelation: isPercent,
    reorder: isPercent,
    reorderCorrelation: isPercent,
    gap: integerFrom(0, 0xffffffff),
    rate: isRateOrNone,
    packetOverhead: integerFrom(-0x80000000, 0x7fffffff),
    cellSize: integerFrom(0, 0xffffffff),
    cellOverhead: integerFrom(-0x80000000, 0x7fffffff),
    ecn: trueOrFalse,
    limit: integerFrom(1, 0xffffffff),
    slot: isSlot,
    seed: integerFrom(0, Number.MAX_SAFE_INTEGER),
  },
  alternatives: {
    reorder: ['gap'],
    loss: ['gilbert', 'fourStates'],
    gilbert: ['loss', 'fourStates'],
    fourStates: ['loss', 'gilbert'],
  },
  ignored: ['seed'],
  filled: (options) => (options.slot === undefined ? options : { ...options, slot: withTable(options.slot) }),
  check,
  toData(options) {
    const {
      delay = 0,
      jitter = 0,
      loss = 0,
      duplicate = 0,
      corrupt = 0,
      limit = DEFAULT_LIMIT,
      rate = 0,
    } = options;
    const { reorder = 0, gap = reorder > 0 ? 1 : 0 } = options;
    const { distribution, ecn, seed } = options;
    const bytesPerSecond = toBytesPerSecond(rate);
    // The kernel leaves as it was what it is not told in attributes, and sets to 0 what it is not told in the struct.
    return {
      limit,
      loss: toParts(loss),
      gap,
      duplicate: toParts(duplicate),
      latency64: toNanoseconds(delay),
      jitter64: toNanoseconds(jitter),
      correlations: {
        delay: toParts(options.delayCorrelation ?? 0),
        loss: toParts(options.lossCorrelation ?? 0),
        duplicate: toParts(options.duplicateCorrelation ?? 0),
      },
      reorder: { probability: toParts(reorder), correlation: toParts(options.reorderCorrelation ?? 0) },
      corrupt: { probability: toParts(corrupt), correlation: toParts(options.corruptCorrelation ?? 0) },
      rate: {
        rate: Math.min(bytesPerSecond, 0xffffffff),
        packetOverhead: options.packetOverhead ?? 0,
        cellSize: options.cellSize ?? 0,
        cellOverhead: options.cellOverhead ?? 0,
      },
      slot: toSlot(options.slot),
      ...defined({
        rate64: bytesPerSecond > 0xffffffff ? bytesPerSecond : undefined,
        lossModel: toLoss.data(options),
        distribution: distribution && distributionTable(distribution),
        slotDistribution: options.slot?.distribution && distributionTable(options.slot.distribution),
        ecn: ecn === undefined ? undefined : Number(ecn),
        seed,
      }),
    };
  },
  toView(data) {
    const { rate, slot } = data;
    return defined({
      delay: data.latency64 === undefined ? fromTicks(data.latency ?? 0) : fromNanoseconds(data.latency64),
      jitter: data.jitter64 === undefined ? fromTicks(data.jitter ?? 0) : fromNanoseconds(data.jitter64),
      delayCorrelation: toPercent(data.correlations?.delay ?? 0),
      loss: toPercent(data.loss ?? 0),
      lossCorrelation: toPercent(data.correlations?.loss ?? 0),
      ...toLoss.view(data.lossModel),
      duplicate: toPercent(data.duplicate ?? 0),
      duplicateCorrelation: toPercent(data.correlations?.duplicate ?? 0),
      corrupt: toPercent(data.corrupt?.probability ?? 0),
      corruptCorrelation: toPercent(data.corrupt?.correlation ?? 0),
      reorder: toPercent(data.reorder?.probability ?? 0),
      reorderCorrelation: toPercent(data.reorder?.correlation ?? 0),
      gap: data.gap ?? 0,
      rate: toBitsPerSecond(data.rate64 ?? rate?.rate ?? 0),
      packetOverhead: rate?.packetOverhead ?? 0,
      cellSize: rate?.cellSize ?? 0,
      cellOverhead: rate?.cellOverhead ?? 0,
      ecn: (data.ecn ?? 0) !== 0,
      limit: data.limit ?? 0,
      slot: slot === undefined ? undefined : fromSlot(slot),
      seed: data.seed,
    });
  },
};
