import { checkDevice, parseIp } from '../common/check';
import { flagValues, maskedFlags } from '../common/flags';
import { defined } from '../common/objects';
import {
  integerFrom,
  listOf,
  type OptionCheck,
  type OptionTable,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { refuse } from '../common/refuse';
import type { ValueOf } from '../netlink/codec';
import { type encapCodecs, TUNNEL_FLAGS } from '../netlink/rtnetlink/encaps';
import type { Device } from '../netns/device';

/** Labels of MPLS in front of the packet: the module mpls_iptunnel. */
export interface MplsEncap {
  /** The outermost first, each from 0 to 1048575; at most 30. */
  labels: readonly number[];
  /** That of the labels, 1 to 255; by default that of the packet. */
  ttl?: number;
}

/** What both tunnels of IP have. */
interface IpTunnelEncap {
  /** The number of the tunnel: the key of a gre, the network of a vxlan. */
  id?: number;
  /** Whom the wrapped packet goes to. */
  dst: string;
  /** Whom it comes from; the kernel chooses by default. */
  src?: string;
  /** A gre sends `id` as its key; off by default. */
  key?: boolean;
  /** A checksum is sent; off by default. */
  checksum?: boolean;
  /** Numbers in a row are sent; off by default. */
  sequence?: boolean;
}

/** A packet of IPv4, for a tunnel device with `external` by which the route leads. */
export interface IpEncap extends IpTunnelEncap {
  /** 1 to 255; the kernel chooses by default. */
  ttl?: number;
  /** The field TOS; 0 by default. */
  tos?: number;
}

/** A packet of IPv6, for a tunnel device with `external` by which the route leads. */
export interface Ip6Encap extends IpTunnelEncap {
  /** 1 to 255; the kernel chooses by default. */
  hopLimit?: number;
  /** The field traffic class; 0 by default. */
  trafficClass?: number;
}

export type EncapData = { [K in keyof typeof encapCodecs]: ValueOf<(typeof encapCodecs)[K]> };

/**
 * A type of encapsulation: its options, and its attributes of them. Of a view that leaves out some of the attributes, `toData` makes
 * other ones, by which it shows.
 */
export interface EncapKind<O extends object, D> {
  readonly options: OptionTable<O>;
  toData(options: O, index: (device: Device | undefined) => number | undefined): D;
  toView(data: D): O;
}

const byte = integerFrom(0, 0xff);
/** @internal An address of a family. */
export const isAddress =
  (family: 4 | 6): OptionCheck =>
  (value, path) => {
    if (parseIp(value, path).family !== family) refuse(path, `expected an IPv${family} address`, value);
  };

const MOST_LABELS = 30;
/** @internal A stack of labels of MPLS. */
export const isLabels: OptionCheck = (value, path) => {
  listOf(integerFrom(0, 0xfffff))(value, path);
  const { length } = value as readonly unknown[];
  if (length < 1 || length > MOST_LABELS) refuse(path, `expected 1 to ${MOST_LABELS} labels`, length);
};

export const mpls: EncapKind<MplsEncap, EncapData['mpls']> = {
  options: optionTable<MplsEncap>({ labels: isLabels, ttl: integerFrom(1, 0xff) }, ['labels']),
  toData: ({ labels, ttl }) => ({
    labels: labels.map((label) => ({ label, trafficClass: 0, ttl: 0 })),
    ...defined({ ttl }),
  }),
  toView: ({ labels = [], ttl }) => ({ labels: labels.map(({ label }) => label), ...some({ ttl }) }),
};

/** @internal Without what is 0, which the kernel reports of all that nobody has set. */
export function some<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== 0 && value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

/** A greater one is no option. */
const numberOf = (id: number | bigint | undefined): { id?: number } => (typeof id === 'number' ? { id } : {});

const idCheck = integerFrom(0, Number.MAX_SAFE_INTEGER);
const TUNNEL = { id: idCheck, key: trueOrFalse, checksum: trueOrFalse, sequence: trueOrFalse } as const;

type TunnelFlags = Pick<IpTunnelEncap, keyof typeof TUNNEL_FLAGS>;

function flagsAttribute(values: TunnelFlags): { flags?: number } {
  const { flags, mask } = maskedFlags(TUNNEL_FLAGS, values);
  return mask === 0 ? {} : { flags };
}

function toFlags(flags = 0): TunnelFlags {
  const on = Object.entries(flagValues(TUNNEL_FLAGS, flags)).filter(([, value]) => value);
  return Object.fromEntries(on);
}

export const ip: EncapKind<IpEncap, EncapData['ip']> = {
  options: optionTable<IpEncap>({ ...TUNNEL, dst: isAddress(4), src: isAddress(4), ttl: byte, tos: byte }, [
    'dst',
  ]),
  toData: ({ id, dst, src, ttl, tos, ...flags }) =>
    defined({ id, dst, src, ttl, tos, ...flagsAttribute(flags) }),
  toView: ({ id, dst = ANY[4], src, ttl, tos, flags }) => ({
    ...some(numberOf(id)),
    dst,
    ...(src !== ANY[4] && defined({ src })),
    ...some({ ttl, tos }),
    ...toFlags(flags),
  }),
};

/** What the kernel reports where there is no address. */
const ANY = { 4: '0.0.0.0', 6: '::' } as const;

export const ip6: EncapKind<Ip6Encap, EncapData['ip6']> = {
  options: optionTable<Ip6Encap>(
    { ...TUNNEL, dst: isAddress(6), src: isAddress(6), hopLimit: byte, trafficClass: byte },
    ['dst'],
  ),
  toData: ({ id, dst, src, hopLimit, trafficClass, ...flags }) =>
    defined({ id, dst, src, hopLimit, trafficClass, ...flagsAttribute(flags) }),
  toView: ({ id, dst = ANY[6], src, hopLimit, trafficClass, flags }) => ({
    ...some(numberOf(id)),
    dst,
    ...(src !== ANY[6] && defined({ src })),
    ...some({ hopLimit, trafficClass }),
    ...toFlags(flags),
  }),
};

/** IPsec, by the policies and states of a number: a device of the kind `xfrm` with `external` (Linux 6.2). */
export interface XfrmEncap {
  /** The number (`if_id`) of policies and states, 1 to 4,294,967,295. */
  interfaceId: number;
  /** The device that the packets leave by in the end. */
  device?: Device;
  /** The same as a listed one has it; `device` comes first. */
  index?: number;
}

export const xfrm: EncapKind<XfrmEncap, EncapData['xfrm']> = {
  options: optionTable<XfrmEncap>(
    { interfaceId: integerFrom(1, 0xffffffff), device: checkDevice, index: integerFrom(1, 0x7fffffff) },
    ['interfaceId'],
  ),
  toData: ({ interfaceId, device, index }, indexOf) => ({
    interfaceId,
    ...defined({ index: indexOf(device ?? index) }),
  }),
  toView: ({ interfaceId = 0, index }) => ({ interfaceId, ...some({ index }) }),
};
