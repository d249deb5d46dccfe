import { randomFillSync } from 'node:crypto';

/**
 * A random MAC address: unicast, locally administered (IEEE 802). Devices get theirs in the request that
 * creates them: udev rewrites one that the kernel has made up, and a bridge without one of its own takes over
 * that of its lowest port.
 */
export function randomMac(): string {
  const octets = randomFillSync(Buffer.allocUnsafe(6));
  octets[0] = ((octets[0] ?? 0) & 0xfc) | 0x02;
  return octets.toString('hex').replace(/..(?!$)/g, '$&:');
}
