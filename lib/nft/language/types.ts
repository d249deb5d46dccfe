import { endianness } from 'node:os';
import { ipBytes } from '../../common/ip-text';
import { fromBytes, toBytes } from '../../common/byte-text';
import { AF, parseDestination, parseIp } from '../../common/check';
import { IFNAMSIZ } from '../../common/limits';
import { ip, mac } from '../../netlink/codec';
import { shown } from '../../common/shown';
import { Bytes, Writer } from '../../netlink/bytes';
import {
  CT_STATES,
  CT_STATUSES,
  ETHER_TYPES,
  FIB_TYPES,
  ICMP_TYPES,
  ICMPV6_TYPES,
  NF_PROTOCOLS,
  PACKET_TYPES,
  PROTOCOLS,
  TCP_FLAGS,
} from '../../netlink/nfnetlink/names';
import { DIRECTIONS } from '../../netlink/nfnetlink/expressions/loads';

// The data types of nft(8): what the bytes of a key mean. The kernel uses only the number of bytes. It stores the number
// of the type for nft, which prints keys by it.

/** A value of a field: 80, '10.0.0.1', 'established'. */
export type Scalar = string | number;

export interface Datatype {
  /** enum datatypes of nft's datatype.h */
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** Byte order of numbers of this type for nft; 'host' for text as well. */
  readonly order: 'host' | 'big';
  /** Names of bits. A match of several names matches if any of the bits is set. */
  readonly flags?: Readonly<Record<string, number>>;
  /** Whether values may be prefixes: '10.0.0.0/8'. */
  readonly prefixes?: true;
  readonly write: (value: Scalar, option: string) => Buffer;
  readonly read: (bytes: Buffer) => Scalar;
}

const HOST_LITTLE = endianness() === 'LE';

function refuse(option: string, rule: string, value: unknown): never {
  const message = `${option}: ${rule}, got ${shown(value)}`;
  throw typeof value === 'number' || typeof value === 'string'
    ? new RangeError(message)
    : new TypeError(message);
}

function uint(
  number: number,
  size: 1 | 2 | 4,
  order: 'host' | 'big',
  names: Readonly<Record<string, number>> = {},
): Datatype {
  const max = 2 ** (8 * size) - 1;
  const little = order === 'host' && HOST_LITTLE;
  const byNumber = new Map(Object.entries(names).map(([name, value]) => [value, name]));
  return {
    number,
    size,
    order,
    write(value, option) {
      const known = typeof value === 'string' && Object.hasOwn(names, value) ? names[value] : value;
      if (typeof known !== 'number' || !Number.isInteger(known) || known < 0 || known > max) {
        const words = byNumber.size === 0 ? '' : `, or one of ${Object.keys(names).join(', ')}`;
        refuse(option, `expected an integer from 0 to ${max}${words}`, value);
      }
      const bytes = Buffer.alloc(size);
      if (little) bytes.writeUIntLE(known, 0, size);
      else bytes.writeUIntBE(known, 0, size);
      return bytes;
    },
    read(bytes) {
      const value = little ? bytes.readUIntLE(0, size) : bytes.readUIntBE(0, size);
      return byNumber.get(value) ?? value;
    },
  };
}

function flags(number: number, size: 1 | 4, names: Readonly<Record<string, number>>): Datatype {
  return { ...uint(number, size, 'host', names), flags: names };
}

function address(number: number, family: 4 | 6): Datatype {
  return {
    number,
    size: family === 4 ? 4 : 16,
    order: 'big',
    prefixes: true,
    write(value, option) {
      const parsed = parseIp(value, option);
      if (parsed.family !== family) refuse(option, `expected an IPv${family} address`, value);
      return Buffer.from(ipBytes(parsed.address));
    },
    read: (bytes) => ip.read(new Bytes(bytes), 0, bytes.length),
  };
}

const ether: Datatype = {
  number: 9,
  size: 6,
  order: 'big',
  write(value, option) {
    try {
      const to = new Writer();
      mac.write(to, value as string);
      return to.take();
    } catch (error) {
      throw new RangeError(`${option}: ${(error as Error).message}`);
    }
  },
  read: (bytes) => mac.read(new Bytes(bytes), 0, bytes.length),
};

const ifname: Datatype = {
  number: 41,
  size: IFNAMSIZ,
  order: 'host',
  write(value, option) {
    if (typeof value !== 'string') refuse(option, 'a device name is a string', value);
    const name = toBytes(value, option);
    if (name.length === 0 || name.includes(0) || name.length >= IFNAMSIZ) {
      refuse(option, 'a device name has 1 to 15 bytes', value);
    }
    return Buffer.concat([name], IFNAMSIZ);
  },
  read(bytes) {
    const end = bytes.indexOf(0);
    return fromBytes(bytes, 0, end === -1 ? bytes.length : end);
  },
};

/** Data types by their names in nft(8). */
export const DATATYPES = {
  nf_proto: uint(2, 1, 'host', NF_PROTOCOLS),
  ipv4_addr: address(7, 4),
  ipv6_addr: address(8, 6),
  ether_addr: ether,
  ether_type: uint(10, 2, 'big', ETHER_TYPES),
  inet_proto: uint(12, 1, 'big', PROTOCOLS),
  inet_service: uint(13, 2, 'big'),
  icmp_type: uint(14, 1, 'big', ICMP_TYPES),
  tcp_flag: flags(15, 1, TCP_FLAGS),
  mark: uint(19, 4, 'host'),
  iface_index: uint(20, 4, 'host'),
  iface_type: uint(21, 2, 'host'),
  uid: uint(24, 4, 'host'),
  gid: uint(25, 4, 'host'),
  ct_state: flags(26, 4, CT_STATES),
  ct_dir: uint(27, 1, 'host', DIRECTIONS),
  ct_status: flags(28, 4, CT_STATUSES),
  icmpv6_type: uint(29, 1, 'big', ICMPV6_TYPES),
  pkt_type: uint(31, 1, 'host', PACKET_TYPES),
  devgroup: uint(35, 4, 'host'),
  fib_addrtype: uint(38, 4, 'host', FIB_TYPES),
  boolean: uint(39, 1, 'host'),
  ifname,
} as const satisfies Record<string, Datatype>;

/**
 * The data types that this library knows, by their names in nft(8).
 *
 * @useDeclaredType
 */
export type TypeName = keyof typeof DATATYPES;

const BY_NUMBER = new Map<number, TypeName>();
for (const [name, { number }] of Object.entries(DATATYPES)) BY_NUMBER.set(number, name as TypeName);

/** nft has one number for a concatenation of types, with six bits for each type. */
const TYPE_BITS = 6;

export function typeNumber(types: readonly TypeName[]): number {
  return types.reduce((sum, type) => (sum << TYPE_BITS) | DATATYPES[type].number, 0);
}

/** The types of a number; undefined where one of them is not known here. */
export function typesOf(number: number): TypeName[] | undefined {
  const types: TypeName[] = [];
  for (let left = number; left > 0; left = Math.floor(left / 2 ** TYPE_BITS)) {
    const type = BY_NUMBER.get(left % 2 ** TYPE_BITS);
    if (type === undefined) return undefined;
    types.unshift(type);
  }
  return types.length === 0 ? undefined : types;
}

/** Throws a RangeError for a name that is not in DATATYPES. */
export function checkTypes(types: TypeName | readonly TypeName[], option: string): readonly TypeName[] {
  const list: unknown = typeof types === 'string' ? [types] : types;
  if (!Array.isArray(list) || list.length === 0) refuse(option, 'expected data types', types);
  for (const type of list as TypeName[]) {
    if (!Object.hasOwn(DATATYPES, type)) {
      refuse(option, `expected one of ${Object.keys(DATATYPES).join(', ')}`, type);
    }
  }
  return list as TypeName[];
}

/** The first and the last address of '10.0.0.0/8', and how many bits they share. */
export function prefixRange(type: TypeName, value: string, option: string) {
  const { size } = DATATYPES[type];
  const parsed = parseDestination(value, option);
  if (parsed === 'default' || AF[parsed.family] !== (size === 4 ? AF[4] : AF[6])) {
    refuse(option, `expected a network of IPv${size === 4 ? 4 : 6}`, value);
  }
  const from = DATATYPES[type].write(parsed.address, option);
  const mask = prefixMask(size, parsed.length);
  const to = Buffer.from(from.map((byte, i) => byte | (~(mask[i] ?? 0) & 0xff)));
  return { from, to, mask, length: parsed.length };
}

export function prefixMask(size: number, length: number): Buffer {
  const mask = Buffer.alloc(size);
  for (let i = 0; i < size; i++) mask[i] = 0xff00 >> Math.min(8, Math.max(0, length - 8 * i));
  return mask;
}
