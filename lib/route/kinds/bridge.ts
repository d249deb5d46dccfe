import { attributes } from '../../netlink/attributes';
import { be16, bool8, bytes, choice, mac, u16, u32, u64, u8 } from '../../netlink/codec';

/** Times are in hundredths of a second (USER_HZ). */
export const bridge = attributes({
  forwardDelay: [1, u32], // IFLA_BR_FORWARD_DELAY
  helloTime: [2, u32], // IFLA_BR_HELLO_TIME
  maxAge: [3, u32], // IFLA_BR_MAX_AGE
  ageingTime: [4, u32], // IFLA_BR_AGEING_TIME
  stpState: [5, u32], // IFLA_BR_STP_STATE
  priority: [6, u16], // IFLA_BR_PRIORITY
  vlanFiltering: [7, bool8], // IFLA_BR_VLAN_FILTERING
  vlanProtocol: [8, be16], // IFLA_BR_VLAN_PROTOCOL
  groupForwardMask: [9, u16], // IFLA_BR_GROUP_FWD_MASK
  rootId: [10, bytes], // IFLA_BR_ROOT_ID
  bridgeId: [11, bytes], // IFLA_BR_BRIDGE_ID
  rootPort: [12, u16], // IFLA_BR_ROOT_PORT
  rootPathCost: [13, u32], // IFLA_BR_ROOT_PATH_COST
  topologyChange: [14, u8], // IFLA_BR_TOPOLOGY_CHANGE
  topologyChangeDetected: [15, u8], // IFLA_BR_TOPOLOGY_CHANGE_DETECTED
  helloTimer: [16, u64], // IFLA_BR_HELLO_TIMER
  tcnTimer: [17, u64], // IFLA_BR_TCN_TIMER
  topologyChangeTimer: [18, u64], // IFLA_BR_TOPOLOGY_CHANGE_TIMER
  gcTimer: [19, u64], // IFLA_BR_GC_TIMER
  groupAddress: [20, mac], // IFLA_BR_GROUP_ADDR
  multicastRouter: [22, u8], // IFLA_BR_MCAST_ROUTER
  multicastSnooping: [23, bool8], // IFLA_BR_MCAST_SNOOPING
  multicastQuerier: [25, bool8], // IFLA_BR_MCAST_QUERIER
  nfCallIptables: [36, bool8], // IFLA_BR_NF_CALL_IPTABLES
  nfCallIp6tables: [37, bool8], // IFLA_BR_NF_CALL_IP6TABLES
  nfCallArptables: [38, bool8], // IFLA_BR_NF_CALL_ARPTABLES
  vlanDefaultPvid: [39, u16], // IFLA_BR_VLAN_DEFAULT_PVID
});

/** linux/if_bridge.h, BR_STATE_* */
export const portState = choice(u8, { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 });

/** What a bridge knows of each of its ports. */
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
  proxyArpWifi: [12, bool8], // IFLA_BRPORT_PROXYARP_WIFI
  designatedPort: [15, u16], // IFLA_BRPORT_DESIGNATED_PORT
  designatedCost: [16, u16], // IFLA_BRPORT_DESIGNATED_COST
  id: [17, u16], // IFLA_BRPORT_ID
  number: [18, u16], // IFLA_BRPORT_NO
  multicastRouter: [25, u8], // IFLA_BRPORT_MULTICAST_ROUTER
  multicastFlood: [27, bool8], // IFLA_BRPORT_MCAST_FLOOD
  multicastToUnicast: [28, bool8], // IFLA_BRPORT_MCAST_TO_UCAST
  vlanTunnel: [29, bool8], // IFLA_BRPORT_VLAN_TUNNEL
  broadcastFlood: [30, bool8], // IFLA_BRPORT_BCAST_FLOOD
  groupForwardMask: [31, u16], // IFLA_BRPORT_GROUP_FWD_MASK
  neighborSuppress: [32, bool8], // IFLA_BRPORT_NEIGH_SUPPRESS
  isolated: [33, bool8], // IFLA_BRPORT_ISOLATED
  locked: [39, bool8], // IFLA_BRPORT_LOCKED
});
