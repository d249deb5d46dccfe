import { IPV6_HOPLIMIT, IPV6_RECVERR, IP_RECVERR, IP_TTL, SOL_IP, SOL_IPV6 } from '../addon/socket-constants';
import { BPF_RET_K, type BpfInstruction, programBytes } from '../sockets/inet/bpf';
import type { Family } from '../common/check';
import { Bytes, LITTLE } from '../netlink/bytes';
import { u32, u8 } from '../netlink/codec';
import { struct } from '../netlink/struct';
import { addressIn } from '../sockets/inet/sockaddr';

// Echo messages, and the socket API's data beside them: RFC 792, RFC 4443, icmp(7), ip(7), ipv6(7).

interface EchoTypes {
  request: number;
  reply: number;
}

// linux/icmp.h, linux/icmpv6.h
const TYPES: Readonly<Record<Family, EchoTypes>> = {
  4: { request: 8, reply: 0 }, // ICMP_ECHO, ICMP_ECHOREPLY
  6: { request: 128, reply: 129 }, // ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY
};

/** Bytes before the data: type, code, checksum, identifier, sequence number. */
export const ECHO_HEADER = 8;

export interface Echo {
  id: number;
  sequence: number;
  data: Buffer;
}

export function echoRequest(family: Family, { id, sequence, data }: Echo): Buffer {
  const message = Buffer.alloc(ECHO_HEADER + data.length);
  message.writeUInt8(TYPES[family].request, 0);
  message.writeUInt16BE(id, 4);
  message.writeUInt16BE(sequence, 6);
  data.copy(message, ECHO_HEADER);
  // The kernel fills in the checksum of ICMPv6, because that includes the addresses, which only the kernel knows.
  if (family === 4) message.writeUInt16BE(checksum(message), 2);
  return message;
}

export function readEcho(family: Family, which: keyof EchoTypes, message: Buffer): Echo | undefined {
  if (message.length < ECHO_HEADER || message[0] !== TYPES[family][which]) return undefined;
  return {
    id: message.readUInt16BE(4),
    sequence: message.readUInt16BE(6),
    data: message.subarray(ECHO_HEADER),
  };
}

/** RFC 1071 */
export function checksum(message: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < message.length; at += 2) sum += message.readUInt16BE(at);
  if (message.length % 2 === 1) sum += (message[message.length - 1] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** A raw IPv4 socket delivers the IP header as well, a raw IPv6 socket does not. */
export function withoutIpHeader(packet: Buffer): Buffer {
  return packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);
}

// linux/bpf_common.h
const BPF_LDX_MSH = 0xb1; // BPF_LDX | BPF_B | BPF_MSH
const BPF_LD_B = { abs: 0x30, ind: 0x50 }; // BPF_LD | BPF_B | BPF_ABS, BPF_LD | BPF_B | BPF_IND
const BPF_LD_H = { abs: 0x28, ind: 0x48 }; // BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_H | BPF_IND
const BPF_JEQ = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const ALL = 0xffffffff;

/**
 * Lets only replies with one identifier into a raw socket, because the kernel hands every ICMP message of the namespace to
 * every raw socket: a hundred pings at once would each read the replies to all.
 */
export function replyFilter(family: Family, id: number): Buffer {
  const mode = family === 4 ? 'ind' : 'abs';
  const program: BpfInstruction[] = [
    // the offsets below are added to the length of the IP header
    ...(family === 4 ? [[BPF_LDX_MSH, 0, 0, 0] as const] : []),
    [BPF_LD_B[mode], 0, 0, 0],
    [BPF_JEQ, 0, 3, TYPES[family].reply],
    [BPF_LD_H[mode], 0, 0, 4],
    [BPF_JEQ, 0, 1, id],
    [BPF_RET_K, 0, 0, ALL],
    [BPF_RET_K, 0, 0, 0],
  ];
  return programBytes(program, 'filter');
}

// levels and types of control messages
type ControlType = Readonly<Record<Family, readonly [level: number, type: number]>>;
const RECVERR: ControlType = { 4: [SOL_IP, IP_RECVERR], 6: [SOL_IPV6, IPV6_RECVERR] };
const HOP_LIMIT: ControlType = { 4: [SOL_IP, IP_TTL], 6: [SOL_IPV6, IPV6_HOPLIMIT] };

export type Control = readonly (readonly [level: number, type: number, data: Buffer])[];

function find(control: Control, [level, type]: readonly [number, number]): Buffer | undefined {
  return control.find((message) => message[0] === level && message[1] === type)?.[2];
}

/** TTL or hop limit that a reply arrived with. */
export function hopLimit(family: Family, control: Control): number {
  const data = find(control, HOP_LIMIT[family]);
  return data === undefined ? 0 : LITTLE ? data.readInt32LE() : data.readInt32BE();
}

// linux/errqueue.h
const SO_EE_ORIGIN_LOCAL = 1;
/** struct sock_extended_err */
const extendedError = struct([
  ['errno', u32, 4],
  ['origin', u8, 1],
  ['type', u8, 1],
  ['code', u8, 1],
  1,
  ['info', u32, 4],
  ['data', u32, 4],
]);

export interface Refusal {
  errno: number;
  /** The sender of the ICMP error, and its numbers; both are undefined for an error of this host itself. */
  from?: string | undefined;
  icmp?: { type: number; code: number };
}

/** struct sock_extended_err, and behind it the sockaddr of the sender of the ICMP error. */
export function readRefusal(family: Family, control: Control): Refusal | undefined {
  const data = find(control, RECVERR[family]);
  if (data === undefined) return undefined;
  const { errno, origin, type, code } = extendedError.read(new Bytes(data), 0, data.length);
  if (origin === SO_EE_ORIGIN_LOCAL) return { errno };
  return { errno, from: addressIn(data.subarray(extendedError.size)), icmp: { type, code } };
}
