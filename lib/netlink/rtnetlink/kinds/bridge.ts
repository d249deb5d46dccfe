import { attributes } from '../../attributes';
import { be16, bool8, choice, flag, ipv4, ipv6, mac, u16, u32, u64, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { defined } from '../../../common/objects';
import { checkInteger } from '../../../common/check';
import { integerFrom, type OptionCheck, trueOrFalse } from '../../../common/options';
import type { LinkKind } from './link-kind';

/** struct ifla_bridge_id: who is preferred as the root of the spanning tree. */
const bridgeId = struct([
  ['priority', be16, 2],
  ['mac', mac, 6],
]);

/** struct br_boolopt_multi: bits, and which of them are meant (enum br_boolopt_id). */
const boolOptions = struct([
  ['value', u32, 4],
  ['mask', u32, 4],
]);

/** Who asks for multicast memberships, and by which of the ports it is reached. */
const querierState = attributes({
  address: [1, ipv4], // BRIDGE_QUERIER_IP_ADDRESS
  port: [2, u32], // BRIDGE_QUERIER_IP_PORT
  otherTimer: [3, u64], // BRIDGE_QUERIER_IP_OTHER_TIMER
  address6: [5, ipv6], // BRIDGE_QUERIER_IPV6_ADDRESS
  port6: [6, u32], // BRIDGE_QUERIER_IPV6_PORT
  otherTimer6: [7, u64], // BRIDGE_QUERIER_IPV6_OTHER_TIMER
});

/** Times are in hundredths of a second (USER_HZ). */
const table = attributes({
  forwardDelay: [1, u32], // IFLA_BR_FORWARD_DELAY
  helloTime: [2, u32], // IFLA_BR_HELLO_TIME
  maxAge: [3, u32], // IFLA_BR_MAX_AGE
  ageingTime: [4, u32], // IFLA_BR_AGEING_TIME
  stpState: [5, u32], // IFLA_BR_STP_STATE
  priority: [6, u16], // IFLA_BR_PRIORITY
  vlanFiltering: [7, bool8], // IFLA_BR_VLAN_FILTERING
  vlanProtocol: [8, be16], // IFLA_BR_VLAN_PROTOCOL
  groupForwardMask: [9, u16], // IFLA_BR_GROUP_FWD_MASK
  rootId: [10, bridgeId], // IFLA_BR_ROOT_ID
  bridgeId: [11, bridgeId], // IFLA_BR_BRIDGE_ID
  rootPort: [12, u16], // IFLA_BR_ROOT_PORT
  rootPathCost: [13, u32], // IFLA_BR_ROOT_PATH_COST
  topologyChange: [14, bool8], // IFLA_BR_TOPOLOGY_CHANGE
  topologyChangeDetected: [15, bool8], // IFLA_BR_TOPOLOGY_CHANGE_DETECTED
  helloTimer: [16, u64], // IFLA_BR_HELLO_TIMER
  tcnTimer: [17, u64], // IFLA_BR_TCN_TIMER
  topologyChangeTimer: [18, u64], // IFLA_BR_TOPOLOGY_CHANGE_TIMER
  gcTimer: [19, u64], // IFLA_BR_GC_TIMER
  groupAddress: [20, mac], // IFLA_BR_GROUP_ADDR
  fdbFlush: [21, flag], // IFLA_BR_FDB_FLUSH
  multicastRouter: [22, u8], // IFLA_BR_MCAST_ROUTER
  multicastSnooping: [23, bool8], // IFLA_BR_MCAST_SNOOPING
  multicastQueryUseIfaddr: [24, bool8], // IFLA_BR_MCAST_QUERY_USE_IFADDR
  multicastQuerier: [25, bool8], // IFLA_BR_MCAST_QUERIER
  multicastHashElasticity: [26, u32], // IFLA_BR_MCAST_HASH_ELASTICITY
  multicastHashMax: [27, u32], // IFLA_BR_MCAST_HASH_MAX
  multicastLastMemberCount: [28, u32], // IFLA_BR_MCAST_LAST_MEMBER_CNT
  multicastStartupQueryCount: [29, u32], // IFLA_BR_MCAST_STARTUP_QUERY_CNT
  multicastLastMemberInterval: [30, u64], // IFLA_BR_MCAST_LAST_MEMBER_INTVL
  multicastMembershipInterval: [31, u64], // IFLA_BR_MCAST_MEMBERSHIP_INTVL
  multicastQuerierInterval: [32, u64], // IFLA_BR_MCAST_QUERIER_INTVL
  multicastQueryInterval: [33, u64], // IFLA_BR_MCAST_QUERY_INTVL
  multicastQueryResponseInterval: [34, u64], // IFLA_BR_MCAST_QUERY_RESPONSE_INTVL
  multicastStartupQueryInterval: [35, u64], // IFLA_BR_MCAST_STARTUP_QUERY_INTVL
  nfCallIptables: [36, bool8], // IFLA_BR_NF_CALL_IPTABLES
  nfCallIp6tables: [37, bool8], // IFLA_BR_NF_CALL_IP6TABLES
  nfCallArptables: [38, bool8], // IFLA_BR_NF_CALL_ARPTABLES
  vlanDefaultPvid: [39, u16], // IFLA_BR_VLAN_DEFAULT_PVID
  vlanStatsEnabled: [41, bool8], // IFLA_BR_VLAN_STATS_ENABLED
  multicastStatsEnabled: [42, bool8], // IFLA_BR_MCAST_STATS_ENABLED
  multicastIgmpVersion: [43, u8], // IFLA_BR_MCAST_IGMP_VERSION
  multicastMldVersion: [44, u8], // IFLA_BR_MCAST_MLD_VERSION
  vlanStatsPerPort: [45, bool8], // IFLA_BR_VLAN_STATS_PER_PORT
  boolOptions: [46, boolOptions], // IFLA_BR_MULTI_BOOLOPT
  multicastQuerierState: [47, querierState], // IFLA_BR_MCAST_QUERIER_STATE
  fdbLearned: [48, u32], // IFLA_BR_FDB_N_LEARNED
  fdbMaxLearned: [49, u32], // IFLA_BR_FDB_MAX_LEARNED
});

/** Of the reserved addresses 01:80:c2:00:00:0X, those with these bits are never forwarded: net/bridge/br_private.h. */
function forwardMask(never: number, rule: string): OptionCheck {
  return (value, path) => {
    checkInteger(path, value, 0, 0xffff);
    if ((value & never) !== 0) throw new RangeError(`${path}: ${rule}, got ${value}`);
  };
}

/**
 * A bridge's settings and state, as the kernel reports them. Times are in hundredths of a second.
 *
 * @useDeclaredType
 */
export type BridgeInfo = ValueOf<typeof table>;

/** A bridge's own settings; times are in hundredths of a second. */
export interface BridgeSettings {
  /** Spanning tree protocol (IEEE 802.1D); off by default. */
  stp?: boolean;
  /** How long a MAC address is remembered that no frame came from; 30,000 by default. */
  ageingTime?: number;
  /**
   * How long a port listens, and then learns, before it forwards; 1,500 by default. It counts with `stp` only, and is 200 to
   * 3,000 then.
   */
  forwardDelay?: number;
  /** Between two messages of the root of the spanning tree, 100 to 1,000; 200 by default. */
  helloTime?: number;
  /** How old the root's last message may be, 600 to 4,000; 2,000 by default. */
  maxAge?: number;
  /** The bridge with the lowest becomes the root; 32,768 by default. */
  priority?: number;
  /** Whether VLAN tags decide which ports a frame may pass; off by default. */
  vlanFiltering?: boolean;
  /** The VLAN of frames without a tag; 1 by default, 0 for none. */
  vlanDefaultPvid?: number;
  /**
   * Which of the 16 reserved addresses 01:80:c2:00:00:0X are forwarded, a bit for each; none by default. The first three bits,
   * of STP, pause frames and LACP, have to be 0.
   */
  groupForwardMask?: number;
  /** Whether multicast is forwarded only to ports that asked for it (IGMP, MLD); on by default. */
  multicastSnooping?: boolean;
  /** Whether the bridge itself asks who wants multicast; off by default. */
  multicastQuerier?: boolean;
  /** Whether bridged IPv4 packets pass the namespace's iptables rules, too; off by default. */
  nfCallIptables?: boolean;
  /** The same of IPv6. */
  nfCallIp6tables?: boolean;
}

export const bridge: LinkKind<BridgeSettings, BridgeInfo, BridgeInfo> = {
  table,
  ignoresUnknown: true,
  words: {
    EOPNOTSUPP: 'it is not a bridge, or this kernel is built without what is to be set (VLAN filtering)',
    ERANGE: 'with STP, forwardDelay is 200 to 3,000 hundredths of a second',
  },
  options: {
    stp: trueOrFalse,
    ageingTime: true,
    forwardDelay: true,
    helloTime: integerFrom(100, 1000),
    maxAge: integerFrom(600, 4000),
    priority: true,
    vlanFiltering: trueOrFalse,
    vlanDefaultPvid: integerFrom(0, 4094),
    groupForwardMask: forwardMask(
      0b111,
      'a bridge never forwards STP, pause frames and LACP, so bits 0 to 2 are 0 (of ports, setBridgePort sets 0 and 2)',
    ),
    multicastSnooping: trueOrFalse,
    multicastQuerier: trueOrFalse,
    nfCallIptables: trueOrFalse,
    nfCallIp6tables: trueOrFalse,
  },
  toData: ({ stp, ...settings }) =>
    defined({ ...settings, stpState: stp === undefined ? undefined : Number(stp) }),
  toView: (data) => data,
};

/** linux/if_bridge.h, BR_STATE_* */
export const portState = choice(u8, { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 });

/** What a bridge knows of each of its ports. Timers are in hundredths of a second (USER_HZ). */
export const bridgePort = attributes({
  state: [1, portState], // IFLA_BRPORT_STATE
  priority: [2, u16], // IFLA_BRPORT_PRIORITY
  cost: [3, u32], // IFLA_BRPORT_COST
  hairpin: [4, bool8], // IFLA_BRPORT_MODE
  guard: [5, bool8], // IFLA_BRPORT_GUARD
  rootBlock: [6, bool8], // IFLA_BRPORT_PROTECT
  fastLeave: [7, bool8], // IFLA_BRPORT_FAST_LEAVE
  learning: [8, bool8], // IFLA_BRPORT_LEARNING
  unicastFlood: [9, bool8], // IFLA_BRPORT_UNICAST_FLOOD
  proxyArp: [10, bool8], // IFLA_BRPORT_PROXYARP
  learningSync: [11, bool8], // IFLA_BRPORT_LEARNING_SYNC
  proxyArpWifi: [12, bool8], // IFLA_BRPORT_PROXYARP_WIFI
  rootId: [13, bridgeId], // IFLA_BRPORT_ROOT_ID
  bridgeId: [14, bridgeId], // IFLA_BRPORT_BRIDGE_ID
  designatedPort: [15, u16], // IFLA_BRPORT_DESIGNATED_PORT
  designatedCost: [16, u16], // IFLA_BRPORT_DESIGNATED_COST
  id: [17, u16], // IFLA_BRPORT_ID
  number: [18, u16], // IFLA_BRPORT_NO
  topologyChangeAck: [19, bool8], // IFLA_BRPORT_TOPOLOGY_CHANGE_ACK
  configPending: [20, bool8], // IFLA_BRPORT_CONFIG_PENDING
  messageAgeTimer: [21, u64], // IFLA_BRPORT_MESSAGE_AGE_TIMER
  forwardDelayTimer: [22, u64], // IFLA_BRPORT_FORWARD_DELAY_TIMER
  holdTimer: [23, u64], // IFLA_BRPORT_HOLD_TIMER
  flush: [24, flag], // IFLA_BRPORT_FLUSH
  multicastRouter: [25, u8], // IFLA_BRPORT_MULTICAST_ROUTER
  multicastFlood: [27, bool8], // IFLA_BRPORT_MCAST_FLOOD
  multicastToUnicast: [28, bool8], // IFLA_BRPORT_MCAST_TO_UCAST
  vlanTunnel: [29, bool8], // IFLA_BRPORT_VLAN_TUNNEL
  broadcastFlood: [30, bool8], // IFLA_BRPORT_BCAST_FLOOD
  groupForwardMask: [31, u16], // IFLA_BRPORT_GROUP_FWD_MASK
  neighborSuppress: [32, bool8], // IFLA_BRPORT_NEIGH_SUPPRESS
  isolated: [33, bool8], // IFLA_BRPORT_ISOLATED
  /** Index of the port that takes over when this one has no carrier. */
  backupPort: [34, u32], // IFLA_BRPORT_BACKUP_PORT
  mrpRingOpen: [35, bool8], // IFLA_BRPORT_MRP_RING_OPEN
  mrpInOpen: [36, bool8], // IFLA_BRPORT_MRP_IN_OPEN
  multicastEhtHostsLimit: [37, u32], // IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT
  multicastEhtHosts: [38, u32], // IFLA_BRPORT_MCAST_EHT_HOSTS_CNT
  locked: [39, bool8], // IFLA_BRPORT_LOCKED
  macAuthenticationBypass: [40, bool8], // IFLA_BRPORT_MAB
  multicastGroups: [41, u32], // IFLA_BRPORT_MCAST_N_GROUPS
  multicastMaxGroups: [42, u32], // IFLA_BRPORT_MCAST_MAX_GROUPS
  neighborVlanSuppress: [43, bool8], // IFLA_BRPORT_NEIGH_VLAN_SUPPRESS
  backupNexthopId: [44, u32], // IFLA_BRPORT_BACKUP_NHID
});

/** The values that the kernel takes of a port's settings; it refuses others without a sentence (6.18). */
export const portLimits = {
  cost: integerFrom(1, 0xffff),
  priority: integerFrom(0, 63),
  multicastRouter: integerFrom(0, 3),
  multicastEhtHostsLimit: integerFrom(1, 0xffffffff),
  groupForwardMask: forwardMask(0b10, 'pause frames are never forwarded, so bit 1 is 0'),
} as const;

/**
 * A bridge port's settings and state, as the kernel reports them: `state`, `cost`, `priority`, `hairpin`, …
 *
 * @useDeclaredType
 */
export type BridgePortInfo = ValueOf<typeof bridgePort>;
