import type { TraceStep } from '../nft/trace';
import { ip } from '../netlink/codec';
import { Bytes } from '../netlink/bytes';
import { PROTOCOLS } from '../netlink/nfnetlink/names';
import type { TracedPacket } from './types';

// The headers that a trace step contains, as far as they are used here: RFC 791, RFC 8200. The transport header of the
// kernel is the one behind the extension headers of IPv6, so it always begins with the ports.

const NAMES = new Map<number, string>(
  Object.entries(PROTOCOLS).map(([name, number]) => [number, name === 'ipv6-icmp' ? 'icmpv6' : name]),
);
const NONE = Buffer.alloc(0);
const WITH_PORTS = ['tcp', 'udp', 'sctp', 'dccp', 'udplite'];

const LAYOUTS = {
  4: { protocol: 9, source: 12, size: 4, header: 20 },
  6: { protocol: 6, source: 8, size: 16, header: 40 },
} as const;

/** What identifies a packet: the same in all steps of one packet, until NAT changes it. */
export interface Headers {
  ends: Omit<TracedPacket, 'iif' | 'oif'>;
  /** The identification field of IPv4. */
  identification: number | undefined;
  /** TCP's sequence number, or the identifier and number of an echo. */
  sequence: number | undefined;
}

const WITH_SEQUENCE = ['tcp', 'icmp', 'icmpv6'];
const IDENTIFICATION = 4;
const PORTS_END = 4;
const SEQUENCE_END = 8;

/** Reads the headers of a step; undefined where the step has none. */
export function readHeaders({ networkHeader, transportHeader = NONE }: TraceStep): Headers | undefined {
  const version = (networkHeader?.[0] ?? 0) >> 4;
  if (networkHeader === undefined || (version !== 4 && version !== 6)) return undefined;
  const { protocol: at, source: from, size, header } = LAYOUTS[version];
  if (networkHeader.length < header) return undefined;
  const number = networkHeader[at] ?? 0;
  const protocol = NAMES.get(number) ?? number;
  const address = (start: number) => ip.read(new Bytes(networkHeader), start, start + size);
  const ends = { protocol, source: address(from), destination: address(from + size) };
  const has = (which: readonly string[], bytes: number) =>
    which.includes(String(protocol)) && transportHeader.length >= bytes;
  const sequence = has(WITH_SEQUENCE, SEQUENCE_END) ? transportHeader.readUInt32BE(PORTS_END) : undefined;
  const identification = version === 4 ? networkHeader.readUInt16BE(IDENTIFICATION) : undefined;
  if (!has(WITH_PORTS, PORTS_END)) return { ends, identification, sequence };
  const sourcePort = transportHeader.readUInt16BE(0);
  const destinationPort = transportHeader.readUInt16BE(2);
  return { ends: { ...ends, sourcePort, destinationPort }, identification, sequence };
}
