import { BRIDGES } from './bridges';
import type { Capability } from '../capabilities';
import type { Example, View } from './types';
import {
  BAREUDP,
  ENDS6,
  GRE_ENDS,
  HSR,
  KEYS,
  MACVLANS,
  OTHERS,
  SEQUENCES,
  TUNNELS,
  VXLANS,
  WIREGUARD_XFRM,
  WORDS4,
  WORDS6,
} from './words';

// The kinds of links for test/integration/links/kinds.test.ts: what is made of each, by createLink and by ip, and what
// `ip -d -j link` calls what getLink returns. A new kind is some rows here.

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

const ERSPAN = { ...KEYS, ...SEQUENCES, inputKey: 30, outputKey: 30 };

const over4: readonly (readonly [View, string])[] = [
  [GRE_ENDS, WORDS4],
  [{ ...GRE_ENDS, ttl: 64, tos: 16, link: 'lower' }, `${WORDS4} ttl 64 tos 0x10 dev lower`],
  [{ ...GRE_ENDS, tos: 'inherit', mark: 7 }, `${WORDS4} tos inherit fwmark 7`],
  [{ ...GRE_ENDS, pathMtuDiscovery: false }, `${WORDS4} nopmtudisc`],
];

const EXTERNAL = [{ external: true }, 'external'] as const;

const IN_UDP: readonly (readonly [View, string])[] = [
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
    `${WORDS4} encap gue encap-sport auto encap-dport 5555 encap-csum encap-udp6-csum`,
  ],
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
  [{ external: true }, 'external'],
];

export const EXAMPLES: readonly Example[] = [
  ...BRIDGES,
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
  ...examples('wireguard', WIREGUARD_XFRM, [[{}, '']]),
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
  ...examples('bareudp', BAREUDP, [
    [{ port: 6635, protocol: 'mpls_uc' }, 'dstport 6635 ethertype mpls_uc'],
    [
      { port: 7000, protocol: 'ipv4', sourcePortFrom: 1000, multipleProtocols: true },
      'dstport 7000 ethertype ipv4 srcportmin 1000 multiproto',
    ],
  ]),
  ...examples('gre gretap', TUNNELS, [
    ...over4,
    EXTERNAL,
    [{ ...GRE_ENDS, ...KEYS }, `${WORDS4} ikey 5 okey 6`],
    [{ local: '10.0.0.1', ...KEYS }, 'local 10.0.0.1 ikey 5 okey 6'],
    [{ ...GRE_ENDS, ...SEQUENCES, inputChecksum: true, outputChecksum: true }, `${WORDS4} seq csum`],
    [{ ...GRE_ENDS, pathMtuDiscovery: false, ignoreDontFragment: true }, `${WORDS4} nopmtudisc ignore-df`],
  ]),
  ...examples('gre gretap', 'tunnels in UDP', IN_UDP),
  ...examples(
    'ipip sit',
    'tunnels in UDP',
    IN_UDP.map(([own, words]) => [{ protocol: 'any', ...own }, words] as const),
  ),
  ...examples('ip6gre ip6gretap', TUNNELS, [
    ...over6,
    [{ ...ENDS6, ...KEYS }, `${WORDS6} ikey 5 okey 6`],
    [{ local: 'fd00::1', ...KEYS }, 'local fd00::1 ikey 5 okey 6'],
    [{ ...ENDS6, ...SEQUENCES, inputChecksum: true, outputChecksum: true }, `${WORDS6} seq csum`],
  ]),
  ...examples('erspan', TUNNELS, [
    [
      { ...GRE_ENDS, ...ERSPAN, version: 1, erspanIndex: 123 },
      `${WORDS4} seq key 30 erspan_ver 1 erspan 123`,
    ],
    [
      { ...GRE_ENDS, ...ERSPAN, version: 2, direction: 'egress', hardwareId: 17 },
      `${WORDS4} seq key 30 erspan_ver 2 erspan_dir egress erspan_hwid 17`,
    ],
  ]),
  ...examples('ip6erspan', TUNNELS, [
    [{ ...ENDS6, ...ERSPAN, version: 1, erspanIndex: 123 }, `${WORDS6} seq key 30 erspan_ver 1 erspan 123`],
    [
      { ...ENDS6, ...ERSPAN, version: 2, direction: 'ingress', hardwareId: 17 },
      `${WORDS6} seq key 30 erspan_ver 2 erspan_dir ingress erspan_hwid 17`,
    ],
  ]),
  ...examples('ipip', TUNNELS, [
    ...[...over4, EXTERNAL].map(([own, words]) => [{ protocol: 'any', ...own }, words] as const),
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
  ...examples('xfrm', WIREGUARD_XFRM, [[{ interfaceId: 5, link: 'lower' }, 'dev lower if_id 5']]),
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
  ...examples('hsr', HSR, [
    [{ slave1: 'lower', slave2: 'other' }, 'slave1 lower slave2 other'],
    [{ slave1: 'lower', slave2: 'other', protocol: 'prp' }, 'slave1 lower slave2 other proto 1'],
  ]),
  {
    ...{ kind: 'hsr', needs: HSR, words: 'slave1 lower slave2 other supervision 5 version 1' },
    ...{ own: { slave1: 'lower', slave2: 'other', multicastSpec: 5, version: 1 } },
    unreported: ['multicastSpec', 'version'],
  },
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
