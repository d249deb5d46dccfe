import { constants } from 'node:os';
import { pathAt } from './attributes';
import { Bytes } from './bytes';
import { DumpInterruptedError, NetlinkError } from './error';
import {
  type Acknowledgement,
  type Message,
  messages,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  readAcknowledgement,
  setSequence,
} from './message';
import type { Request } from './object';

/** Sends one datagram and collects all that the kernel answers. A fake kernel is one function. */
export type Transact = (request: Uint8Array) => Promise<{ bytes: Buffer; errno: number }>;

// The kernel takes about 200 kB in one sendmsg. More than this gained nothing.
const PACK_BYTES = 64 * 1024;
// Every answer waits in the socket's receive buffer until the last request of a pack is done. An
// acknowledgement takes 832 bytes of it (6.18: 256 of them fill the default 212,992), a link up to 5 kB. Half
// of the default, so that a refused SO_RCVBUFFORCE and a long extack still leave room.
const PACK_ANSWERS = 106_496;
const ANSWER_ACK = 832;
const ANSWER_OBJECT = 5120;

const DUMP_ATTEMPTS = 10;

const { EINTR, ENOBUFS } = constants.errno;

interface Pending {
  readonly request: Request<unknown>;
  sequence: number;
  attempts: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One netlink socket. Requests that are issued in one tick, or while others are in flight, wait in a queue and
 * leave packed in one sendmsg; each has its own result. At most one pack is in flight.
 */
export class Connection {
  #queue: Pending[] = [];
  #inFlight = false;
  #scheduled = false;
  #sequence = 0;
  #closed: Error | undefined;

  constructor(
    private readonly transact: Transact,
    /** What errors call the namespace. */
    private readonly netns: string,
  ) {}

  request<T>(request: Request<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(this.#closed);
        return;
      }
      this.#queue.push({ request, sequence: 0, attempts: 0, resolve: resolve as Pending['resolve'], reject });
      this.#schedule();
    });
  }

  /** What waits is rejected with the reason, as is all that comes later; what is in flight settles as ever. */
  close(reason: Error): void {
    this.#closed ??= reason;
    for (const pending of this.#queue.splice(0)) pending.reject(reason);
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight) return;
    this.#scheduled = true;
    // nextTick runs after the running microtasks when it is asked for by one of them: all that this tick's
    // promise reactions issue is in the pack.
    queueMicrotask(() => {
      process.nextTick(() => {
        this.#scheduled = false;
        this.#flush();
      });
    });
  }

  #flush(): void {
    const pack = this.#takePack();
    if (pack.length === 0) return;
    this.#inFlight = true;
    for (const pending of pack) {
      this.#sequence = (this.#sequence + 1) >>> 0;
      pending.sequence = this.#sequence;
      setSequence(pending.request.bytes, pending.sequence);
    }
    const first = pack[0]?.request.bytes ?? Buffer.alloc(0);
    const datagram = pack.length === 1 ? first : Buffer.concat(pack.map(({ request }) => request.bytes));
    this.transact(datagram).then(
      ({ bytes, errno }) => {
        this.#done(() => {
          this.#settle(pack, bytes, errno);
        });
      },
      (error: unknown) => {
        this.#done(() => {
          for (const { reject } of pack) reject(error);
        });
      },
    );
  }

  #done(settle: () => void): void {
    this.#inFlight = false;
    // The next pack first: the kernel works while JavaScript takes up these results.
    this.#flush();
    settle();
    if (this.#queue.length > 0) this.#schedule();
  }

  #takePack(): Pending[] {
    let bytes = 0;
    let answers = 0;
    let count = 0;
    for (const { request } of this.#queue) {
      if (request.dump && count > 0) break;
      bytes += request.bytes.length;
      answers += request.replies ? ANSWER_OBJECT : ANSWER_ACK;
      if (count > 0 && (bytes > PACK_BYTES || answers > PACK_ANSWERS)) break;
      count++;
      if (request.dump) break;
    }
    return this.#queue.splice(0, count);
  }

  #settle(pack: readonly Pending[], bytes: Buffer, errno: number): void {
    const replies = new Map<number, Message[]>();
    const ends = new Map<number, Message>();
    try {
      for (const message of messages(new Bytes(bytes))) {
        if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
          ends.set(message.sequence, message);
        } else {
          const before = replies.get(message.sequence);
          if (before === undefined) replies.set(message.sequence, [message]);
          else before.push(message);
        }
      }
    } catch (error) {
      for (const { reject } of pack) reject(error);
      return;
    }
    for (const pending of pack) {
      try {
        this.#conclude(pending, replies.get(pending.sequence) ?? [], ends.get(pending.sequence), errno);
      } catch (error) {
        pending.reject(error);
      }
    }
  }

  #conclude(pending: Pending, replies: readonly Message[], end: Message | undefined, errno: number): void {
    const { request } = pending;
    if (end === undefined) {
      throw this.#error(request, { errno: errno === 0 ? ENOBUFS : errno });
    }
    const acknowledgement = readAcknowledgement(end);
    if (acknowledgement.errno !== 0) throw this.#error(request, acknowledgement);
    if (request.dump && [...replies, end].some(({ flags }) => (flags & NLM_F_DUMP_INTR) !== 0)) {
      this.#repeat(pending, replies);
      return;
    }
    pending.resolve(request.parse(replies));
  }

  #repeat(pending: Pending, replies: readonly Message[]): void {
    if (++pending.attempts < DUMP_ATTEMPTS && this.#closed === undefined) {
      this.#queue.unshift(pending);
      return;
    }
    const { request } = pending;
    const partial = request.parse(replies) as readonly unknown[];
    throw new DumpInterruptedError({ ...request.attempt, errno: EINTR, netns: this.netns }, partial);
  }

  #error(
    { attempt, bytes, codec }: Request<unknown>,
    { errno, sentence, offset }: Acknowledgement,
  ): NetlinkError {
    let option: string | undefined;
    if (offset !== undefined) {
      const path = pathAt(codec, new Bytes(bytes), NLMSG_HDRLEN, bytes.length, offset);
      if (path.length > 0) option = path.join('.');
    }
    return new NetlinkError({ ...attempt, errno, netns: this.netns, sentence, option });
  }
}
