import { attributes, headed } from '../attributes';
import { bytes, text, u16, u32, u64, u8 } from '../codec';
import { NetlinkObject } from '../object';
import { struct } from '../struct';

/** struct ndtmsg */
const ndtmsg = struct([['family', u8, 1], 3]);

/** struct ndt_config: times are milliseconds ago. */
const config = struct([
  ['keyLength', u16, 2],
  ['entrySize', u16, 2],
  ['entries', u32, 4],
  ['lastFlush', u32, 4],
  ['lastRandom', u32, 4],
  ['hashRandom', u32, 4],
  ['hashMask', u32, 4],
  ['hashChainGc', u32, 4],
  ['proxyQueueLength', u32, 4],
]);

/** struct ndt_stats */
const statistics = struct([
  ['allocations', u64, 8],
  ['destructions', u64, 8],
  ['hashGrowths', u64, 8],
  ['failedResolutions', u64, 8],
  ['lookups', u64, 8],
  ['hits', u64, 8],
  ['multicastProbesReceived', u64, 8],
  ['unicastProbesReceived', u64, 8],
  ['periodicGcRuns', u64, 8],
  ['forcedGcRuns', u64, 8],
  ['tableFulls', u64, 8],
]);

/** What holds for the neighbors on one device. Times are in milliseconds. */
const parameters = attributes({
  index: [1, u32], // NDTPA_IFINDEX
  references: [2, u32], // NDTPA_REFCNT
  reachableTime: [3, u64], // NDTPA_REACHABLE_TIME
  baseReachableTime: [4, u64], // NDTPA_BASE_REACHABLE_TIME
  retransmitTime: [5, u64], // NDTPA_RETRANS_TIME
  gcStaleTime: [6, u64], // NDTPA_GC_STALETIME
  delayProbeTime: [7, u64], // NDTPA_DELAY_PROBE_TIME
  queueLength: [8, u32], // NDTPA_QUEUE_LEN
  appProbes: [9, u32], // NDTPA_APP_PROBES
  unicastProbes: [10, u32], // NDTPA_UCAST_PROBES
  multicastProbes: [11, u32], // NDTPA_MCAST_PROBES
  anycastDelay: [12, u64], // NDTPA_ANYCAST_DELAY
  proxyDelay: [13, u64], // NDTPA_PROXY_DELAY
  proxyQueueLength: [14, u32], // NDTPA_PROXY_QLEN
  lockTime: [15, u64], // NDTPA_LOCKTIME
  queueBytes: [16, u32], // NDTPA_QUEUE_LENBYTES
  multicastReprobes: [17, u32], // NDTPA_MCAST_REPROBES
  /** Before attributes of 64 bits, on machines that read none at an odd place. */
  padding: [18, bytes], // NDTPA_PAD
  intervalProbeTime: [19, u64], // NDTPA_INTERVAL_PROBE_TIME_MS
});

const content = headed(
  ndtmsg,
  attributes({
    name: [1, text(63)], // NDTA_NAME
    gcThreshold1: [2, u32], // NDTA_THRESH1
    gcThreshold2: [3, u32], // NDTA_THRESH2
    gcThreshold3: [4, u32], // NDTA_THRESH3
    config: [5, config], // NDTA_CONFIG
    parameters: [6, parameters], // NDTA_PARMS
    statistics: [7, statistics], // NDTA_STATS
    gcInterval: [8, u64], // NDTA_GC_INTERVAL
    padding: [9, bytes], // NDTA_PAD
  }),
);

/** rtnetlink(7), RTM_GETNEIGHTBL, which RTM_NEWNEIGHTBL answers. Nobody adds or removes a table. */
export const neighborTable = new NetlinkObject(
  { add: 64, remove: 64, get: 66 }, // RTM_NEWNEIGHTBL, RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL
  content,
);

/** RTM_SETNEIGHTBL */
export const neighborTableSettings = new NetlinkObject(
  { add: 67, remove: 67, get: 66 }, // RTM_SETNEIGHTBL, RTM_SETNEIGHTBL, RTM_GETNEIGHTBL
  content,
);

export type NeighborTableMessage = ReturnType<typeof neighborTable.read>;
