import type { ValueType } from './values';

// Fields of headers, by their offsets. Protocols have nft's names.

export interface Field {
  name: string;
  /** Bytes. */
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

/** Names of transport headers that differ from the name of the protocol. */
const HEADERS: Readonly<Record<string, Header>> = { 'ipv6-icmp': 'icmpv6' };

export function headerOf(protocol: string): Header | undefined {
  const name = HEADERS[protocol] ?? protocol;
  return Object.hasOwn(ROWS, name) ? (name as Header) : undefined;
}

/** The field with this offset and length, or the address that begins with these bytes. */
export function fieldAt(header: Header, offset: number, length: number): Field | undefined {
  const rows: readonly Row[] = ROWS[header];
  const exact = rows.find((row) => row[1] === offset && row[2] === length);
  const found = exact ?? rows.find((row) => row[1] === offset && row[2] > length && isAddress(row[3]));
  if (found === undefined) return undefined;
  const [name, at, size, type = 'integer'] = found;
  return { name: `${header} ${name}`, offset: at, length: size, type };
}

/** The several fields that these bytes consist of; undefined where the bytes are not several whole fields. */
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

/** A match of a prefix may load only the first bytes of an address. */
function isAddress(type: ValueType | undefined): boolean {
  return type === 'ipv4_addr' || type === 'ipv6_addr';
}
