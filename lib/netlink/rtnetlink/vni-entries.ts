import { attributes, headed, NLA_F_NESTED, occurrences } from '../attributes';
import type { Bytes } from '../bytes';
import { ipv4, ipv6, padding, u32, u64, u8, type ValueOf } from '../codec';
import { ObjectRequests } from '../object';
import { struct } from '../struct';

/** struct tunnel_msg */
const message = struct([['family', u8, 1], ['flags', u8, 1], 2, ['index', u32, 4]]);

/** linux/if_link.h, TUNNEL_MSG_FLAG_*: the list has what passed. */
export const TUNNEL_MSG_FLAG_STATS = 1;

const statistics = attributes({
  rxBytes: [1, u64], // VNIFILTER_ENTRY_STATS_RX_BYTES
  rxPackets: [2, u64], // VNIFILTER_ENTRY_STATS_RX_PKTS
  rxDrops: [3, u64], // VNIFILTER_ENTRY_STATS_RX_DROPS
  rxErrors: [4, u64], // VNIFILTER_ENTRY_STATS_RX_ERRORS
  txBytes: [5, u64], // VNIFILTER_ENTRY_STATS_TX_BYTES
  txPackets: [6, u64], // VNIFILTER_ENTRY_STATS_TX_PKTS
  txDrops: [7, u64], // VNIFILTER_ENTRY_STATS_TX_DROPS
  txErrors: [8, u64], // VNIFILTER_ENTRY_STATS_TX_ERRORS
  padding: [9, padding], // VNIFILTER_ENTRY_STATS_PAD
});

const entry = attributes({
  start: [1, u32], // VXLAN_VNIFILTER_ENTRY_START
  end: [2, u32], // VXLAN_VNIFILTER_ENTRY_END
  group: [3, ipv4], // VXLAN_VNIFILTER_ENTRY_GROUP
  group6: [4, ipv6], // VXLAN_VNIFILTER_ENTRY_GROUP6
  statistics: [5, statistics], // VXLAN_VNIFILTER_ENTRY_STATS
});

/** One for each network, or for some in a row that are alike. */
const item = attributes({
  entry: [1 | NLA_F_NESTED, entry], // VXLAN_VNIFILTER_ENTRY
});
const items = occurrences(item);

/** RTM_NEWTUNNEL and its kin (5.18): the networks of a vxlan that filters them. */
export const vniEntries = new ObjectRequests(
  { add: 120, remove: 121, get: 122 }, // RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL
  headed(message, item),
  (from: Bytes, start: number, end: number) => ({
    ...message.read(from, start, end),
    items: items.read(from, start + message.size, end),
  }),
);

export type VniEntry = ValueOf<typeof entry>;
