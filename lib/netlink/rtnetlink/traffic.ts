import { attributes, headed } from '../attributes';
import { LITTLE } from '../bytes';
import { bytes, flag, s32, text, u32, u8 } from '../codec';
import { NetlinkObject } from '../object';
import { struct } from '../struct';
import { filterCodecs } from './filters';
import { classCodecs, NESTED, qdiscCodecs } from './qdiscs';
import { sizeTable } from './qdiscs/size-table';
import { statistics } from './traffic-statistics';

/** linux/pkt_sched.h, TC_H_*: what is no number of a queueing discipline or class, but a place. */
export const TC_H = {
  unspec: 0, // TC_H_UNSPEC
  root: 0xffffffff, // TC_H_ROOT
  ingress: 0xfffffff1, // TC_H_INGRESS
} as const;

/** linux/pkt_sched.h, TC_H_MIN_*: the sides of a device for whose filters `clsact` is the place. */
export const TC_H_MIN = {
  ingress: 0xfff2, // TC_H_MIN_INGRESS
  egress: 0xfff3, // TC_H_MIN_EGRESS
} as const;

const IFNAMSIZ = 16;

/** struct tcmsg: of a queueing discipline `info` counts its users, of a class it is what its packets wait in. */
const tcmsg = struct([
  ['family', u8, 1],
  3,
  ['index', s32, 4],
  ['handle', u32, 4],
  ['parent', u32, 4],
  ['info', u32, 4],
]);

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
      options: [2, { by: 'kind', codecs: qdiscCodecs, nested: NESTED }], // TCA_OPTIONS
      ...rowsBehindOptions,
      sizeTable: [8, sizeTable], // TCA_STAB
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

/** rtnetlink(7), RTM_NEWTFILTER and its kin. */
export const filter = new NetlinkObject(
  { add: 44, remove: 45, get: 46 },
  headed(
    tcmsg,
    attributes({
      kind: [1, text(IFNAMSIZ - 1)], // TCA_KIND
      options: [2, { by: 'kind', codecs: filterCodecs }], // TCA_OPTIONS
      ...rowsBehindOptions,
    }),
  ),
);

/** rtnetlink(7), RTM_NEWCHAIN and its kin: a chain of filters, whose options are the template of its filters. */
export const chain = new NetlinkObject({ add: 100, remove: 101, get: 102 }, filter.codec);

const inNetworkOrder = (short: number) => (LITTLE ? ((short & 0xff) << 8) | (short >>> 8) : short);

/** The `info` of a filter: its priority, and the protocol in network byte order. */
export function filterInfo(priority: number, protocol: number): number {
  return priority * 0x10000 + inNetworkOrder(protocol);
}

/** What the `info` of a filter says. */
export function readFilterInfo(info: number): { priority: number; protocol: number } {
  return { priority: info >>> 16, protocol: inNetworkOrder(info & 0xffff) };
}
