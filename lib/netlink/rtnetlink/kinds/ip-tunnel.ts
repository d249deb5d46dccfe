import { flagValues, maskedFlags } from '../../../common/flags';
import { type Defined, defined } from '../../../common/objects';
import { integerFrom, type OptionCheck, trueOrFalse } from '../../../common/options';
import { choice, u8 } from '../../codec';
import {
  BYTE_OR_INHERIT,
  ENCAP,
  type EncapData,
  encapData,
  encapView,
  FLOW_LABEL,
  isIp,
  isPresent,
  present,
  type TunnelEncap,
  U32,
} from './tunnel';

// What tunnels over IPv4 have in common, and those over IPv6. Each kind numbers the attributes in its own way.

/** What every tunnel has. */
export interface TunnelOptions {
  /** The device that packets leave by. */
  link?: string | number;
  /** The address of this end; chosen by the route by default. */
  local?: string;
  /** The address of the other end. Without it the device takes what no other tunnel takes. */
  remote?: string;
  /** The UDP packet in which those of the tunnel travel. */
  encap?: TunnelEncap;
  /** Whether routes, filters and programs of BPF say where each packet goes; off by default. */
  external?: boolean;
}

/** What the kernel reports of a tunnel: its options, and the index of the device that packets leave by. */
export type TunnelInfo<Options> = Partial<Omit<Options, 'link'>> & {
  /** Index of the device that packets leave by. */
  link?: number;
};

/** A tunnel whose packets travel over IPv4. */
export interface Ipv4TunnelOptions extends TunnelOptions {
  /** Hops; 'inherit' (the default) are those of the packet inside. A number of its own wants `pathMtuDiscovery`. */
  ttl?: number | 'inherit';
  /** The type of service; 0 by default, 'inherit' is that of the packet inside. */
  tos?: number | 'inherit';
  /** Whether packets of the tunnel may not be split (RFC 1191); on by default. */
  pathMtuDiscovery?: boolean;
  /** The mark by which packets of the tunnel are routed. */
  mark?: number;
}

/** A tunnel whose packets travel over IPv6 (RFC 2473). */
export interface Ipv6TunnelOptions extends TunnelOptions {
  /** Hops; 64 by default, 'inherit' are those of the packet inside. */
  hopLimit?: number | 'inherit';
  /** The traffic class; 0 by default, 'inherit' is that of the packet inside. */
  trafficClass?: number | 'inherit';
  /** The flow label; 0 by default, 'inherit' is that of the packet inside. */
  flowLabel?: number | 'inherit';
  /** How many more tunnels a packet may enter; 4 by default, 'none' leaves the limit out. */
  encapLimit?: number | 'none';
  /** Whether the packet inside is given the DSCP of the outer one; off by default. */
  copyDscp?: boolean;
  /** The mark by which packets of the tunnel are routed; 'inherit' is that of the packet inside. */
  mark?: number | 'inherit';
  /** Whether the other end may be an address of this machine; off by default. */
  allowLocalRemote?: boolean;
}

const orWord =
  (word: string, check: OptionCheck): OptionCheck =>
  (value, path) => {
    if (value !== word) check(value, path);
  };

const BOTH = { local: isIp, remote: isIp, encap: ENCAP, external: trueOrFalse } as const;

export const IPV4_OPTIONS = {
  ...BOTH,
  ttl: BYTE_OR_INHERIT,
  tos: BYTE_OR_INHERIT,
  pathMtuDiscovery: trueOrFalse,
  mark: U32,
} as const;

export const IPV6_OPTIONS = {
  ...BOTH,
  hopLimit: BYTE_OR_INHERIT,
  trafficClass: BYTE_OR_INHERIT,
  flowLabel: orWord('inherit', FLOW_LABEL),
  encapLimit: orWord('none', integerFrom(0, 255)),
  copyDscp: trueOrFalse,
  mark: orWord('inherit', U32),
  allowLocalRemote: trueOrFalse,
} as const;

/** Hops of a tunnel: 0 are those of the packet inside. */
export const hops = choice(u8, { inherit: 0 });

/** linux/ip6_tunnel.h, IP6_TNL_F_* */
const IPV6_FLAGS = {
  ignoresEncapLimit: 0x1, // IP6_TNL_F_IGN_ENCAP_LIMIT
  inheritsTrafficClass: 0x2, // IP6_TNL_F_USE_ORIG_TCLASS
  inheritsFlowLabel: 0x4, // IP6_TNL_F_USE_ORIG_FLOWLABEL
  copyDscp: 0x10, // IP6_TNL_F_RCV_DSCP_COPY
  inheritsMark: 0x20, // IP6_TNL_F_USE_ORIG_FWMARK
  allowLocalRemote: 0x40, // IP6_TNL_F_ALLOW_LOCAL_REMOTE
} as const;

/** The traffic class lies before the flow label, as in the header of IPv6. */
const CLASS_SHIFT = 20;
const LABEL_MASK = 0xfffff;

/** The attributes that all kinds have. */
interface BothData extends Undefinable<EncapData> {
  local?: string | undefined;
  remote?: string | undefined;
  external?: true | undefined;
}

/** What a rest of a generic object has: each property may be undefined. */
type Undefinable<T> = { [K in keyof T]?: T[K] | undefined };

/** The attributes that all kinds over IPv6 have. */
interface Ipv6Data extends BothData {
  hopLimit?: number | 'inherit';
  encapLimit?: number;
  flowInfo?: number;
  flags?: number;
  mark?: number;
}

interface Encapsulated {
  encap?: TunnelEncap | undefined;
  external?: boolean | undefined;
}

function bothData<T extends Encapsulated>({ encap, external, ...rest }: T) {
  return { ...rest, ...encapData(encap), ...defined({ external: present(external) }) };
}

function bothView<T extends BothData>(data: T) {
  const { encapType, encapFlags, encapSourcePort, encapDestinationPort, external, local, remote, ...rest } =
    data;
  const encap = encapView(defined({ encapType, encapFlags, encapSourcePort, encapDestinationPort }));
  const ends = defined({ encap, local: end(local), remote: end(remote) });
  return { ...rest, ...ends, external: isPresent(external) };
}

/** The kernel reports the address of all for an end that has none. */
const end = (address: string | undefined) =>
  address === '0.0.0.0' || address === '::' ? undefined : address;

/** Sit, as the kernel makes it, has 64 hops, and others those of the packet inside. With `ip` all have the latter. */
export function ipv4Data<T extends Defined<Omit<Ipv4TunnelOptions, 'link'>>>(options: T) {
  const { ttl = options.external === true ? undefined : ('inherit' as const), ...rest } = options;
  return { ...bothData(rest), ...defined({ ttl }) };
}

export { bothView as ipv4View };

type Ipv6Given = Defined<Omit<Ipv6TunnelOptions, 'link'>>;

/** What `ip` gives a tunnel. The kernel itself has 0 for both, with which a packet enters no further tunnel. */
const IPV6_DEFAULTS = { hopLimit: 64, encapLimit: 4 } as const;

/** A number; nothing for the word that stands for a flag. */
const number = (value: number | string | undefined) => (typeof value === 'number' ? value : undefined);

export function ipv6Data<T extends Ipv6Given>(options: T) {
  const whole = options.external === true ? options : { ...IPV6_DEFAULTS, ...options };
  const { trafficClass, flowLabel, encapLimit, copyDscp, mark, allowLocalRemote, ...rest } = whole;
  const { flags, mask } = maskedFlags(IPV6_FLAGS, {
    ...defined({ copyDscp, allowLocalRemote }),
    ...(encapLimit !== undefined && { ignoresEncapLimit: encapLimit === 'none' }),
    ...(trafficClass !== undefined && { inheritsTrafficClass: trafficClass === 'inherit' }),
    ...(flowLabel !== undefined && { inheritsFlowLabel: flowLabel === 'inherit' }),
    ...(mark !== undefined && { inheritsMark: mark === 'inherit' }),
  });
  const hasFlowInfo = trafficClass !== undefined || flowLabel !== undefined;
  const flowInfo = ((number(trafficClass) ?? 0) << CLASS_SHIFT) | (number(flowLabel) ?? 0);
  return {
    ...bothData(rest),
    ...defined({
      encapLimit: number(encapLimit),
      flowInfo: hasFlowInfo ? flowInfo : undefined,
      flags: mask === 0 ? undefined : flags,
      mark: number(mark),
    }),
  };
}

export function ipv6View<T extends Ipv6Data>(data: T) {
  const { flags = 0, flowInfo = 0, encapLimit, mark, ...rest } = data;
  const set = flagValues(IPV6_FLAGS, flags);
  return {
    ...bothView(rest),
    trafficClass: set.inheritsTrafficClass ? ('inherit' as const) : flowInfo >>> CLASS_SHIFT,
    flowLabel: set.inheritsFlowLabel ? ('inherit' as const) : flowInfo & LABEL_MASK,
    ...defined({
      encapLimit: set.ignoresEncapLimit ? ('none' as const) : encapLimit,
      mark: set.inheritsMark ? ('inherit' as const) : mark,
    }),
    copyDscp: set.copyDscp,
    allowLocalRemote: set.allowLocalRemote,
  };
}
