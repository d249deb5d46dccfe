import { attributes, headed, list, NLA_F_NESTED, occurrences } from '../attributes';
import { u16, u32 } from '../codec';
import { ObjectRequests } from '../object';
import { struct } from '../struct';
import { bridgePort, portState } from './kinds/bridge-port';
import { commonLinkRows, ifinfomsg } from './link-attributes';

/** IFLA_EXT_MASK, RTEXT_FILTER_MST: the states of ports in the spanning trees of VLANs. */
export const RTEXT_FILTER_MST = 128;

/** linux/if_bridge.h, BRIDGE_FLAGS_* */
export const BRIDGE_FLAGS = {
  master: 1, // BRIDGE_FLAGS_MASTER
  self: 2, // BRIDGE_FLAGS_SELF
} as const;

/** linux/if_bridge.h, BRIDGE_VLAN_INFO_* */
export const VLAN_INFO = {
  pvid: 0x2, // BRIDGE_VLAN_INFO_PVID
  untagged: 0x4, // BRIDGE_VLAN_INFO_UNTAGGED
  rangeBegin: 0x8, // BRIDGE_VLAN_INFO_RANGE_BEGIN
  rangeEnd: 0x10, // BRIDGE_VLAN_INFO_RANGE_END
  /** The VLAN is there, and its settings alone are changed. */
  onlyOptions: 0x40, // BRIDGE_VLAN_INFO_ONLY_OPTS
} as const;

/** struct bridge_vlan_info */
export const vlanInfo = struct([
  ['flags', u16, 2],
  ['vlan', u16, 2],
]);

const tunnelInfo = attributes({
  id: [1, u32], // IFLA_BRIDGE_VLAN_TUNNEL_ID
  vlan: [2, u16], // IFLA_BRIDGE_VLAN_TUNNEL_VID
  flags: [3, u16], // IFLA_BRIDGE_VLAN_TUNNEL_FLAGS
});

/** The state of a port in a spanning tree of VLANs. */
const treeState = attributes({
  msti: [1, u16], // IFLA_BRIDGE_MST_ENTRY_MSTI
  state: [2, portState], // IFLA_BRIDGE_MST_ENTRY_STATE
});

/** IFLA_AF_SPEC of messages of the family AF_BRIDGE. That of the others has an attribute for each family. */
const bridgeSpec = occurrences(
  attributes({
    flags: [0, u16], // IFLA_BRIDGE_FLAGS
    mode: [1, u16], // IFLA_BRIDGE_MODE
    vlan: [2, vlanInfo], // IFLA_BRIDGE_VLAN_INFO
    tunnel: [3 | NLA_F_NESTED, tunnelInfo], // IFLA_BRIDGE_VLAN_TUNNEL_INFO
    trees: [6 | NLA_F_NESTED, list(1 | NLA_F_NESTED /* IFLA_BRIDGE_MST_ENTRY */, treeState)], // IFLA_BRIDGE_MST
  }),
);

const { perFamily: _, ...rowsOfBoth } = commonLinkRows;

const codec = headed(
  ifinfomsg,
  attributes({
    ...rowsOfBoth,
    bridgePort: [12 | NLA_F_NESTED, bridgePort], // IFLA_PROTINFO
    spec: [26 | NLA_F_NESTED, bridgeSpec], // IFLA_AF_SPEC
  }),
);

/** RTM_SETLINK, RTM_DELLINK and RTM_GETLINK of the family AF_BRIDGE: the VLANs of a bridge or of its port, and its settings as a port. */
export const bridgeVlans = new ObjectRequests(
  { add: 19, remove: 17, get: 18 }, // RTM_SETLINK, RTM_DELLINK, RTM_GETLINK
  codec,
  codec.reader(['master', 'spec']),
);
