import { checkDevice } from '../../../common/check';
import { integerFrom, isText, listOf, oneOf, trueOrFalse } from '../../../common/options';
import { attributes, list } from '../../attributes';
import { bool8, choice, ipv4, ipv6, mac, s32, u16, u32, u8, type ValueOf } from '../../codec';
import type { LinkKind } from './link-kind';
import { isIp, U32 } from './tunnel';

/** linux/if_bonding.h, BOND_MODE_* */
const MODES = {
  'balance-rr': 0, // BOND_MODE_ROUNDROBIN
  'active-backup': 1, // BOND_MODE_ACTIVEBACKUP
  'balance-xor': 2, // BOND_MODE_XOR
  broadcast: 3, // BOND_MODE_BROADCAST
  '802.3ad': 4, // BOND_MODE_8023AD
  'balance-tlb': 5, // BOND_MODE_TLB
  'balance-alb': 6, // BOND_MODE_ALB
} as const;

/** linux/if_bonding.h, BOND_XMIT_POLICY_* */
const HASH_POLICIES = {
  layer2: 0, // BOND_XMIT_POLICY_LAYER2
  'layer3+4': 1, // BOND_XMIT_POLICY_LAYER34
  'layer2+3': 2, // BOND_XMIT_POLICY_LAYER23
  'encap2+3': 3, // BOND_XMIT_POLICY_ENCAP23
  'encap3+4': 4, // BOND_XMIT_POLICY_ENCAP34
  'vlan+srcmac': 5, // BOND_XMIT_POLICY_VLAN_SRCMAC
} as const;

/** The words of Documentation/networking/bonding.rst for the other choices, which no header of the kernel's interface has. */
const ARP_VALIDATE = {
  none: 0,
  active: 1,
  backup: 2,
  all: 3,
  filter: 4,
  filter_active: 5,
  filter_backup: 6,
} as const;
const ARP_ALL_TARGETS = { any: 0, all: 1 } as const;
const PRIMARY_RESELECT = { always: 0, better: 1, failure: 2 } as const;
const FAIL_OVER_MAC = { none: 0, active: 1, follow: 2 } as const;
const LACP_RATES = { slow: 0, fast: 1 } as const;
const AD_SELECT = { stable: 0, bandwidth: 1, count: 2 } as const;

/** What 802.3ad has negotiated. */
const adInfo = attributes({
  aggregator: [1, u16], // IFLA_BOND_AD_INFO_AGGREGATOR
  ports: [2, u16], // IFLA_BOND_AD_INFO_NUM_PORTS
  actorKey: [3, u16], // IFLA_BOND_AD_INFO_ACTOR_KEY
  partnerKey: [4, u16], // IFLA_BOND_AD_INFO_PARTNER_KEY
  partnerMac: [5, mac], // IFLA_BOND_AD_INFO_PARTNER_MAC
});

const table = attributes({
  mode: [1, choice(u8, MODES)], // IFLA_BOND_MODE
  activeSlave: [2, u32], // IFLA_BOND_ACTIVE_SLAVE
  miimon: [3, u32], // IFLA_BOND_MIIMON
  upDelay: [4, u32], // IFLA_BOND_UPDELAY
  downDelay: [5, u32], // IFLA_BOND_DOWNDELAY
  useCarrier: [6, bool8], // IFLA_BOND_USE_CARRIER
  arpInterval: [7, u32], // IFLA_BOND_ARP_INTERVAL
  arpTargets: [8, list((index) => index, ipv4)], // IFLA_BOND_ARP_IP_TARGET
  arpValidate: [9, choice(u32, ARP_VALIDATE)], // IFLA_BOND_ARP_VALIDATE
  arpAllTargets: [10, choice(u32, ARP_ALL_TARGETS)], // IFLA_BOND_ARP_ALL_TARGETS
  primary: [11, u32], // IFLA_BOND_PRIMARY
  primaryReselect: [12, choice(u8, PRIMARY_RESELECT)], // IFLA_BOND_PRIMARY_RESELECT
  failOverMac: [13, choice(u8, FAIL_OVER_MAC)], // IFLA_BOND_FAIL_OVER_MAC
  hashPolicy: [14, choice(u8, HASH_POLICIES)], // IFLA_BOND_XMIT_HASH_POLICY
  resendIgmp: [15, u32], // IFLA_BOND_RESEND_IGMP
  peerNotifications: [16, u8], // IFLA_BOND_NUM_PEER_NOTIF
  allSlavesActive: [17, bool8], // IFLA_BOND_ALL_SLAVES_ACTIVE
  minLinks: [18, u32], // IFLA_BOND_MIN_LINKS
  learningInterval: [19, u32], // IFLA_BOND_LP_INTERVAL
  packetsPerSlave: [20, u32], // IFLA_BOND_PACKETS_PER_SLAVE
  lacpRate: [21, choice(u8, LACP_RATES)], // IFLA_BOND_AD_LACP_RATE
  adSelect: [22, choice(u8, AD_SELECT)], // IFLA_BOND_AD_SELECT
  ad: [23, adInfo], // IFLA_BOND_AD_INFO
  adActorSystemPriority: [24, u16], // IFLA_BOND_AD_ACTOR_SYS_PRIO
  adUserPortKey: [25, u16], // IFLA_BOND_AD_USER_PORT_KEY
  adActorSystem: [26, mac], // IFLA_BOND_AD_ACTOR_SYSTEM
  dynamicLoadBalancing: [27, bool8], // IFLA_BOND_TLB_DYNAMIC_LB
  peerNotificationDelay: [28, u32], // IFLA_BOND_PEER_NOTIF_DELAY
  lacpActive: [29, bool8], // IFLA_BOND_AD_LACP_ACTIVE
  missedMax: [30, u8], // IFLA_BOND_MISSED_MAX
  neighborTargets: [31, list((index) => index, ipv6)], // IFLA_BOND_NS_IP6_TARGET
});

type Data = ValueOf<typeof table>;

/** Several devices as one: `enslaveLink` makes a device that is down a member. Times are in milliseconds unless it says otherwise. */
export interface BondOptions {
  /**
   * 'balance-rr' (the default) sends by each member in turn, 'active-backup' by one, 'balance-xor' and '802.3ad' (LACP) by the one
   * that `hashPolicy` chooses, 'broadcast' by all, 'balance-tlb' and 'balance-alb' by load. The kernel changes it only while the
   * bond is down and without members.
   */
  mode?: keyof typeof MODES | number;
  /** The member that sends, in the modes that have one. */
  activeSlave?: string | number;
  /** How often the carrier of members is looked at; 0 (the default, but with 802.3ad) never. */
  miimon?: number;
  /** How long a member has a carrier before it is used; a multiple of `miimon`. */
  upDelay?: number;
  /** How long a member has no carrier before it is left. */
  downDelay?: number;
  /** Whether the carrier is what the driver reports; on by default, and always since 6.18. */
  useCarrier?: boolean;
  /** How often `arpTargets` and `neighborTargets` are asked; 0 by default. It does not go together with `miimon`. */
  arpInterval?: number;
  /** Up to 16 addresses of IPv4 that show whether a member reaches anything. */
  arpTargets?: readonly string[];
  /** The same of IPv6 (5.18). */
  neighborTargets?: readonly string[];
  /** Whose ARP is looked at; 'none' by default. */
  arpValidate?: keyof typeof ARP_VALIDATE | number;
  /** Whether 'any' of the targets has to answer (the default), or 'all'. */
  arpAllTargets?: keyof typeof ARP_ALL_TARGETS | number;
  /** The member that is preferred, by its name, in the modes that have one that sends. */
  primary?: string | number;
  /** When the primary takes over again: 'always' (the default), when it is 'better', or after a 'failure' of the other. */
  primaryReselect?: keyof typeof PRIMARY_RESELECT | number;
  /** Of 'active-backup', whose MAC address changes: 'none' (the default), the bond's ('active'), the member's ('follow'). */
  failOverMac?: keyof typeof FAIL_OVER_MAC | number;
  /** What the member is chosen by: 'layer2' by default. */
  hashPolicy?: keyof typeof HASH_POLICIES | number;
  /** How many times IGMP is sent again after a change; 1 by default. */
  resendIgmp?: number;
  /** How many times others are notified after a change; 1 by default. */
  peerNotifications?: number;
  /** Between two notifications; 0 (the default) is that of `miimon`. */
  peerNotificationDelay?: number;
  /** Whether frames that members receive which do not send are kept; off by default. */
  allSlavesActive?: boolean;
  /** How many members need a carrier for the bond to have one; 0 by default. */
  minLinks?: number;
  /** Seconds between two frames by which switches learn; 1 by default. */
  learningInterval?: number;
  /** Of 'balance-rr', how many packets a member sends before the next; 1 by default, 0 is at random. */
  packetsPerSlave?: number;
  /** Of 802.3ad, whether LACP is sent each 30 seconds ('slow', the default), or each second. */
  lacpRate?: keyof typeof LACP_RATES | number;
  /** Of 802.3ad, whether the bond begins LACP on its own; on by default (5.14). */
  lacpActive?: boolean;
  /** Of 802.3ad, which group of members is used: 'stable' by default. */
  adSelect?: keyof typeof AD_SELECT | number;
  /** Of 802.3ad, the priority of the system, 1 to 65,535 (the default). */
  adActorSystemPriority?: number;
  /** Of 802.3ad, the upper ten bits of the port's key. */
  adUserPortKey?: number;
  /** Of 802.3ad, the MAC address of the system; that of the bond by default. */
  adActorSystem?: string;
  /** Of 'balance-tlb', whether flows change their member by load; on by default. */
  dynamicLoadBalancing?: boolean;
  /** How many intervals may pass without an answer before a member is down; 2 by default (5.17). */
  missedMax?: number;
}

/** What the kernel reports of a bond. */
export interface BondInfo extends Partial<Omit<BondOptions, 'activeSlave' | 'primary'>> {
  /** Index of the member that sends. */
  activeSlave?: number;
  /** Index of the member that is preferred. */
  primary?: number;
  /** What 802.3ad has negotiated. */
  ad?: ValueOf<typeof adInfo>;
}

/** The modes that have an option, and its default, which the kernel reports in all modes, and refuses in others (6.1). */
const OF_MODES: readonly (readonly [
  option: keyof BondOptions,
  standard: unknown,
  modes: readonly unknown[],
])[] = [
  ['packetsPerSlave', 1, ['balance-rr']],
  ['lacpRate', 'slow', ['802.3ad']],
  ['lacpActive', true, ['802.3ad']],
  ['dynamicLoadBalancing', true, ['balance-tlb']],
  ['missedMax', 2, ['balance-rr', 'active-backup', 'balance-xor', 'broadcast']],
  ['arpInterval', 0, ['balance-rr', 'active-backup', 'balance-xor', 'broadcast']],
  ['arpValidate', 'none', ['balance-rr', 'active-backup', 'balance-xor', 'broadcast']],
];

const NEEDING_MIIMON = ['upDelay', 'downDelay', 'peerNotificationDelay'] as const;

/** Without the defaults that the kernel reports of a bond, and refuses of one with this mode and this miimon. */
function withoutRefused<T extends { mode?: unknown; miimon?: number }>(options: T): T {
  const { mode, miimon } = options;
  const refused = (name: string, value: unknown) =>
    OF_MODES.some(
      ([option, standard, modes]) =>
        option === name && standard === value && mode !== undefined && !modes.includes(mode),
    ) ||
    (miimon === 0 && value === 0 && NEEDING_MIIMON.some((option) => option === name));
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => !refused(name, value))) as T;
}

export const bond: LinkKind<BondOptions, Data, BondInfo> = {
  table,
  devices: ['activeSlave', 'primary'],
  ignoresUnknown: ['neighborTargets', 'lacpActive', 'missedMax'],
  reported: ['ad'],
  words: {
    EACCES: 'the mode of the bond does without this option',
    EBUSY: 'it changes only while the bond is down',
    ENOTEMPTY: 'it changes only while the bond has no members',
    EPERM: 'upDelay, downDelay and peerNotificationDelay need miimon',
  },
  options: {
    mode: oneOf(Object.keys(MODES), { number: true }),
    activeSlave: checkDevice,
    miimon: U32,
    upDelay: U32,
    downDelay: U32,
    useCarrier: trueOrFalse,
    arpInterval: U32,
    arpTargets: listOf(isIp),
    neighborTargets: listOf(isIp),
    arpValidate: oneOf(Object.keys(ARP_VALIDATE), { number: true }),
    arpAllTargets: oneOf(Object.keys(ARP_ALL_TARGETS), { number: true }),
    primary: checkDevice,
    primaryReselect: oneOf(Object.keys(PRIMARY_RESELECT), { number: true }),
    failOverMac: oneOf(Object.keys(FAIL_OVER_MAC), { number: true }),
    hashPolicy: oneOf(Object.keys(HASH_POLICIES), { number: true }),
    resendIgmp: integerFrom(0, 255),
    peerNotifications: integerFrom(0, 255),
    peerNotificationDelay: U32,
    allSlavesActive: trueOrFalse,
    minLinks: integerFrom(0, 0x7fffffff),
    learningInterval: integerFrom(1, 0x7fffffff),
    packetsPerSlave: integerFrom(0, 0xffff),
    lacpRate: oneOf(Object.keys(LACP_RATES), { number: true }),
    lacpActive: trueOrFalse,
    adSelect: oneOf(Object.keys(AD_SELECT), { number: true }),
    adActorSystemPriority: integerFrom(1, 0xffff),
    adUserPortKey: integerFrom(0, 1023),
    adActorSystem: isText,
    dynamicLoadBalancing: trueOrFalse,
    missedMax: integerFrom(1, 255),
  },
  toData: withoutRefused,
  toView: (data) => data,
};

/** linux/if_bonding.h, BOND_STATE_* */
const SLAVE_STATES = {
  active: 0, // BOND_STATE_ACTIVE
  backup: 1, // BOND_STATE_BACKUP
} as const;

/** linux/if_bonding.h, BOND_LINK_* */
const MII_STATES = {
  up: 0, // BOND_LINK_UP
  'going-down': 1, // BOND_LINK_FAIL
  down: 2, // BOND_LINK_DOWN
  'going-back': 3, // BOND_LINK_BACK
} as const;

/** Whether the two ends of 802.3ad agree in time: the words of /proc/net/bonding. */
const CHURN_STATES = { monitoring: 0, churned: 1, none: 2 } as const;

/** What a bond knows of each of its members. */
export const bondPort = attributes({
  state: [1, choice(u8, SLAVE_STATES)], // IFLA_BOND_SLAVE_STATE
  miiStatus: [2, choice(u8, MII_STATES)], // IFLA_BOND_SLAVE_MII_STATUS
  failures: [3, u32], // IFLA_BOND_SLAVE_LINK_FAILURE_COUNT
  permanentMac: [4, mac], // IFLA_BOND_SLAVE_PERM_HWADDR
  queueId: [5, u16], // IFLA_BOND_SLAVE_QUEUE_ID
  adAggregator: [6, u16], // IFLA_BOND_SLAVE_AD_AGGREGATOR_ID
  adActorState: [7, u8], // IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE
  adPartnerState: [8, u16], // IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE
  /** The kernel uses the member with the highest. */
  priority: [9, s32], // IFLA_BOND_SLAVE_PRIO
  adActorPortPriority: [10, u16], // IFLA_BOND_SLAVE_ACTOR_PORT_PRIO
  adActorChurn: [11, choice(u8, CHURN_STATES)], // IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE
  adPartnerChurn: [12, choice(u8, CHURN_STATES)], // IFLA_BOND_SLAVE_AD_CHURN_PARTNER_STATE
});

/**
 * A bond's member, as the kernel reports it: whether it sends, its carrier, and what 802.3ad knows of it.
 *
 * @useDeclaredType
 */
export type BondPortInfo = ValueOf<typeof bondPort>;
