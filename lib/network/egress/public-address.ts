import { cidr, ipAddress, type IpAddress, ipAddressOf } from '../../common/ip-address';

const GLOBAL_UNICAST = cidr('2000::/3');
/** RFC 6052: the address of IPv4 is in the last four bytes. */
const NAT64 = cidr('64:ff9b::/96');

/**
 * Whether the internet routes an address: none that is private, shared, of the loopback or the link, multicast, or reserved (RFC 6890).
 * An address of IPv6 that stands for one of IPv4 is as public as that one; of those, the ones of NAT64 alone are taken.
 */
export function isPublic(address: string): boolean {
  const parsed: IpAddress = ipAddress(address);
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast';
  if (parsed.match(NAT64))
    return ipAddressOf(Uint8Array.from(parsed.toByteArray().slice(-4))).range() === 'unicast';
  return parsed.match(GLOBAL_UNICAST) && parsed.range() === 'unicast';
}
