import ipaddr from 'ipaddr.js';
import { ipBytes } from './ip-text';

/** An address with which ipaddr.js computes: its range, whether it is in a subnet. */
export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** The text is read here and not by ipaddr.js, because ipaddr.js (2.5.0) takes '::1.2.3.4' for an IPv4-mapped address. */
export function ipAddress(text: string): IpAddress {
  return ipAddressOf(ipBytes(text));
}

/** Of four bytes or sixteen. */
export function ipAddressOf(bytes: Uint8Array): IpAddress {
  return ipaddr.fromByteArray([...bytes]);
}

/** Of '10.0.0.0/8': the address and the length of the prefix. */
export function cidr(text: string): [address: IpAddress, length: number] {
  const [address = '', length] = text.split('/');
  return [ipAddress(address), Number(length)];
}
