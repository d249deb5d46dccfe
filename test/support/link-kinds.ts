import type { Capability } from './capabilities';

// The kinds of links for test/integration/links/kinds.test.ts: what is made of each, by createLink and by ip, and what
// `ip -d -j link` calls what getLink returns. A new kind is some rows here.

export interface Example {
  kind: string;
  needs: Capability;
  /** The options of its own. */
  own: Readonly<Record<string, unknown>>;
  /** What ip has in place of them. */
  words: string;
  /** How ip goes on, of what it cannot give at creation. */
  then?: string;
  /** What the kernel does not report of the options. */
  unreported?: readonly string[];
}

type View = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, (view: View) => unknown>>;

/** A field that ip shows, and getLink returns in the same way. */
const same = (name: string) => (view: View) => view[name];
/** ip shows only what is on. */
const on = same;
const number = (name: string) => (view: View) => Number(view[name]);

/** The name of the device with an index, as it is in the test's namespaces. */
export type Named = (index: unknown) => string;

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
  remote: same('remote'),
  remote6: same('remote'),
  local: same('local'),
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
  tos: ({ tos }) => (tos === 'inherit' ? 'inherit' : hex(1)(tos)),
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
  erspan_index: same('index'),
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

const MACVLANS = 'links of the kind macvlan';
const OTHERS = 'links of the kinds ipvlan, nlmon and vrf';
const VXLANS = 'links of the kind vxlan';
const TUNNELS = 'links of the kinds of tunnels, bond, hsr, macsec and team';
const NEWER = 'links of the kinds bareudp, wireguard and xfrm';

const examples = (
  kinds: string,
  needs: Capability,
  rows: readonly (readonly [own: View, words: string])[],
): Example[] => kinds.split(' ').flatMap((kind) => rows.map(([own, words]) => ({ kind, needs, own, words })));

const MODES = ['private', 'vepa', 'bridge', 'passthru'];
const FLAGS = ['bridge', 'private', 'vepa'];

const macvlans = (kind: string): Example[] => [
  ...examples(kind, MACVLANS, [
    [{}, ''],
    ...MODES.map((mode) => [{ mode }, `mode ${mode}`] as const),
    [{ mode: 'passthru', noPromiscuous: true }, 'mode passthru nopromisc'],
  ]),
  {
    ...{ kind, needs: MACVLANS, own: { mode: 'source', macs: ['02:00:00:00:00:01'] } },
    ...{ words: 'mode source', then: 'macaddr set 02:00:00:00:00:01' },
  },
];

const GRE_ENDS = { local: '10.0.0.1', remote: '10.0.0.2' };
const ENDS6 = { local: 'fd00::1', remote: 'fd00::2' };
const WORDS4 = 'local 10.0.0.1 remote 10.0.0.2';
const WORDS6 = 'local fd00::1 remote fd00::2';
const KEYS = { inputKey: 5, outputKey: 6 };
const SEQUENCES = { inputSequence: true, outputSequence: true };
const ERSPAN = { ...KEYS, ...SEQUENCES, inputKey: 30, outputKey: 30 };

const over4: readonly (readonly [View, string])[] = [
  [GRE_ENDS, WORDS4],
  [{ ...GRE_ENDS, ttl: 64, tos: 16, link: 'lower' }, `${WORDS4} ttl 64 tos 0x10 dev lower`],
  [{ ...GRE_ENDS, tos: 'inherit', mark: 7 }, `${WORDS4} tos inherit fwmark 7`],
  [{ ...GRE_ENDS, pathMtuDiscovery: false }, `${WORDS4} nopmtudisc`],
  [
    {
      ...GRE_ENDS,
      encap: {
        type: 'gue',
        sourcePort: 0,
        destinationPort: 5555,
        checksum: true,
        checksum6: true,
        remoteChecksum: false,
      },
    },
    `${WORDS4} encap gue encap-sport auto encap-dport 5555 encap-csum encap-csum6`,
  ],
  [{ external: true }, 'external'],
];

const over6: readonly (readonly [View, string])[] = [
  [ENDS6, WORDS6],
  [{ ...ENDS6, hopLimit: 9, encapLimit: 2, link: 'lower' }, `${WORDS6} hoplimit 9 encaplimit 2 dev lower`],
  [{ ...ENDS6, trafficClass: 16, flowLabel: 0x12345 }, `${WORDS6} tclass 0x10 flowlabel 0x12345`],
  [
    { ...ENDS6, trafficClass: 'inherit', flowLabel: 'inherit', encapLimit: 'none', copyDscp: true },
    `${WORDS6} tclass inherit flowlabel inherit encaplimit none dscp inherit`,
  ],
  [{ ...ENDS6, mark: 7, allowLocalRemote: true }, `${WORDS6} fwmark 7 allow-localremote`],
  [{ ...ENDS6, mark: 'inherit' }, `${WORDS6} fwmark inherit`],
];

export const EXAMPLES: readonly Example[] = [
  ...macvlans('macvlan'),
  ...macvlans('macvtap'),
  ...examples('ipvlan ipvtap', OTHERS, [
    [{}, ''],
    ...['l2', 'l3', 'l3s'].flatMap((mode) =>
      FLAGS.map((flag) => [{ mode, flag }, `mode ${mode} ${flag}`] as const),
    ),
  ]),
  ...examples('vrf', OTHERS, [[{ table: 1000 }, 'table 1000']]),
  ...examples('dummy', 'links of the kind dummy', [[{}, '']]),
  ...examples('ifb', MACVLANS, [[{}, '']]),
  ...examples('nlmon', OTHERS, [[{}, '']]),
  ...examples('team', TUNNELS, [[{}, '']]),
  ...examples('wireguard', NEWER, [[{}, '']]),
  ...examples('vxlan', VXLANS, [
    [{ id: 42, port: 4789 }, 'id 42 dstport 4789'],
    [
      { id: 42, port: 4789, remote: '239.1.1.1', link: 'lower', ttl: 5, tos: 16 },
      'id 42 dstport 4789 group 239.1.1.1 dev lower ttl 5 tos 0x10',
    ],
    [
      { id: 42, port: 4789, remote: '10.0.0.2', local: '10.0.0.1', ttl: 'inherit', tos: 'inherit' },
      'id 42 dstport 4789 remote 10.0.0.2 local 10.0.0.1 ttl inherit tos inherit',
    ],
    [
      { id: 16777215, port: 1, remote: 'fd00::2', local: 'fd00::1', flowLabel: 0x12345 },
      'id 16777215 dstport 1 remote fd00::2 local fd00::1 flowlabel 0x12345',
    ],
    [
      {
        id: 7,
        port: 4789,
        sourcePorts: { from: 1000, to: 2000 },
        learning: false,
        ageing: 60,
        maxEntries: 9,
      },
      'id 7 dstport 4789 srcport 1000 2000 nolearning ageing 60 maxaddress 9',
    ],
    [
      {
        id: 7,
        port: 4789,
        proxy: true,
        routeShortCircuit: true,
        l2Miss: true,
        l3Miss: true,
        dontFragment: 'inherit',
      },
      'id 7 dstport 4789 proxy rsc l2miss l3miss df inherit',
    ],
    [
      { id: 7, port: 4789, udpChecksum: false, udpZeroChecksum6Sent: true, udpZeroChecksum6Received: true },
      'id 7 dstport 4789 noudpcsum udp6zerocsumtx udp6zerocsumrx',
    ],
    [
      { id: 7, port: 4789, remoteChecksumSent: true, remoteChecksumReceived: true, groupPolicy: true },
      'id 7 dstport 4789 remcsumtx remcsumrx gbp',
    ],
    [{ external: true, port: 4789 }, 'external dstport 4789'],
    [{ external: true, port: 4790, genericProtocol: true }, 'external dstport 4790 gpe'],
  ]),
  ...examples('geneve', TUNNELS, [
    [{ id: 42, remote: '10.0.0.2' }, 'id 42 remote 10.0.0.2'],
    [
      { id: 42, remote: '10.0.0.2', ttl: 5, tos: 16, port: 7000, dontFragment: 'set', udpChecksum: true },
      'id 42 remote 10.0.0.2 ttl 5 tos 0x10 dstport 7000 df set udpcsum',
    ],
    [
      {
        id: 42,
        remote: 'fd00::2',
        ttl: 'inherit',
        tos: 'inherit',
        flowLabel: 0x12345,
        udpZeroChecksum6Sent: true,
      },
      'id 42 remote fd00::2 ttl inherit tos inherit flowlabel 0x12345 udp6zerocsumtx',
    ],
    [{ external: true }, 'external'],
  ]),
  ...examples('bareudp', NEWER, [
    [{ port: 6635, protocol: 'mpls_uc' }, 'dstport 6635 ethertype mpls_uc'],
    [
      { port: 7000, protocol: 'ipv4', sourcePortFrom: 1000, multipleProtocols: true },
      'dstport 7000 ethertype ipv4 srcportmin 1000 multiproto',
    ],
  ]),
  ...examples('gre gretap', TUNNELS, [
    ...over4,
    [{ ...GRE_ENDS, ...KEYS }, `${WORDS4} ikey 5 okey 6`],
    [{ ...GRE_ENDS, ...SEQUENCES, inputChecksum: true, outputChecksum: true }, `${WORDS4} seq csum`],
    [{ ...GRE_ENDS, pathMtuDiscovery: false, ignoreDontFragment: true }, `${WORDS4} nopmtudisc ignore-df`],
  ]),
  ...examples('ip6gre ip6gretap', TUNNELS, [
    ...over6,
    [{ ...ENDS6, ...KEYS }, `${WORDS6} ikey 5 okey 6`],
    [{ ...ENDS6, ...SEQUENCES, inputChecksum: true, outputChecksum: true }, `${WORDS6} seq csum`],
  ]),
  ...examples('erspan', TUNNELS, [
    [{ ...GRE_ENDS, ...ERSPAN, version: 1, index: 123 }, `${WORDS4} seq key 30 erspan_ver 1 erspan 123`],
    [
      { ...GRE_ENDS, ...ERSPAN, version: 2, direction: 'egress', hardwareId: 17 },
      `${WORDS4} seq key 30 erspan_ver 2 erspan_dir egress erspan_hwid 17`,
    ],
  ]),
  ...examples('ip6erspan', TUNNELS, [
    [{ ...ENDS6, ...ERSPAN, version: 1, index: 123 }, `${WORDS6} seq key 30 erspan_ver 1 erspan 123`],
    [
      { ...ENDS6, ...ERSPAN, version: 2, direction: 'ingress', hardwareId: 17 },
      `${WORDS6} seq key 30 erspan_ver 2 erspan_dir ingress erspan_hwid 17`,
    ],
  ]),
  ...examples('ipip', TUNNELS, [
    ...over4.map(([own, words]) => [{ protocol: 'any', ...own }, words] as const),
    [{ ...GRE_ENDS, protocol: 'ipv4' }, `${WORDS4} mode ipip`],
    [{ ...GRE_ENDS, protocol: 'mpls' }, `${WORDS4} mode mplsip`],
  ]),
  ...examples('sit', TUNNELS, [
    ...over4.map(([own, words]) => [{ protocol: 'any', ...own }, words] as const),
    [{ ...GRE_ENDS, protocol: 'ipv6', isatap: false }, `${WORDS4} mode ip6ip`],
    [{ local: '10.0.0.1', protocol: 'any', isatap: true }, 'local 10.0.0.1 isatap'],
  ]),
  ...examples('ip6tnl', TUNNELS, [
    ...over6.map(([own, words]) => [{ protocol: 'any', ...own }, words] as const),
    [{ ...ENDS6, protocol: 'ipv4' }, `${WORDS6} mode ipip6`],
    [{ ...ENDS6, protocol: 'ipv6' }, `${WORDS6} mode ip6ip6`],
  ]),
  ...examples('vti', TUNNELS, [
    [{ ...GRE_ENDS, ...KEYS, mark: 7, link: 'lower' }, `${WORDS4} ikey 5 okey 6 fwmark 7 dev lower`],
  ]),
  ...examples('vti6', TUNNELS, [
    [{ ...ENDS6, ...KEYS, mark: 7, link: 'lower' }, `${WORDS6} ikey 5 okey 6 fwmark 7 dev lower`],
  ]),
  ...examples('xfrm', NEWER, [[{ interfaceId: 5, link: 'lower' }, 'dev lower if_id 5']]),
  ...examples('bond', TUNNELS, [
    [{}, ''],
    [
      {
        mode: 'active-backup',
        miimon: 100,
        upDelay: 200,
        downDelay: 300,
        useCarrier: true,
        primaryReselect: 'better',
      },
      'mode active-backup miimon 100 updelay 200 downdelay 300 use_carrier 1 primary_reselect better',
    ],
    [
      {
        ...{ mode: 'active-backup', arpInterval: 500, arpTargets: ['10.0.0.1', '10.0.0.2'] },
        ...{ arpValidate: 'all', arpAllTargets: 'all', failOverMac: 'active' },
      },
      'mode active-backup arp_interval 500 arp_ip_target 10.0.0.1,10.0.0.2 arp_validate all arp_all_targets all fail_over_mac active',
    ],
    [
      {
        ...{
          mode: '802.3ad',
          miimon: 100,
          hashPolicy: 'layer3+4',
          lacpRate: 'fast',
          adSelect: 'bandwidth',
          minLinks: 1,
        },
        ...{ adActorSystemPriority: 7, adUserPortKey: 5, adActorSystem: '02:00:00:00:00:07' },
      },
      'mode 802.3ad miimon 100 xmit_hash_policy layer3+4 lacp_rate fast ad_select bandwidth min_links 1 ' +
        'ad_actor_sys_prio 7 ad_user_port_key 5 ad_actor_system 02:00:00:00:00:07',
    ],
    [
      {
        ...{ mode: 'balance-rr', miimon: 100, packetsPerSlave: 2, resendIgmp: 3, peerNotifications: 4 },
        ...{ peerNotificationDelay: 200, allSlavesActive: true, learningInterval: 5 },
      },
      'mode balance-rr miimon 100 packets_per_slave 2 resend_igmp 3 num_grat_arp 4 peer_notify_delay 200 ' +
        'all_slaves_active 1 lp_interval 5',
    ],
    [{ mode: 'balance-tlb', dynamicLoadBalancing: false }, 'mode balance-tlb tlb_dynamic_lb 0'],
  ]),
  ...examples('hsr', TUNNELS, [
    [{ slave1: 'lower', slave2: 'other' }, 'slave1 lower slave2 other'],
    [{ slave1: 'lower', slave2: 'other', protocol: 'prp' }, 'slave1 lower slave2 other proto 1'],
    [
      { slave1: 'lower', slave2: 'other', multicastSpec: 5, version: 1 },
      'slave1 lower slave2 other supervision 5 version 1',
    ],
  ]),
  ...examples('macsec', TUNNELS, [
    [{}, ''],
    [{ sci: '0200000000010007', encrypt: true, icvLength: 12 }, 'sci 0200000000010007 encrypt on icvlen 12'],
    [
      {
        cipher: 'gcm-aes-256',
        replayProtect: true,
        window: 32,
        validate: 'check',
        encodingSa: 2,
        protect: false,
      },
      'cipher gcm-aes-256 replay on window 32 validate check encodingsa 2 protect off',
    ],
    [{ includeSci: false, endStation: true }, 'send_sci off end_station on'],
  ]),
];
