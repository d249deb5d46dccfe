import { defined } from '../../../common/objects';
import { integerFrom, optionsOf, optionTable, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { be16, bool8, type Codec, flag, ipv4, ipv6, u32, u8, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import { struct } from '../../struct';
import type { LinkKind } from './link-kind';
import {
  BYTE_OR_INHERIT,
  byFamily,
  DONT_FRAGMENT,
  dontFragment,
  type DontFragment,
  FLOW_LABEL,
  isIp,
  isPresent,
  PORT,
  present,
  tos,
  U32,
} from './tunnel';

/** struct ifla_vxlan_port_range */
const portRange = struct([
  ['from', be16, 2],
  ['to', be16, 2],
]);

/** The kernel takes it as an attribute without content, and reports a byte. */
const flagOrByte: Codec<boolean> = {
  shape: flag.shape,
  write: (to) => flag.write(to, true),
  read: (from, start, end) => start === end || bool8.read(from, start, end),
};

const table = attributes({
  id: [1, u32], // IFLA_VXLAN_ID
  remote: [2, ipv4], // IFLA_VXLAN_GROUP
  link: [3, u32], // IFLA_VXLAN_LINK
  local: [4, ipv4], // IFLA_VXLAN_LOCAL
  ttl: [5, u8], // IFLA_VXLAN_TTL
  tos: [6, tos], // IFLA_VXLAN_TOS
  learning: [7, bool8], // IFLA_VXLAN_LEARNING
  ageing: [8, u32], // IFLA_VXLAN_AGEING
  maxEntries: [9, u32], // IFLA_VXLAN_LIMIT
  sourcePorts: [10, portRange], // IFLA_VXLAN_PORT_RANGE
  proxy: [11, bool8], // IFLA_VXLAN_PROXY
  routeShortCircuit: [12, bool8], // IFLA_VXLAN_RSC
  l2Miss: [13, bool8], // IFLA_VXLAN_L2MISS
  l3Miss: [14, bool8], // IFLA_VXLAN_L3MISS
  port: [15, be16], // IFLA_VXLAN_PORT
  remote6: [16, ipv6], // IFLA_VXLAN_GROUP6
  local6: [17, ipv6], // IFLA_VXLAN_LOCAL6
  udpChecksum: [18, bool8], // IFLA_VXLAN_UDP_CSUM
  udpZeroChecksum6Sent: [19, bool8], // IFLA_VXLAN_UDP_ZERO_CSUM6_TX
  udpZeroChecksum6Received: [20, bool8], // IFLA_VXLAN_UDP_ZERO_CSUM6_RX
  remoteChecksumSent: [21, bool8], // IFLA_VXLAN_REMCSUM_TX
  remoteChecksumReceived: [22, bool8], // IFLA_VXLAN_REMCSUM_RX
  groupPolicy: [23, flag], // IFLA_VXLAN_GBP
  remoteChecksumWhole: [24, flag], // IFLA_VXLAN_REMCSUM_NOPARTIAL
  external: [25, bool8], // IFLA_VXLAN_COLLECT_METADATA
  flowLabel: [26, be32], // IFLA_VXLAN_LABEL
  genericProtocol: [27, flag], // IFLA_VXLAN_GPE
  ttlInherit: [28, flagOrByte], // IFLA_VXLAN_TTL_INHERIT
  dontFragment: [29, dontFragment], // IFLA_VXLAN_DF
  vniFilter: [30, bool8], // IFLA_VXLAN_VNIFILTER
});

type Data = ValueOf<typeof table>;

/** A network of Ethernet over UDP (RFC 7348): the frames of the device travel in packets to other machines. */
export interface VxlanOptions {
  /** The number of the network (VNI), 0 to 16,777,215. It has to be given, unless the device is `external`. */
  id?: number;
  /**
   * Where frames go of whose destination nothing is known: the address of another machine, or of a multicast group, which needs
   * `link`. Without it they go where `addFdb` sends them.
   */
  remote?: string;
  /** The address that packets are sent from; chosen by the route by default. */
  local?: string;
  /** The device that packets leave by. */
  link?: string | number;
  /** The UDP port of the receiver: 8,472 by default, as with `ip`; the port of RFC 7348 is 4,789. */
  port?: number;
  /** The UDP ports that packets are sent from, chosen by the frame; those of the namespace by default. */
  sourcePorts?: { from: number; to: number };
  /** Hops; 0 (the default) is the kernel's choice, 'inherit' those of the packet inside. */
  ttl?: number | 'inherit';
  /** The type of service; 0 by default, 'inherit' is that of the packet inside. */
  tos?: number | 'inherit';
  /** Whether packets over IPv4 may not be split: 'unset' by default, 'inherit' as the packet inside says. */
  dontFragment?: DontFragment | number;
  /** The flow label of packets over IPv6. */
  flowLabel?: number;
  /** Whether the device learns where addresses are from what it receives; on by default, off with `external`. */
  learning?: boolean;
  /** After how many seconds what was learned is forgotten; 300 by default, 0 never. */
  ageing?: number;
  /** How many addresses are learned; 0 (the default) is without limit. */
  maxEntries?: number;
  /** Whether the device answers ARP and neighbor solicitations from what it knows; off by default. */
  proxy?: boolean;
  /** Whether packets to a router are sent to their destination at once, where it is known; off by default. */
  routeShortCircuit?: boolean;
  /** Whether the kernel reports MAC addresses that it does not know; off by default. */
  l2Miss?: boolean;
  /** Whether the kernel reports IP addresses that it does not know; off by default. */
  l3Miss?: boolean;
  /** Whether packets over IPv4 have a UDP checksum; on since 5.11 or so, off before. */
  udpChecksum?: boolean;
  /** Whether packets over IPv6 are sent without a UDP checksum; off by default. */
  udpZeroChecksum6Sent?: boolean;
  /** Whether packets over IPv6 are received that have none; off by default. */
  udpZeroChecksum6Received?: boolean;
  /** Whether the checksum of the frame inside is left to the receiver; off by default. */
  remoteChecksumSent?: boolean;
  /** Whether frames are received whose checksum was left to the receiver; off by default. */
  remoteChecksumReceived?: boolean;
  /** Whether the receiver computes it over the whole of the frame; off by default. */
  remoteChecksumWhole?: boolean;
  /** Whether packets have a tag of group based policy; off by default. The kernel does not change it later. */
  groupPolicy?: boolean;
  /** The generic protocol extension: packets inside need be no Ethernet; off by default. It wants `external`. */
  genericProtocol?: boolean;
  /** Whether routes, filters and programs of BPF say the VNI and where each packet goes; off by default. */
  external?: boolean;
  /** With `external`, whether only those VNIs are received that were added (5.18); off by default. */
  vniFilter?: boolean;
}

/** What the kernel (6.1) refuses in each change: it looks at nothing but that they are there. */
const FIXED = {
  id: true,
  port: true,
  sourcePorts: true,
  maxEntries: true,
  proxy: true,
  routeShortCircuit: true,
  l2Miss: true,
  l3Miss: true,
  udpChecksum: true,
  udpZeroChecksum6Sent: true,
  udpZeroChecksum6Received: true,
  remoteChecksumSent: true,
  remoteChecksumReceived: true,
  remoteChecksumWhole: true,
  groupPolicy: true,
  genericProtocol: true,
  external: true,
  vniFilter: true,
  // a number beside it would be taken, and be without effect
  ttl: 'inherit',
} as const;

const RANGE = optionTable<{ from: number; to: number }>({ from: PORT, to: PORT }, ['from', 'to']);

/** What the kernel reports of a vxlan. */
export interface VxlanInfo extends Partial<Omit<VxlanOptions, 'link'>> {
  /** Index of the device that packets leave by. */
  link?: number;
}

export const vxlan: LinkKind<VxlanOptions, Data, VxlanInfo> = {
  table,
  devices: ['link'],
  requiredUnless: ['id', 'external'],
  ignoresUnknown: ['vniFilter'],
  fixed: FIXED,
  options: {
    id: integerFrom(0, 0xffffff),
    remote: isIp,
    local: isIp,
    port: PORT,
    sourcePorts: optionsOf(RANGE),
    ttl: BYTE_OR_INHERIT,
    tos: BYTE_OR_INHERIT,
    dontFragment: DONT_FRAGMENT,
    flowLabel: FLOW_LABEL,
    learning: trueOrFalse,
    ageing: U32,
    maxEntries: U32,
    proxy: trueOrFalse,
    routeShortCircuit: trueOrFalse,
    l2Miss: trueOrFalse,
    l3Miss: trueOrFalse,
    udpChecksum: trueOrFalse,
    udpZeroChecksum6Sent: trueOrFalse,
    udpZeroChecksum6Received: trueOrFalse,
    remoteChecksumSent: trueOrFalse,
    remoteChecksumReceived: trueOrFalse,
    remoteChecksumWhole: trueOrFalse,
    groupPolicy: trueOrFalse,
    genericProtocol: trueOrFalse,
    external: trueOrFalse,
    vniFilter: trueOrFalse,
  },
  toData: ({ remote, local, ttl, remoteChecksumWhole, groupPolicy, genericProtocol, ...rest }) =>
    defined({
      // an external device learns from no packet, as with `ip`, and one of GPE is refused otherwise
      ...(rest.external === true && { learning: false }),
      ...rest,
      ...byFamily('remote', remote),
      ...byFamily('local', local),
      ttl: ttl === 'inherit' ? undefined : ttl,
      ttlInherit: present(ttl === 'inherit'),
      remoteChecksumWhole: present(remoteChecksumWhole),
      groupPolicy: present(groupPolicy),
      genericProtocol: present(genericProtocol),
    }),
  toView({ remote6, local6, ttl, ttlInherit, remoteChecksumWhole, groupPolicy, genericProtocol, ...rest }) {
    const { remote = remote6, local = local6 } = rest;
    return {
      ...defined({ ...rest, remote, local, ttl: ttlInherit === true ? ('inherit' as const) : ttl }),
      remoteChecksumWhole: isPresent(remoteChecksumWhole),
      groupPolicy: isPresent(groupPolicy),
      genericProtocol: isPresent(genericProtocol),
    };
  },
};
