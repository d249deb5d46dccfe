import { ipAddress } from '../common/ip-address';
import { checkTimeout, unlessAborted } from '../common/abort';
import { checkDevice, checkInteger, checkTime, parseIp } from '../common/check';
import { type Device, indexOf } from '../netns/device';
import { withoutZone } from '../netns/zone';
import { checkOptions, isSignal, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { shown } from '../common/shown';
import { type PingPacket, PingSession } from './ping-session';
import { EchoSocket, operationOf } from './ping-socket';

/** How many requests are sent, and how. */
export interface PingOptions {
  /** How many requests to send, up to 65535; 1 by default. */
  count?: number;
  /** Milliseconds from one request to the next, answered or not; 1000 by default. */
  interval?: number;
  /**
   * Milliseconds to wait for the answer to each request, 0 to 2147483646; 1000 by default. With 0 the requests are sent,
   * and `ping` does not wait for answers. The kernel finds out after 3 s that a host on the link is not there, and
   * reports it by way of `lo`: with a shorter timeout, or with `lo` down, the status is 'timeout', not 'unreachable'.
   */
  timeout?: number;
  /** Bytes of data in each request, up to 65507 for IPv4 and 65527 for IPv6; 56 by default, as with ping(8). */
  size?: number;
  /** TTL or hop limit, 1 to 255; the namespace's setting by default. */
  ttl?: number;
  /**
   * The device to send by, as name or index. A link-local IPv6 address needs a device, here or as its zone
   * ('fe80::1%eth0'); others are routed without.
   */
  device?: Device;
  /** Ends the ping: the call is rejected with the signal's reason at once. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<PingOptions>({
  count: true,
  interval: true,
  timeout: true,
  size: true,
  ttl: true,
  device: checkDevice,
  signal: isSignal,
});

/** What became of all requests. */
export interface PingResult {
  /** The address that was pinged. */
  address: string;
  sent: number;
  received: number;
  /** The share of the requests that were not answered in time: from 0 to 1. */
  loss: number;
  /** Milliseconds, of the replies; undefined where there was none. */
  rtt: { min: number; avg: number; max: number } | undefined;
  /** One for each request, in the order of sending. */
  packets: PingPacket[];
}

/**
 * Sends ICMP or ICMPv6 echo requests to an address, from inside a namespace, and waits for the replies. A missing
 * reply is not an error but a result: 'unreachable' where a router or the kernel reported that, 'timeout' where nobody
 * answered. Late and repeated replies do not count. The kernel limits the ICMP errors that it sends
 * (net.ipv4.icmp_msgs_burst: 50 at once): of hundreds of pings to absent hosts, some end in 'timeout'.
 *
 * Round trips are measured up to the kernel's time of arrival: an event loop that is busy meanwhile does not
 * lengthen them. `ping` needs a raw socket (CAP_NET_RAW in the user namespace that owns the network namespace), or,
 * without it, the groups that `net.ipv4.ping_group_range` allows ping sockets to.
 *
 * @returns what became of each request, when each has been answered or given up.
 * @throws {@link NetnsError} EPERM where the namespace allows neither socket, ERR_NETNS_CLOSED for a closed handle;
 * {@link NetlinkError} ENODEV for a device that is not there ({@link NetnsError} EADDRNOTAVAIL where it was named
 * by its index); the signal's reason; TypeError or RangeError for an option that cannot be, multicast and
 * broadcast addresses among them.
 * @see icmp(7), ping(8), RFC 792, RFC 4443
 * @example
 * ```ts
 * const { received, loss } = await ping(red, '10.0.0.2', { count: 3, interval: 10 });
 * console.log(received, loss); // 3 0
 * ```
 */
export async function ping(netns: Netns, to: string, options: PingOptions = {}): Promise<PingResult> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  const { address, device } = withoutZone(to, options.device, 'to');
  const { family } = parseIp(address, 'to');
  const { count = 1, interval = 1000, timeout = 1000, size = 56, ttl, signal } = options;
  checkAddress(address, device);
  checkInteger('count', count, 1, 0xffff);
  checkTime('interval', interval, 0);
  checkTimeout(timeout, 'wait');
  checkInteger('size', size, 0, family === 4 ? 65507 : 65527);
  if (ttl !== undefined) checkInteger('ttl', ttl, 1, 255);
  signal?.throwIfAborted();

  const session = new PingSession({ count, interval, timeout });
  const open = async (): Promise<EchoSocket> => {
    const called = options.device === undefined ? 'zone' : 'device';
    const index = device === undefined ? 0 : await indexOf(netns, device, operationOf({ to }), called);
    return EchoSocket.open(netns, { family, address, to, device: index, size, ttl }, session);
  };
  const opening = open();
  let socket: EchoSocket | undefined;
  try {
    socket = await unlessAborted(signal, opening);
    return summary(to, await unlessAborted(signal, session.run(socket)));
  } finally {
    session.stop();
    if (socket !== undefined) socket.close();
    else void opening.then((late) => late.close(), ignore);
  }
}

function checkAddress(address: string, device: Device | undefined): void {
  const range = ipAddress(address).range();
  if (range === 'unspecified' || range === 'multicast' || range === 'broadcast') {
    throw new RangeError(`to: expected the address of one host, got ${shown(address)}`);
  }
  if (address.includes(':') && range === 'linkLocal' && device === undefined) {
    throw new RangeError(
      `device: a link-local address needs the device that it is behind, got none for ${address}`,
    );
  }
}

function ignore(): void {
  // nobody waits for the socket any more
}

function summary(address: string, packets: PingPacket[]): PingResult {
  const rtts = packets.flatMap((packet) => packet.rtt ?? []);
  const sent = packets.length;
  const received = rtts.length;
  const sum = rtts.reduce((total, rtt) => total + rtt, 0);
  return {
    address,
    sent,
    received,
    loss: (sent - received) / sent,
    rtt:
      received === 0
        ? undefined
        : {
            min: rtts.reduce((a, b) => Math.min(a, b)),
            avg: Math.round((sum / received) * 1000) / 1000,
            max: rtts.reduce((a, b) => Math.max(a, b)),
          },
    packets,
  };
}
