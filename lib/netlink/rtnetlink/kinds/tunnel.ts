import { parseIp } from '../../../common/check';
import { flagValues, maskedFlags } from '../../../common/flags';
import { ipFamily } from '../../../common/ip-text';
import { defined } from '../../../common/objects';
import {
  integerFrom,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../../../common/options';
import { choice, u16, u8 } from '../../codec';

// What the kinds of tunnels have in common.

/** An IPv4 or IPv6 address. */
export const isIp: OptionCheck = (value, path) => {
  parseIp(value, path);
};

/** The address under `name`, or under `name6` where it is an IPv6 address: the kernel has an attribute for each. */
export function byFamily<N extends string>(
  name: N,
  address: string | undefined,
): Partial<Record<N | `${N}6`, string>> {
  if (address === undefined) return {};
  return { [ipFamily(address) === 6 ? `${name}6` : name]: address } as Partial<Record<N | `${N}6`, string>>;
}

/** An attribute without content, which is there or not. */
export const present = (value: boolean | undefined): true | undefined => (value === true ? true : undefined);

/** The same of what the kernel reports. */
export const isPresent = (value: true | undefined): boolean => value === true;

/** linux/if_link.h, enum ifla_vxlan_df and enum ifla_geneve_df */
const DF_VALUES = {
  unset: 0, // VXLAN_DF_UNSET
  set: 1, // VXLAN_DF_SET
  inherit: 2, // VXLAN_DF_INHERIT
} as const;

/**
 * Whether a packet may be split: 'set' forbids it, and 'inherit' is as the packet inside says.
 *
 * @useDeclaredType
 */
export type DontFragment = keyof typeof DF_VALUES;

export const dontFragment = choice(u8, DF_VALUES);

export const DONT_FRAGMENT = oneOf(Object.keys(DF_VALUES), { number: true });

/** The type of service of the outer packet: 1 is the one of the packet inside. */
export const tos = choice(u8, { inherit: 1 });

/** A number of a byte, or 'inherit'. */
export const BYTE_OR_INHERIT: OptionCheck = (value, path) => {
  if (value !== 'inherit') integerFrom(0, 255)(value, path);
};

/** The flow label of an IPv6 header has 20 bits. */
export const FLOW_LABEL = integerFrom(0, 0xfffff);

export const PORT = integerFrom(0, 0xffff);

export const U32 = integerFrom(0, 0xffffffff);

/** linux/if_tunnel.h, enum tunnel_encap_types */
const ENCAP_TYPES = {
  none: 0, // TUNNEL_ENCAP_NONE
  fou: 1, // TUNNEL_ENCAP_FOU
  gue: 2, // TUNNEL_ENCAP_GUE
  mpls: 3, // TUNNEL_ENCAP_MPLS
} as const;

/** linux/if_tunnel.h */
const ENCAP_FLAGS = {
  checksum: 1 << 0, // TUNNEL_ENCAP_FLAG_CSUM
  checksum6: 1 << 1, // TUNNEL_ENCAP_FLAG_CSUM6
  remoteChecksum: 1 << 2, // TUNNEL_ENCAP_FLAG_REMCSUM
} as const;

export const encapType = choice(u16, ENCAP_TYPES);

/**
 * The UDP packet in which those of a tunnel travel: Foo over UDP or Generic UDP Encapsulation. The kernel refuses it with EINVAL where its
 * module `fou` is not loaded.
 */
export interface TunnelEncap {
  /** 'fou' has no header of its own, 'gue' has one. */
  type: keyof typeof ENCAP_TYPES | number;
  /** 0 (the default) lets the kernel choose it by the flow. */
  sourcePort?: number;
  destinationPort?: number;
  /** Whether the UDP packet has a checksum, over IPv4; off by default. */
  checksum?: boolean;
  /** The same over IPv6. */
  checksum6?: boolean;
  /** With 'gue', whether the receiver computes the checksum of the packet inside; off by default. */
  remoteChecksum?: boolean;
}

export const ENCAP = optionsOf(
  optionTable<TunnelEncap>(
    {
      type: oneOf(Object.keys(ENCAP_TYPES), { number: true }),
      sourcePort: PORT,
      destinationPort: PORT,
      checksum: trueOrFalse,
      checksum6: trueOrFalse,
      remoteChecksum: trueOrFalse,
    },
    ['type'],
  ),
);

/** The attributes of an encapsulation, which each kind of tunnel numbers in its own way. */
export interface EncapData {
  encapType?: TunnelEncap['type'];
  encapFlags?: number;
  encapSourcePort?: number;
  encapDestinationPort?: number;
}

export function encapData(encap: TunnelEncap | undefined): EncapData {
  if (encap === undefined) return {};
  const { type, sourcePort, destinationPort, ...flags } = encap;
  return defined({
    encapType: type,
    encapFlags: maskedFlags(ENCAP_FLAGS, flags).flags,
    encapSourcePort: sourcePort,
    encapDestinationPort: destinationPort,
  });
}

/** Undefined for a tunnel whose packets travel as they are. */
export function encapView(data: EncapData): TunnelEncap | undefined {
  const { encapType: type = 0, encapFlags = 0, encapSourcePort, encapDestinationPort } = data;
  if (type === 'none' || type === 0) return undefined;
  const ports = defined({ sourcePort: encapSourcePort, destinationPort: encapDestinationPort });
  return { type, ...ports, ...flagValues(ENCAP_FLAGS, encapFlags) };
}
