import { constants } from 'node:os';
import { randomInt } from 'node:crypto';
import { toNetnsError } from '../netns/netns-error';
import { openEventSocket } from '../netns/event-socket';
import { type Descriptor, native, type Received } from '../addon/native';
import type { Netns } from '../netns/netns';
import { Bytes } from '../netlink/bytes';
import { NetlinkError } from '../netlink/error';
import {
  type Message,
  messages,
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
import { Watched } from './watched-kind';

const { ENOBUFS } = constants.errno;

const OPERATION = 'watch namespace';

/** Events that may wait for the consumer, besides one for each object that there is. */
const MOST_WAITING = 16_384;

/** Where a session's findings go. */
export interface Listener {
  /** Differences of one kind; `recovered` where events were lost, and a dump has told them. */
  changed(kind: Kind, differences: readonly Difference[], recovered: boolean): void;
  /** All that there is has been told. */
  ready(): void;
  failed(error: unknown): void;
  /** How many events the consumer has yet to take. */
  waiting(): number;
}

interface Feed {
  socket: Descriptor;
  stop: () => void;
}

/**
 * Keeps up with what is in a namespace. One socket is told of events and asked for dumps, so that all of it comes in
 * the order in which it happened. Where events were lost, by the kernel or on purpose while the consumer is away, a new
 * socket begins anew, and the dumps tell what is different: one that has overflowed drops more, silently, until it has
 * been read empty.
 */
export class WatchSession {
  readonly #netns: Netns;
  readonly #all: readonly Watched[];
  readonly #receiveBuffer: number;
  readonly #listener: Listener;
  #feed: Feed | undefined;
  #stopped = false;
  /** Whether the consumer has been told of all that there was. */
  #ready = false;
  /** Events are missing. */
  #lost = false;
  /** The consumer is behind, and nobody listens. */
  #paused = false;
  #asked: { watched: Watched; request: Request<unknown>; sequence: number } | undefined;
  readonly #toAsk = new Set<Watched>();

  constructor(netns: Netns, kinds: readonly Kind[], receiveBuffer: number, listener: Listener) {
    this.#netns = netns;
    this.#all = kinds.map((kind) => new Watched(kind));
    this.#receiveBuffer = receiveBuffer;
    this.#listener = listener;
  }

  start(): void {
    this.#lost = false;
    for (const watched of this.#all) {
      watched.restart();
      this.#toAsk.add(watched);
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
    const stop = native().watchSocket(socket, true, (received) => {
      try {
        this.#take(received);
      } catch (error) {
        this.#fail(error);
      }
    });
    this.#feed = { socket, stop };
    this.#ask();
  }

  #close(): void {
    this.#feed?.stop();
    this.#feed?.socket.close();
    this.#feed = undefined;
    this.#asked = undefined;
    this.#toAsk.clear();
  }

  #fail(error: unknown): void {
    if (!this.#stopped) this.#listener.failed(error);
  }

  #take(received: readonly Received[]): void {
    const feed = this.#feed;
    for (const item of received) {
      if (!('errno' in item)) this.#read(item.bytes);
      else if (item.errno === ENOBUFS) this.#lost = true;
      else throw this.#refused({ operation: 'receive events' }, item.errno);
      if (this.#feed !== feed) return; // closed by what came
    }
    this.#consider();
  }

  #read(bytes: Buffer): void {
    for (const message of messages(new Bytes(bytes))) {
      const asked = message.sequence === this.#asked?.sequence ? this.#asked : undefined;
      if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) {
        if (asked !== undefined) this.#answered(asked.watched, asked.request, message);
      } else if (asked !== undefined && (message.flags & NLM_F_MULTI) !== 0) {
        asked.watched.collect(message, wasInterrupted(message));
      } else {
        this.#event(message);
      }
      if (this.#feed === undefined) return;
    }
  }

  #event(message: Message): void {
    for (const watched of this.#all) {
      const differences = watched.event(message);
      if (this.#ready) this.#tell(watched, differences, false);
      if (watched.isSilence(message)) this.#toAsk.add(watched);
    }
  }

  #answered(watched: Watched, { attempt }: Request<unknown>, message: Message): void {
    this.#asked = undefined;
    const { errno, sentence } = readAcknowledgement(message);
    if (errno === ENOBUFS) {
      // there was no room for the dump to begin: it may, or may not, go on nevertheless
      this.#lost = true;
      this.#again();
      return;
    }
    if (errno !== 0) throw this.#refused(attempt, errno, sentence);
    const recovered = !watched.current;
    const differences = watched.endDump(wasInterrupted(message));
    if (differences === undefined) this.#toAsk.add(watched);
    else if (this.#ready) this.#tell(watched, differences, recovered);
  }

  /** What there is to do after all that came has been read. */
  #consider(): void {
    const complete = this.#all.every(({ current }) => current);
    if (complete && !this.#ready) this.#begin();
    // Half a picture is of no use: dumps are seen to their end, though they be out of date by then.
    if (complete && this.#lost) this.#again();
    else if (this.#listener.waiting() > MOST_WAITING + this.#size()) this.#pause();
    else this.#ask();
  }

  #begin(): void {
    this.#ready = true;
    for (const { kind, store } of this.#all) {
      const present = [...store.values()].map((value) => ({ change: 'present' as const, value }));
      this.#listener.changed(kind, present, false);
    }
    this.#listener.ready();
  }

  #again(): void {
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

  #tell({ kind }: Watched, differences: readonly Difference[], recovered: boolean): void {
    if (differences.length > 0) this.#listener.changed(kind, differences, recovered);
  }

  /** One dump at a time: the kernel refuses a second one on the same socket. */
  #ask(): void {
    const [watched] = this.#toAsk;
    const feed = this.#feed;
    if (feed === undefined || this.#asked !== undefined || watched === undefined) return;
    this.#toAsk.delete(watched);
    watched.beginDump();
    const request = watched.kind.dump();
    // events bear the numbers of the requests that caused them, which count from 1 or from the time of day
    const sequence = randomInt(0x80000000, 0x100000000);
    setSequence(request.bytes, sequence);
    this.#asked = { watched, request, sequence };
    native()
      .sendRequest(feed.socket, request.bytes)
      .catch((error: unknown) => {
        if (this.#feed === feed) this.#fail(toNetnsError(error, OPERATION, this.#netns.toString()));
      });
  }

  #refused(attempt: Request<unknown>['attempt'], errno: number, sentence?: string): NetlinkError {
    return new NetlinkError({ ...attempt, errno, netns: this.#netns.toString(), sentence });
  }
}

function wasInterrupted({ flags }: Message): boolean {
  return (flags & NLM_F_DUMP_INTR) !== 0;
}
