import { AF, checkDevice, checkFamily, checkInteger, type Family, parseIp } from '../common/check';
import { defined } from '../common/objects';
import {
  integerFrom,
  isText,
  listOf,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { shown } from '../common/shown';
import { RTNH_F } from '../netlink/rtnetlink/nexthops';
import { PROTOCOLS } from '../netlink/rtnetlink/route';
import type { Device } from '../netns/device';
import { encapAttributes, type EncapOptions, isEncap } from './encap';
import { inTicks, type Nexthop, type NexthopGroupMember, type ResilientGroup } from './nexthop-view';
import { checkGateways, checkIndex, type IndexOf, isOnlink } from './route-ways';
import { refuseUnknown } from './unexpressed';

/** One next hop of a group. */
export interface GroupMemberOptions {
  /** Of a next hop that is no group itself. */
  id: NexthopGroupMember['id'];
  /** Share of the traffic, 1 to 256, since Linux 6.12 to 65536; 1 by default. */
  weight?: number;
  /** Of a listed one; the kernel counts itself. */
  packets?: number;
  /** Of a listed one. */
  hardwarePackets?: number;
}

/** A next hop object: a gateway, a device or both, a black hole, or a group of others. One that was listed is one, too. */
export interface NexthopObjectOptions {
  /** The gateway: '10.0.1.254', or 'fe80::1%eth0' with its device. */
  via?: string;
  /** The device that packets leave by. */
  device?: Device;
  /** The device's index, as a listed next hop has it; `device` comes first. */
  index?: number;
  /** Take the gateway to be on the link even if there is no route to it. */
  onlink?: boolean;
  /** Those of a listed one: 'onlink' is as the option above, unless that is given; the others are the kernel's. */
  flags?: readonly string[];
  /** What packets are wrapped into. */
  encap?: EncapOptions;
  /** Drop the packets. */
  blackhole?: boolean;
  /** It is for entries of a forwarding table (of a vxlan). */
  fdb?: boolean;
  /** The next hops over which it spreads its traffic. */
  group?: readonly GroupMemberOptions[];
  /** A group that keeps its flows on their ways when it changes (Linux 5.13). */
  resilient?: Partial<ResilientGroup>;
  /** Of a group: count what the hardware sends, too (Linux 6.9); off by default. */
  hardwareStats?: boolean;
  /** 4 or 6, where there is no gateway; 4 by default. */
  family?: Family;
  /** Who makes it. */
  protocol?: Nexthop['protocol'];
  /** Of a listed one; the kernel sets it itself. */
  scope?: Nexthop['scope'];
  /** Of a listed one. A next hop with anything in it is refused. */
  unknown?: Nexthop['unknown'];
}

/** @internal */
export const checkId: OptionCheck = (value, path) => {
  if (typeof value === 'object' && value !== null && 'id' in value) {
    throw new TypeError(`${path}: expected a number, got an object; its number is its 'id'`);
  }
  checkInteger(path, value, 1, 0xffffffff);
};

const isSeconds: OptionCheck = (value, path) => {
  const message = `${path}: expected seconds, from 0 to 42949672, got ${shown(value)}`;
  if (typeof value !== 'number') throw new TypeError(message);
  if (!(value >= 0 && value <= 42949672)) throw new RangeError(message);
};

const MEMBER = optionTable<GroupMemberOptions>(
  { id: checkId, weight: integerFrom(1, 0x10000), packets: true, hardwarePackets: true },
  ['id'],
);
const isGroup = listOf(optionsOf(MEMBER));

const RESILIENT = optionTable<Partial<ResilientGroup>>({
  buckets: integerFrom(1, 0xffff),
  idleTimer: isSeconds,
  unbalancedTimer: isSeconds,
  // of a listed one
  unbalancedTime: true,
});

/** @internal */
export const NEXTHOP_OBJECT = optionTable<NexthopObjectOptions>({
  via: true,
  device: checkDevice,
  index: checkIndex,
  onlink: trueOrFalse,
  flags: listOf(isText),
  encap: isEncap,
  blackhole: trueOrFalse,
  fdb: trueOrFalse,
  group: (value, path) => {
    isGroup(value, path);
    if ((value as readonly unknown[]).length === 0) throw new TypeError(`${path}: expected at least one`);
  },
  resilient: optionsOf(RESILIENT),
  hardwareStats: trueOrFalse,
  family: checkFamily,
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  scope: true,
  unknown: true,
});

/** A next hop in the message's terms, without its number and its own device. */
export function toNexthopMessage(options: NexthopObjectOptions, index: IndexOf) {
  const { via, family, group, resilient, blackhole = false, fdb = false, protocol, encap } = options;
  refuseUnknown(options.unknown, 'nexthop');
  const isSingle = via !== undefined || options.device !== undefined || options.index !== undefined;
  if (!isSingle && !blackhole && group === undefined) {
    throw new TypeError("options: expected 'via', 'device', 'blackhole' or 'group'");
  }
  if (resilient !== undefined && group === undefined) {
    throw new TypeError("resilient: it needs the option 'group'");
  }
  if (options.hardwareStats !== undefined && group === undefined) {
    throw new TypeError("hardwareStats: it needs the option 'group'");
  }
  checkGateways(options);
  const gateway = via === undefined ? undefined : parseIp(via, 'via');
  if (family !== undefined && gateway !== undefined && gateway.family !== family) {
    throw new RangeError(`family: the gateway is IPv${gateway.family}, got ${shown(family)}`);
  }
  const own = gateway?.family ?? family ?? 4;
  return {
    family: group === undefined ? AF[own] : 0,
    flags: isOnlink(options) ? RTNH_F.onlink : 0,
    ...defined({
      protocol,
      gateway: gateway?.address,
      blackhole: blackhole || undefined,
      fdb: fdb || undefined,
      group: group?.map(({ id, weight = 1 }) => ({ id, weight })),
      hardwareStats: options.hardwareStats === true ? 1 : undefined,
    }),
    ...encapAttributes(encap, index),
    ...(resilient !== undefined && { groupType: 'resilient' as const, resilient: inTicks(resilient) }),
  };
}
