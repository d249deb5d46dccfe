import { AF_UNIX } from '../../addon/socket-constants';
import { toBytes } from '../../common/byte-text';
import { AF, type Family } from '../../common/check';
import { Bytes, LITTLE } from '../../netlink/bytes';
import { be16, ip, ipv4, ipv6, u16, u32, written } from '../../netlink/codec';
import { struct } from '../../netlink/struct';

// Addresses as the socket API has them: ip(7), ipv6(7), unix(7).

/** Bytes of sun_path. */
export const UNIX_NAME_MAX = 108; // UNIX_PATH_MAX

/** struct sockaddr_in */
const sockaddrIn = struct([['family', u16, 2], ['port', be16, 2], ['address', ipv4, 4], 8]);
/** struct sockaddr_in6 */
const sockaddrIn6 = struct([
  ['family', u16, 2],
  ['port', be16, 2],
  ['flowinfo', u32, 4],
  ['address', ipv6, 16],
  ['scope', u32, 4],
]);

/** struct sockaddr_in or sockaddr_in6; the scope is the device of a link-local IPv6 address. */
export function sockaddr(family: Family, address: string, scope = 0, port = 0): Buffer {
  const head = { family: AF[family], port, address };
  return family === 4 ? written(sockaddrIn, head) : written(sockaddrIn6, { ...head, flowinfo: 0, scope });
}

/** The address in a struct sockaddr; undefined for one of no address, AF_UNSPEC. */
export function addressIn(sockaddr: Buffer): string | undefined {
  const family = sockaddr.length < 2 ? 0 : u16.read(new Bytes(sockaddr), 0, 2);
  if (family === AF[4]) return ip.read(new Bytes(sockaddr), 4, 8);
  if (family === AF[6]) return ip.read(new Bytes(sockaddr), 8, 24);
  return undefined;
}

/** The port in a struct sockaddr; 0 for one that has none. */
export function portIn(sockaddr: Buffer): number {
  return addressIn(sockaddr) === undefined ? 0 : be16.read(new Bytes(sockaddr), 2, 4);
}

/** struct sockaddr_un with a name of the abstract namespace, given without its NUL in front. */
export function abstractSockaddr(name: string): Buffer {
  const family = Buffer.alloc(2);
  new DataView(family.buffer, family.byteOffset).setUint16(0, AF_UNIX, LITTLE);
  return Buffer.concat([family, toBytes(`\0${name}`)]);
}
