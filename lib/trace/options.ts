import { ipAddress } from '../common/ip-address';
import { checkTimeout } from '../common/abort';
import { type Family, parseIp } from '../common/check';
import { checkPort } from '../sockets/inet/endpoint';
import { checkOptions as checkNames, isSignal, oneOf, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { shown } from '../common/shown';

/** 'icmp' is an echo request, by ICMPv6 where the address is IPv6. */
export type TraceProtocol = 'tcp' | 'udp' | 'icmp';

/** The packet that is sent, and where from. */
export interface TraceOptions {
  /** The address that the packet is sent to, before any NAT. */
  to: string;
  /**
   * The namespace that sends the packet, by default the namespace of the rules; or an address: then nothing is sent, and the
   * trace waits for the next packet from that address.
   */
  from?: Netns | string;
  /** Destination port, 1 to 65535; for TCP and UDP. */
  port?: number;
  /** 'tcp' by default, 'icmp' without a port. For TCP, the packet is the one that opens a connection (SYN). */
  protocol?: TraceProtocol;
  /** Source port, 1 to 65535, to send from or to wait for. By default, a free port is sent from, and any is waited for. */
  sourcePort?: number;
  /** Whether to send a packet, or to wait for the next one of anybody. True by default, unless `from` is an address. */
  send?: boolean;
  /** Milliseconds to wait for the packet, from 1; 2000 by default. */
  timeout?: number;
  /** Ends the trace: the call is rejected with the signal's reason. */
  signal?: AbortSignal;
}

const PROTOCOLS: readonly TraceProtocol[] = ['tcp', 'udp', 'icmp'];

const OPTIONS = optionTable<TraceOptions>({
  to: true,
  from: (from, path) => {
    if (typeof from !== 'string') checkNetns(from, path, 'a namespace or an address');
  },
  port: true,
  protocol: oneOf(PROTOCOLS),
  sourcePort: true,
  send: trueOrFalse,
  timeout: true,
  signal: isSignal,
});

export interface TracePlan {
  family: Family;
  to: string;
  protocol: TraceProtocol;
  port: number | undefined;
  sourcePort: number | undefined;
  /** Address that the packet has to come from. */
  source: string | undefined;
  /** The namespace that sends the packet; undefined where nothing is sent. */
  sender: Netns | undefined;
  timeout: number;
  signal: AbortSignal | undefined;
}

const TIMEOUT = 2000;

export function checkOptions(host: Netns, options: TraceOptions): TracePlan {
  checkNetns(host, 'host');
  checkNames(options, OPTIONS);
  const { to, from, port, sourcePort, timeout = TIMEOUT, signal } = options;
  const { protocol = port === undefined ? 'icmp' : 'tcp', send = typeof from !== 'string' } = options;
  const { family } = parseIp(to, 'to');
  checkPorts(protocol, { port, sourcePort });
  checkTimeout(timeout, 'answer');
  if (send) checkTarget(to);
  const plan = { family, to, protocol, port, sourcePort, timeout, signal };
  if (typeof from === 'string') {
    checkSource(from, family);
    if (send)
      throw new TypeError('send: from an address nothing can be sent: give the namespace, or send: false');
    return { ...plan, source: from, sender: undefined };
  }
  if (from !== undefined && !send) {
    throw new TypeError(
      'from: of a namespace that sends nothing, the packets cannot be told: give an address',
    );
  }
  return { ...plan, source: undefined, sender: send ? (from ?? host) : undefined };
}

function checkTarget(to: string): void {
  const range = ipAddress(to).range();
  if (['unspecified', 'multicast', 'broadcast'].includes(range)) {
    throw new RangeError(`to: expected the address of one host, got ${shown(to)}`);
  }
  if (to.includes(':') && range === 'linkLocal') {
    throw new RangeError(
      `to: a link-local address is only waited for: give an address as 'from', or send: false, got ${shown(to)}`,
    );
  }
}

function checkPorts(protocol: TraceProtocol, ports: Record<'port' | 'sourcePort', number | undefined>): void {
  for (const [option, port] of Object.entries(ports)) {
    if (port === undefined) continue;
    if (protocol === 'icmp') throw new TypeError(`${option}: ICMP has no ports, got ${shown(port)}`);
    checkPort(port, option, { least: 1 });
  }
  if (protocol !== 'icmp' && ports.port === undefined) throw new TypeError(`port: ${protocol} needs one`);
}

function checkSource(from: string, family: Family): void {
  if (parseIp(from, 'from').family !== family) {
    throw new RangeError(`from: expected an IPv${family} address, as that of 'to', got ${shown(from)}`);
  }
}
