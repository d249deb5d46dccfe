import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_UNICAST_HOPS,
  IPV6_UNICAST_IF,
  IP_RECVERR,
  IP_RECVTTL,
  IP_TTL,
  IP_UNICAST_IF,
  MSG_ERRQUEUE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_IP,
  SOL_IPV6,
} from '../addon/socket-constants';
import { randomBytes, randomInt } from 'node:crypto';
import { AF, type Family } from '../common/check';
import type { Words } from '../common/error-text';
import { isSystemError } from '../common/system-error';
import { receivingEnded, watchSocket } from '../netns/event-socket';
import { GET_CAPABILITY, NO_NET_RAW } from '../common/wants';
import { toNetnsError } from '../netns/netns-error';
import { type Datagram, type Descriptor, native, type SocketSpec } from '../addon/native';
import { LITTLE } from '../netlink/bytes';
import type { Netns } from '../netns/netns';
import {
  echoRequest,
  hopLimit,
  readEcho,
  readRefusal,
  type Refusal,
  replyFilter,
  withoutIpHeader,
} from './ping-echo';
import { sockaddr } from '../sockets/inet/sockaddr';

export interface EchoTarget {
  family: Family;
  address: string;
  /** The address as the caller gave it, with its zone, for errors. */
  to: string;
  /** Index of the device to send by; 0 leaves that to the routes. */
  device: number;
  /** Bytes. */
  size: number;
  ttl: number | undefined;
}

export interface EchoHandler {
  /** `time` is the kernel's time of the reply's arrival. */
  replied(sequence: number, reply: { time: number; ttl: number; from: string }): void;
  refused(sequence: number, refusal: Refusal): void;
  /** Nothing more will be received. */
  failed(error: Error): void;
}

function networkOrder(value: number): number {
  return LITTLE ? new DataView(Uint32Array.of(value).buffer).getInt32(0, false) : value;
}

function specOf(type: number, { family, device, ttl }: EchoTarget): SocketSpec {
  const [level, hops, receiveErrors, receiveHops, unicastDevice] =
    family === 4
      ? [SOL_IP, IP_TTL, IP_RECVERR, IP_RECVTTL, IP_UNICAST_IF]
      : [SOL_IPV6, IPV6_UNICAST_HOPS, IPV6_RECVERR, IPV6_RECVHOPLIMIT, IPV6_UNICAST_IF];
  const options: [number, number, number, boolean][] = [
    [level, receiveErrors, 1, true],
    [level, receiveHops, 1, true],
  ];
  if (ttl !== undefined) options.push([level, hops, ttl, true]);
  // The socket is not bound to the device, because an IPv4 socket would then miss this host's own errors, which come by lo.
  if (device !== 0) options.push([level, unicastDevice, networkOrder(device), true]);
  return { domain: AF[family], type, protocol: family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, options };
}

const WORDS: Words = {
  EADDRNOTAVAIL: 'there is no such device',
  EPERM:
    `${NO_NET_RAW}, and the range of groups in net.ipv4.ping_group_range, which may do without it, does not include ` +
    `this user (in a new namespace it is empty): ${GET_CAPABILITY}, or set the range in the namespace`,
};

export const operationOf = ({ to }: Pick<EchoTarget, 'to'>) => `ping ${to} in namespace`;

/** Whether socket(2) itself was refused, not a step before or after it. */
function isDenied(error: unknown, code: string): boolean {
  return isSystemError(error) && error.syscall === 'socket' && error.code === code;
}

/**
 * A raw socket for the identifier where the process may open one; otherwise a ping socket, which fewer namespaces allow,
 * but to more users. A raw socket is opened with its filter, because replies to others would fill its buffer until then,
 * and leave no room for its own reply.
 */
async function openDescriptor(
  netns: Netns,
  target: EchoTarget,
  id: number,
): Promise<[Descriptor, raw: boolean]> {
  const operation = operationOf(target);
  const attempt = async (type: number): Promise<Descriptor> => {
    const spec = specOf(type, target);
    const filter = replyFilter(target.family, id);
    return netns.openSocket(operation, type === SOCK_RAW ? { ...spec, filter } : spec);
  };
  const refused = (error: unknown): unknown => toNetnsError(error, operation, netns.toString(), WORDS);
  try {
    return [await attempt(SOCK_RAW), true];
  } catch (denied) {
    if (!isDenied(denied, 'EPERM')) throw refused(denied);
    try {
      return [await attempt(SOCK_DGRAM), false];
    } catch (error) {
      throw refused(isDenied(error, 'EACCES') ? denied : error);
    }
  }
}

/** Identifiers of the raw sockets of this thread. Replies to other threads and processes differ in their data. */
const identifiers = new Set<number>();

function takeIdentifier(): number {
  let id = randomInt(0x10000);
  while (identifiers.has(id)) id = (id + 1) & 0xffff;
  identifiers.add(id);
  return id;
}

/** A socket that sends echo requests to one address, and reports replies and errors. */
export class EchoSocket {
  readonly #target: EchoTarget;
  readonly #descriptor: Descriptor;
  /** The identifier of a raw socket. For a ping socket the kernel chooses one, and hands over only replies to that. */
  readonly #id: number | undefined;
  readonly #data: Buffer;
  readonly #stopWatching: () => void;
  #connected = false;

  static async open(netns: Netns, target: EchoTarget, handler: EchoHandler): Promise<EchoSocket> {
    const id = takeIdentifier();
    let raw = false;
    try {
      const opened = await openDescriptor(netns, target, id);
      raw = opened[1];
      return new EchoSocket(netns, target, opened[0], raw ? id : undefined, handler);
    } finally {
      if (!raw) identifiers.delete(id);
    }
  }

  private constructor(
    netns: Netns,
    target: EchoTarget,
    descriptor: Descriptor,
    id: number | undefined,
    handler: EchoHandler,
  ) {
    this.#target = target;
    this.#descriptor = descriptor;
    this.#data = randomBytes(target.size);
    this.#id = id;
    try {
      this.#stopWatching = watchSocket(netns, operationOf(target), descriptor, (received) => {
        for (const item of received) {
          // an errno alone only announces a message in the error queue
          if ('bytes' in item) this.#take(item, handler);
          else if (item.ended === true)
            handler.failed(receivingEnded(netns.toString(), operationOf(target), item.errno));
        }
      });
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** `errno` is 0, or why the request could not be sent; `time` is the time of sending, on the clock of the replies. */
  send(sequence: number): { errno: number; time: number } {
    const { family, address, device } = this.#target;
    // A connected socket receives only errors about its own destination. Connecting fails without a route; there may be
    // one by the next request.
    if (!this.#connected) {
      const errno = native().connectSocket(this.#descriptor, sockaddr(family, address, device));
      if (errno !== 0) return { errno, time: 0 };
      this.#connected = true;
    }
    const request = echoRequest(family, { id: this.#id ?? 0, sequence, data: this.#data });
    return native().sendDatagram(this.#descriptor, request, null);
  }

  close(): void {
    this.#stopWatching();
    this.#release();
  }

  #release(): void {
    this.#descriptor.close();
    if (this.#id !== undefined) identifiers.delete(this.#id);
  }

  #take({ bytes, flags, control, time }: Datagram, handler: EchoHandler): void {
    const { family } = this.#target;
    if ((flags & MSG_ERRQUEUE) !== 0) {
      // `bytes` is the request from its ICMP header on, as far as the sender of the error quoted it
      const sequence = this.#sequenceOf('request', bytes);
      const refusal = readRefusal(family, control);
      if (sequence !== undefined && refusal !== undefined) handler.refused(sequence, refusal);
      return;
    }
    const message = family === 4 && this.#id !== undefined ? withoutIpHeader(bytes) : bytes;
    const sequence = this.#sequenceOf('reply', message);
    if (sequence === undefined) return;
    handler.replied(sequence, { time, ttl: hopLimit(family, control), from: this.#target.address });
  }

  #sequenceOf(which: 'request' | 'reply', message: Buffer): number | undefined {
    const echo = readEcho(this.#target.family, which, message);
    if (echo === undefined || (this.#id !== undefined && echo.id !== this.#id)) return undefined;
    if (which === 'reply') return echo.data.equals(this.#data) ? echo.sequence : undefined;
    // the quoted request may be cut off, or padded and followed by more (RFC 4884)
    const quoted = Math.min(echo.data.length, this.#data.length);
    return echo.data.compare(this.#data, 0, quoted, 0, quoted) === 0 ? echo.sequence : undefined;
  }
}
