import { attributes } from '../../attributes';
import { be16, bool8, choice, flag, mac, padding, u16, u32, u64, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { flagValues, maskedFlags } from '../../../common/flags';
import { defined } from '../../../common/objects';
import { integerFrom, oneOf, type OptionCheck, trueOrFalse } from '../../../common/options';
import { shown } from '../../../common/shown';
import { bridgeId, bridgeRouter, forwardMask, multicastRouter, querierState } from './bridge-codecs';
import type { BridgeSettings } from './bridge-settings';
import type { LinkKind } from './link-kind';
import { VLAN_PROTOCOLS } from './vlan';

/** linux/if_bridge.h, BR_BOOLOPT_*: the places of bits. */
const SHOWN_SWITCHES = {
  noLinkLocalLearning: 0, // BR_BOOLOPT_NO_LL_LEARN
  multicastVlanSnooping: 1, // BR_BOOLOPT_MCAST_VLAN_SNOOPING
  mst: 2, // BR_BOOLOPT_MST_ENABLE
  mdbOffloadFailNotification: 3, // BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION
  fdbLocalVlan0: 4, // BR_BOOLOPT_FDB_LOCAL_VLAN_0
} as const;

// It is read only, because a change of it is said to crash a kernel that is built without VLAN filtering (linux-netdev, on 6.18).
const { fdbLocalVlan0: _readOnly, ...SWITCHES } = SHOWN_SWITCHES;

function bitsOf<N extends string>(places: Readonly<Record<N, number>>): Record<N, number> {
  const bits = Object.entries<number>(places).map(([name, place]) => [name, 1 << place] as const);
  return Object.fromEntries(bits) as Record<N, number>;
}

const SWITCH_BITS = bitsOf(SWITCHES);
const SHOWN_BITS = bitsOf(SHOWN_SWITCHES);

/** struct br_boolopt_multi: bits, and which of them are meant. The kernel says so of all that it knows. */
const boolOptions = struct([
  ['value', u32, 4],
  ['mask', u32, 4],
]);

/** Times are in hundredths of a second (USER_HZ). */
const table = attributes({
  forwardDelay: [1, u32], // IFLA_BR_FORWARD_DELAY
  helloTime: [2, u32], // IFLA_BR_HELLO_TIME
  maxAge: [3, u32], // IFLA_BR_MAX_AGE
  ageingTime: [4, u32], // IFLA_BR_AGEING_TIME
  stpState: [5, u32], // IFLA_BR_STP_STATE
  priority: [6, u16], // IFLA_BR_PRIORITY
  vlanFiltering: [7, bool8], // IFLA_BR_VLAN_FILTERING
  vlanProtocol: [8, choice(be16, VLAN_PROTOCOLS)], // IFLA_BR_VLAN_PROTOCOL
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
  multicastRouter: [22, multicastRouter], // IFLA_BR_MCAST_ROUTER
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
  padding: [40, padding], // IFLA_BR_PAD
  vlanStats: [41, bool8], // IFLA_BR_VLAN_STATS_ENABLED
  multicastStats: [42, bool8], // IFLA_BR_MCAST_STATS_ENABLED
  multicastIgmpVersion: [43, u8], // IFLA_BR_MCAST_IGMP_VERSION
  multicastMldVersion: [44, u8], // IFLA_BR_MCAST_MLD_VERSION
  vlanStatsPerPort: [45, bool8], // IFLA_BR_VLAN_STATS_PER_PORT
  boolOptions: [46, boolOptions], // IFLA_BR_MULTI_BOOLOPT
  multicastQuerierState: [47, querierState], // IFLA_BR_MCAST_QUERIER_STATE
  fdbLearned: [48, u32], // IFLA_BR_FDB_N_LEARNED
  fdbMaxLearned: [49, u32], // IFLA_BR_FDB_MAX_LEARNED
});

type Data = ValueOf<typeof table>;
type Switches = Partial<Record<keyof typeof SHOWN_SWITCHES, boolean>>;

/**
 * A bridge's settings and state, as the kernel reports them; settings have the names that `setBridge` takes. Times are in
 * hundredths of a second.
 */
export interface BridgeInfo
  extends Omit<Data, 'boolOptions' | 'fdbFlush' | 'multicastRouter' | 'padding'>, Switches {
  /** Whether a spanning tree is on: the kernel's own (`stpState` 1), or a program's (2). */
  stp?: boolean;
  multicastRouter?: NonNullable<BridgeSettings['multicastRouter']>;
}

/** Those of STP itself and of what the kernel keeps to itself are refused (6.18). */
const groupAddress: OptionCheck = (value, path) => {
  if (typeof value === 'string' && /^01:80:c2:00:00:0[04-9a-f]$/i.test(value)) return;
  const rule = "expected '01:80:c2:00:00:00', or one from '01:80:c2:00:00:04' to '01:80:c2:00:00:0f'";
  const message = `${path}: ${rule}, got ${shown(value)}`;
  throw typeof value === 'string' ? new RangeError(message) : new TypeError(message);
};

export const bridge: LinkKind<BridgeSettings, Data, BridgeInfo> = {
  table,
  ignoresUnknown: true,
  // without VLAN filtering (CONFIG_BRIDGE_VLAN_FILTERING), or while a port has VLANs (6.18)
  onlyChanged: ['vlanFiltering', 'vlanStatsPerPort', 'mst'],
  reported: [
    'stpState',
    'rootId',
    'bridgeId',
    'rootPort',
    'rootPathCost',
    'topologyChange',
    'topologyChangeDetected',
    'helloTimer',
    'tcnTimer',
    'topologyChangeTimer',
    'gcTimer',
    'multicastHashElasticity',
    'multicastQuerierState',
    'fdbLearned',
    'fdbLocalVlan0',
  ],
  words: {
    EOPNOTSUPP: 'it is not a bridge, or this kernel is built without what is to be set (VLAN filtering)',
    ERANGE: 'with STP, forwardDelay is 200 to 3,000 hundredths of a second',
    EBUSY: 'mst and vlanStatsPerPort change only while no port has VLANs',
    EPROTONOSUPPORT: "vlanProtocol is '802.1Q' or '802.1ad'",
  },
  options: {
    stp: trueOrFalse,
    ageingTime: true,
    forwardDelay: true,
    helloTime: integerFrom(100, 1000),
    maxAge: integerFrom(600, 4000),
    priority: true,
    groupAddress,
    groupForwardMask: forwardMask(
      0b111,
      'a bridge never forwards STP, pause frames and LACP, so bits 0 to 2 are 0 (of ports, setBridgePort sets 0 and 2)',
    ),
    noLinkLocalLearning: trueOrFalse,
    fdbMaxLearned: true,
    vlanFiltering: trueOrFalse,
    vlanProtocol: oneOf(Object.keys(VLAN_PROTOCOLS), { number: true }),
    vlanDefaultPvid: integerFrom(0, 4094),
    vlanStats: trueOrFalse,
    vlanStatsPerPort: trueOrFalse,
    mst: trueOrFalse,
    multicastSnooping: trueOrFalse,
    multicastVlanSnooping: trueOrFalse,
    multicastRouter: bridgeRouter,
    multicastQuerier: trueOrFalse,
    multicastQueryUseIfaddr: trueOrFalse,
    multicastHashMax: true,
    multicastLastMemberCount: true,
    multicastStartupQueryCount: true,
    multicastLastMemberInterval: true,
    multicastMembershipInterval: true,
    multicastQuerierInterval: true,
    multicastQueryInterval: true,
    multicastQueryResponseInterval: true,
    multicastStartupQueryInterval: true,
    multicastStats: trueOrFalse,
    multicastIgmpVersion: integerFrom(2, 3),
    multicastMldVersion: integerFrom(1, 2),
    mdbOffloadFailNotification: trueOrFalse,
    nfCallIptables: trueOrFalse,
    nfCallIp6tables: trueOrFalse,
    nfCallArptables: trueOrFalse,
  },
  toData({ stp, noLinkLocalLearning, multicastVlanSnooping, mst, mdbOffloadFailNotification, ...settings }) {
    const switches = defined({ noLinkLocalLearning, multicastVlanSnooping, mst, mdbOffloadFailNotification });
    const { flags: value, mask } = maskedFlags(SWITCH_BITS, switches);
    return defined({
      ...settings,
      stpState: stp === undefined ? undefined : Number(stp),
      boolOptions: mask === 0 ? undefined : { value, mask },
    });
  },
  toView: ({ boolOptions, fdbFlush: _, padding: _filler, multicastRouter: router, ...data }) => ({
    ...data,
    // 'temp' is of ports alone
    ...(router !== undefined && router !== 'temp' && { multicastRouter: router }),
    ...(data.stpState !== undefined && { stp: data.stpState !== 0 }),
    ...(boolOptions !== undefined && switchesOf(boolOptions)),
  }),
};

/** Those that this kernel knows. */
function switchesOf({ value, mask }: { value: number; mask: number }): Switches {
  const known = Object.entries(SHOWN_BITS).filter(([, bit]) => (mask & bit) !== 0);
  return flagValues(Object.fromEntries(known), value);
}
