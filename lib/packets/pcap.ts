import { DIRECTIONS, type LinkType, LINKTYPE, type Packet } from './packet-socket';

// The file format of libpcap with times in nanoseconds, in little endian: pcap-savefile(5).

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const VERSION = [2, 4] as const;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const NS_PER_S = 1_000_000_000n;

export function pcapHeader(linkType: LinkType, snaplen: number): Buffer {
  const header = Buffer.alloc(FILE_HEADER);
  header.writeUInt32LE(MAGIC_NANOSECONDS, 0);
  header.writeUInt16LE(VERSION[0], 4);
  header.writeUInt16LE(VERSION[1], 6);
  header.writeUInt32LE(snaplen, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

export function pcapRecord(linkType: LinkType, packet: Packet): Buffer {
  const pseudo = linkType === LINKTYPE.sll2 ? sll2(packet) : Buffer.alloc(0);
  const header = Buffer.alloc(RECORD_HEADER);
  header.writeUInt32LE(Number(packet.time / NS_PER_S), 0);
  header.writeUInt32LE(Number(packet.time % NS_PER_S), 4);
  header.writeUInt32LE(pseudo.length + packet.data.length, 8);
  header.writeUInt32LE(pseudo.length + packet.length, 12);
  return Buffer.concat([header, pseudo, packet.data]);
}

/** The header in place of the link layer's, which the kernel took off: LINKTYPE_LINUX_SLL2, in network byte order. */
function sll2({ protocol, device, hardware, direction, source }: Packet): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(protocol, 0);
  header.writeUInt32BE(device, 4);
  header.writeUInt16BE(hardware, 8);
  header.writeUInt8(DIRECTIONS.indexOf(direction), 10);
  header.writeUInt8(source.length, 11);
  source.copy(header, 12);
  return header;
}
