import { errnoName } from '../addon/errno';
import type { Refusal } from './ping-echo';
import type { EchoHandler, EchoSocket } from './ping-socket';

/** In milliseconds. */
export interface Schedule {
  count: number;
  interval: number;
  timeout: number;
}

/** The requests of one ping, from the first to be sent until the last is settled. */
export class PingSession implements EchoHandler {
  readonly #schedule: Schedule;
  readonly #packets: PingPacket[] = [];
  readonly #waiting = new Map<number, { sent: number; timer: NodeJS.Timeout }>();
  #next: NodeJS.Timeout | undefined;
  #sequence = 0;
  #finish: (packets: PingPacket[]) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #failure: Error | undefined;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  async run(socket: EchoSocket): Promise<PingPacket[]> {
    if (this.#failure !== undefined) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#reject = reject;
      this.#send(socket, performance.now());
    });
  }

  /** Ends the session: the promise of `run` stays pending. */
  stop(): void {
    clearTimeout(this.#next);
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  replied(sequence: number, { time, ttl, from }: { time: number; ttl: number; from: string }): void {
    const request = this.#waiting.get(sequence);
    if (request === undefined) return; // a duplicate, or too late
    // the kernel's time of arrival decides, not the time of reading
    const rtt = Math.max(0, time - request.sent);
    if (rtt > this.#schedule.timeout) return;
    this.#settle({ sequence, status: 'reply', rtt: toMicroseconds(rtt), ttl, from });
  }

  refused(sequence: number, { errno, from, icmp }: Refusal): void {
    if (!this.#waiting.has(sequence)) return;
    const sender = { ...(from !== undefined && { from }), ...(icmp !== undefined && { icmp }) };
    this.#settle({ sequence, status: 'unreachable', code: errnoName(errno), ...sender });
  }

  failed(error: Error): void {
    this.#failure = error;
    this.#reject(error);
  }

  #send(socket: EchoSocket, due: number): void {
    const { count, interval, timeout } = this.#schedule;
    const sequence = ++this.#sequence;
    if (sequence < count) {
      // A timer's delay is made up for. Requests that a busy event loop missed altogether are not sent in a burst.
      const now = performance.now();
      const next = (now - due < interval ? due : now) + interval;
      this.#next = setTimeout(() => this.#send(socket, next), Math.ceil(next - now));
    }
    const { errno, time } = socket.send(sequence);
    if (errno !== 0) {
      this.#settle({ sequence, status: 'unreachable', code: errnoName(errno) });
      return;
    }
    // After a pause of the event loop timers run first, and a reply that came in time waits behind them: setImmediate gives
    // the reply this turn to be read. The timeout is longer by a millisecond, because timers may go off early.
    const timer = setTimeout(() => setImmediate(() => this.#giveUp(sequence)), Math.ceil(timeout) + 1);
    this.#waiting.set(sequence, { sent: time, timer });
  }

  #giveUp(sequence: number): void {
    if (this.#waiting.has(sequence)) this.#settle({ sequence, status: 'timeout' });
  }

  #settle(packet: PingPacket): void {
    clearTimeout(this.#waiting.get(packet.sequence)?.timer);
    this.#waiting.delete(packet.sequence);
    this.#packets.push(packet);
    if (this.#packets.length < this.#schedule.count) return;
    this.#finish(this.#packets.sort((a, b) => a.sequence - b.sequence));
  }
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The outcome of one request. */
export interface PingPacket {
  /** From 1. */
  sequence: number;
  /** 'unreachable' where a router or the kernel reported that, 'timeout' where nobody answered. */
  status: 'reply' | 'timeout' | 'unreachable';
  /** Milliseconds from sending to the arrival of the reply, to the microsecond. */
  rtt?: number;
  /** TTL or hop limit that the reply arrived with. */
  ttl?: number;
  /** The sender of the reply or of the ICMP error: a router, or this namespace itself where a neighbour is not there. */
  from?: string;
  /**
   * Why the address is unreachable: 'EHOSTUNREACH', 'ENETUNREACH', …, as the kernel translates the ICMP error; or why
   * the request could not be sent: 'ENETUNREACH' without a route, 'EACCES' and 'EINVAL' for a route of the types prohibit
   * and blackhole, 'EPERM' where a firewall drops the request.
   */
  code?: string;
  /** The numbers of the ICMP or ICMPv6 error. Time exceeded, for one, is type 11 (ICMP) or 3 (ICMPv6). */
  icmp?: { type: number; code: number };
}
