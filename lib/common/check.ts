import { toBytes } from './byte-text';
import { ipBytes, ipFamily, ipText, isIpv4Mapped } from './ip-text';
import { ALTIFNAMSIZ, IFNAMSIZ, NAME_MAX } from './limits';
import { refuse } from './refuse';
import { shown } from './shown';
import { edgeOf } from './subnet';

export { refuse, shown };

// Arguments are checked before any system call, and refused by the name of the option.

/** A namespace's name is a file's name: the rules of `ip netns`. */
export function checkNetnsName(name: unknown, option = 'name'): asserts name is string {
  if (typeof name !== 'string') refuse(option, 'a namespace name is a string', name);
  if (name === '') refuse(option, 'a namespace name must not be empty', name);
  if (name === '.' || name === '..') refuse(option, "a namespace name must not be '.' or '..'", name);
  if (name.includes('/')) refuse(option, "a namespace name must not hold a '/'", name);
  if (name.includes('\0')) refuse(option, 'a namespace name must not hold a NUL', name);
  if (toBytes(name, option).length > NAME_MAX) {
    refuse(option, `a namespace name has at most ${NAME_MAX} bytes`, name);
  }
}

/** What nearly all devices are called: no other rule has to be looked at. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;

/** The rules of dev_valid_name() in the kernel. A pattern like 'veth%d' is refused without `pattern`. */
export function checkDeviceName(
  name: unknown,
  option: string,
  { pattern = false } = {},
): asserts name is string {
  checkSomeName(name, option);
  if (PLAIN_NAME.test(name)) return;
  const bytes = toBytes(name, option);
  if (bytes.length >= IFNAMSIZ) {
    refuse(option, `a device name has at most ${IFNAMSIZ - 1} bytes`, name);
  }
  // The kernel checks bytes, and its isspace() takes the no-break space of Latin-1 for a blank, even as a byte of 'à'.
  if (/[/:\t-\r \xa0\0]/.test(bytes.toString('latin1')))
    refuse(option, "a device name must not hold '/', ':', blanks or NUL", name);
  if (name.includes('%') && !(pattern && /^[^%]*%d[^%]*$/.test(name))) {
    refuse(
      option,
      "'%' in a device name is a pattern, for the kernel to fill in: only one '%d', at creation",
      name,
    );
  }
}

function checkSomeName(name: unknown, option: string): asserts name is string {
  if (typeof name !== 'string') refuse(option, 'a device name is a string', name);
  if (name === '') refuse(option, 'a device name must not be empty', name);
  if (name === '.' || name === '..') refuse(option, "a device name must not be '.' or '..'", name);
}

/** Names below /proc/sys/net/ipv4/conf that stand for all devices: the kernel refuses them with a bare EINVAL. */
const NAMES_OF_ALL: readonly unknown[] = ['all', 'default'];

/** The name of a device that is created or renamed. */
export function checkNewDeviceName(
  name: unknown,
  option: string,
  allowed: { pattern?: boolean } = {},
): asserts name is string {
  checkDeviceName(name, option, allowed);
  if (NAMES_OF_ALL.includes(name)) {
    refuse(option, "'all' and 'default' name the settings of all devices in /proc/sys/net", name);
  }
}

/**
 * A device is named by its name, an alternative name or its index. The rules are those of `ip` for alternative names: to the
 * kernel they may be any bytes.
 */
export function checkDevice(device: unknown, option = 'device'): asserts device is string | number {
  if (typeof device === 'number') {
    if (!Number.isInteger(device) || device < 1 || device > 0x7fffffff) {
      throw new RangeError(`${option}: a device index is an integer from 1 to 2147483647, got ${device}`);
    }
    return;
  }
  checkSomeName(device, option);
  if (PLAIN_NAME.test(device)) return;
  if (toBytes(device, option).length >= ALTIFNAMSIZ) {
    const longest = `${IFNAMSIZ - 1} bytes, an alternative name at most ${ALTIFNAMSIZ - 1}`;
    refuse(option, `a device name has at most ${longest}`, device);
  }
  if (/[/\t-\r \0]/.test(device)) refuse(option, "a device name must not hold '/', blanks or NUL", device);
}

/** IPv4 or IPv6. */
export type Family = 4 | 6;

/** The address families of sys/socket.h. */
export const AF: Readonly<Record<Family, number>> = { 4: 2, 6: 10 }; // AF_INET, AF_INET6

export interface Prefix {
  family: Family;
  address: string;
  length: number;
}

/** '10.0.1.1' or 'fd00::1', without zone. An IPv4-mapped address is refused, because its family is ambiguous. */
export function parseIp(value: unknown, option: string): { family: Family; address: string } {
  if (typeof value !== 'string') refuse(option, 'an address is a string', value);
  const family = ipFamily(value);
  if (family === undefined) refuse(option, "expected an address like '10.0.1.1' or 'fd00::1'", value);
  if (isIpv4Mapped(value)) {
    refuse(option, 'an IPv4-mapped address is ambiguous: write it as IPv4', value);
  }
  return { family, address: value };
}

/** '10.0.1.1/24'; with `bare`, an address without a prefix length is one of /32 or /128. */
export function parsePrefix(value: unknown, option: string, { bare = false } = {}): Prefix {
  if (typeof value !== 'string') refuse(option, 'an address with its prefix length is a string', value);
  const match = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(value);
  if (match === null || (match[2] === undefined && !bare)) {
    refuse(option, "expected an address with its prefix length, like '10.0.1.1/24' or 'fd00::1/64'", value);
  }
  const { family, address } = parseIp(match[1], option);
  const bits = family === 4 ? 32 : 128;
  const length = match[2] === undefined ? bits : Number(match[2]);
  if (length > bits) refuse(option, `the prefix of an IPv${family} address has at most ${bits} bits`, value);
  return { family, address, length };
}

/** The addresses of a new device, each of them once: ['10.0.1.1/24'] */
export function checkAddrs(addrs: unknown, option: string): asserts addrs is readonly string[] {
  if (!Array.isArray(addrs)) refuse(option, "expected a list like ['10.0.1.1/24']", addrs);
  const first = new Map<string, number>();
  for (const [i, addr] of addrs.entries()) {
    const { family, address, length } = parsePrefix(addr, `${option}[${i}]`);
    // a device may have an IPv4 address with two prefix lengths
    const key = `${ipBytes(address).join(' ')}${family === 4 ? `/${length}` : ''}`;
    const before = first.get(key);
    if (before !== undefined) refuse(`${option}[${i}]`, `it is ${option}[${before}] once more`, addr);
    first.set(key, i);
  }
}

/** An option `family`. */
export function checkFamily(family: unknown, option = 'family'): asserts family is Family {
  if (family !== 4 && family !== 6) {
    throw new RangeError(`${option}: expected 4 or 6, got ${shown(family)}`);
  }
}

/** The number of an address family; 0 is any family. */
export function familyNumber(family: Family | undefined): number {
  if (family === undefined) return 0;
  checkFamily(family);
  return AF[family];
}

/** '10.0.0.0/8'. Bits beyond the prefix are an error, as in the kernel. */
export function parseSubnet(value: unknown, option: string, { bare = false } = {}): Prefix {
  const prefix = parsePrefix(value, option, { bare });
  const bytes = ipBytes(prefix.address);
  const network = edgeOf(prefix, 'first');
  if (network.some((octet, i) => octet !== bytes[i])) {
    refuse(
      option,
      `address bits beyond the prefix length; the network is ${ipText(network)}/${prefix.length}`,
      value,
    );
  }
  return prefix;
}

/** A destination: 'default', '10.0.0.0/8', '10.0.0.1'. */
export function parseDestination(value: unknown, option: string): Prefix | 'default' {
  return value === 'default' ? value : parseSubnet(value, option, { bare: true });
}

export function checkInteger(
  option: string,
  value: unknown,
  min: number,
  max: number,
): asserts value is number {
  const message = `${option}: expected an integer from ${min} to ${max}, got ${shown(value)}`;
  if (typeof value !== 'number') throw new TypeError(message);
  if (!Number.isInteger(value) || value < min || value > max) throw new RangeError(message);
}

/** A number of 32 bits without a sign. */
export function checkU32(value: unknown, option: string): asserts value is number {
  checkInteger(option, value, 0, 0xffffffff);
}

/** Milliseconds: the longest time that a timer of node can wait. */
export const LONGEST_TIME = 0x7fffffff - 1;

export function checkTime(option: string, value: unknown, least: number): asserts value is number {
  const message = `${option}: expected milliseconds, from ${least} to ${LONGEST_TIME}, got ${shown(value)}`;
  if (typeof value !== 'number') throw new TypeError(message);
  if (!(value >= least && value <= LONGEST_TIME)) throw new RangeError(message);
}
