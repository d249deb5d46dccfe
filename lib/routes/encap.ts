import { isDeepStrictEqual } from 'node:util';
import { defined } from '../common/objects';
import { checkObject, checkOptions, oneOf, type OptionCheck, optionTable } from '../common/options';
import { refuse } from '../common/refuse';
import { type Codec, written } from '../netlink/codec';
import { ENCAP_TYPES } from '../netlink/rtnetlink/encap-type';
import { encapCodecs } from '../netlink/rtnetlink/encaps';
import type { RouteMessage } from '../netlink/rtnetlink/route';
import type { Device } from '../netns/device';
import {
  type EncapKind,
  ip,
  type IpEncap,
  ip6,
  type Ip6Encap,
  mpls,
  type MplsEncap,
  xfrm,
  type XfrmEncap,
} from './encap-kinds';
import { ila, type IlaEncap, ioam6, type Ioam6Encap, rpl, type RplEncap } from './ipv6-encap';
import { seg6, type Seg6Encap, seg6local, type Seg6LocalEncap } from './seg6-encap';

/** An encapsulation of another type, or one with attributes that have no names here. */
export interface RawEncap {
  /** 'mpls', 'ip', 'bpf', …: linux/lwtunnel.h, LWTUNNEL_ENCAP_*. */
  type: keyof typeof ENCAP_TYPES | number;
  /** Its attributes as the kernel has them, in hexadecimal: '0x0c0001000000000000000005…'. */
  data: string;
}

/** An encapsulation of a type that has options here. */
export type KnownEncap =
  | ({ type: 'mpls' } & MplsEncap)
  | ({ type: 'ip' } & IpEncap)
  | ({ type: 'ip6' } & Ip6Encap)
  | ({ type: 'seg6' } & Seg6Encap)
  | ({ type: 'seg6local' } & Seg6LocalEncap)
  | ({ type: 'rpl' } & RplEncap)
  | ({ type: 'ioam6' } & Ioam6Encap)
  | ({ type: 'ila' } & IlaEncap)
  | ({ type: 'xfrm' } & XfrmEncap);

/** What a packet is wrapped into on its way: a light-weight tunnel, without a device. */
export type Encap = KnownEncap | RawEncap;

/** An encapsulation to be set: one that was listed, one with options, or bytes. */
export type EncapOptions =
  | KnownEncap
  | (Omit<RawEncap, 'data'> & {
      /** The attributes of the type (LWTUNNEL_IP_*, MPLS_IPTUNNEL_*, SEG6_IPTUNNEL_*, …) one behind the other. */
      data: string | Uint8Array;
    });

type AnyKind = EncapKind<object, object>;

const KINDS = { mpls, ip, ip6, seg6, seg6local, ila, rpl, ioam6, xfrm } as unknown as Readonly<
  Record<string, AnyKind>
>;
const codecs = encapCodecs as unknown as Readonly<Record<string, Codec<object>>>;
const kindOf = (type: unknown): AnyKind | undefined =>
  typeof type === 'string' && Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;

const isData: OptionCheck = (value, path) => {
  if (value instanceof Uint8Array) return;
  if (typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value)) return;
  refuse(path, "expected bytes, or such in hexadecimal as '0x08000100…'", value);
};

const TYPE = oneOf(Object.keys(ENCAP_TYPES), { number: true });
const RAW = optionTable<RawEncap>({ type: TYPE, data: isData }, ['type', 'data']);
const TABLES = new Map(
  Object.entries(KINDS).map(
    ([type, { options }]) => [type, optionTable({ ...options, type: TYPE })] as const,
  ),
);

/** @internal */
export const isEncap: OptionCheck = (value, path) => {
  checkObject(value, path);
  const { type, data } = value as Partial<RawEncap>;
  const known = data === undefined && typeof type === 'string' ? TABLES.get(type) : undefined;
  checkOptions(value, known ?? RAW, { path });
};

/** An encapsulation as the attributes of a route, of one of its ways, or of a next hop. */
export type EncapAttributes = Pick<RouteMessage, 'encapType' | 'encap'>;

/** @internal The device that an encapsulation names. */
export function encapDevice(encap: EncapOptions | undefined): Device | undefined {
  const { device, index } = (encap ?? {}) as Partial<Seg6LocalEncap>;
  return device ?? index;
}

/** @internal */
export function toEncap({ encapType, encap }: EncapAttributes): Encap | undefined {
  if (encapType === undefined || encap === undefined) return undefined;
  const kind = kindOf(encapType);
  if (kind === undefined || encap instanceof Uint8Array) return raw(encapType, encap as Uint8Array);
  const view = kind.toView(encap);
  const again = kind.toData(view, (device) => device as number | undefined);
  if (isDeepStrictEqual(significant(again), significant(encap))) return { type: encapType, ...view } as Encap;
  return raw(encapType, written(codecs[encapType] as Codec<object>, encap));
}

const raw = (type: RawEncap['type'], data: Uint8Array): RawEncap => ({
  type,
  data: `0x${Buffer.from(data).toString('hex')}`,
});

const NOTHING: ReadonlySet<unknown> = new Set([0, undefined, '0.0.0.0', '::']);

/** The attributes without those that say nothing, which the kernel reports of all that nobody has set. */
function significant(data: object): object {
  const says = ([name, value]: [string, unknown]) => name !== 'padding' && !NOTHING.has(value);
  return Object.fromEntries(Object.entries(data).filter(says));
}

/** @internal The devices that it names, by their indexes. */
export function encapAttributes(
  encap: EncapOptions | undefined,
  index: (device: Device | undefined) => number | undefined,
): EncapAttributes {
  if (encap === undefined) return {};
  const { type, data, ...options } = encap as { type: RawEncap['type']; data?: string | Uint8Array };
  const kind = data === undefined ? kindOf(type) : undefined;
  if (kind !== undefined) return { encapType: type, encap: kind.toData(options, index) };
  const bytes = typeof data === 'string' ? Buffer.from(data.slice(2), 'hex') : data;
  // by its number, because the attributes of a type with a name are no bytes
  return defined({ encapType: typeof type === 'string' ? ENCAP_TYPES[type] : type, encap: bytes });
}
