import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { bool8, choice, flag, padding, u16, u32, u64, u8, type ValueOf } from '../../codec';
import { bridgeId, forwardMask, multicastRouter, portRouter, wordOrNumber } from './bridge-codecs';

/** linux/if_bridge.h, BR_STATE_* */
const STATES = {
  disabled: 0, // BR_STATE_DISABLED
  listening: 1, // BR_STATE_LISTENING
  learning: 2, // BR_STATE_LEARNING
  forwarding: 3, // BR_STATE_FORWARDING
  blocking: 4, // BR_STATE_BLOCKING
} as const;

export const portState = choice(u8, STATES);

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
  multicastRouter: [25, multicastRouter], // IFLA_BRPORT_MULTICAST_ROUTER
  padding: [26, padding], // IFLA_BRPORT_PAD
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
  state: wordOrNumber(STATES),
  multicastRouter: portRouter,
  multicastEhtHostsLimit: integerFrom(1, 0xffffffff),
  groupForwardMask: forwardMask(0b10, 'pause frames are never forwarded, so bit 1 is 0'),
} as const;

/**
 * A bridge port's settings and state, as the kernel reports them: `state`, `cost`, `priority`, `hairpin`, …
 *
 * @useDeclaredType
 */
export type BridgePortInfo = Omit<ValueOf<typeof bridgePort>, 'flush' | 'padding'>;

/** What is reported of a port, and is no setting. */
export const REPORTED_OF_PORT = [
  'learningSync',
  'rootId',
  'bridgeId',
  'designatedPort',
  'designatedCost',
  'id',
  'number',
  'topologyChangeAck',
  'configPending',
  'messageAgeTimer',
  'forwardDelayTimer',
  'holdTimer',
  'mrpRingOpen',
  'mrpInOpen',
  'multicastEhtHosts',
  'multicastGroups',
  'unknown',
] as const;
