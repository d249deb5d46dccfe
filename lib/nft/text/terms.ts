import type { ValueOf } from '../../netlink/codec';
import type { expressions } from '../../netlink/nfnetlink/expressions';
import { FIB_FLAGS, type META_KEYS } from '../../netlink/nfnetlink/expressions/loads';
import { DATATYPES } from '../language/types';
import { fieldAt, fieldsFrom, headerOf } from './fields';
import { isNamed, type ValueType } from './values';

// Terms: the texts of what is loaded into a register, as nft prints them.

/** Layers whose protocol decides which fields exist. */
export type Layer = 'link' | 'network' | 'transport';

export interface Term {
  text: string;
  type: ValueType;
  /** How many bytes are loaded: fewer than the type has, where only the first bytes of an address are; 0 if unknown. */
  size: number;
  /** The layer of the protocol that the field belongs to, whose check need not be printed. */
  of?: Layer;
  /** The layer whose protocol the value names. */
  names?: Layer;
  /** Bits that are compared. */
  mask?: Buffer;
  /** Bits that are inverted after the mask. */
  xor?: Buffer;
  /** The fields, where several consecutive ones are loaded at once. */
  fields?: readonly Term[];
  /** Whether the rule has turned the byte order of the register, which the text does not show. */
  swapped?: boolean;
}

type Data<N extends keyof typeof expressions> = ValueOf<(typeof expressions)[N]>;

type MetaKey = keyof typeof META_KEYS;

const META: Readonly<Partial<Record<MetaKey, readonly [text: string, type: ValueType, names?: Layer]>>> = {
  iif: ['iif', 'iface_index'],
  oif: ['oif', 'iface_index'],
  iifname: ['iifname', 'ifname'],
  oifname: ['oifname', 'ifname'],
  iifgroup: ['iifgroup', 'devgroup'],
  oifgroup: ['oifgroup', 'devgroup'],
  iiftype: ['meta iiftype', 'iface_type', 'link'],
  oiftype: ['meta oiftype', 'iface_type'],
  protocol: ['meta protocol', 'ether_type', 'network'],
  nfproto: ['meta nfproto', 'nf_proto', 'network'],
  l4proto: ['meta l4proto', 'inet_proto', 'transport'],
  mark: ['meta mark', 'mark'],
  skuid: ['meta skuid', 'uid'],
  skgid: ['meta skgid', 'gid'],
  pkttype: ['meta pkttype', 'pkt_type'],
  ibrname: ['meta ibrname', 'ifname'],
  obrname: ['meta obrname', 'ifname'],
  sdifname: ['meta sdifname', 'ifname'],
  iifkind: ['meta iifkind', 'ifname'],
  oifkind: ['meta oifkind', 'ifname'],
  nftrace: ['meta nftrace', 'boolean'],
};

const sizeOf = (type: ValueType) => (isNamed(type) ? DATATYPES[type].size : 4);

export function metaTerm({ key = 'length' }: Data<'meta'>): Term | undefined {
  const [text, type, names] = META[key as MetaKey] ?? [`meta ${key}`, 'integer'];
  return { text, type, size: sizeOf(type), ...(names !== undefined && { names }) };
}

const CT: Readonly<Record<string, readonly [text: string, type: ValueType]>> = {
  state: ['state', 'ct_state'],
  status: ['status', 'ct_status'],
  direction: ['direction', 'ct_dir'],
  mark: ['mark', 'mark'],
  l3proto: ['l3proto', 'nf_proto'],
  protocol: ['protocol', 'inet_proto'],
  'src-ip': ['ip saddr', 'ipv4_addr'],
  'dst-ip': ['ip daddr', 'ipv4_addr'],
  'src-ip6': ['ip6 saddr', 'ipv6_addr'],
  'dst-ip6': ['ip6 daddr', 'ipv6_addr'],
  'proto-src': ['proto-src', 'inet_service'],
  'proto-dst': ['proto-dst', 'inet_service'],
};

export function ctTerm({ key = 'state', direction }: Data<'ct'>): Term | undefined {
  const [text, type] = CT[key] ?? [String(key), 'integer'];
  const way = direction === undefined ? '' : `${direction} `;
  return { text: `ct ${way}${text}`, type, size: sizeOf(type) };
}

export function fibTerm({ flags = 0, result = 'type' }: Data<'fib'>): Term {
  const present = (flags & FIB_FLAGS.present) !== 0;
  const names = Object.entries(FIB_FLAGS).filter(([name, bit]) => name !== 'present' && (flags & bit) !== 0);
  const types: Readonly<Record<string, ValueType>> = {
    type: 'fib_addrtype',
    oif: 'iface_index',
    oifname: 'ifname',
  };
  const type = present ? 'boolean' : (types[result] ?? 'integer');
  const text = `fib ${names.map(([name]) => name).join(' . ')} ${result}`;
  return { text, type, size: sizeOf(type) };
}

const SOCKET_TYPES: Readonly<Record<string, ValueType>> = { mark: 'mark' };

export function socketTerm({ key = 'transparent', level = 0 }: Data<'socket'>): Term {
  const text = key === 'cgroupv2' ? `socket cgroupv2 level ${level}` : `socket ${key}`;
  const type = SOCKET_TYPES[key] ?? 'boolean';
  return { text, type, size: sizeOf(type) };
}

const RT: Readonly<Record<string, readonly [text: string, type: ValueType]>> = {
  classid: ['rt classid', 'integer'],
  nexthop4: ['rt ip nexthop', 'ipv4_addr'],
  nexthop6: ['rt ip6 nexthop', 'ipv6_addr'],
  tcpmss: ['rt mtu', 'integer'],
  ipsec: ['rt ipsec', 'boolean'],
};

export function rtTerm({ key = 'classid' }: Data<'rt'>): Term | undefined {
  const found = RT[key];
  return found && { text: found[0], type: found[1], size: key === 'tcpmss' ? 2 : sizeOf(found[1]) };
}

export function numgenTerm({ type, modulus, offset = 0 }: Data<'numgen'>): Term {
  const shift = offset === 0 ? '' : ` offset ${offset}`;
  return { text: `numgen ${type} mod ${modulus}${shift}`, type: 'integer', size: 4 };
}

const TCP_OPTIONS: Readonly<Record<string, string>> = {
  '2 2 2': 'maxseg size',
  '3 2 1': 'window count',
  '8 2 4': 'timestamp tsval',
  '8 6 4': 'timestamp tsecr',
};

export function exthdrTerm({ type = 0, offset = 0, length = 0, op }: Data<'exthdr'>): Term | undefined {
  const name = op === 'tcpopt' ? TCP_OPTIONS[`${type} ${offset} ${length}`] : undefined;
  return name === undefined
    ? undefined
    : { text: `tcp option ${name}`, type: 'integer', size: length, of: 'transport' };
}

const RAW_BASES: Readonly<Record<string, string>> = {
  link: 'll',
  network: 'nh',
  transport: 'th',
  inner: 'ih',
};

/** The field of a protocol that the packet is known to have; otherwise the text is the position: '@nh,96,32'. */
export function payloadTerm(
  { base = 'network', offset = 0, length = 0 }: Data<'payload'>,
  known: Known,
): Term {
  const layer = base as Layer;
  const header = headerFor(layer, known);
  const of = header === 'th' ? {} : { of: layer };
  const field = header === undefined ? undefined : fieldAt(header, offset, length);
  if (field !== undefined) {
    const names = PROTOCOL_FIELDS[field.name];
    const { name: text, type } = field;
    return { text, type, size: length, ...of, ...(names !== undefined && { names }) };
  }
  const raw = `@${RAW_BASES[base] ?? base},${8 * offset},${8 * length}`;
  const several = header === undefined ? undefined : fieldsFrom(header, offset, length);
  if (several === undefined) return { text: raw, type: 'integer', size: length };
  const fields = several.map(({ name: text, type, length: size }) => ({ text, type, size }));
  return { text: raw, type: 'integer', size: length, ...of, fields };
}

const PROTOCOL_FIELDS: Readonly<Record<string, Layer>> = {
  'ip protocol': 'transport',
  'ip6 nexthdr': 'transport',
  'ether type': 'network',
};

function headerFor(layer: Layer, known: Known) {
  const protocol = known.get(layer);
  if (layer === 'link') return 'ether';
  if (protocol !== undefined) return headerOf(protocol);
  return layer === 'transport' ? 'th' : undefined;
}

/** Protocols that the packet is known to have, in nft's words. */
export type Known = ReadonlyMap<Layer, string>;
