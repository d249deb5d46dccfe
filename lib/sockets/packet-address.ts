import { AF_PACKET } from '../addon/socket-constants';
import { Bytes } from '../netlink/bytes';
import { be16, bytes, s32, u16, u8, written } from '../netlink/codec';
import { struct } from '../netlink/struct';

/** packet(7): struct sockaddr_ll. */
const sockaddrLl = struct([
  ['family', u16, 2],
  ['protocol', be16, 2],
  ['device', s32, 4],
  ['hardware', u16, 2],
  ['type', u8, 1],
  ['length', u8, 1],
  ['address', bytes, 8],
]);
/** Where the address begins: the kernel writes one of more than eight bytes, as InfiniBand has them, beyond the struct. */
const ADDRESS_AT = 12;

/** The link-layer end of a packet, as packet sockets have it. */
export interface PacketAddress {
  /** ETH_P_* */
  protocol: number;
  /** Index of the device; 0 for all. */
  device: number;
  /** ARPHRD_* */
  hardware: number;
  /** PACKET_HOST and its kin. */
  type: number;
  address: Buffer;
}

/** Where to send to, or what to bind to; `address` has up to eight bytes. */
export function packetSockaddr({
  address = Buffer.alloc(0),
  ...rest
}: Pick<PacketAddress, 'protocol' | 'device'> & { address?: Buffer }): Buffer {
  const padded = Buffer.concat([address], 8);
  const head = { family: AF_PACKET, hardware: 0, type: 0, length: address.length };
  return written(sockaddrLl, { ...head, ...rest, address: padded });
}

export function readPacketSockaddr(sockaddr: Buffer): PacketAddress {
  const { protocol, device, hardware, type, length } = sockaddrLl.read(
    new Bytes(sockaddr),
    0,
    sockaddr.length,
  );
  return {
    protocol,
    device,
    hardware,
    type,
    address: sockaddr.subarray(ADDRESS_AT, ADDRESS_AT + length),
  };
}
