import type { Capability } from '../capabilities';
import type { Example, Fields, View } from './types';

// The rows of examples.ts for bridges, and what ip calls what a bridge knows of its ports.

const same = (name: string) => (view: View) => view[name];
const number = (name: string) => (view: View) => Number(view[name]);
const hex = (value: unknown) => `0x${Number(value).toString(16)}`;

/** `8000.2:0:0:0:0:1` */
const bridgeId = (name: string) => (view: View) => {
  const { priority, mac } = view[name] as { priority: number; mac: string };
  const bytes = mac.split(':').map((byte) => Number(`0x${byte}`).toString(16));
  return `${priority.toString(16).padStart(4, '0')}.${bytes.join(':')}`;
};
/** Hundredths of a second, of which ip shows seconds. */
const timer = (name: string) => (view: View) => Number(view[name]) / 100;
const fieldsOf = (get: (name: string) => Fields[string], fields: Readonly<Record<string, string>>): Fields =>
  Object.fromEntries(Object.entries(fields).map(([theirs, ours]) => [theirs, get(ours)]));

const ROUTERS = ['disabled', 'auto', 'always', 'temp'];

export const BRIDGE: Fields = {
  ...fieldsOf(same, {
    forward_delay: 'forwardDelay',
    hello_time: 'helloTime',
    max_age: 'maxAge',
    ageing_time: 'ageingTime',
    stp_state: 'stpState',
    priority: 'priority',
    root_port: 'rootPort',
    root_path_cost: 'rootPathCost',
    group_addr: 'groupAddress',
    vlan_protocol: 'vlanProtocol',
    vlan_default_pvid: 'vlanDefaultPvid',
    mcast_hash_elasticity: 'multicastHashElasticity',
    mcast_hash_max: 'multicastHashMax',
    mcast_last_member_cnt: 'multicastLastMemberCount',
    mcast_startup_query_cnt: 'multicastStartupQueryCount',
    mcast_last_member_intvl: 'multicastLastMemberInterval',
    mcast_membership_intvl: 'multicastMembershipInterval',
    mcast_querier_intvl: 'multicastQuerierInterval',
    mcast_query_intvl: 'multicastQueryInterval',
    mcast_query_response_intvl: 'multicastQueryResponseInterval',
    mcast_startup_query_intvl: 'multicastStartupQueryInterval',
    mcast_igmp_version: 'multicastIgmpVersion',
    mcast_mld_version: 'multicastMldVersion',
  }),
  ...fieldsOf(number, {
    topology_change: 'topologyChange',
    topology_change_detected: 'topologyChangeDetected',
    vlan_filtering: 'vlanFiltering',
    vlan_stats_enabled: 'vlanStats',
    vlan_stats_per_port: 'vlanStatsPerPort',
    no_linklocal_learn: 'noLinkLocalLearning',
    mcast_snooping: 'multicastSnooping',
    mcast_vlan_snooping: 'multicastVlanSnooping',
    mcast_query_use_ifaddr: 'multicastQueryUseIfaddr',
    mcast_querier: 'multicastQuerier',
    mcast_stats_enabled: 'multicastStats',
    nf_call_iptables: 'nfCallIptables',
    nf_call_ip6tables: 'nfCallIp6tables',
    nf_call_arptables: 'nfCallArptables',
  }),
  ...fieldsOf(timer, {
    hello_timer: 'helloTimer',
    tcn_timer: 'tcnTimer',
    topology_change_timer: 'topologyChangeTimer',
  }),
  bridge_id: bridgeId('bridgeId'),
  root_id: bridgeId('rootId'),
  group_fwd_mask: ({ groupForwardMask }) => (groupForwardMask === 0 ? '0' : hex(groupForwardMask)),
  mcast_router: ({ multicastRouter }) => ROUTERS.indexOf(multicastRouter as string),
};

/** What ip calls what a bridge knows of a port. */
export const BRIDGE_PORT: Fields = {
  ...fieldsOf(same, {
    state: 'state',
    priority: 'priority',
    cost: 'cost',
    hairpin: 'hairpin',
    guard: 'guard',
    root_block: 'rootBlock',
    fastleave: 'fastLeave',
    learning: 'learning',
    flood: 'unicastFlood',
    mcast_flood: 'multicastFlood',
    bcast_flood: 'broadcastFlood',
    mcast_to_unicast: 'multicastToUnicast',
    neigh_suppress: 'neighborSuppress',
    vlan_tunnel: 'vlanTunnel',
    isolated: 'isolated',
    locked: 'locked',
    proxy_arp: 'proxyArp',
    proxy_arp_wifi: 'proxyArpWifi',
    designated_port: 'designatedPort',
    designated_cost: 'designatedCost',
  }),
  ...fieldsOf(number, { topology_change_ack: 'topologyChangeAck', config_pending: 'configPending' }),
  ...fieldsOf(timer, {
    hold_timer: 'holdTimer',
    message_age_timer: 'messageAgeTimer',
    forward_delay_timer: 'forwardDelayTimer',
  }),
  id: ({ id }) => hex(id),
  no: ({ number }) => hex(number),
  bridge_id: bridgeId('bridgeId'),
  root_id: bridgeId('rootId'),
  multicast_router: ({ multicastRouter }) => ROUTERS.indexOf(multicastRouter as string),
  mcast_router: ({ multicastRouter }) => ROUTERS.indexOf(multicastRouter as string),
  group_fwd_mask: ({ groupForwardMask }) => (groupForwardMask === 0 ? '0' : hex(groupForwardMask)),
  group_fwd_mask_str: ({ groupForwardMask }) => hex(groupForwardMask),
};

const bridges = (
  needs: Capability | undefined,
  rows: readonly (readonly [own: View, words: string])[],
): Example[] => rows.map(([own, words]) => ({ kind: 'bridge', ...(needs && { needs }), own, words }));

export const BRIDGES: readonly Example[] = [
  ...bridges(undefined, [
    [{}, ''],
    [
      { stp: true, forwardDelay: 200, helloTime: 100, maxAge: 4000 },
      'forward_delay 200 hello_time 100 max_age 4000 stp_state 1',
    ],
    [{ ageingTime: 100, priority: 4096 }, 'ageing_time 100 priority 4096'],
    [
      { groupForwardMask: 0xfff8, groupAddress: '01:80:c2:00:00:0f' },
      'group_fwd_mask 65528 group_address 01:80:c2:00:00:0f',
    ],
    [{ noLinkLocalLearning: true }, 'no_linklocal_learn 1'],
    [{ noLinkLocalLearning: false }, 'no_linklocal_learn 0'],
    ...ROUTERS.slice(0, 3).map((word, i) => [{ multicastRouter: word }, `mcast_router ${i}`] as const),
    [
      { multicastSnooping: false, multicastQuerier: true, multicastQueryUseIfaddr: true },
      'mcast_snooping 0 mcast_querier 1 mcast_query_use_ifaddr 1',
    ],
    [
      { multicastHashMax: 64, multicastLastMemberCount: 3, multicastStartupQueryCount: 4 },
      'mcast_hash_max 64 mcast_last_member_count 3 mcast_startup_query_count 4',
    ],
    [
      {
        multicastLastMemberInterval: 104,
        multicastMembershipInterval: 26004,
        multicastQuerierInterval: 25504,
      },
      'mcast_last_member_interval 104 mcast_membership_interval 26004 mcast_querier_interval 25504',
    ],
    [
      {
        multicastQueryInterval: 12504,
        multicastQueryResponseInterval: 1004,
        multicastStartupQueryInterval: 3128,
      },
      'mcast_query_interval 12504 mcast_query_response_interval 1004 mcast_startup_query_interval 3128',
    ],
    [
      { multicastStats: true, multicastIgmpVersion: 3, multicastMldVersion: 2 },
      'mcast_stats_enabled 1 mcast_igmp_version 3 mcast_mld_version 2',
    ],
  ]),
  ...bridges('packets of bridges pass the rules of netfilter', [
    [
      { nfCallIptables: true, nfCallIp6tables: true, nfCallArptables: true },
      'nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 1',
    ],
  ]),
  ...bridges('bridges filter VLANs', [
    [
      { vlanFiltering: true, vlanProtocol: '802.1ad', vlanDefaultPvid: 4094 },
      'vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 4094',
    ],
    [{ vlanProtocol: '802.1Q', vlanDefaultPvid: 0 }, 'vlan_protocol 802.1Q vlan_default_pvid 0'],
    [{ vlanStats: true, vlanStatsPerPort: true }, 'vlan_stats_enabled 1 vlan_stats_per_port 1'],
  ]),
  ...bridges('bridges snoop for each VLAN', [
    [{ vlanFiltering: true, multicastVlanSnooping: true }, 'vlan_filtering 1 mcast_vlan_snooping 1'],
  ]),
];
