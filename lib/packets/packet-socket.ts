import {
  AF_PACKET,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_PACKET,
  SOL_SOCKET,
  SO_ERROR,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_TIMESTAMPNS,
} from '../addon/socket-constants';
import { BPF_RET_K, type BpfInstruction, programBytes } from '../sockets/inet/bpf';
import { type Datagram, type Descriptor, native, type SocketSpec } from '../addon/native';
import { Bytes } from '../netlink/bytes';
import { s32, u16, u32, type ValueOf, written } from '../netlink/codec';
import { packetSockaddr, readPacketSockaddr } from '../sockets/packet-address';
import { struct } from '../netlink/struct';

// Packet sockets, and the kernel's data beside each packet: packet(7), linux/if_packet.h.

const ETH_P_ALL = 3;
const [PACKET_ADD_MEMBERSHIP, PACKET_STATISTICS, PACKET_AUXDATA] = [1, 6, 8];
const PACKET_MR_PROMISC = 1;

/** struct packet_mreq */
const packetMreq = struct([['index', s32, 4], ['type', u16, 2], 10]);

/** struct tpacket_stats */
const tpacketStats = struct([
  ['packets', u32, 4],
  ['drops', u32, 4],
]);

/** struct tpacket_auxdata */
const tpacketAuxdata = struct([
  ['status', u32, 4],
  ['length', u32, 4],
  8,
  ['vlanTci', u16, 2],
  ['vlanTpid', u16, 2],
]);
const TP_STATUS_VLAN_VALID = 0x10;
const TP_STATUS_VLAN_TPID_VALID = 0x40;
const ETH_P_8021Q = 0x8100;

// linux/if_arp.h, ARPHRD_*
const ARPHRD = { ether: 1, loopback: 772, none: 0xfffe } as const;

/** The header that a captured packet begins with: numbers of pcap-linktype(7). */
export const LINKTYPE = { ethernet: 1, raw: 101, sll2: 276 } as const;

export type LinkType = (typeof LINKTYPE)[keyof typeof LINKTYPE];

// With devices of other types, the kernel takes the header of the link layer off.
const LINKTYPES: Readonly<Partial<Record<number, LinkType>>> = {
  [ARPHRD.ether]: LINKTYPE.ethernet,
  [ARPHRD.loopback]: LINKTYPE.ethernet,
  [ARPHRD.none]: LINKTYPE.raw,
};

/** The link type of a device's packets by the device's type (ARPHRD_*); undefined is for the packets of all devices. */
export function linkTypeOf(hardware: number | undefined): LinkType {
  return (hardware === undefined ? undefined : LINKTYPES[hardware]) ?? LINKTYPE.sll2;
}

// PACKET_HOST, PACKET_BROADCAST, … of linux/if_packet.h
export const DIRECTIONS = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing'] as const;
const OUTGOING = 4; // PACKET_OUTGOING

/**
 * 'outgoing', or whom an incoming packet was for: this host, all hosts, a group, or another host.
 *
 * @useDeclaredType
 */
export type PacketDirection = (typeof DIRECTIONS)[number];

/** A packet as the kernel handed it over. */
export interface Packet {
  /** When the kernel received or sent it: nanoseconds since 1970. */
  time: bigint;
  /** Whether the packet was sent, or whom it was for. */
  direction: PacketDirection;
  /** Index of the device that received or sent the packet. */
  device: number;
  /** The protocol inside, as a number of Ethernet: 0x0800 for IPv4, 0x86dd for IPv6, 0x0806 for ARP. */
  protocol: number;
  /**
   * The captured bytes. They begin with the header of the link layer, Ethernet as a rule. Where packets of all devices
   * are captured, or those of a device of another sort, they begin with the header of the network layer.
   */
  data: Buffer;
  /** Bytes of the whole packet, from where `data` begins. */
  length: number;
  /** The sort of the device (ARPHRD_*): 1 for Ethernet. */
  hardware: number;
  /** The sender's address in the link layer: six bytes for Ethernet. */
  source: Buffer;
}

export interface PacketSocketOptions {
  /** 0 for all devices. */
  device: number;
  linkType: LinkType;
  filter: readonly BpfInstruction[] | undefined;
  snaplen: number;
  promiscuous: boolean;
  /** Bytes. */
  buffer: number;
}

/** The socket receives nothing until it is bound, and gets its filter and the option for times before that. */
export function packetSocket(options: PacketSocketOptions): SocketSpec {
  const { device, linkType, filter, snaplen, promiscuous, buffer } = options;
  const settings: [number, number, number | Uint8Array, boolean][] = [
    [SOL_SOCKET, SO_RCVBUF, buffer, false],
    [SOL_SOCKET, SO_RCVBUFFORCE, buffer, false],
    [SOL_SOCKET, SO_TIMESTAMPNS, 1, true],
    [SOL_PACKET, PACKET_AUXDATA, 1, true],
  ];
  if (promiscuous) {
    const member = written(packetMreq, { index: device, type: PACKET_MR_PROMISC });
    settings.push([SOL_PACKET, PACKET_ADD_MEMBERSHIP, member, true]);
  }
  return {
    domain: AF_PACKET,
    type: linkType === LINKTYPE.sll2 ? SOCK_DGRAM : SOCK_RAW,
    protocol: 0,
    options: settings,
    filter: programBytes(cutting(filter, snaplen), 'filter'),
    bind: packetSockaddr({ protocol: ETH_P_ALL, device }),
  };
}

/** A program returns how many bytes of the packet the kernel copies: the filter is changed to return at most `snaplen`. */
function cutting(filter: readonly BpfInstruction[] | undefined, snaplen: number): BpfInstruction[] {
  if (filter === undefined) return [[BPF_RET_K, 0, 0, snaplen]];
  return filter.map(([code, jt, jf, k]) => [code, jt, jf, code === BPF_RET_K ? Math.min(k, snaplen) : k]);
}

/** Undefined for an outgoing packet of `lo`, because that packet is seen again as it comes in. */
export function readPacket(datagram: Datagram, linkType: LinkType, snaplen: number): Packet | undefined {
  const { from, control, epoch } = datagram;
  const { protocol, device, hardware, type, address } = readPacketSockaddr(from);
  if (hardware === ARPHRD.loopback && type === OUTGOING) return undefined;
  const data = control.find((message) => message[0] === SOL_PACKET && message[1] === PACKET_AUXDATA)?.[2];
  const auxdata = data && tpacketAuxdata.read(new Bytes(data), 0, data.length);
  const tag = auxdata && linkType === LINKTYPE.ethernet ? vlanTag(auxdata) : undefined;
  const bytes = tag === undefined ? datagram.bytes : tagged(datagram.bytes, tag);
  return {
    time: epoch,
    direction: DIRECTIONS[type] ?? 'host',
    device,
    protocol,
    data: bytes.length > snaplen ? bytes.subarray(0, snaplen) : bytes,
    length: (auxdata?.length ?? datagram.bytes.length) + (tag?.length ?? 0),
    hardware,
    source: address,
  };
}

type Auxdata = ValueOf<typeof tpacketAuxdata>;

/** The kernel takes the tag of IEEE 802.1Q out of the frame, and hands the tag over beside the packet. */
function vlanTag({ status, vlanTci, vlanTpid }: Auxdata): Buffer | undefined {
  if ((status & TP_STATUS_VLAN_VALID) === 0) return undefined;
  const tag = Buffer.alloc(4);
  tag.writeUInt16BE((status & TP_STATUS_VLAN_TPID_VALID) === 0 ? ETH_P_8021Q : vlanTpid, 0);
  tag.writeUInt16BE(vlanTci, 2);
  return tag;
}

/** The frame with its tag where it was on the wire: behind the two addresses. */
function tagged(frame: Buffer, tag: Buffer): Buffer {
  const at = Math.min(frame.length, 12);
  return Buffer.concat([frame.subarray(0, at), tag, frame.subarray(at)]);
}

/** What a capture has received and lost. */
export interface PacketCounts {
  /** Packets that the filter let through and that found room in the buffer. */
  received: number;
  /** Packets that the filter let through but that found no room: they are lost. */
  dropped: number;
}

/** The counts since the last call: reading them resets them. */
export function readCounts(socket: Descriptor): PacketCounts {
  const value = native().getSocketOption(socket, SOL_PACKET, PACKET_STATISTICS, tpacketStats.size);
  const { packets, drops } = tpacketStats.read(new Bytes(value), 0, value.length);
  return { received: packets - drops, dropped: drops };
}

/** The errno that waits for the next use of the socket, or 0. Reading the errno clears it. */
export function readError(socket: Descriptor): number {
  const value = native().getSocketOption(socket, SOL_SOCKET, SO_ERROR, 4);
  return s32.read(new Bytes(value), 0, value.length);
}
