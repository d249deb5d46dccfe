import { existsSync } from 'node:fs';
import { IPV6_MIN_MTU } from '../common/limits';
import type { LinkOptions, NewDeviceOptions } from './link-request';

type WithIpv6 = Pick<NewDeviceOptions, 'ipv6'> & Pick<LinkOptions, 'addrGenMode' | 'mtu'>;

/**
 * The options of a new device with the option `ipv6` as the kernel has it. A kernel without IPv6 makes no link-local address, and
 * refuses to be told so; of a device without IPv6 it does the same. Without /proc, the kernel is taken to have IPv6.
 */
export function withLinkLocal<T extends WithIpv6>({ ipv6 = true, ...options }: T): Omit<T, 'ipv6'> {
  const { mtu = IPV6_MIN_MTU } = options as LinkOptions;
  return ipv6 || mtu < IPV6_MIN_MTU || lacksIpv6() ? options : { addrGenMode: 'none', ...options };
}

function lacksIpv6(): boolean {
  return existsSync('/proc/sys/net') && !existsSync('/proc/sys/net/ipv6');
}
