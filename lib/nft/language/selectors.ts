import { FIB_FLAGS } from '../../netlink/nfnetlink/expressions/loads';
import type { TypeName } from './types';
import type { Expression } from './model';

/**
 * Protocols that a packet must have for a field to exist. A rule checks them before it reads the field, as nft's rules do.
 */
export interface Needs {
  link?: 'ether';
  network?: 'ip' | 'ip6' | 'arp';
  transport?: 'tcp' | 'udp' | 'udplite' | 'sctp' | 'dccp' | 'icmp' | 'ipv6-icmp';
}

/** A field of the packet, or a value that the kernel keeps for the packet. */
export interface Selector {
  /** The data type of the value. */
  readonly type: TypeName;
  /** Protocols that the packet must have for the value to exist. */
  readonly needs: Needs;
  /** The layer whose protocol the value names. After a match of the value, the protocol need not be checked again. */
  readonly names?: keyof Needs;
  /** Loads the value into a register; `length` bytes of it, where it is a field of the packet. */
  load(register: number, length?: number): Expression;
  /** Stores a register in the field or value. */
  store?(register: number): Expression;
}

type MetaExpression = Extract<Expression, { name: 'meta' }>;
type MetaKey = NonNullable<NonNullable<MetaExpression['data']>['key']>;
type CtExpression = Extract<Expression, { name: 'ct' }>;
type CtKey = NonNullable<NonNullable<CtExpression['data']>['key']>;

function ofMeta(key: MetaKey, type: TypeName, names?: keyof Needs): Selector {
  return {
    type,
    needs: {},
    ...(names !== undefined && { names }),
    load: (dreg) => ({ name: 'meta', data: { key, dreg } }),
    store: (sreg) => ({ name: 'meta', data: { key, sreg } }),
  };
}

/** Metadata of the packet: nft(8), META EXPRESSIONS. */
export const meta = {
  iifname: ofMeta('iifname', 'ifname'),
  oifname: ofMeta('oifname', 'ifname'),
  /** Devices by their indexes, which are compared faster than names. A device that is created again has another index. */
  iif: ofMeta('iif', 'iface_index'),
  oif: ofMeta('oif', 'iface_index'),
  mark: ofMeta('mark', 'mark'),
  /** 'ipv4' or 'ipv6', in a table of family inet. */
  nfproto: ofMeta('nfproto', 'nf_proto', 'network'),
  l4proto: ofMeta('l4proto', 'inet_proto', 'transport'),
  /** EtherType. */
  protocol: ofMeta('protocol', 'ether_type', 'network'),
  pkttype: ofMeta('pkttype', 'pkt_type'),
  skuid: ofMeta('skuid', 'uid'),
  skgid: ofMeta('skgid', 'gid'),
  iifgroup: ofMeta('iifgroup', 'devgroup'),
  oifgroup: ofMeta('oifgroup', 'devgroup'),
  /** Names of the bridges that the incoming and the outgoing device are ports of. */
  ibrname: ofMeta('ibrname', 'ifname'),
  obrname: ofMeta('obrname', 'ifname'),
  /** Kinds of the devices: 'bridge', 'veth'. */
  iifkind: ofMeta('iifkind', 'ifname'),
  oifkind: ofMeta('oifkind', 'ifname'),
  /** Set to 1, `watchTrace` reports the packet's steps from then on. */
  nftrace: ofMeta('nftrace', 'boolean'),
} as const;

type Base = 'link' | 'network' | 'transport';

interface Checksum {
  at: number;
  /** Whether the checksum of the transport protocol covers the field as well. */
  pseudo?: boolean;
}

function field(
  [base, offset, length]: readonly [Base, number, number],
  type: TypeName,
  needs: Needs,
  checksum?: Checksum,
): Selector {
  const sum =
    checksum === undefined
      ? {}
      : ({
          checksum: 'inet',
          checksumOffset: checksum.at,
          checksumFlags: checksum.pseudo === true ? 1 : 0,
        } as const);
  return {
    type,
    needs,
    load: (dreg, part = length) => ({ name: 'payload', data: { dreg, base, offset, length: part } }),
    store: (sreg) => ({ name: 'payload', data: { sreg, base, offset, length, ...sum } }),
  };
}

/** The header of Ethernet. */
export const ether = {
  daddr: field(['link', 0, 6], 'ether_addr', { link: 'ether' }),
  saddr: field(['link', 6, 6], 'ether_addr', { link: 'ether' }),
  type: field(['link', 12, 2], 'ether_type', { link: 'ether' }),
} as const;

/** The value names the protocol of the transport. */
const ofTransport = (selector: Selector): Selector => ({ ...selector, names: 'transport' });

const IP_CHECKSUM = { at: 10, pseudo: true };

/** RFC 791 */
export const ip = {
  protocol: ofTransport(field(['network', 9, 1], 'inet_proto', { network: 'ip' })),
  saddr: field(['network', 12, 4], 'ipv4_addr', { network: 'ip' }, IP_CHECKSUM),
  daddr: field(['network', 16, 4], 'ipv4_addr', { network: 'ip' }, IP_CHECKSUM),
} as const;

/** RFC 8200 */
export const ip6 = {
  nexthdr: ofTransport(field(['network', 6, 1], 'inet_proto', { network: 'ip6' })),
  saddr: field(['network', 8, 16], 'ipv6_addr', { network: 'ip6' }),
  daddr: field(['network', 24, 16], 'ipv6_addr', { network: 'ip6' }),
} as const;

/** RFC 826, of Ethernet and IPv4. */
export const arp = {
  saddrIp: field(['network', 14, 4], 'ipv4_addr', { network: 'arp' }),
  daddrIp: field(['network', 24, 4], 'ipv4_addr', { network: 'arp' }),
} as const;

function ports(needs: Needs, checksum?: Checksum) {
  return {
    sport: field(['transport', 0, 2], 'inet_service', needs, checksum),
    dport: field(['transport', 2, 2], 'inet_service', needs, checksum),
  } as const;
}

/** RFC 9293 */
export const tcp = {
  ...ports({ transport: 'tcp' }, { at: 16 }),
  flags: field(['transport', 13, 1], 'tcp_flag', { transport: 'tcp' }),
} as const;

/** RFC 768 */
export const udp = ports({ transport: 'udp' }, { at: 6 });

/** RFC 9260 */
export const sctp = ports({ transport: 'sctp' });

/** The ports of any protocol that has ports in the first four bytes: TCP, UDP, SCTP, DCCP. */
export const th = ports({});

/** RFC 792 */
export const icmp = {
  type: field(['transport', 0, 1], 'icmp_type', { network: 'ip', transport: 'icmp' }),
  /** Identifier of an echo request or reply. */
  id: field(['transport', 4, 2], 'inet_service', { network: 'ip', transport: 'icmp' }),
} as const;

/** RFC 4443 */
export const icmpv6 = {
  type: field(['transport', 0, 1], 'icmpv6_type', { network: 'ip6', transport: 'ipv6-icmp' }),
  id: field(['transport', 4, 2], 'inet_service', { network: 'ip6', transport: 'ipv6-icmp' }),
} as const;

function ofCt(key: CtKey, type: TypeName, direction?: 'original' | 'reply'): Selector {
  const from = direction === undefined ? {} : { direction };
  return {
    type,
    needs: {},
    load: (dreg) => ({ name: 'ct', data: { key, dreg, ...from } }),
    store: (sreg) => ({ name: 'ct', data: { key, sreg, ...from } }),
  };
}

function tuple(direction: 'original' | 'reply') {
  return {
    ipSaddr: ofCt('src-ip', 'ipv4_addr', direction),
    ipDaddr: ofCt('dst-ip', 'ipv4_addr', direction),
    ip6Saddr: ofCt('src-ip6', 'ipv6_addr', direction),
    ip6Daddr: ofCt('dst-ip6', 'ipv6_addr', direction),
    protoSrc: ofCt('proto-src', 'inet_service', direction),
    protoDst: ofCt('proto-dst', 'inet_service', direction),
  } as const;
}

/** The conntrack entry of the packet's connection: nft(8), CONNTRACK EXPRESSIONS. */
export const ct = {
  /** 'new', 'established', 'related', 'invalid', 'untracked' */
  state: ofCt('state', 'ct_state'),
  /** 'dnat', 'snat', 'assured', … */
  status: ofCt('status', 'ct_status'),
  mark: ofCt('mark', 'mark'),
  direction: ofCt('direction', 'ct_dir'),
  /** Addresses and ports of the connection's first packet, before any translation. */
  original: tuple('original'),
  reply: tuple('reply'),
} as const;

type FibExpression = Extract<Expression, { name: 'fib' }>;
type FibResult = NonNullable<NonNullable<FibExpression['data']>['result']>;

function ofFib(flags: number, result: FibResult, type: TypeName): Selector {
  return { type, needs: {}, load: (dreg) => ({ name: 'fib', data: { flags, result, dreg } }) };
}

const { saddr: SADDR, daddr: DADDR, iif: IIF, oif: OIF, present: PRESENT } = FIB_FLAGS;

/** Look-ups in the routing tables: nft(8), FIB EXPRESSIONS. */
export const fib = {
  /** 'local', 'unicast', 'broadcast', 'multicast', … */
  saddrType: ofFib(SADDR, 'type', 'fib_addrtype'),
  daddrType: ofFib(DADDR, 'type', 'fib_addrtype'),
  saddrTypeIif: ofFib(SADDR | IIF, 'type', 'fib_addrtype'),
  daddrTypeIif: ofFib(DADDR | IIF, 'type', 'fib_addrtype'),
  daddrTypeOif: ofFib(DADDR | OIF, 'type', 'fib_addrtype'),
  /**
   * Whether the route back to the source leads by the incoming device: 0 (missing) where a strict rp_filter drops the
   * packet.
   */
  saddrIifOif: ofFib(SADDR | IIF | PRESENT, 'oif', 'iface_index'),
} as const;

/** The socket that the packet is for: nft(8), SOCKET EXPRESSION. */
export const socket = {
  transparent: ofSocket('transparent', 'boolean'),
  mark: ofSocket('mark', 'mark'),
} as const;

type SocketExpression = Extract<Expression, { name: 'socket' }>;
type SocketKey = NonNullable<NonNullable<SocketExpression['data']>['key']>;

function ofSocket(key: SocketKey, type: TypeName): Selector {
  return { type, needs: {}, load: (dreg) => ({ name: 'socket', data: { key, dreg, level: 0 } }) };
}

const TCPOPT_MAXSEG = 2; // netinet/tcp.h

/** Options of TCP. */
export const tcpOption = {
  /** The largest segment that the sender takes: to be clamped where the path has a smaller MTU. */
  maxseg: {
    type: 'inet_service',
    needs: { transport: 'tcp' },
    load: (dreg) => ({
      name: 'exthdr',
      data: { dreg, type: TCPOPT_MAXSEG, offset: 2, length: 2, op: 'tcpopt' },
    }),
    store: (sreg) => ({
      name: 'exthdr',
      data: { sreg, type: TCPOPT_MAXSEG, offset: 2, length: 2, op: 'tcpopt' },
    }),
  },
} as const satisfies Record<string, Selector>;
