import { constants } from 'node:os';
import { randomInt } from 'node:crypto';
import { toNetnsError } from '../netns/netns-error';
import { openEventSocket, readEvents } from '../netns/event-socket';
import { type Descriptor, native } from '../addon/native';
import type { Netns } from '../netns/netns';
import { printSent } from '../netlink/diagnostics';
import { NetlinkError } from '../netlink/error';
import {
  type Message,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  readAcknowledgement,
  setSequence,
} from '../netlink/message';
import type { Request } from '../netlink/object';
import type { Kind } from './kinds';
import type { Difference } from './store';
import { WatchedKind } from './watched-kind';

const { ENOBUFS } = constants.errno;

export const OPERATION = 'watch namespace';

/** Events that may wait for the consumer, besides one for each object that there is. */
const MOST_WAITING = 16_384;

/** Takes what a session finds. */
export interface WatchListener {
  /** Differences of one kind; `recovered` where events were lost, and the differences come from a dump. */
  changed(kind: Kind, differences: readonly Difference[], recovered: boolean): void;
  /** All objects that were there at the beginning have been reported. */
  ready(): void;
  failed(error: unknown): void;
  /** How many events the consumer has not taken yet. */
  waiting(): number;
}

interface Dump {
  watched: WatchedKind;
  request: Request<unknown>;
  sequence: number;
}

interface Feed {
  socket: Descriptor;
  /** Closes the socket, too. */
  stop: () => void;
}

/**
 * Follows the objects of a namespace. Events and dumps come over one socket, so that all of them come in the order in
 * which they happened. Where events were lost, by the kernel or on purpose while the consumer is away, a session begins
 * again with a new socket, because the old one goes on to drop events without a report until it has been read empty;
 * the differences then come from the dumps.
 */
export class WatchSession {
  readonly #netns: Netns;
  readonly #all: readonly WatchedKind[];
  readonly #receiveBuffer: number;
  readonly #listener: WatchListener;
  #feed: Feed | undefined;
  #stopped = false;
  /** Whether all objects of the beginning have been reported. */
  #ready = false;
  /** Events are missing. */
  #lost = false;
  /** The consumer is behind, and so the socket is closed. */
  #paused = false;
  /** The dump that is under way. */
  #dump: Dump | undefined;
  readonly #toDump = new Set<WatchedKind>();

  constructor(netns: Netns, kinds: readonly Kind[], receiveBuffer: number, listener: WatchListener) {
    this.#netns = netns;
    this.#all = kinds.map((kind) => new WatchedKind(kind));
    this.#receiveBuffer = receiveBuffer;
    this.#listener = listener;
  }

  start(): void {
    this.#lost = false;
    for (const watched of this.#all) {
      watched.restart();
      this.#toDump.add(watched);
    }
    this.#open().catch((error: unknown) => this.#fail(error));
  }

  stop(): void {
    this.#stopped = true;
    this.#close();
  }

  /** The consumer has caught up. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.start();
  }

  async #open(): Promise<void> {
    const groups = [...new Set(this.#all.flatMap(({ kind }) => kind.groups))];
    const socket = await openEventSocket(this.#netns, OPERATION, groups, this.#receiveBuffer);
    if (this.#stopped) {
      socket.close();
      return;
    }
    const stop = readEvents(this.#netns, OPERATION, 'route', socket, {
      message: (message) => this.#read(message),
      lost: () => {
        this.#lost = true;
      },
      failed: (error) => this.#fail(error),
      caughtUp: () => this.#continue(),
    });
    this.#feed = { socket, stop };
    this.#startDump();
  }

  #close(): void {
    this.#feed?.stop();
    this.#feed = undefined;
    this.#dump = undefined;
    this.#toDump.clear();
  }

  #fail(error: unknown): void {
    if (!this.#stopped) this.#listener.failed(error);
  }

  #read(message: Message): void {
    const dump = message.sequence === this.#dump?.sequence ? this.#dump : undefined;
    if (dump !== undefined && (isEnd(message) || (message.flags & NLM_F_MULTI) !== 0))
      this.#dumped(dump, message);
    else if (!isEnd(message)) this.#event(message);
  }

  /** Unlike an event, a part of a dump that cannot be decoded ends the watch, because an object would be missing. */
  #dumped({ watched, request }: Dump, message: Message): void {
    try {
      if (isEnd(message)) this.#endDump(watched, request, message);
      else watched.collect(message, wasInterrupted(message));
    } catch (error) {
      this.#fail(error);
    }
  }

  #event(message: Message): void {
    for (const watched of this.#all) {
      const differences = watched.event(message);
      if (this.#ready) this.#report(watched, differences, false);
      if (watched.needsDumpAfter(message)) this.#toDump.add(watched);
    }
  }

  #endDump(watched: WatchedKind, { attempt }: Request<unknown>, message: Message): void {
    this.#dump = undefined;
    const { errno, sentence } = readAcknowledgement(message);
    if (errno === ENOBUFS) {
      // The dump found no room to begin. The kernel may, or may not, go on with it nevertheless.
      this.#lost = true;
      this.#restart();
      return;
    }
    const none = watched.kind.noneAfter?.includes(errno) === true;
    if (errno !== 0 && !none) throw this.#refused(attempt, errno, sentence);
    const recovered = !watched.current;
    const differences = watched.endDump(wasInterrupted(message));
    if (differences === undefined) this.#toDump.add(watched);
    else if (this.#ready) this.#report(watched, differences, recovered);
  }

  /** Decides what comes next, after all received messages have been read. */
  #continue(): void {
    const complete = this.#all.every(({ current }) => current);
    if (complete && !this.#ready) this.#begin();
    // All dumps end before the session begins again, though they be out of date by then: a part of the state is of no use.
    if (complete && this.#lost) this.#restart();
    else if (this.#listener.waiting() > MOST_WAITING + this.#size()) this.#pause();
    else this.#startDump();
  }

  #begin(): void {
    this.#ready = true;
    for (const { kind, store } of this.#all) {
      const present = [...store.values()].map((value) => ({ change: 'present' as const, value }));
      this.#listener.changed(kind, present, false);
    }
    this.#listener.ready();
  }

  #restart(): void {
    this.#close();
    this.start();
  }

  #pause(): void {
    this.#close();
    this.#paused = true;
  }

  #size(): number {
    return this.#all.reduce((sum, { store }) => sum + store.size, 0);
  }

  #report({ kind }: WatchedKind, differences: readonly Difference[], recovered: boolean): void {
    if (differences.length > 0) this.#listener.changed(kind, differences, recovered);
  }

  /** One dump at a time, because the kernel refuses a second one on the same socket. */
  #startDump(): void {
    const [watched] = this.#toDump;
    const feed = this.#feed;
    if (feed === undefined || this.#dump !== undefined || watched === undefined) return;
    this.#toDump.delete(watched);
    watched.beginDump();
    const request = watched.kind.dump();
    // Events have the sequence numbers of the requests that caused them, which count from 1 or from the time of day.
    const sequence = randomInt(0x80000000, 0x100000000);
    setSequence(request.bytes, sequence);
    printSent(this.#netns.toString(), [request]);
    this.#dump = { watched, request, sequence };
    const send = async () => native().sendRequest(feed.socket, request.bytes);
    send().catch((error: unknown) => {
      if (this.#feed === feed) this.#fail(toNetnsError(error, OPERATION, this.#netns.toString()));
    });
  }

  #refused(attempt: Request<unknown>['attempt'], errno: number, sentence?: string): NetlinkError {
    return new NetlinkError({ ...attempt, errno, netns: this.#netns.toString(), sentence });
  }
}

function isEnd({ type }: Message): boolean {
  return type === NLMSG_DONE || type === NLMSG_ERROR;
}

function wasInterrupted({ flags }: Message): boolean {
  return (flags & NLM_F_DUMP_INTR) !== 0;
}
