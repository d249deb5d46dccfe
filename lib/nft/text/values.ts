import { flagNames } from '../../common/objects';
import { type Datatype, DATATYPES, type Scalar, type TypeName } from '../language/types';

// Texts of values, as nft(8) prints them.

/** 'integer' is a value without a data type of its own. */
export type ValueType = TypeName | 'integer' | 'arp_op';

/** Names of devices by their indexes. */
export type DeviceNames = ReadonlyMap<number, string>;

const MARK_DIGITS = 8;
const ARPHRD_NAMES: Readonly<Record<number, string>> = { 1: 'ether', 512: 'ppp', 772: 'loopback' };

const hex = (value: Scalar) => `0x${Number(value).toString(16).padStart(MARK_DIGITS, '0')}`;

/** The text of a value whose length is not that of its type. */
const hexText = (bytes: Buffer) => `0x${bytes.toString('hex')}`;

function escaped(text: Scalar): string {
  return `"${String(text)}"`;
}

type Print = (value: Scalar, devices: DeviceNames) => string;

/** Types whose values are printed differently from how they are read. */
const PRINTERS: Readonly<Partial<Record<TypeName, Print>>> = {
  mark: hex,
  ifname: escaped,
  iface_index: (index, devices) => {
    const name = devices.get(Number(index));
    return name === undefined ? String(index) : escaped(name);
  },
  iface_type: (type) => ARPHRD_NAMES[Number(type)] ?? String(type),
  pkt_type: (type) => (type === 'host' ? 'unicast' : String(type)),
  devgroup: (group) => (group === 0 ? '"default"' : String(group)),
};

/** Whether a type is one of the data types of sets. */
export function isNamed(type: ValueType): type is TypeName {
  return Object.hasOwn(DATATYPES, type);
}

/** RFC 826, RFC 903, linux/if_arp.h */
const ARP_OPERATIONS: Readonly<Record<string, string>> = {
  1: 'request',
  2: 'reply',
  3: 'rrequest',
  4: 'rreply',
  8: 'inrequest',
  9: 'inreply',
  10: 'nak',
};

/** The text of a value that was read. */
export function scalarText(type: ValueType, value: Scalar, devices: DeviceNames): string {
  if (!isNamed(type)) return String(value);
  const print = PRINTERS[type];
  return print === undefined ? String(value) : print(value, devices);
}

/** The text of a value in the kernel's bytes. */
export function valueText(type: ValueType, bytes: Buffer, devices: DeviceNames): string {
  if (!isNamed(type)) {
    const number = BigInt(`0x${bytes.toString('hex') || '0'}`).toString();
    return type === 'arp_op' ? (ARP_OPERATIONS[number] ?? number) : number;
  }
  const datatype: Datatype = DATATYPES[type];
  if (bytes.length !== datatype.size) return hexText(bytes);
  if (datatype.flags !== undefined) return flagsText(type, bytes);
  return scalarText(type, datatype.read(bytes), devices);
}

/** 'established,related'; a number where a bit has no name. */
export function flagsText(type: TypeName, bytes: Buffer, between = ','): string {
  const datatype: Datatype = DATATYPES[type];
  if (bytes.length !== datatype.size) return hexText(bytes);
  const bits = numberOf(datatype, bytes);
  const names = flagNames(datatype.flags ?? {}, bits);
  const named = names.reduce((sum, name) => sum | (datatype.flags?.[name] ?? 0), 0);
  return bits === 0 || named !== bits ? `0x${bits.toString(16)}` : names.join(between);
}

function numberOf({ read, flags }: Datatype, bytes: Buffer): number {
  const value = read(bytes);
  return typeof value === 'number' ? value : (flags?.[value] ?? 0);
}

const TIME_UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Milliseconds: '1m30s'. */
export function timeText(milliseconds: number): string {
  let left = milliseconds;
  let text = '';
  for (const [unit, size] of TIME_UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

const BYTE_UNITS = ['bytes', 'kbytes', 'mbytes'] as const;
const KILO = 1024;

/** '10 mbytes': in the largest unit that divides the number. */
export function bytesText(bytes: number): string {
  let unit = 0;
  let count = bytes;
  while (count > 0 && count % KILO === 0 && unit < BYTE_UNITS.length - 1) {
    count /= KILO;
    unit++;
  }
  return `${count} ${BYTE_UNITS[unit]}`;
}
