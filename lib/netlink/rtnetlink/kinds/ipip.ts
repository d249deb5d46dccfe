import { defined } from '../../../common/objects';
import { integerFrom, oneOf, optionsOf, optionTable, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { be16, bool8, choice, flag, ipv4, ipv6, u16, u32, u8, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import {
  hops,
  IPV4_OPTIONS,
  ipv4Data,
  type Ipv4TunnelOptions,
  ipv4View,
  IPV6_OPTIONS,
  ipv6Data,
  type Ipv6TunnelOptions,
  ipv6View,
  type TunnelInfo,
} from './ip-tunnel';
import type { LinkKind } from './link-kind';
import { encapType, isIp, tos } from './tunnel';

/** linux/in.h, IPPROTO_*: what travels inside. */
const PROTOCOLS = {
  any: 0, // IPPROTO_IP
  ipv4: 4, // IPPROTO_IPIP
  ipv6: 41, // IPPROTO_IPV6
  mpls: 137, // IPPROTO_MPLS
} as const;

const protocol = choice(u8, PROTOCOLS);

/** linux/if_tunnel.h, SIT_ISATAP */
const SIT_ISATAP = 1;

const shared = {
  link: [1, u32], // IFLA_IPTUN_LINK
  protocol: [9, protocol], // IFLA_IPTUN_PROTO
  encapType: [15, encapType], // IFLA_IPTUN_ENCAP_TYPE
  encapFlags: [16, u16], // IFLA_IPTUN_ENCAP_FLAGS
  encapSourcePort: [17, be16], // IFLA_IPTUN_ENCAP_SPORT
  encapDestinationPort: [18, be16], // IFLA_IPTUN_ENCAP_DPORT
  external: [19, flag], // IFLA_IPTUN_COLLECT_METADATA
  mark: [20, u32], // IFLA_IPTUN_FWMARK
} as const;

const table4 = attributes({
  ...shared,
  local: [2, ipv4], // IFLA_IPTUN_LOCAL
  remote: [3, ipv4], // IFLA_IPTUN_REMOTE
  ttl: [4, hops], // IFLA_IPTUN_TTL
  tos: [5, tos], // IFLA_IPTUN_TOS
  flags: [8, u16], // IFLA_IPTUN_FLAGS
  pathMtuDiscovery: [10, bool8], // IFLA_IPTUN_PMTUDISC
  sixRdPrefix: [11, ipv6], // IFLA_IPTUN_6RD_PREFIX
  sixRdRelayPrefix: [12, ipv4], // IFLA_IPTUN_6RD_RELAY_PREFIX
  sixRdPrefixLength: [13, u16], // IFLA_IPTUN_6RD_PREFIXLEN
  sixRdRelayPrefixLength: [14, u16], // IFLA_IPTUN_6RD_RELAY_PREFIXLEN
});

const table6 = attributes({
  ...shared,
  local: [2, ipv6], // IFLA_IPTUN_LOCAL
  remote: [3, ipv6], // IFLA_IPTUN_REMOTE
  hopLimit: [4, hops], // IFLA_IPTUN_TTL
  encapLimit: [6, u8], // IFLA_IPTUN_ENCAP_LIMIT
  flowInfo: [7, be32], // IFLA_IPTUN_FLOWINFO
  flags: [8, u32], // IFLA_IPTUN_FLAGS
});

/** What travels inside, where the kind leaves a choice. */
export interface TunnelProtocol {
  /** Which packets travel inside: those of the kind by default; 'any' are both IPv4 and IPv6. */
  protocol?: keyof typeof PROTOCOLS | number;
}

/** IPv4 in IPv4 (RFC 2003). */
export interface IpipOptions extends Ipv4TunnelOptions, TunnelProtocol {}

/** IPv6 in IPv4 (RFC 4213). */
export interface SitOptions extends Omit<Ipv4TunnelOptions, 'external'>, TunnelProtocol {
  /** Whether hosts of IPv6 in a network of IPv4 find each other (ISATAP, RFC 5214); off by default. */
  isatap?: boolean;
  /** Addresses of IPv6 that are made of those of IPv4 (6rd, RFC 5969); those of 6to4 by default. */
  sixRd?: SixRd;
}

/** Which addresses of IPv6 hold one of IPv4. */
export interface SixRd {
  /** The addresses of IPv6 that the tunnel is for: '2001:db8::' */
  prefix: string;
  /** The bits of `prefix`, 0 to 32 + the length of the relay's. */
  prefixLength: number;
  /** The addresses of IPv4, whose other bits lie in those of IPv6; '0.0.0.0' by default. */
  relayPrefix?: string;
  /** The bits of `relayPrefix`; 0 by default. */
  relayPrefixLength?: number;
}

/** IPv6 or IPv4 in IPv6 (RFC 2473). */
export interface Ip6tnlOptions extends Ipv6TunnelOptions, TunnelProtocol {}

/** What the kernel reports of such a tunnel. */
export type IpipInfo = TunnelInfo<IpipOptions>;
/** What the kernel reports of such a tunnel. */
export type SitInfo = TunnelInfo<SitOptions>;
/** What the kernel reports of such a tunnel. */
export type Ip6tnlInfo = TunnelInfo<Ip6tnlOptions>;

const PROTOCOL = { protocol: oneOf(Object.keys(PROTOCOLS), { number: true }) } as const;

const SIX_RD = optionTable<SixRd>(
  {
    prefix: isIp,
    prefixLength: integerFrom(0, 64),
    relayPrefix: isIp,
    relayPrefixLength: integerFrom(0, 32),
  },
  ['prefix', 'prefixLength'],
);

type Data4 = ValueOf<typeof table4>;

/** The kernel makes no external sit. */
const { external: _, ...ENDS } = IPV4_OPTIONS;

const over4 = { table: table4, devices: ['link'], changesWhole: true } as const;

export const ipip: LinkKind<IpipOptions, Data4, IpipInfo> = {
  ...over4,
  options: { ...IPV4_OPTIONS, ...PROTOCOL },
  toData: ipv4Data,
  toView: ipv4View,
};

export const sit: LinkKind<SitOptions, Data4, SitInfo> = {
  ...over4,
  // a kernel without CONFIG_IPV6_SIT_6RD
  ignoresUnknown: ['sixRd'],
  options: { ...ENDS, ...PROTOCOL, isatap: trueOrFalse, sixRd: optionsOf(SIX_RD) },
  toData: ({ isatap, sixRd, ...rest }) => ({
    ...ipv4Data(rest),
    ...defined({
      flags: isatap === undefined ? undefined : isatap ? SIT_ISATAP : 0,
      sixRdPrefix: sixRd?.prefix,
      sixRdPrefixLength: sixRd?.prefixLength,
      sixRdRelayPrefix: sixRd?.relayPrefix,
      sixRdRelayPrefixLength: sixRd?.relayPrefixLength,
    }),
  }),
  toView(data) {
    const { flags = 0, sixRdPrefix, sixRdPrefixLength = 0, sixRdRelayPrefix, ...rest } = data;
    const { sixRdRelayPrefixLength, ...others } = rest;
    const relay = defined({ relayPrefix: sixRdRelayPrefix, relayPrefixLength: sixRdRelayPrefixLength });
    const sixRd =
      sixRdPrefix === undefined ? undefined : { prefix: sixRdPrefix, prefixLength: sixRdPrefixLength };
    const { external: _none, ...ends } = ipv4View(others);
    return {
      ...ends,
      isatap: (flags & SIT_ISATAP) !== 0,
      ...(sixRd !== undefined && { sixRd: { ...sixRd, ...relay } }),
    };
  },
};

export const ip6tnl: LinkKind<Ip6tnlOptions, ValueOf<typeof table6>, Ip6tnlInfo> = {
  table: table6,
  devices: ['link'],
  changesWhole: true,
  options: { ...IPV6_OPTIONS, ...PROTOCOL },
  toData: ipv6Data,
  toView: ipv6View,
};
