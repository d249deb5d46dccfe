// What `ip -d -j link` shows of each kind of link, for test/integration/links/kinds.test.ts.

import { BRIDGE } from './bridges';
import type { Fields, View } from './types';

/** A field that ip shows, and getLink returns in the same way. */
const same = (name: string) => (view: View) => view[name];
/** ip shows only what is on. */
const on = same;
const number = (name: string) => (view: View) => Number(view[name]);

const MACVLAN: Fields = {
  mode: same('mode'),
  nopromisc: same('noPromiscuous'),
  nodst: same('noDestinationCheck'),
  bcqueuelen: same('broadcastQueueLength'),
  usedbcqueuelen: same('broadcastQueueLengthUsed'),
  macaddr_count: ({ macs }) => (macs as string[]).length,
  macaddr_data: same('macs'),
};

const IPVLAN: Fields = {
  mode: same('mode'),
  bridge: ({ flag }) => flag === 'bridge',
  private: ({ flag }) => flag === 'private',
  vepa: ({ flag }) => flag === 'vepa',
};

/** Multicast addresses are shown under another name. */
const isMulticast = (address: unknown): boolean => /^(22[4-9]|23\d|ff)/.test(String(address));
const REMOTE: Fields = {
  remote: ({ remote = 'any' }) => remote,
  remote6: same('remote'),
  local: ({ local = 'any' }) => local,
  local6: same('local'),
  link: ({ link }) => (link === undefined ? undefined : 'lower'),
};
const hex = (digits: number) => (value: unknown) => `0x${Number(value).toString(16).padStart(digits, '0')}`;
const ttlOf = ({ ttl }: View) => (ttl === 'inherit' ? 0 : ttl);

const UDP_TUNNEL: Fields = {
  ...REMOTE,
  id: same('id'),
  port: same('port'),
  ttl: same('ttl'),
  tos: ({ tos }) => hex(1)(tos === 'inherit' ? 1 : tos),
  df: same('dontFragment'),
  label: ({ flowLabel }) => hex(1)(flowLabel),
  udp_csum: same('udpChecksum'),
  udp_zero_csum6_tx: same('udpZeroChecksum6Sent'),
  udp_zero_csum6_rx: same('udpZeroChecksum6Received'),
  external: on('external'),
};

const VXLAN: Fields = {
  ...UDP_TUNNEL,
  group: ({ remote }) => (isMulticast(remote) ? remote : undefined),
  group6: ({ remote }) => (isMulticast(remote) ? remote : undefined),
  port_range: ({ sourcePorts }) => {
    const { from, to } = sourcePorts as { from: number; to: number };
    return { low: from, high: to };
  },
  learning: same('learning'),
  proxy: on('proxy'),
  rsc: on('routeShortCircuit'),
  l2miss: on('l2Miss'),
  l3miss: on('l3Miss'),
  ageing: ({ ageing }) => ageing,
  limit: same('maxEntries'),
  remcsum_tx: on('remoteChecksumSent'),
  remcsum_rx: on('remoteChecksumReceived'),
  gbp: on('groupPolicy'),
  gpe: on('genericProtocol'),
  vnifilter: on('vniFilter'),
};

const GENEVE: Fields = { ...UDP_TUNNEL, innerproto_inherit: on('innerProtocolInherit') };

const key = (name: string) => (view: View) => {
  const value = Number(view[name]);
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
};
const encapOf = ({ encap }: View) => encap as Record<string, unknown>;

const TUNNEL: Fields = {
  ...REMOTE,
  fwmark: ({ mark }) => hex(1)(mark),
  external: on('external'),
  proto: ({ protocol }) => ({ any: 'any', ipv4: 'ipip', ipv6: 'ip6ip', mpls: 'mplsip' })[String(protocol)],
  encap: (view) => {
    const { type, sourcePort, destinationPort, checksum, checksum6, remoteChecksum } = encapOf(view);
    return {
      type,
      sport: sourcePort,
      dport: destinationPort,
      csum: checksum,
      csum6: checksum6,
      remcsum: remoteChecksum,
    };
  },
};

const TUNNEL4: Fields = {
  ...TUNNEL,
  ttl: ttlOf,
  tos: ({ tos }) => hex(1)(tos === 'inherit' ? 1 : tos),
  pmtudisc: same('pathMtuDiscovery'),
};

const TUNNEL6: Fields = {
  ...TUNNEL,
  proto: ({ protocol }) => ({ any: 'any', ipv4: 'ipip6', ipv6: 'ip6ip6' })[String(protocol)],
  ttl: ({ hopLimit }) => (hopLimit === 'inherit' ? 0 : hopLimit),
  encap_limit: same('encapLimit'),
  ip6_tnl_f_ign_encap_limit: ({ encapLimit }) => encapLimit === 'none',
  tclass: ({ trafficClass }) => hex(2)(trafficClass),
  ip6_tnl_f_use_orig_tclass: ({ trafficClass }) => trafficClass === 'inherit',
  flowlabel: ({ flowLabel }) => hex(5)(flowLabel),
  ip6_tnl_f_use_orig_flowlabel: ({ flowLabel }) => flowLabel === 'inherit',
  ip6_tnl_f_rcv_dscp_copy: same('copyDscp'),
  ip6_tnl_f_use_orig_fwmark: ({ mark }) => mark === 'inherit',
  ip6_tnl_f_allow_local_remote: same('allowLocalRemote'),
};

const GRE_HEADER: Fields = {
  ikey: key('inputKey'),
  okey: key('outputKey'),
  icsum: on('inputChecksum'),
  ocsum: on('outputChecksum'),
  iseq: on('inputSequence'),
  oseq: on('outputSequence'),
  // 5.10 reports a version of each tunnel of GRE
  erspan_ver: ({ version }) => version,
  erspan_index: same('erspanIndex'),
  erspan_dir: same('direction'),
  erspan_hwid: ({ hardwareId }) => hex(1)(hardwareId),
};
const GRE4: Fields = {
  ...TUNNEL4,
  ...GRE_HEADER,
  ignore_df: on('ignoreDontFragment'),
  'ignore-df': on('ignoreDontFragment'),
};
const GRE6: Fields = { ...TUNNEL6, ...GRE_HEADER };

const SIT: Fields = {
  ...TUNNEL4,
  isatap: on('isatap'),
  '6rd': (view) => {
    const { prefix, prefixLength, relayPrefix, relayPrefixLength } = view['sixRd'] as Record<string, unknown>;
    const relay =
      relayPrefixLength === 0 ? {} : { relay_prefix: relayPrefix, relay_prefixlen: relayPrefixLength };
    return { prefix, prefixlen: prefixLength, ...relay };
  },
};

const VTI: Fields = { ...TUNNEL, ikey: key('inputKey'), okey: key('outputKey') };

const onOff = (name: string) => (view: View) => (view[name] === true ? 'on' : 'off');

const BOND: Fields = {
  mode: same('mode'),
  active_slave: ({ activeSlave }) => (activeSlave === undefined ? undefined : 'lower'),
  miimon: same('miimon'),
  updelay: same('upDelay'),
  downdelay: same('downDelay'),
  peer_notify_delay: same('peerNotificationDelay'),
  use_carrier: number('useCarrier'),
  arp_interval: same('arpInterval'),
  arp_missed_max: same('missedMax'),
  arp_ip_target: same('arpTargets'),
  ns_ip6_target: same('neighborTargets'),
  // ip prints null for 'none'
  arp_validate: ({ arpValidate }) => (arpValidate === 'none' ? null : arpValidate),
  arp_all_targets: same('arpAllTargets'),
  primary: ({ primary }) => (primary === undefined ? undefined : 'lower'),
  primary_reselect: same('primaryReselect'),
  fail_over_mac: same('failOverMac'),
  xmit_hash_policy: same('hashPolicy'),
  resend_igmp: same('resendIgmp'),
  num_peer_notif: same('peerNotifications'),
  all_slaves_active: number('allSlavesActive'),
  min_links: same('minLinks'),
  lp_interval: same('learningInterval'),
  packets_per_slave: same('packetsPerSlave'),
  ad_lacp_active: onOff('lacpActive'),
  ad_lacp_rate: same('lacpRate'),
  ad_select: same('adSelect'),
  ad_actor_sys_prio: same('adActorSystemPriority'),
  ad_user_port_key: same('adUserPortKey'),
  ad_actor_system: same('adActorSystem'),
  tlb_dynamic_lb: number('dynamicLoadBalancing'),
  ad_info: ({ ad }) => {
    const { aggregator, ports, actorKey, partnerKey, partnerMac } = ad as Record<string, unknown>;
    return {
      aggregator,
      num_ports: ports,
      actor_key: actorKey,
      partner_key: partnerKey,
      partner_mac: partnerMac,
    };
  },
};

const HSR: Fields = {
  slave1: ({ slave1 }) => (slave1 === undefined ? undefined : 'lower'),
  slave2: ({ slave2 }) => (slave2 === undefined ? undefined : 'other'),
  seq_nr: same('sequence'),
  supervision_addr: same('supervisionAddress'),
  proto: ({ protocol }) => Number(protocol === 'prp'),
};

const MACSEC: Fields = {
  sci: same('sci'),
  cipher_suite: ({ cipher }) => String(cipher).toUpperCase(),
  icv_len: same('icvLength'),
  window: same('window'),
  encoding_sa: same('encodingSa'),
  validation: same('validate'),
  encrypt: same('encrypt'),
  protect: same('protect'),
  inc_sci: same('includeSci'),
  es: same('endStation'),
  scb: same('singleCopyBroadcast'),
  replay_protect: same('replayProtect'),
  offload: same('offload'),
};

/** What `ip -d -j link` calls what `getLink` returns, by the kind. */
export const SHOWN: Readonly<Record<string, Fields>> = {
  bridge: BRIDGE,
  macvlan: MACVLAN,
  macvtap: MACVLAN,
  ipvlan: IPVLAN,
  ipvtap: IPVLAN,
  vrf: { table: same('table') },
  vxlan: VXLAN,
  geneve: GENEVE,
  bareudp: {
    dstport: same('port'),
    ethertype: ({ protocol }) =>
      ({ ipv4: 'ip', ipv6: 'ipv6', mpls_uc: 'mpls_uc', mpls_mc: 'mpls_mc' })[String(protocol)],
    srcportmin: same('sourcePortFrom'),
    multiproto: same('multipleProtocols'),
  },
  gre: GRE4,
  gretap: GRE4,
  erspan: GRE4,
  ip6gre: GRE6,
  ip6gretap: GRE6,
  ip6erspan: GRE6,
  ipip: TUNNEL4,
  sit: SIT,
  ip6tnl: TUNNEL6,
  vti: VTI,
  vti6: VTI,
  xfrm: { link: REMOTE['link']!, if_id: ({ interfaceId }) => hex(1)(interfaceId), external: on('external') },
  bond: BOND,
  hsr: HSR,
  macsec: MACSEC,
};
