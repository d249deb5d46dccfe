import { attributes } from '../attributes';
import { bytes, u32, u64 } from '../codec';
import { struct } from '../struct';

/** struct gnet_stats_basic */
const basic = struct([
  ['bytes', u64, 8],
  ['packets', u32, 4],
]);

/** struct gnet_stats_queue */
const queue = struct([
  ['qlen', u32, 4],
  ['backlog', u32, 4],
  ['drops', u32, 4],
  ['requeues', u32, 4],
  ['overlimits', u32, 4],
]);

/** What passed a queueing discipline, a class, or an action. */
export const statistics = attributes({
  basic: [1, basic], // TCA_STATS_BASIC
  rate: [2, bytes], // TCA_STATS_RATE_EST
  queue: [3, queue], // TCA_STATS_QUEUE
  own: [4, bytes], // TCA_STATS_APP
  rate64: [5, bytes], // TCA_STATS_RATE_EST64
  hardware: [7, basic], // TCA_STATS_BASIC_HW
  packets: [8, u64], // TCA_STATS_PKT64
});
