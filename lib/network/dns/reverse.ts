import { cidr, type IpAddress, ipAddressOf } from '../../common/ip-address';
import { ipBytes } from '../../common/ip-text';
import type { Subnet } from '../plan';

// The names of addresses: 2.0.200.10.in-addr.arpa (RFC 1035, 3.5), 32 digits and ip6.arpa (RFC 3596, 2.5).

const ZONES = [
  { zone: '.in-addr.arpa', bits: 32, digit: /^(0|[1-9]\d{0,2})$/, bitsEach: 8, base: 10 },
  { zone: '.ip6.arpa', bits: 128, digit: /^[\da-f]$/, bitsEach: 4, base: 16 },
] as const;

export function reverseName(address: string): string {
  const bytes = [...ipBytes(address)];
  if (bytes.length === 4) return `${bytes.reverse().join('.')}${ZONES[0].zone}`;
  const digits = bytes.flatMap((byte) => [byte >> 4, byte & 0xf]).map((digit) => digit.toString(16));
  return `${digits.reverse().join('.')}${ZONES[1].zone}`;
}

/** Whether a name is the reverse name of an address of these subnets ('address'), or of a smaller prefix of one ('part'). */
export function placeInSubnets(name: string, subnets: readonly Subnet[]): 'address' | 'part' | undefined {
  for (const { zone, bits, digit, bitsEach, base } of ZONES) {
    if (!name.endsWith(zone)) continue;
    const digits = name.slice(0, -zone.length).split('.').reverse();
    const length = digits.length * bitsEach;
    if (length > bits || !digits.every((one) => digit.test(one))) return undefined;
    const numbers = digits.map((one) => parseInt(one, base));
    if (numbers.some((number) => number >= 2 ** bitsEach)) return undefined;
    const address = toAddress(numbers, bits / bitsEach, bitsEach);
    const found = subnets.some((subnet) => {
      const prefix = cidr(subnet.subnet);
      return address.kind() === prefix[0].kind() && length >= prefix[1] && address.match(prefix);
    });
    if (found) return length === bits ? 'address' : 'part';
  }
  return undefined;
}

function toAddress(digits: readonly number[], count: number, bitsEach: number): IpAddress {
  const all = [...digits, ...Array<number>(count - digits.length).fill(0)];
  const bytes =
    bitsEach === 8 ? all : all.flatMap((high, i) => (i % 2 === 0 ? [high * 16 + (all[i + 1] ?? 0)] : []));
  return ipAddressOf(Uint8Array.from(bytes));
}
