import { AF } from '../common/check';
import { ipFamily } from '../common/ip-text';
import { be16, type Codec, ipv4, ipv6, MalformedError, u16, u32 } from '../netlink/codec';
import { be32 } from '../netlink/network-order';
import { struct } from '../netlink/struct';

/** Bytes of a key: WG_KEY_LEN. */
export const KEY_SIZE = 32;

/** A key that anybody may see, in base64. */
export const publicKey: Codec<string> = {
  shape: { kind: 'base64', size: KEY_SIZE },
  write: (to, value) => to.bytes(Buffer.from(value, 'base64')),
  read(from, start, end) {
    if (end - start !== KEY_SIZE) throw new MalformedError(`${end - start} bytes where ${KEY_SIZE} belong`);
    return from.buffer.toString('base64', start, end);
  },
};

// struct sockaddr_in: linux/in.h
const sockaddrIn = struct([['family', u16, 2], ['port', be16, 2], ['address', ipv4, 4], 8]);

// struct sockaddr_in6: linux/in6.h
const sockaddrIn6 = struct([
  ['family', u16, 2],
  ['port', be16, 2],
  ['flow', be32, 4],
  ['address', ipv6, 16],
  ['zone', u32, 4],
]);

/** The parts of '192.0.2.1:51820', '[2001:db8::1]:51820', '[fe80::1%3]:51820'. */
export interface Endpoint {
  address: string;
  port: number;
  /** Index of the device by which a link-local address is reached. */
  zone: number;
}

const PARTS = /^(?:([\d.]+)|\[([\da-f:.]+)(?:%(\d{1,10}))?\]):(\d{1,5})$/i;

/** Of a text that may be none: undefined then. */
export function splitEndpoint(text: string): Endpoint | undefined {
  const [, four, six, zone = '0', port] = PARTS.exec(text) ?? [];
  const address = four ?? six ?? '';
  if (ipFamily(address) !== (four === undefined ? 6 : 4)) return undefined;
  return { address, port: Number(port), zone: Number(zone) };
}

/** Where a peer is: a struct sockaddr of either family. */
export const endpoint: Codec<string> = {
  shape: { kind: 'endpoint' },
  write(to, value) {
    const parts = splitEndpoint(value);
    if (parts === undefined) throw new RangeError('expected an address and a port');
    const { address, port, zone } = parts;
    if (ipFamily(address) === 4) sockaddrIn.write(to, { family: AF[4], port, address });
    else sockaddrIn6.write(to, { family: AF[6], port, flow: 0, address, zone });
  },
  read(from, start, end) {
    if (end - start === sockaddrIn.size) {
      const { address, port } = sockaddrIn.read(from, start, end);
      return `${address}:${port}`;
    }
    const { address, port, zone } = sockaddrIn6.read(from, start, end);
    return `[${address}${zone === 0 ? '' : `%${zone}`}]:${port}`;
  },
};
