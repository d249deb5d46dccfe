import { AF, type Family } from '../common/check';
import { assignDefined, defined, flagNames } from '../common/objects';
import type { SCOPES } from '../netlink/rtnetlink/address';
import type { GroupMember, NexthopMessage } from '../netlink/rtnetlink/nexthop';
import { RTNH_F } from '../netlink/rtnetlink/nexthops';
import type { PROTOCOLS } from '../netlink/rtnetlink/route';
import { type Encap, toEncap } from './encap';
import { type UnknownAttributes, unexpressed } from './unexpressed';

/** One next hop of a group, by its number. */
export interface NexthopGroupMember {
  /** Of a next hop that is no group itself. */
  id: number;
  /** Share of the traffic, 1 to 256; since Linux 6.12, to 65536. */
  weight: number;
  /** What has gone by it, where `stats` was asked for (Linux 6.9). */
  packets?: number;
  /** How many of these the hardware has sent, where the group has `hardwareStats`. */
  hardwarePackets?: number;
}

/** How a group keeps its flows on their ways when the group changes: by buckets, which move to another next hop when they are idle. */
export interface ResilientGroup {
  /** How many buckets there are: flows are spread over them. */
  buckets: number;
  /** Seconds without a packet after which a bucket may move; 120 by default. */
  idleTimer: number;
  /** Seconds after which buckets move that are not idle; 0, which is never, by default. */
  unbalancedTimer: number;
  /** Seconds for which the buckets have not been as the weights want them. */
  unbalancedTime: number;
}

/** A next hop object, to which routes refer by its number. */
export interface Nexthop {
  id: number;
  /** Of a group, undefined. */
  family?: Family;
  /** The gateway. */
  via?: string;
  /** Index of the device. */
  index?: number;
  /** What the packets are wrapped into. */
  encap?: Encap;
  /** Packets are dropped. */
  blackhole?: true;
  /** It is for entries of a forwarding table (of a vxlan), and no route can have it. */
  fdb?: true;
  /** The next hops over which this one spreads its traffic. */
  group?: NexthopGroupMember[];
  /** Of a group that keeps its flows on their ways. */
  resilient?: ResilientGroup;
  /** Of a group: packets that the hardware sends are counted; only where `stats` was asked for. */
  hardwareStats?: true;
  /** How far away it is: 'link' for a gateway on the link. */
  scope: keyof typeof SCOPES | number;
  /** Who made it: 'static', 'zebra', …; 'unspec' where nobody said. */
  protocol: keyof typeof PROTOCOLS | number;
  /** 'onlink', 'linkdown', 'dead', … */
  flags: string[];
  /** What it has that no other property expresses. */
  unknown?: UnknownAttributes;
}

const USER_HZ = 100;

/** linux/nexthop.h, NHA_OP_FLAG_RESP_GRP_RESVD_0: the weights of a group have 16 bits, and its reserved bytes are zero. */
const WIDE_WEIGHTS = 2 ** 31;

const EXPRESSED: ReadonlySet<string> = new Set([
  ...['family', 'scope', 'protocol', 'flags', 'id', 'group', 'groupType', 'blackhole', 'index', 'gateway'],
  ...[
    'encapType',
    'encap',
    'fdb',
    'resilient',
    'operationFlags',
    'groupStats',
    'hardwareStats',
    'hardwareStatsUsed',
  ],
]);

/** @internal */
export function toNexthopObject(message: NexthopMessage): Nexthop {
  const { id = 0, family, scope, protocol, flags, group, groupType, resilient } = message;
  return assignDefined(
    { id },
    {
      family: group !== undefined ? undefined : family === AF[4] ? (4 as const) : (6 as const),
      via: message.gateway,
      index: message.index,
      encap: toEncap(message),
      blackhole: message.blackhole,
      fdb: message.fdb,
      group: group?.map((member) => toMember(member, message)),
      resilient: groupType === 'resilient' && resilient !== undefined ? inSeconds(resilient) : undefined,
      hardwareStats: message.hardwareStats === 1 ? (true as const) : undefined,
      scope,
      protocol,
      flags: flagNames(RTNH_F, flags),
      unknown: unexpressed(message, EXPRESSED),
    },
  ) as Nexthop;
}

/** Before Linux 6.12, the upper byte of a weight is reserved, and 5.10 leaves in it what was in its memory. */
function toMember({ id, weight }: GroupMember, message: NexthopMessage): NexthopGroupMember {
  const { operationFlags = 0, groupStats, hardwareStats } = message;
  const wide = (operationFlags & WIDE_WEIGHTS) !== 0;
  const { packets, hardwarePackets } = groupStats?.find((entry) => entry.id === id) ?? {};
  return {
    id,
    weight: wide ? weight : ((weight - 1) & 0xff) + 1,
    // the kernel (6.18) says 0 of what it does not count
    ...defined({ packets, hardwarePackets: hardwareStats === 1 ? hardwarePackets : undefined }),
  };
}

function inSeconds({
  buckets = 0,
  idleTimer = 0,
  unbalancedTimer = 0,
  unbalancedTime = 0,
}: NonNullable<NexthopMessage['resilient']>): ResilientGroup {
  return {
    buckets,
    idleTimer: idleTimer / USER_HZ,
    unbalancedTimer: unbalancedTimer / USER_HZ,
    unbalancedTime: unbalancedTime / USER_HZ,
  };
}

/** @internal Timers in the kernel's unit. */
export function inTicks({ buckets, idleTimer, unbalancedTimer }: Partial<ResilientGroup>) {
  const ticks = (seconds: number | undefined) =>
    seconds === undefined ? undefined : Math.round(seconds * USER_HZ);
  return defined({ buckets, idleTimer: ticks(idleTimer), unbalancedTimer: ticks(unbalancedTimer) });
}
