import { ALTIFNAMSIZ, IFNAMSIZ } from '../../common/limits';
import { attributes, list, NLA_F_NESTED, type Values } from '../attributes';
import {
  bareText,
  bool8,
  bytes,
  choice,
  ipv6,
  mac,
  s32,
  text,
  u16,
  u32,
  u64,
  u8,
  type ValueOf,
} from '../codec';
import { struct } from '../struct';

const IFALIASZ = 256;

/** struct ifinfomsg */
export const ifinfomsg = struct([
  ['family', u8, 1],
  1,
  ['hardware', u16, 2],
  ['index', s32, 4],
  ['flags', u32, 4],
  ['change', u32, 4],
]);

/** RFC 2863 operational state, from linux/if.h, IF_OPER_*. */
export const operState = choice(u8, {
  unknown: 0,
  notpresent: 1,
  down: 2,
  lowerlayerdown: 3,
  testing: 4,
  dormant: 5,
  up: 6,
});

/** How a device makes its IPv6 link-local address: linux/if_link.h, IN6_ADDR_GEN_MODE_*. */
export const addrGenMode = choice(u8, {
  eui64: 0,
  none: 1,
  stable_secret: 2, // IN6_ADDR_GEN_MODE_STABLE_PRIVACY
  random: 3,
});

/** linux/if.h, IF_LINK_MODE_* */
const linkMode = choice(u8, {
  default: 0, // IF_LINK_MODE_DEFAULT
  dormant: 1, // IF_LINK_MODE_DORMANT
  testing: 2, // IF_LINK_MODE_TESTING
});

/** struct rtnl_link_stats64, but for the last field, which 5.10 does not have. */
const statistics = struct([
  ['rxPackets', u64, 8],
  ['txPackets', u64, 8],
  ['rxBytes', u64, 8],
  ['txBytes', u64, 8],
  ['rxErrors', u64, 8],
  ['txErrors', u64, 8],
  ['rxDropped', u64, 8],
  ['txDropped', u64, 8],
  ['multicast', u64, 8],
  ['collisions', u64, 8],
  ['rxLengthErrors', u64, 8],
  ['rxOverErrors', u64, 8],
  ['rxCrcErrors', u64, 8],
  ['rxFrameErrors', u64, 8],
  ['rxFifoErrors', u64, 8],
  ['rxMissedErrors', u64, 8],
  ['txAbortedErrors', u64, 8],
  ['txCarrierErrors', u64, 8],
  ['txFifoErrors', u64, 8],
  ['txHeartbeatErrors', u64, 8],
  ['txWindowErrors', u64, 8],
  ['rxCompressed', u64, 8],
  ['txCompressed', u64, 8],
  ['rxNoHandler', u64, 8],
]);

/** What a device has counted. */
export type LinkStats = ValueOf<typeof statistics>;

const inet6 = attributes({
  token: [7, ipv6], // IFLA_INET6_TOKEN
  addrGenMode: [8, addrGenMode], // IFLA_INET6_ADDR_GEN_MODE
});

const perFamily = attributes({
  inet6: [10, inet6], // AF_INET6
});

/** The attributes that every kind of device has; a veth's peer is described with them as well. */
export const commonLinkRows = {
  mac: [1, mac], // IFLA_ADDRESS
  broadcast: [2, mac], // IFLA_BROADCAST
  name: [3, text(IFNAMSIZ - 1)], // IFLA_IFNAME
  mtu: [4, u32], // IFLA_MTU
  /** The device below this one, or a veth's peer: an index in the namespace that `linkNsid` names. */
  link: [5, u32], // IFLA_LINK
  qdisc: [6, text(IFNAMSIZ - 1)], // IFLA_QDISC
  /** Index of the bridge, bond or VRF; 0 releases. */
  master: [10, u32], // IFLA_MASTER
  txQueueLength: [13, u32], // IFLA_TXQLEN
  operState: [16, operState], // IFLA_OPERSTATE
  linkMode: [17, linkMode], // IFLA_LINKMODE
  netnsPid: [19, u32], // IFLA_NET_NS_PID
  alias: [20, bareText(IFALIASZ - 1)], // IFLA_IFALIAS
  statistics: [23, statistics], // IFLA_STATS64
  perFamily: [26, perFamily], // IFLA_AF_SPEC
  group: [27, u32], // IFLA_GROUP
  netnsFd: [28, u32], // IFLA_NET_NS_FD
  extMask: [29, u32], // IFLA_EXT_MASK
  promiscuity: [30, u32], // IFLA_PROMISCUITY
  txQueues: [31, u32], // IFLA_NUM_TX_QUEUES
  rxQueues: [32, u32], // IFLA_NUM_RX_QUEUES
  carrier: [33, bool8], // IFLA_CARRIER
  physicalPortId: [34, bytes], // IFLA_PHYS_PORT_ID
  carrierChanges: [35, u32], // IFLA_CARRIER_CHANGES
  physicalSwitchId: [36, bytes], // IFLA_PHYS_SWITCH_ID
  linkNsid: [37, s32], // IFLA_LINK_NETNSID
  physicalPortName: [38, text(IFNAMSIZ - 1)], // IFLA_PHYS_PORT_NAME
  protoDown: [39, bool8], // IFLA_PROTO_DOWN
  gsoMaxSegments: [40, u32], // IFLA_GSO_MAX_SEGS
  gsoMaxSize: [41, u32], // IFLA_GSO_MAX_SIZE
  newNsid: [45, s32], // IFLA_NEW_NETNSID
  targetNsid: [46, s32], // IFLA_TARGET_NETNSID
  carrierUpCount: [47, u32], // IFLA_CARRIER_UP_COUNT
  carrierDownCount: [48, u32], // IFLA_CARRIER_DOWN_COUNT
  newIndex: [49, s32], // IFLA_NEW_IFINDEX
  minMtu: [50, u32], // IFLA_MIN_MTU
  maxMtu: [51, u32], // IFLA_MAX_MTU
  altNames: [52 | NLA_F_NESTED, list(53 /* IFLA_ALT_IFNAME */, text(ALTIFNAMSIZ - 1))], // IFLA_PROP_LIST
  altName: [53, text(ALTIFNAMSIZ - 1)], // IFLA_ALT_IFNAME
  permanentMac: [54, mac], // IFLA_PERM_ADDRESS
  parentDeviceName: [56, text(0xff)], // IFLA_PARENT_DEV_NAME
  parentBusName: [57, text(0xff)], // IFLA_PARENT_DEV_BUS_NAME
  groMaxSize: [58, u32], // IFLA_GRO_MAX_SIZE
  tsoMaxSize: [59, u32], // IFLA_TSO_MAX_SIZE
  tsoMaxSegments: [60, u32], // IFLA_TSO_MAX_SEGS
  allMulticast: [61, u32], // IFLA_ALLMULTI
  gsoIpv4MaxSize: [63, u32], // IFLA_GSO_IPV4_MAX_SIZE
  groIpv4MaxSize: [64, u32], // IFLA_GRO_IPV4_MAX_SIZE
  maxPacingOffloadHorizon: [66, u32], // IFLA_MAX_PACING_OFFLOAD_HORIZON
  netnsImmutable: [67, bool8], // IFLA_NETNS_IMMUTABLE
  headroom: [68, u16], // IFLA_HEADROOM
  tailroom: [69, u16], // IFLA_TAILROOM
} as const;

export const commonLinkAttributes = attributes(commonLinkRows);
export type CommonLinkAttributes = Values<typeof commonLinkRows>;
