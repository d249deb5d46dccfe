import { defined } from '../../../common/objects';
import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { fromPieNumbers, PIE_OPTIONS, type PieOptions, toPieNumbers } from './pie';
import type { TrafficKind } from './qdisc-kind';
import { kindStatistics } from './statistics';

const codec = attributes({
  limit: [1, u32], // TCA_FQ_PIE_LIMIT
  flows: [2, u32], // TCA_FQ_PIE_FLOWS
  target: [3, u32], // TCA_FQ_PIE_TARGET
  update: [4, u32], // TCA_FQ_PIE_TUPDATE
  alpha: [5, u32], // TCA_FQ_PIE_ALPHA
  beta: [6, u32], // TCA_FQ_PIE_BETA
  quantum: [7, u32], // TCA_FQ_PIE_QUANTUM
  memoryLimit: [8, u32], // TCA_FQ_PIE_MEMORY_LIMIT
  ecnProbability: [9, u32], // TCA_FQ_PIE_ECN_PROB
  ecn: [10, u32], // TCA_FQ_PIE_ECN
  byteMode: [11, u32], // TCA_FQ_PIE_BYTEMODE
  estimator: [12, u32], // TCA_FQ_PIE_DQ_RATE_ESTIMATOR
});

/** Many queues, of which each connection has one, and from each of which packets are dropped by a chance that follows their wait. */
export interface FqPieOptions extends Omit<PieOptions, 'limit'> {
  /** Packets that may wait; 10,240 by default. */
  limit?: number;
  /** Bytes that may wait; 32 MiB by default. */
  memoryLimit?: number;
  /** How many queues; 1024 by default. The kernel does not change it later. */
  flows?: number;
  /** Bytes that a queue sends in its turn; the MTU by default. */
  quantum?: number;
  /** Whole percent up to which packets are marked, and not dropped, with `ecn`; 10 by default. */
  ecnProbability?: number;
}

export const fqPie: TrafficKind<FqPieOptions, ValueOf<typeof codec>, FqPieOptions> = {
  codec,
  options: {
    ...PIE_OPTIONS,
    memoryLimit: integerFrom(0, 0xffffffff),
    flows: integerFrom(1, 65536),
    quantum: integerFrom(1, 0x7fffffff),
    ecnProbability: integerFrom(0, 100),
  },
  creationOnly: ['flows'],
  toData: (options) => defined({ ...options, ...toPieNumbers(options) }),
  toView: ({ unknown: _, ...found }) => defined({ ...found, ...fromPieNumbers(found) }),
};

/** struct tc_fq_pie_xstats */
const counted = struct([
  ['packets', u32, 4],
  ['dropped', u32, 4],
  ['overLimit', u32, 4],
  ['overMemory', u32, 4],
  ['ecnMarks', u32, 4],
  ['newFlows', u32, 4],
  ['newFlowsNow', u32, 4],
  ['oldFlowsNow', u32, 4],
  ['memory', u32, 4],
]);

/** What an fq_pie counts. */
export interface FqPieStatistics {
  /** Packets that came. */
  packets: number;
  /** Packets that were dropped by chance. */
  dropped: number;
  /** Packets that were dropped because the limit was reached. */
  overLimit: number;
  /** Packets that were dropped because `memoryLimit` was reached. */
  overMemory: number;
  /** Packets that were marked in the place of being dropped. */
  ecnMarks: number;
  /** How often a packet began a queue. */
  newFlows: number;
  /** Queues that have begun, and had no turn. */
  newFlowsNow: number;
  /** Queues that had one. */
  oldFlowsNow: number;
  /** Bytes that wait, with what the kernel needs for them. */
  memory: number;
}

export const fqPieStatistics = kindStatistics(counted, (found): FqPieStatistics => found);
