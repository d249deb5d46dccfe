import { defined } from '../../../common/objects';
import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';
import { kindStatistics } from './statistics';
import { converted, fromMicroseconds, isMicroTime, toMicroseconds } from './units';

const codec = attributes({
  limit: [1, u32], // TCA_HHF_BACKLOG_LIMIT
  quantum: [2, u32], // TCA_HHF_QUANTUM
  largeFlows: [3, u32], // TCA_HHF_HH_FLOWS_LIMIT
  reset: [4, u32], // TCA_HHF_RESET_TIMEOUT
  admit: [5, u32], // TCA_HHF_ADMIT_BYTES
  evict: [6, u32], // TCA_HHF_EVICT_TIMEOUT
  smallWeight: [7, u32], // TCA_HHF_NON_HH_WEIGHT
});

type Data = ValueOf<typeof codec>;

/** Two queues: connections that send much are found, and wait behind the others. */
export interface HhfOptions {
  /** Packets that may wait; 1000 by default. */
  limit?: number;
  /** Bytes that a queue sends in its turn; the MTU and the header by default. */
  quantum?: number;
  /** How many large connections are known at once; 2048 by default. */
  largeFlows?: number;
  /** Milliseconds after which the counts begin anew; 40 by default. */
  reset?: number;
  /** Bytes from which on a connection is a large one; 128 KiB by default. */
  admit?: number;
  /** Milliseconds without a packet after which it is none any more; 1000 by default. */
  evict?: number;
  /** How many turns the small ones have for one of the large ones; 2 by default. */
  smallWeight?: number;
}

/** struct tc_hhf_xstats */
const counted = struct([
  ['dropsOverLimit', u32, 4],
  ['flowsOverLimit', u32, 4],
  ['allFlows', u32, 4],
  ['flows', u32, 4],
]);

/** What an hhf counts. */
export interface HhfStatistics {
  /** Packets that were dropped because the limit was reached. */
  dropsOverLimit: number;
  /** How often there were too many large connections. */
  flowsOverLimit: number;
  /** Large connections that were found. */
  allFlows: number;
  /** Those that there are now. */
  flows: number;
}

export const hhfStatistics = kindStatistics(counted, (found): HhfStatistics => found);

export const hhf: TrafficKind<HhfOptions, Data, HhfOptions> = {
  codec,
  options: {
    limit: integerFrom(1, 0xffffffff),
    quantum: integerFrom(1, 0x7fffffff),
    largeFlows: integerFrom(1, 0xffffffff),
    reset: isMicroTime,
    admit: integerFrom(1, 0xffffffff),
    evict: isMicroTime,
    smallWeight: integerFrom(1, 0x7fffffff),
  },
  // a new one begins with 2048, whatever it is told (6.1)
  sentAgain: ['largeFlows'],
  toData: ({ reset, evict, ...rest }) =>
    defined({
      ...rest,
      reset: converted(toMicroseconds, reset),
      evict: converted(toMicroseconds, evict),
    }),
  toView: ({ limit, quantum, largeFlows, reset, admit, evict, smallWeight }) =>
    defined({
      ...{ limit, quantum, largeFlows, admit, smallWeight },
      reset: converted(fromMicroseconds, reset),
      evict: converted(fromMicroseconds, evict),
    }),
};
