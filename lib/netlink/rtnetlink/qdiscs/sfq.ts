import { integerFrom, trueOrFalse } from '../../../common/options';
import { s32, u32, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';

/** struct tc_sfq_qopt_v1, whose second part is for dropping at random (RED). */
const codec = struct([
  ['quantum', u32, 4],
  ['perturb', s32, 4],
  ['limit', u32, 4],
  ['divisor', u32, 4],
  ['flows', u32, 4],
  ['depth', u32, 4],
  ['headDrop', u32, 4],
  ['redLimit', u32, 4],
  ['redMin', u32, 4],
  ['redMax', u32, 4],
  ['redWeightLog', u8, 1],
  ['redProbabilityLog', u8, 1],
  ['redCellLog', u8, 1],
  ['redFlags', u8, 1],
  ['redProbability', u32, 4],
  24, // struct tc_sfqred_stats
]);

type Data = ValueOf<typeof codec>;

/** Many queues, of which each connection has one by its hash; they take turns. The kernel changes none. */
export interface SfqOptions {
  /** Packets that may wait; 127 by default. */
  limit?: number;
  /** Bytes that a queue sends in its turn, at least the MTU; the MTU by default. */
  quantum?: number;
  /** Seconds after which the hash is another one; 0 is never, the default. */
  perturb?: number;
  /** How many values the hash has, a power of 2 up to 65536; 1024 by default. */
  divisor?: number;
  /** How many queues there are at most; 128 by default. */
  flows?: number;
  /** Packets that may wait in one queue; 127 by default. */
  depth?: number;
  /** Whether the oldest packet of a queue is dropped where it is full, and not the newest; off by default. */
  headDrop?: boolean;
}

/** Fewer packets than flows can only be the kernel's defaults: where it is told the limit, it lowers the flows to it (6.1). */
const DEFAULT_LIMIT = 127;
const DEFAULT_FLOWS = 128;

/** The kernel takes its default for what is 0. */
export const sfq: TrafficKind<SfqOptions, Data, SfqOptions> = {
  codec,
  options: {
    limit: integerFrom(1, 0xffffffff),
    quantum: integerFrom(1, 0x7fffffff),
    perturb: integerFrom(0, 2_147_483),
    divisor: integerFrom(1, 65536),
    flows: integerFrom(1, 65536),
    depth: integerFrom(1, 127),
    headDrop: trueOrFalse,
  },
  toData({ limit = 0, quantum = 0, perturb = 0, divisor = 0, flows = 0, depth = 0, headDrop = false }) {
    const asIs = limit === DEFAULT_LIMIT && flows === DEFAULT_FLOWS;
    const counts = asIs ? { limit: 0, flows: 0 } : { limit, flows };
    return { quantum, perturb, ...counts, divisor, depth, headDrop: Number(headDrop) } as Data;
  },
  toView: ({ quantum, perturb, limit, divisor, flows, depth, headDrop }) => ({
    ...{ limit, quantum, perturb, divisor, flows, depth },
    headDrop: headDrop !== 0,
  }),
};
