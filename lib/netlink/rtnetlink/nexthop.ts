import { attributes, headed, list, NLA_F_NESTED } from '../attributes';
import { choice, type Codec, flag, ip, MalformedError, padding, u16, u32, u64, u8 } from '../codec';
import { NetlinkObject } from '../object';
import { struct } from '../struct';
import { scope } from './address';
import { encapType } from './encap-type';
import { encapContent } from './encaps';
import { PROTOCOLS } from './route';

/** struct nhmsg */
const nhmsg = struct([
  ['family', u8, 1],
  ['scope', scope, 1],
  ['protocol', choice(u8, PROTOCOLS), 1],
  1, // resvd
  ['flags', u32, 4],
]);

/** linux/nexthop.h, NEXTHOP_GRP_TYPE_* */
export const NEXTHOP_GROUP_TYPES = {
  mpath: 0, // NEXTHOP_GRP_TYPE_MPATH
  resilient: 1, // NEXTHOP_GRP_TYPE_RES
} as const;

/** One next hop of a group. */
export interface GroupMember {
  id: number;
  /** 1 to 256; since Linux 6.12, to 65536. */
  weight: number;
}

const MEMBER = 8;

/** struct nexthop_grp, one after the other: the weight less one, whose upper byte was reserved before Linux 6.12. */
const group: Codec<readonly GroupMember[]> = {
  shape: {
    kind: 'list',
    item: { kind: 'struct', fields: { id: u32.shape, weight: { kind: 'integer', min: 1, max: 0x10000 } } },
  },
  write(to, value) {
    for (const { id, weight } of value) {
      u32.write(to, id);
      u8.write(to, (weight - 1) & 0xff);
      u8.write(to, (weight - 1) >> 8);
      u16.write(to, 0);
    }
  },
  read(from, start, end) {
    if ((end - start) % MEMBER !== 0) {
      throw new MalformedError(`${end - start} bytes where ${MEMBER} belong for each next hop`);
    }
    const members: GroupMember[] = [];
    for (let at = start; at < end; at += MEMBER) {
      const [low, high] = [u8.read(from, at + 4, at + 5), u8.read(from, at + 5, at + 6)];
      members.push({ id: u32.read(from, at, at + 4), weight: high * 0x100 + low + 1 });
    }
    return members;
  },
};

/** NHA_RES_GROUP. Times are in hundredths of a second, USER_HZ. */
const resilient = attributes({
  buckets: [1, u16], // NHA_RES_GROUP_BUCKETS
  idleTimer: [2, u32], // NHA_RES_GROUP_IDLE_TIMER
  unbalancedTimer: [3, u32], // NHA_RES_GROUP_UNBALANCED_TIMER
  unbalancedTime: [4, u64], // NHA_RES_GROUP_UNBALANCED_TIME
});

/** A number of as many bytes as it needs, four or eight, as the kernel has them for counters of any size. */
const counter: Codec<number> = {
  shape: u64.shape,
  write: (to, value) => u64.write(to, value),
  read: (from, start, end) => (end - start === 4 ? u32 : u64).read(from, start, end),
};

/** What the members of a group have sent: linux/nexthop.h, Linux 6.9. */
const memberStats = list(
  1 | NLA_F_NESTED, // NHA_GROUP_STATS_ENTRY
  attributes({
    id: [1, u32], // NHA_GROUP_STATS_ENTRY_ID
    packets: [2, counter], // NHA_GROUP_STATS_ENTRY_PACKETS
    hardwarePackets: [3, counter], // NHA_GROUP_STATS_ENTRY_PACKETS_HW
  }),
);

/** linux/nexthop.h, NHA_OP_FLAG_*: what a reply is to have. */
export const NEXTHOP_STATS = {
  software: 1, // NHA_OP_FLAG_DUMP_STATS
  hardware: 2, // NHA_OP_FLAG_DUMP_HW_STATS
} as const;

/** RTM_NEWNEXTHOP and its kin: linux/nexthop.h. The kernel insists on NLA_F_NESTED here. */
export const nexthop = new NetlinkObject(
  { add: 104, remove: 105, get: 106 },
  headed(
    nhmsg,
    attributes({
      id: [1, u32], // NHA_ID
      group: [2, group], // NHA_GROUP
      groupType: [3, choice(u16, NEXTHOP_GROUP_TYPES)], // NHA_GROUP_TYPE
      blackhole: [4, flag], // NHA_BLACKHOLE
      index: [5, u32], // NHA_OIF
      gateway: [6, ip], // NHA_GATEWAY
      encapType: [7, encapType], // NHA_ENCAP_TYPE
      encap: [8 | NLA_F_NESTED, encapContent], // NHA_ENCAP
      groups: [9, flag], // NHA_GROUPS
      master: [10, u32], // NHA_MASTER
      fdb: [11, flag], // NHA_FDB
      resilient: [12 | NLA_F_NESTED, resilient], // NHA_RES_GROUP
      operationFlags: [14, u32], // NHA_OP_FLAGS
      groupStats: [15 | NLA_F_NESTED, memberStats], // NHA_GROUP_STATS
      hardwareStats: [16, u32], // NHA_HW_STATS_ENABLE
      hardwareStatsUsed: [17, u32], // NHA_HW_STATS_USED
    }),
  ),
);

export type NexthopMessage = ReturnType<typeof nexthop.read>;

/** RTM_GETNEXTHOPBUCKET (5.13): the buckets of resilient groups. */
export const nexthopBucket = new NetlinkObject(
  { add: 116, remove: 117, get: 118 }, // RTM_NEWNEXTHOPBUCKET, RTM_DELNEXTHOPBUCKET, RTM_GETNEXTHOPBUCKET
  headed(
    nhmsg,
    attributes({
      id: [1, u32], // NHA_ID
      index: [5, u32], // NHA_OIF
      master: [10, u32], // NHA_MASTER
      bucket: [
        13 | NLA_F_NESTED, // NHA_RES_BUCKET
        attributes({
          padding: [0, padding], // NHA_RES_BUCKET_PAD
          index: [1, u16], // NHA_RES_BUCKET_INDEX
          /** In hundredths of a second, USER_HZ. */
          idleTime: [2, u64], // NHA_RES_BUCKET_IDLE_TIME
          nexthopId: [3, u32], // NHA_RES_BUCKET_NH_ID
        }),
      ],
    }),
  ),
);
