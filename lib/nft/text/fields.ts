import type { ValueType } from './values';

// Fields of headers, by where they are in them. A protocol's name here is nft's.

export interface Field {
  name: string;
  /** In bytes. */
  offset: number;
  length: number;
  type: ValueType;
}

type Row = readonly [name: string, offset: number, length: number, type?: ValueType];

const PORTS: readonly Row[] = [
  ['sport', 0, 2, 'inet_service'],
  ['dport', 2, 2, 'inet_service'],
];

const ROWS = {
  ether: [
    ['daddr', 0, 6, 'ether_addr'],
    ['saddr', 6, 6, 'ether_addr'],
    ['type', 12, 2, 'ether_type'],
  ],
  ip: [
    ['length', 2, 2],
    ['id', 4, 2],
    ['frag-off', 6, 2],
    ['ttl', 8, 1],
    ['protocol', 9, 1, 'inet_proto'],
    ['checksum', 10, 2],
    ['saddr', 12, 4, 'ipv4_addr'],
    ['daddr', 16, 4, 'ipv4_addr'],
  ],
  ip6: [
    ['length', 4, 2],
    ['nexthdr', 6, 1, 'inet_proto'],
    ['hoplimit', 7, 1],
    ['saddr', 8, 16, 'ipv6_addr'],
    ['daddr', 24, 16, 'ipv6_addr'],
  ],
  arp: [
    ['htype', 0, 2],
    ['ptype', 2, 2, 'ether_type'],
    ['hlen', 4, 1],
    ['plen', 5, 1],
    ['operation', 6, 2, 'arp_op'],
    ['saddr ether', 8, 6, 'ether_addr'],
    ['saddr ip', 14, 4, 'ipv4_addr'],
    ['daddr ether', 18, 6, 'ether_addr'],
    ['daddr ip', 24, 4, 'ipv4_addr'],
  ],
  tcp: [
    ...PORTS,
    ['sequence', 4, 4],
    ['ackseq', 8, 4],
    ['flags', 13, 1, 'tcp_flag'],
    ['window', 14, 2],
    ['checksum', 16, 2],
    ['urgptr', 18, 2],
  ],
  udp: [...PORTS, ['length', 4, 2], ['checksum', 6, 2]],
  udplite: [...PORTS, ['checksum', 6, 2]],
  sctp: [...PORTS, ['vtag', 4, 4], ['checksum', 8, 4]],
  dccp: PORTS,
  th: PORTS,
  icmp: [
    ['type', 0, 1, 'icmp_type'],
    ['code', 1, 1],
    ['checksum', 2, 2],
    ['id', 4, 2],
    ['sequence', 6, 2],
    ['gateway', 4, 4],
  ],
  icmpv6: [
    ['type', 0, 1, 'icmpv6_type'],
    ['code', 1, 1],
    ['checksum', 2, 2],
    ['id', 4, 2],
    ['sequence', 6, 2],
  ],
  ah: [['spi', 4, 4]],
  esp: [['spi', 0, 4]],
} as const satisfies Record<string, readonly Row[]>;

export type Header = keyof typeof ROWS;

/** Those of the transport layer, by the protocol's name in the network layer. */
const HEADERS: Readonly<Record<string, Header>> = { 'ipv6-icmp': 'icmpv6' };

export function headerOf(protocol: string): Header | undefined {
  const name = HEADERS[protocol] ?? protocol;
  return Object.hasOwn(ROWS, name) ? (name as Header) : undefined;
}

/** The field that begins there and is as long, or of which that is the beginning. */
export function fieldAt(header: Header, offset: number, length: number): Field | undefined {
  const rows: readonly Row[] = ROWS[header];
  const exact = rows.find((row) => row[1] === offset && row[2] === length);
  const found = exact ?? rows.find((row) => row[1] === offset && row[2] > length && isAddress(row[3]));
  if (found === undefined) return undefined;
  const [name, at, size, type = 'integer'] = found;
  return { name: `${header} ${name}`, offset: at, length: size, type };
}

/** Those that follow each other from there, and end there; undefined where it is not so. */
export function fieldsFrom(header: Header, offset: number, length: number): Field[] | undefined {
  const rows: readonly Row[] = ROWS[header];
  const found: Field[] = [];
  for (let at = offset; at < offset + length;) {
    const row = rows.find((one) => one[1] === at && at + one[2] <= offset + length);
    if (row === undefined) return undefined;
    const [name, , size, type = 'integer'] = row;
    found.push({ name: `${header} ${name}`, offset: at, length: size, type });
    at += size;
  }
  return found.length > 1 ? found : undefined;
}

/** Of a network, only the bytes that tell are loaded. */
function isAddress(type: ValueType | undefined): boolean {
  return type === 'ipv4_addr' || type === 'ipv6_addr';
}
