import { constants } from 'node:os';
import { isTraced, traced } from './diagnostics';
import { DumpInterruptedError, NetlinkError } from './error';
import type { Replies } from './message';
import type { Request } from './object';
import { type Outcome, Pack } from './pack';
import { Sequence } from './sequence';
import type { Reply } from '../addon/native';
import { isSystemError } from '../common/system-error';
import { WANTS } from '../common/wants';

/** Sends one datagram and collects all that the kernel answers. A fake kernel is one function. */
export type Transact = (request: Uint8Array) => Promise<Reply>;

// The kernel takes about 200 kB in one sendmsg. More than this gained nothing.
const PACK_BYTES = 64 * 1024;
// Every answer waits in the socket's receive buffer until the last request of a pack is done. An
// acknowledgement takes 832 bytes of it (6.18: 256 of them fill the default 212,992), a link up to 5 kB. Half
// of the default, so that a refused SO_RCVBUFFORCE and a long extack still leave room.
const PACK_ANSWERS = 106_496;
const ANSWER_ACK = 832;
const ANSWER_OBJECT = 5120;

const answerOf = ({ replies }: Request<unknown>): number => (replies ? ANSWER_OBJECT : ANSWER_ACK);

const DUMP_ATTEMPTS = 10;

const { EINTR } = constants.errno;

interface Pending {
  readonly request: Request<unknown>;
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
  /** What the answers to all that waits will take. */
  #room = 0;
  #closed: Error | undefined;

  constructor(
    private readonly transact: Transact,
    /** What errors call the namespace. */
    private readonly netns: string,
    private readonly numbers = new Sequence(),
  ) {}

  request<T>(request: Request<T>): Promise<T> {
    if (!isTraced()) return this.#enqueue(request);
    return traced(this.netns, request.attempt, request, () => this.#enqueue(request));
  }

  #enqueue<T>(request: Request<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(this.#closed);
        return;
      }
      this.#queue.push({ request, attempts: 0, resolve: resolve as Pending['resolve'], reject });
      this.#room += answerOf(request);
      // a full pack need not wait for the end of the tick, which may be far when hundreds are asked for
      if (this.#room >= PACK_ANSWERS && !this.#inFlight) this.#flush();
      else this.#schedule();
    });
  }

  /** What waits is rejected with the reason, as is all that comes later; what is in flight settles as ever. */
  close(reason: Error): void {
    this.#closed ??= reason;
    for (const pending of this.#takeFirst(this.#queue.length)) pending.reject(reason);
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight) return;
    this.#scheduled = true;
    // nextTick runs after the running microtasks when it is asked for by one of them: all that this tick's
    // promise reactions issue is in the pack.
    queueMicrotask(() => {
      process.nextTick(() => {
        this.#scheduled = false;
        if (!this.#inFlight) this.#flush();
      });
    });
  }

  #flush(): void {
    const taken = this.#take();
    if (taken.length === 0) return;
    this.#inFlight = true;
    const requests = taken.map(({ request }) => request);
    const pack = new Pack(requests, this.numbers.take(requests.length));
    pack.print(this.netns);
    this.transact(pack.datagram).then(
      (reply) => {
        this.#done(() => {
          const outcomes = pack.outcomes(reply, this.netns);
          taken.forEach((pending, i) => {
            this.#settle(pending, outcomes[i] as Outcome);
          });
        });
      },
      (error: unknown) => {
        this.#done(() => {
          for (const { request, reject } of taken) reject(this.#refused(request, error));
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

  #take(): Pending[] {
    let bytes = 0;
    let answers = 0;
    let count = 0;
    for (const { request } of this.#queue) {
      if (request.dump && count > 0) break;
      bytes += request.bytes.length;
      answers += answerOf(request);
      if (count > 0 && (bytes > PACK_BYTES || answers > PACK_ANSWERS)) break;
      count++;
      if (request.dump) break;
    }
    return this.#takeFirst(count);
  }

  #takeFirst(count: number): Pending[] {
    const taken = this.#queue.splice(0, count);
    for (const { request } of taken) this.#room -= answerOf(request);
    return taken;
  }

  #settle(pending: Pending, outcome: Outcome): void {
    if ('error' in outcome) pending.reject(outcome.error);
    else if ('value' in outcome) pending.resolve(outcome.value);
    else this.#repeat(pending, outcome.interrupted);
  }

  /** The addon's error, of before anything was sent, with what was asked for; anything else as it is. */
  #refused({ attempt }: Request<unknown>, error: unknown): unknown {
    if (!isSystemError(error)) return error;
    const { errno, syscall } = error;
    const want = WANTS[error.code];
    const sent = `nothing was sent (${syscall})${want === undefined ? '' : `: ${want}`}`;
    const reason = error.code === 'ECANCELED' ? undefined : sent;
    return new NetlinkError({ ...attempt, errno, netns: this.netns }, reason, { cause: error });
  }

  #repeat(pending: Pending, replies: Replies): void {
    if (++pending.attempts < DUMP_ATTEMPTS && this.#closed === undefined) {
      this.#queue.unshift(pending);
      this.#room += answerOf(pending.request);
      return;
    }
    try {
      const { request } = pending;
      const partial = request.parse(replies) as readonly unknown[];
      throw new DumpInterruptedError({ ...request.attempt, errno: EINTR, netns: this.netns }, partial);
    } catch (error) {
      pending.reject(error);
    }
  }
}
