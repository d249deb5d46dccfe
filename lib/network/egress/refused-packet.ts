import { ipText } from '../../common/ip-text';
import { PROTOCOLS as NUMBERS } from '../../netlink/nfnetlink/names';
import type * as nft from '../../nft';
import { REFUSED_CHAIN } from '../table/egress-rules';
import { PROTOCOLS } from '../table/published-ports';
import { isOurTable } from '../table/sets';

/** A packet of a limited member that was refused. */
export interface RefusedPacket {
  kind: 'packet';
  /** The member's address. */
  from: string;
  /** Where the packet was to go. */
  to: string;
  /** 'tcp', 'udp', 'icmp', …; the number of a protocol without a name here. */
  protocol: string | number;
  /** The port that it was for, of a protocol that has ports. */
  port?: number;
}

const NAMES = new Map<number, string>(Object.entries(NUMBERS).map(([name, number]) => [number, name]));

/** Where the headers have their fields: RFC 791, RFC 8200. Behind the addresses, the header of IPv4 may have options. */
const LAYOUTS: Readonly<Record<number, { protocol: number; from: number; to: number; length: number }>> = {
  4: { protocol: 9, from: 12, to: 16, length: 4 },
  6: { protocol: 6, from: 8, to: 24, length: 16 },
};

/** The packet that a step of nftrace is about, if it was refused by this library's rule, and came in by this device. */
export function refusedPacket(step: nft.TraceStep, device: number): RefusedPacket | undefined {
  const { networkHeader: header, transportHeader } = step;
  if (step.chain !== REFUSED_CHAIN || !isOurTable(step.table) || step.iif !== device) return undefined;
  // the first step of a packet in a chain has its headers
  const layout = LAYOUTS[(header?.[0] ?? 0) >> 4];
  if (header === undefined || layout === undefined || header.length < layout.to + layout.length)
    return undefined;
  const number = header[layout.protocol] ?? 0;
  const protocol = NAMES.get(number) ?? number;
  const hasPort =
    PROTOCOLS.includes(String(protocol)) && transportHeader !== undefined && transportHeader.length >= 4;
  const addressAt = (at: number) => ipText(header.subarray(at, at + layout.length));
  return {
    kind: 'packet',
    from: addressAt(layout.from),
    to: addressAt(layout.to),
    protocol,
    ...(hasPort && { port: transportHeader.readUInt16BE(2) }),
  };
}
