import { ipv4Text, ipv6Text } from '../common/ip-text';
import type { Packet } from '..';

// A packet in one line, in the words of tcpdump(8). Whoever sends packets chooses their bytes, and a capture may cut them.

const DIRECTIONS: Readonly<Record<Packet['direction'], string>> = {
  host: 'in',
  outgoing: 'out',
  broadcast: 'bcast',
  multicast: 'mcast',
  otherhost: 'other',
};

/** ARPHRD_ETHER and ARPHRD_LOOPBACK: what a device captures begins with a header of Ethernet. */
const WITH_ETHERNET: readonly number[] = [1, 772];

const ETHERNET = 14;
const VLAN = 4;
const ETH_P_8021Q = 0x8100;

/**
 * '12:00:00.000001 eth0 out IP 10.0.1.1 > 10.0.1.2: ICMP echo request, id 1, seq 1, length 64'.
 *
 * @param ofDevice - whether one device is captured: only then packets have their headers of the link layer.
 */
export function packetLine(packet: Packet, device: string, ofDevice: boolean): string {
  const { time, direction, data, protocol, hardware } = packet;
  const words = [timeOfDay(time), device, DIRECTIONS[direction]];
  const isFramed = ofDevice && WITH_ETHERNET.includes(hardware);
  const isTagged = isFramed && data.length >= ETHERNET + VLAN && data.readUInt16BE(12) === ETH_P_8021Q;
  if (isTagged) words.push(`vlan ${data.readUInt16BE(14) & 0xfff}`);
  const start = isFramed ? ETHERNET + (isTagged ? VLAN : 0) : 0;
  const type = isTagged ? data.readUInt16BE(16) : protocol;
  return [...words, networkWords(type, data.subarray(start), packet)].join(' ');
}

/** Of the clock on the wall, as tcpdump prints it. */
function timeOfDay(time: bigint): string {
  const date = new Date(Number(time / 1_000_000n));
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  const micros = String((time / 1000n) % 1_000_000n).padStart(6, '0');
  return `${hours}:${minutes}:${seconds}.${micros}`;
}

type Words = (bytes: Buffer) => string | undefined;

/** Readers of what an EtherType stands for; undefined where bytes are missing. */
const NETWORKS: Readonly<Partial<Record<number, Words>>> = {
  0x0800: ipv4Words,
  0x0806: arpWords,
  0x86dd: ipv6Words,
};

function networkWords(type: number, bytes: Buffer, { source, length }: Packet): string {
  const read = NETWORKS[type];
  if (read !== undefined)
    return read(bytes) ?? `[cut or malformed, EtherType ${hex(type)}], length ${length}`;
  return `EtherType ${hex(type)} from ${macText(source) || 'none'}, length ${length}`;
}

const hex = (type: number) => `0x${type.toString(16).padStart(4, '0')}`;

const macText = (bytes: Buffer) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

function arpWords(bytes: Buffer): string | undefined {
  if (bytes.length < 28) return undefined;
  const [operation, sender, target] = [bytes.readUInt16BE(6), ipv4Text(bytes, 14), ipv4Text(bytes, 24)];
  const words: Readonly<Partial<Record<number, string>>> = {
    1: `Request who-has ${target} tell ${sender}`,
    2: `Reply ${sender} is-at ${macText(bytes.subarray(8, 14))}`,
  };
  return `ARP, ${words[operation] ?? `operation ${operation}`}, length ${bytes.length}`;
}

function ipv4Words(bytes: Buffer): string | undefined {
  if (bytes.length < 20) return undefined;
  const header = (bytes.readUInt8(0) & 0xf) * 4;
  const fragment = bytes.readUInt16BE(6) & 0x1fff;
  const size = bytes.readUInt16BE(2) - header;
  const [from, to] = [ipv4Text(bytes, 12), ipv4Text(bytes, 16)];
  if (fragment > 0) return `IP ${from} > ${to}: fragment at ${fragment * 8}, length ${size}`;
  return transportWords('IP', bytes.readUInt8(9), bytes.subarray(header), { from, to, size });
}

/** Hop-by-hop options, routing, and destination options: each has its length in its second byte. */
const EXTENSIONS: readonly number[] = [0, 43, 60];

function ipv6Words(bytes: Buffer): string | undefined {
  if (bytes.length < 40) return undefined;
  const [from, to] = [ipv6Text(bytes, 8), ipv6Text(bytes, 24)];
  let next = bytes.readUInt8(6);
  let at = 40;
  while (EXTENSIONS.includes(next)) {
    if (bytes.length < at + 2) return undefined;
    next = bytes.readUInt8(at);
    at += (bytes.readUInt8(at + 1) + 1) * 8;
  }
  const size = bytes.readUInt16BE(4) + 40 - at;
  return transportWords('IP6', next, bytes.subarray(at), { from, to, size });
}

interface Ends {
  from: string;
  to: string;
  /** Bytes behind the header of the network layer. */
  size: number;
}

function transportWords(ip: string, protocol: number, bytes: Buffer, ends: Ends): string | undefined {
  const { from, to, size } = ends;
  const read = TRANSPORTS[protocol];
  if (read === undefined) return `${ip} ${from} > ${to}: protocol ${protocol}, length ${size}`;
  const { ports, words } = read;
  if (bytes.length < LEAST) return undefined;
  const [source, target] = ports ? [`.${bytes.readUInt16BE(0)}`, `.${bytes.readUInt16BE(2)}`] : ['', ''];
  return `${ip} ${from}${source} > ${to}${target}: ${words(bytes, size)}`;
}

/** What the words below read of each header. */
const LEAST = 8;

interface Transport {
  ports: boolean;
  words: (bytes: Buffer, size: number) => string;
}

const TRANSPORTS: Readonly<Partial<Record<number, Transport>>> = {
  1: { ports: false, words: (bytes, size) => icmpWords('ICMP', ICMP_TYPES, bytes, size) },
  6: { ports: true, words: tcpWords },
  17: { ports: true, words: (_, size) => `UDP, length ${size - 8}` },
  58: { ports: false, words: (bytes, size) => icmpWords('ICMP6,', ICMPV6_TYPES, bytes, size) },
};

type Types = Readonly<Partial<Record<number, string>>>;

const ICMP_TYPES: Types = { 0: 'echo reply', 8: 'echo request', 3: 'unreachable', 11: 'time exceeded' };
const ICMPV6_TYPES: Types = {
  1: 'unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  143: 'multicast listener report v2',
};

function icmpWords(name: string, types: Types, bytes: Buffer, size: number): string {
  const [type, code] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  const words = types[type] ?? `type ${type}`;
  const details = words.startsWith('echo')
    ? `, id ${bytes.readUInt16BE(4)}, seq ${bytes.readUInt16BE(6)}`
    : code === 0
      ? ''
      : `, code ${code}`;
  return `${name} ${words}${details}, length ${size}`;
}

/** The flags of TCP as tcpdump has them, from the lowest bit on. */
const TCP_FLAGS = ['F', 'S', 'R', 'P', '.', 'U', 'E', 'W'];

function tcpWords(bytes: Buffer, size: number): string {
  const bits = bytes.length > 13 ? bytes.readUInt8(13) : 0;
  const header = bytes.length > 12 ? (bytes.readUInt8(12) >> 4) * 4 : 0;
  const flags = TCP_FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0).join('');
  return `Flags [${flags || 'none'}], length ${size - header}`;
}
