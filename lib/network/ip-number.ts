import ipaddr from 'ipaddr.js';
import type { Family } from '../common/check';

// Addresses as numbers, to count with. Those of IPv6 need a bigint; those of IPv4 are one as well, to have one way.

export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** Of an address that has been checked. */
export function ipNumber(address: string): bigint {
  return BigInt(`0x${Buffer.from(ipaddr.parse(address).toByteArray()).toString('hex')}`);
}

/** '10.0.1.1', 'fd00::1': as RFC 5952 writes it. */
export function ipText(family: Family, number: bigint): string {
  const digits = number.toString(16).padStart(BITS[family] / 4, '0');
  return ipaddr.fromByteArray([...Buffer.from(digits, 'hex')]).toString();
}
