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

// Packet sockets, and what the kernel puts around the packets: packet(7), linux/if_packet.h.

const ETH_P_ALL = 3;
const [PACKET_ADD_MEMBERSHIP, PACKET_STATISTICS, PACKET_AUXDATA] = [1, 6, 8];
const PACKET_MR_PROMISC = 1;

const packetMreq = struct([['index', s32, 4], ['type', u16, 2], 10]);

const tpacketStats = struct([
  ['packets', u32, 4],
  ['drops', u32, 4],
]);

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

// linux/if_arp.h
const ARPHRD = { ether: 1, loopback: 772, none: 0xfffe } as const;

/** How what is captured begins, by the numbers of pcap-linktype(7). */
export const LINKTYPE = { ethernet: 1, raw: 101, sll2: 276 } as const;

export type LinkType = (typeof LINKTYPE)[keyof typeof LINKTYPE];

// Of any other device, headers are left to the kernel: it takes them off.
const LINKTYPES: Readonly<Partial<Record<number, LinkType>>> = {
  [ARPHRD.ether]: LINKTYPE.ethernet,
  [ARPHRD.loopback]: LINKTYPE.ethernet,
  [ARPHRD.none]: LINKTYPE.raw,
};

/** Of a device's packets, by its type (ARPHRD_*); without one, of the packets of all devices. */
export function linkTypeOf(hardware: number | undefined): LinkType {
  return (hardware === undefined ? undefined : LINKTYPES[hardware]) ?? LINKTYPE.sll2;
}

// PACKET_HOST and its kin
export const DIRECTIONS = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing'] as const;
const OUTGOING = 4;

/** 'outgoing', or for whom an incoming one was: this host, all, a group, or another host. */
export type PacketDirection = (typeof DIRECTIONS)[number];

/** A packet as the kernel handed it over. */
export interface Packet {
  /** When the kernel received or sent it: nanoseconds since 1970. */
  time: bigint;
  direction: PacketDirection;
  /** Index of the device that it came or went by. */
  device: number;
  /** What it holds, by the numbers of Ethernet: 0x0800 for IPv4, 0x86dd for IPv6, 0x0806 for ARP. */
  protocol: number;
  /**
   * As much of it as was captured. It begins with the header of the link layer: Ethernet, as a rule; where packets
   * of all devices are captured, or those of a device of another sort, with that of the network layer.
   */
  data: Buffer;
  /** How long it was, from where `data` begins. */
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

/** It hears nothing until it is bound: by then it has its filter, and its packets their time. */
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

/** What a program returns is how many bytes it wants; the kernel copies no more than that. */
function cutting(filter: readonly BpfInstruction[] | undefined, snaplen: number): BpfInstruction[] {
  if (filter === undefined) return [[BPF_RET_K, 0, 0, snaplen]];
  return filter.map(([code, jt, jf, k]) => [code, jt, jf, code === BPF_RET_K ? Math.min(k, snaplen) : k]);
}

/** undefined for one that is seen twice: what leaves by `lo` comes in again. */
export function readPacket(datagram: Datagram, linkType: LinkType, snaplen: number): Packet | undefined {
  const { from, control, epoch } = datagram;
  const { protocol, device, hardware, type, address } = readPacketSockaddr(from);
  if (hardware === ARPHRD.loopback && type === OUTGOING) return undefined;
  const told = control.find((message) => message[0] === SOL_PACKET && message[1] === PACKET_AUXDATA)?.[2];
  const auxdata = told && tpacketAuxdata.read(new Bytes(told), 0, told.length);
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

/** The kernel takes the tag of IEEE 802.1Q out of the frame, and tells it beside the packet. */
function vlanTag({ status, vlanTci, vlanTpid }: Auxdata): Buffer | undefined {
  if ((status & TP_STATUS_VLAN_VALID) === 0) return undefined;
  const tag = Buffer.alloc(4);
  tag.writeUInt16BE((status & TP_STATUS_VLAN_TPID_VALID) === 0 ? ETH_P_8021Q : vlanTpid, 0);
  tag.writeUInt16BE(vlanTci, 2);
  return tag;
}

/** With the tag where it was on the wire: behind the two addresses. */
function tagged(frame: Buffer, tag: Buffer): Buffer {
  const at = Math.min(frame.length, 12);
  return Buffer.concat([frame.subarray(0, at), tag, frame.subarray(at)]);
}

export interface PacketCounts {
  /** Packets that the filter let through and that found room in the buffer. */
  received: number;
  /** Packets that the filter let through but that found none: they are lost. */
  dropped: number;
}

/** Since it was asked last. */
export function readCounts(socket: Descriptor): PacketCounts {
  const value = native().getSocketOption(socket, SOL_PACKET, PACKET_STATISTICS, tpacketStats.size);
  const { packets, drops } = tpacketStats.read(new Bytes(value), 0, value.length);
  return { received: packets - drops, dropped: drops };
}

/** The errno that waits for the next one who uses the socket, or 0; it is taken away. */
export function readError(socket: Descriptor): number {
  const value = native().getSocketOption(socket, SOL_SOCKET, SO_ERROR, 4);
  return s32.read(new Bytes(value), 0, value.length);
}
