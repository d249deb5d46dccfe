import { attributes, headed, NLA_F_NESTED, occurrences } from '../attributes';
import type { Bytes } from '../bytes';
import { bool8, padding, u16, u32, u64, u8, type ValueOf } from '../codec';
import { ObjectRequests } from '../object';
import { struct } from '../struct';
import { vlanInfo } from './bridge-vlan';
import { multicastRouter, querierState } from './kinds/bridge-codecs';
import { portState } from './kinds/bridge-port';
import { routerPorts } from './mdb';

/** struct br_vlan_msg */
const message = struct([['family', u8, 1], 3, ['index', u32, 4]]);

const statistics = attributes({
  rxBytes: [1, u64], // BRIDGE_VLANDB_STATS_RX_BYTES
  rxPackets: [2, u64], // BRIDGE_VLANDB_STATS_RX_PACKETS
  txBytes: [3, u64], // BRIDGE_VLANDB_STATS_TX_BYTES
  txPackets: [4, u64], // BRIDGE_VLANDB_STATS_TX_PACKETS
  padding: [5, padding], // BRIDGE_VLANDB_STATS_PAD
});

const entry = attributes({
  vlan: [1, vlanInfo], // BRIDGE_VLANDB_ENTRY_INFO
  last: [2, u16], // BRIDGE_VLANDB_ENTRY_RANGE
  state: [3, portState], // BRIDGE_VLANDB_ENTRY_STATE
  tunnel: [
    4 | NLA_F_NESTED, // BRIDGE_VLANDB_ENTRY_TUNNEL_INFO
    attributes({
      id: [1, u32], // BRIDGE_VLANDB_TINFO_ID
    }),
  ],
  statistics: [5, statistics], // BRIDGE_VLANDB_ENTRY_STATS
  multicastRouter: [6, multicastRouter], // BRIDGE_VLANDB_ENTRY_MCAST_ROUTER
  multicastGroups: [7, u32], // BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS
  multicastMaxGroups: [8, u32], // BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS
  neighborSuppress: [9, bool8], // BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS
});

/** Times are in hundredths of a second (USER_HZ). */
const global = attributes({
  vlan: [1, u16], // BRIDGE_VLANDB_GOPTS_ID
  last: [2, u16], // BRIDGE_VLANDB_GOPTS_RANGE
  multicastSnooping: [3, bool8], // BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING
  multicastIgmpVersion: [4, u8], // BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION
  multicastMldVersion: [5, u8], // BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION
  multicastLastMemberCount: [6, u32], // BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT
  multicastStartupQueryCount: [7, u32], // BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT
  multicastLastMemberInterval: [8, u64], // BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL
  padding: [9, padding], // BRIDGE_VLANDB_GOPTS_PAD
  multicastMembershipInterval: [10, u64], // BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL
  multicastQuerierInterval: [11, u64], // BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL
  multicastQueryInterval: [12, u64], // BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL
  multicastQueryResponseInterval: [13, u64], // BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL
  multicastStartupQueryInterval: [14, u64], // BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL
  multicastQuerier: [15, bool8], // BRIDGE_VLANDB_GOPTS_MCAST_QUERIER
  routers: [
    16, // BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS
    attributes({
      ports: [2, routerPorts], // MDBA_ROUTER
    }),
  ],
  multicastQuerierState: [17, querierState], // BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE
  msti: [18, u16], // BRIDGE_VLANDB_GOPTS_MSTI
});

/** One for each VLAN, or for some in a row that are alike. */
const item = attributes({
  entry: [1 | NLA_F_NESTED, entry], // BRIDGE_VLANDB_ENTRY
  global: [2 | NLA_F_NESTED, global], // BRIDGE_VLANDB_GLOBAL_OPTIONS
});
const items = occurrences(item);

const read = (from: Bytes, start: number, end: number) => ({
  ...message.read(from, start, end),
  items: items.read(from, start + message.size, end),
});

const VERBS = { add: 112, remove: 113, get: 114 } as const; // RTM_NEWVLAN, RTM_DELVLAN, RTM_GETVLAN

/** RTM_NEWVLAN: the settings of VLANs of a port, or of a bridge for all of its ports. */
export const vlanEntries = new ObjectRequests(VERBS, headed(message, item), read);

/** linux/if_bridge.h, BRIDGE_VLANDB_DUMPF_* */
export const VLAN_DUMP = {
  statistics: 1, // BRIDGE_VLANDB_DUMPF_STATS
  global: 2, // BRIDGE_VLANDB_DUMPF_GLOBAL
} as const;

/** RTM_GETVLAN, whose attribute has the number of another in the kernel's answers. */
export const vlanEntryDump = new ObjectRequests(
  VERBS,
  headed(
    message,
    attributes({
      flags: [1, u32], // BRIDGE_VLANDB_DUMP_FLAGS
    }),
  ),
  read,
);

export type VlanEntry = ValueOf<typeof entry>;
export type GlobalVlanEntry = ValueOf<typeof global>;
