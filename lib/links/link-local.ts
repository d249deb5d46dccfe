import { existsSync } from 'node:fs';

/**
 * What has a device make no link-local address. A kernel without IPv6 makes none, and refuses to be told so. Without /proc,
 * the kernel is taken to have IPv6.
 */
export function withoutLinkLocal(): { addrGenMode?: 'none' } {
  const lacksIpv6 = existsSync('/proc/sys/net') && !existsSync('/proc/sys/net/ipv6');
  return lacksIpv6 ? {} : { addrGenMode: 'none' };
}
