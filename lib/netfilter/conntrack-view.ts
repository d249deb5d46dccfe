import type { Family } from '../common/check';
import { defined, flagNames } from '../common/objects';
import type { ConntrackMessage } from '../netlink/nfnetlink/conntrack';
import { FAMILIES } from '../netlink/nfnetlink/message';
import { CT_STATUSES, PROTOCOLS } from '../netlink/nfnetlink/names';

/**
 * A protocol by its name or its number: 'tcp', 'udp', 'icmp', 'sctp', …
 *
 * @useDeclaredType
 */
export type ConntrackProtocol = keyof typeof PROTOCOLS | number;

/** One direction of a connection, as its packets look. */
export interface ConntrackTuple {
  /** '10.0.0.1' */
  source?: string;
  /** '10.0.0.2' */
  destination?: string;
  sourcePort?: number;
  destinationPort?: number;
}

/**
 * What the kernel knows of a connection.
 *
 * @useDeclaredType
 */
export type ConntrackStatus = keyof typeof CT_STATUSES;

/** Which packets of one direction. */
export interface ConntrackTupleFilter {
  /** '10.0.0.1', or all of '10.0.0.0/8' */
  source?: string;
  /** '10.0.0.2', or all of '10.0.0.0/8' */
  destination?: string;
  sourcePort?: number;
  destinationPort?: number;
}

/** Which connections; without any property, all. */
export interface ConntrackFilter extends ConntrackTupleFilter {
  family?: Family;
  protocol?: ConntrackProtocol;
  /** The addresses and ports of the answers, which differ from the above where NAT translated them. */
  reply?: ConntrackTupleFilter;
  /** Those with this address, or with one of this subnet, at either end of either direction. */
  address?: string;
  /** Those of which this is so, or all of this: 'assured', 'seen-reply', 'snat', 'dnat', … */
  status?: ConntrackStatus | readonly ConntrackStatus[];
  /** The mark that a rule has given to the connection. */
  mark?: number;
}

/** A connection that the kernel tracks. */
export interface ConntrackEntry extends ConntrackTuple {
  family: Family;
  protocol: ConntrackProtocol;
  /** How the answers look. */
  reply: ConntrackTuple;
  /** 'confirmed', 'assured', 'seen-reply', 'snat', 'dnat', … */
  status: string[];
  /** Of TCP: 'established', 'time-wait', … */
  state?: string | number;
  /** Seconds after which it is forgotten, if no packet comes. */
  timeout?: number;
  /** The mark that a rule has given to the connection. */
  mark?: number;
  /** The zone of conntrack: the same addresses and ports in two zones are two connections. */
  zone?: number;
  /** The kernel's number for it. */
  id: number;
}

const PROTOCOL_NAMES = new Map<number, ConntrackProtocol>(
  Object.entries(PROTOCOLS).map(([name, number]) => [number, name as ConntrackProtocol]),
);

function toTuple({
  addresses = {},
  protocol = {},
}: ConntrackMessage['original'] & object = {}): ConntrackTuple {
  return defined({
    source: addresses.src4 ?? addresses.src6,
    destination: addresses.dst4 ?? addresses.dst6,
    sourcePort: protocol.srcPort,
    destinationPort: protocol.dstPort,
  });
}

/** @internal */
export function toConntrackEntry(message: ConntrackMessage): ConntrackEntry {
  const number = message.original?.protocol?.number ?? 0;
  const family = message.family === 'ip6' || message.family === FAMILIES.ip6 ? 6 : 4;
  return {
    family,
    protocol: PROTOCOL_NAMES.get(number) ?? number,
    ...toTuple(message.original),
    reply: toTuple(message.reply),
    status: flagNames(CT_STATUSES, message.status ?? 0),
    ...defined({
      state: message.protocolInfo?.tcp?.state,
      timeout: message.timeout,
      mark: message.mark,
      zone: message.zone,
    }),
    id: message.id ?? 0,
  };
}
