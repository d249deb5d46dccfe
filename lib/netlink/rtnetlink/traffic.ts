import { attributes, headed } from '../attributes';
import { bytes, flag, s32, text, u32, u64, u8 } from '../codec';
import { NetlinkObject } from '../object';
import { struct } from '../struct';
import { classCodecs, qdiscCodecs } from './qdiscs';

/** linux/pkt_sched.h, TC_H_*: what is no number of a queueing discipline or class, but a place. */
export const TC_H = {
  unspec: 0, // TC_H_UNSPEC
  root: 0xffffffff, // TC_H_ROOT
  ingress: 0xfffffff1, // TC_H_INGRESS
} as const;

const IFNAMSIZ = 16;

/** struct tcmsg: of a queueing discipline or class, `info` counts its users. */
const tcmsg = struct([
  ['family', u8, 1],
  3,
  ['index', s32, 4],
  ['handle', u32, 4],
  ['parent', u32, 4],
  ['info', u32, 4],
]);

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

const statistics = attributes({
  basic: [1, basic], // TCA_STATS_BASIC
  rate: [2, bytes], // TCA_STATS_RATE_EST
  queue: [3, queue], // TCA_STATS_QUEUE
  own: [4, bytes], // TCA_STATS_APP
  rate64: [5, bytes], // TCA_STATS_RATE_EST64
  hardware: [7, basic], // TCA_STATS_BASIC_HW
  packets: [8, u64], // TCA_STATS_PKT64
});

const rowsBehindOptions = {
  oldStatistics: [3, bytes], // TCA_STATS
  ownStatistics: [4, bytes], // TCA_XSTATS
  estimator: [5, bytes], // TCA_RATE
  statistics: [7, statistics], // TCA_STATS2
  sizeTable: [8, bytes], // TCA_STAB
  invisible: [10, flag], // TCA_DUMP_INVISIBLE
  chain: [11, u32], // TCA_CHAIN
  offloaded: [12, u8], // TCA_HW_OFFLOAD
  ingressBlock: [13, u32], // TCA_INGRESS_BLOCK
  egressBlock: [14, u32], // TCA_EGRESS_BLOCK
  warning: [16, text(0xff)], // TCA_EXT_WARN_MSG
} as const;

/** rtnetlink(7), RTM_NEWQDISC and its kin. */
export const qdisc = new NetlinkObject(
  { add: 36, remove: 37, get: 38 },
  headed(
    tcmsg,
    attributes({
      kind: [1, text(IFNAMSIZ - 1)], // TCA_KIND
      options: [2, { by: 'kind', codecs: qdiscCodecs }], // TCA_OPTIONS
      ...rowsBehindOptions,
    }),
  ),
);

/** rtnetlink(7), RTM_NEWTCLASS and its kin. */
export const trafficClass = new NetlinkObject(
  { add: 40, remove: 41, get: 42 },
  headed(
    tcmsg,
    attributes({
      kind: [1, text(IFNAMSIZ - 1)], // TCA_KIND
      options: [2, { by: 'kind', codecs: classCodecs }], // TCA_OPTIONS
      ...rowsBehindOptions,
    }),
  ),
);
