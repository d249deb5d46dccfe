import { flagValues, maskedFlags } from '../../../common/flags';
import { defined } from '../../../common/objects';
import { integerFrom, oneOf, trueOrFalse } from '../../../common/options';
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
import { encapType, tos, U32 } from './tunnel';

/** linux/if_tunnel.h: what the header of a packet has. */
const FLAGS = {
  checksum: 0x8000, // GRE_CSUM
  key: 0x2000, // GRE_KEY
  sequence: 0x1000, // GRE_SEQ
} as const;

/** linux/erspan.h, enum erspan_dir: which frames a mirror copies. */
const DIRECTIONS = { ingress: 0, egress: 1 } as const;

const shared = {
  link: [1, u32], // IFLA_GRE_LINK
  inputFlags: [2, be16], // IFLA_GRE_IFLAGS
  outputFlags: [3, be16], // IFLA_GRE_OFLAGS
  inputKey: [4, be32], // IFLA_GRE_IKEY
  outputKey: [5, be32], // IFLA_GRE_OKEY
  encapType: [14, encapType], // IFLA_GRE_ENCAP_TYPE
  encapFlags: [15, u16], // IFLA_GRE_ENCAP_FLAGS
  encapSourcePort: [16, be16], // IFLA_GRE_ENCAP_SPORT
  encapDestinationPort: [17, be16], // IFLA_GRE_ENCAP_DPORT
  external: [18, flag], // IFLA_GRE_COLLECT_METADATA
  mark: [20, u32], // IFLA_GRE_FWMARK
  erspanIndex: [21, u32], // IFLA_GRE_ERSPAN_INDEX
  version: [22, u8], // IFLA_GRE_ERSPAN_VER
  direction: [23, choice(u8, DIRECTIONS)], // IFLA_GRE_ERSPAN_DIR
  hardwareId: [24, u16], // IFLA_GRE_ERSPAN_HWID
} as const;

const table4 = attributes({
  ...shared,
  local: [6, ipv4], // IFLA_GRE_LOCAL
  remote: [7, ipv4], // IFLA_GRE_REMOTE
  ttl: [8, hops], // IFLA_GRE_TTL
  tos: [9, tos], // IFLA_GRE_TOS
  pathMtuDiscovery: [10, bool8], // IFLA_GRE_PMTUDISC
  ignoreDontFragment: [19, bool8], // IFLA_GRE_IGNORE_DF
});

const table6 = attributes({
  ...shared,
  local: [6, ipv6], // IFLA_GRE_LOCAL
  remote: [7, ipv6], // IFLA_GRE_REMOTE
  hopLimit: [8, hops], // IFLA_GRE_TTL
  encapLimit: [11, u8], // IFLA_GRE_ENCAP_LIMIT
  flowInfo: [12, be32], // IFLA_GRE_FLOWINFO
  flags: [13, u32], // IFLA_GRE_FLAGS
});

/** What the header of a packet has between the packet outside and that inside (RFC 2784, RFC 2890). */
export interface GreHeaderOptions {
  /** The key of packets that are received; other packets are not for this device. */
  inputKey?: number;
  /** The key of packets that are sent. */
  outputKey?: number;
  /** Whether packets without a checksum are dropped; off by default. */
  inputChecksum?: boolean;
  /** Whether packets are sent with a checksum; off by default. */
  outputChecksum?: boolean;
  /** Whether packets that come out of their order are dropped; off by default. */
  inputSequence?: boolean;
  /** Whether packets are sent with a number; off by default. */
  outputSequence?: boolean;
}

/** A tunnel of Generic Routing Encapsulation over IPv4: packets inside (`gre`), or Ethernet (`gretap`). */
export interface GreOptions extends Ipv4TunnelOptions, GreHeaderOptions {
  /** Whether a packet may be split in the tunnel that says it may not; off by default. */
  ignoreDontFragment?: boolean;
}

/** A tunnel of Generic Routing Encapsulation over IPv6: packets inside (`ip6gre`), or Ethernet (`ip6gretap`). */
export interface Ip6greOptions extends Ipv6TunnelOptions, GreHeaderOptions {}

/** What tells frames of one mirror from those of another. */
export interface ErspanHeaderOptions {
  /** 0, 1 (the default) or 2. Versions 1 and 2 want keys, and `inputSequence` and `outputSequence`. */
  version?: number;
  /** Of version 1: the number of the mirror's port, up to 20 bits. */
  erspanIndex?: number;
  /** Of version 2: which frames are copied. */
  direction?: keyof typeof DIRECTIONS | number;
  /** Of version 2: the number of the device that copies, up to 6 bits. */
  hardwareId?: number;
}

/** A mirror of frames to another machine (Encapsulated Remote Switched Port Analyzer). */
export interface ErspanOptions extends GreOptions, ErspanHeaderOptions {}

/** The same over IPv6. */
export interface Ip6erspanOptions extends Ip6greOptions, ErspanHeaderOptions {}

/** What the kernel reports of such a tunnel. */
export type GreInfo = TunnelInfo<GreOptions>;
/** What the kernel reports of such a tunnel. */
export type Ip6greInfo = TunnelInfo<Ip6greOptions>;
/** What the kernel reports of such a tunnel. */
export type ErspanInfo = TunnelInfo<ErspanOptions>;
/** What the kernel reports of such a tunnel. */
export type Ip6erspanInfo = TunnelInfo<Ip6erspanOptions>;

const HEADER_OPTIONS = {
  inputKey: U32,
  outputKey: U32,
  inputChecksum: trueOrFalse,
  outputChecksum: trueOrFalse,
  inputSequence: trueOrFalse,
  outputSequence: trueOrFalse,
} as const;

const ERSPAN_OPTIONS = {
  version: integerFrom(0, 2),
  erspanIndex: integerFrom(0, 0xfffff),
  direction: oneOf(Object.keys(DIRECTIONS), { number: true }),
  hardwareId: integerFrom(0, 0x3f),
} as const;

function directionData(checksum?: boolean, sequence?: boolean, key?: number): number | undefined {
  const asked = defined({ checksum, sequence, key: key === undefined ? undefined : true });
  const { flags, mask } = maskedFlags(FLAGS, asked);
  return mask === 0 ? undefined : flags;
}

function headerData<T extends GreHeaderOptions>(options: T) {
  const { inputChecksum, outputChecksum, inputSequence, outputSequence, ...rest } = options;
  return {
    ...rest,
    ...defined({
      inputFlags: directionData(inputChecksum, inputSequence, rest.inputKey),
      outputFlags: directionData(outputChecksum, outputSequence, rest.outputKey),
    }),
  };
}

interface HeaderData {
  inputFlags?: number;
  outputFlags?: number;
  inputKey?: number;
  outputKey?: number;
}

function headerView<T extends HeaderData>({
  inputFlags = 0,
  outputFlags = 0,
  inputKey,
  outputKey,
  ...rest
}: T) {
  const [input, output] = [flagValues(FLAGS, inputFlags), flagValues(FLAGS, outputFlags)];
  return {
    ...rest,
    ...defined({ inputKey: input.key ? inputKey : undefined, outputKey: output.key ? outputKey : undefined }),
    inputChecksum: input.checksum,
    outputChecksum: output.checksum,
    inputSequence: input.sequence,
    outputSequence: output.sequence,
  };
}

type Data4 = ValueOf<typeof table4>;
type Data6 = ValueOf<typeof table6>;

const over4 = {
  table: table4,
  devices: ['link'],
  changesWhole: true,
  toData: (options: Omit<ErspanOptions, 'link'> & { link?: number }): Data4 => ipv4Data(headerData(options)),
  toView: (data: Data4): ErspanInfo => ipv4View(headerView(data)),
} as const;

const over6 = {
  table: table6,
  devices: ['link'],
  changesWhole: true,
  toData: (options: Omit<Ip6erspanOptions, 'link'> & { link?: number }): Data6 =>
    ipv6Data(headerData(options)),
  toView: (data: Data6): Ip6erspanInfo => ipv6View(headerView(data)),
} as const;

const GRE_OPTIONS = { ...IPV4_OPTIONS, ...HEADER_OPTIONS, ignoreDontFragment: trueOrFalse } as const;
const IP6GRE_OPTIONS = { ...IPV6_OPTIONS, ...HEADER_OPTIONS } as const;

export const gre: LinkKind<GreOptions, Data4, GreInfo> = { ...over4, options: GRE_OPTIONS };
export const gretap = gre;
export const ip6gre: LinkKind<Ip6greOptions, Data6, Ip6greInfo> = { ...over6, options: IP6GRE_OPTIONS };
export const ip6gretap = ip6gre;
export const erspan: LinkKind<ErspanOptions, Data4, ErspanInfo> = {
  ...over4,
  options: { ...GRE_OPTIONS, ...ERSPAN_OPTIONS },
};
export const ip6erspan: LinkKind<Ip6erspanOptions, Data6, Ip6erspanInfo> = {
  ...over6,
  options: { ...IP6GRE_OPTIONS, ...ERSPAN_OPTIONS },
};
