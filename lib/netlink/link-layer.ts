import { ipBytes, ipFamily } from '../common/ip-text';
import { shown } from '../common/shown';
import { type Codec, mac } from './codec';

const MAX_ADDR_LEN = 32;

/**
 * The address of a neighbor on a link: six bytes of Ethernet, 20 of InfiniBand, and of a tunnel the four or 16 bytes of the
 * address of IP at its other end, which may be written as such. 'aa:bb:cc:dd:ee:ff:00:11' is eight bytes, and no address of IPv6.
 */
export const linkLayerAddress: Codec<string> = {
  shape: mac.shape,
  write(to, value) {
    if (typeof value !== 'string') throw new TypeError(`expected a MAC address, got ${shown(value)}`);
    if (/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(value) && value.length < 3 * MAX_ADDR_LEN) {
      to.bytes(Buffer.from(value.replaceAll(':', ''), 'hex'));
    } else if (ipFamily(value) !== undefined) {
      to.bytes(ipBytes(value));
    } else {
      const rule = "like '02:00:00:00:00:01', or the IP address at the other end of a tunnel";
      throw new RangeError(`expected a MAC address ${rule}, got ${shown(value)}`);
    }
  },
  read: (from, start, end) => mac.read(from, start, end),
};
