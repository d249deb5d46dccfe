import { s32, u32, u64 } from '../../codec';
import { struct } from '../../struct';
import { cakeFlowStatistics } from './cake-statistics';
import { type KindStatistics, kindStatistics } from './statistics';
import { fromMicroseconds, fromTicks } from './units';

/** struct tc_htb_xstats */
const htb = struct([['lent', u32, 4], ['borrowed', u32, 4], 4, ['tokens', s32, 4], ['ceilTokens', s32, 4]]);

/** What a class of an htb counts. */
export interface HtbClassStatistics {
  /** Packets that left at its own rate. */
  lent: number;
  /** Packets that left at the rate of a class above it. */
  borrowed: number;
  /** Milliseconds of its rate that it has saved for a burst, below 0 while it waits. */
  tokens: number;
  /** The same of its `ceil`. */
  ceilTokens: number;
}

/** struct tc_hfsc_stats */
const hfsc = struct([
  ['work', u64, 8],
  ['realTimeWork', u64, 8],
  ['periods', u32, 4],
  ['level', u32, 4],
]);

/** What a class of an hfsc counts. */
export interface HfscClassStatistics {
  /** Bytes that were sent of it, and of the classes below. */
  work: number;
  /** Those of them that were sent because of `realTime`. */
  realTimeWork: number;
  /** How often it had packets again. */
  periods: number;
  /** How many levels of classes are below it. */
  level: number;
}

/** struct tc_drr_stats */
const drr = struct([['deficit', u32, 4]]);

/** What a class of a drr counts. */
export interface DrrClassStatistics {
  /** Bytes that it may still send in its turn. */
  deficit: number;
}

/** A type, and behind it what tc_fq_codel_cl_stats has. */
const fqCodel = struct([
  4,
  ['deficit', s32, 4],
  ['delay', u32, 4],
  ['count', u32, 4],
  ['lastCount', u32, 4],
  ['dropping', u32, 4],
  ['dropNext', s32, 4],
]);

/** What a queue of an fq_codel counts, which `listClasses` lists while it has packets. */
export interface FqCodelFlowStatistics {
  /** Bytes that it may still send in its turn. */
  deficit: number;
  /** Milliseconds that the last packet has waited. */
  delay: number;
  /** Packets that were dropped or marked since that began. */
  count: number;
  /** The same when it began last. */
  lastCount: number;
  /** Whether packets are being dropped or marked. */
  dropping: boolean;
  /** Milliseconds up to the next one, while they are. */
  dropNext?: number;
}

/** struct tc_sfq_xstats */
const sfq = struct([['allotment', s32, 4]]);

/** What a queue of an sfq counts, which `listClasses` lists while it has packets. */
export interface SfqFlowStatistics {
  /** Bytes that it may still send in its turn. */
  allotment: number;
}

/** What classes count beside what all count, by the kind's name. What those of a qfq count are their options. */
export const classStatisticsOf = {
  htb: kindStatistics(htb, ({ tokens, ceilTokens, ...found }): HtbClassStatistics => ({
    ...found,
    tokens: fromTicks(tokens),
    ceilTokens: fromTicks(ceilTokens),
  })),
  hfsc: kindStatistics(hfsc, (found): HfscClassStatistics => found),
  drr: kindStatistics(drr, (found): DrrClassStatistics => found),
  fq_codel: kindStatistics(fqCodel, ({ delay, dropping, dropNext, ...found }): FqCodelFlowStatistics => ({
    ...found,
    delay: fromMicroseconds(delay),
    dropping: dropping !== 0,
    ...(dropping !== 0 && { dropNext: fromMicroseconds(dropNext) }),
  })),
  sfq: kindStatistics(sfq, (found): SfqFlowStatistics => found),
  cake: cakeFlowStatistics,
};

type Kinds = typeof classStatisticsOf;

/**
 * What the classes of kinds count beside what all count, by the kind's name.
 *
 * @useDeclaredType
 */
export type ClassKindStatistics = {
  [K in keyof Kinds]?: Kinds[K] extends KindStatistics<infer View> ? View : never;
};
