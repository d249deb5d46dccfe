import { u32, u64 } from '../../codec';
import { struct } from '../../struct';
import { kindStatistics } from './statistics';

/** struct tc_fq_qd_stats */
const counted = struct([
  ['collected', u64, 8],
  ['highPriority', u64, 8],
  8,
  ['throttled', u64, 8],
  ['overFlowLimit', u64, 8],
  ['tooLong', u64, 8],
  ['allocationErrors', u64, 8],
  8,
  ['flows', u32, 4],
  ['inactiveFlows', u32, 4],
  ['throttledFlows', u32, 4],
  ['unthrottleLatency', u32, 4],
  ['ceMarks', u64, 8],
  ['horizonDrops', u64, 8],
  ['horizonCaps', u64, 8],
]);

/** What an fq counts. */
export interface FqStatistics {
  /** Connections that have a queue. */
  flows: number;
  /** Those of them of which nothing waits. */
  inactiveFlows: number;
  /** Those of them that wait for their rate. */
  throttledFlows: number;
  /** Queues that were taken away again, because nothing came. */
  collected: number;
  /** Packets that went by because of their priority. */
  highPriority: number;
  /** How often a connection had to wait for its rate. */
  throttled: number;
  /** Nanoseconds by which such a connection went on too late, on average. */
  unthrottleLatency: number;
  /** Packets that were dropped because `flowLimit` was reached. */
  overFlowLimit: number;
  /** Packets that would take more than a second at their rate. */
  tooLong: number;
  /** How often the kernel had no memory for a queue. */
  allocationErrors: number;
  /** Packets that were marked because of `ceThreshold`. */
  ceMarks: number;
  /** Packets that were dropped because they were to leave beyond the horizon. */
  horizonDrops: number;
  /** Packets that leave earlier, because they were to leave beyond the horizon. */
  horizonCaps: number;
}

export const fqStatistics = kindStatistics(counted, (found): FqStatistics => found);
