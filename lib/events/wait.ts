import { constants } from 'node:os';
import { unlessAborted } from '../common/abort';
import { checkTime } from '../common/check';
import { NetnsError, toNetnsError } from '../netns/netns-error';
import { openEventSocket } from '../netns/event-socket';
import { native, type Received } from '../addon/native';
import type { Netns } from '../netns/netns';
import { Bytes } from '../netlink/bytes';
import { type Message, messages } from '../netlink/message';

export interface WaitOptions {
  /** Milliseconds; without it, it waits as long as it takes. */
  timeout?: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/** What is waited for, and how one comes to know of it. */
export interface Goal<T> {
  /** 'wait for link eth0 in namespace' */
  operation: string;
  /** Of the events that may bring it: linux/rtnetlink.h, RTNLGRP_*. */
  groups: readonly number[];
  /** Whether it is worth looking again after this message. */
  concerns(message: Message): boolean;
  /** What was waited for, or in words how it is instead. */
  look(): Promise<{ found: T } | { instead: string }>;
}

/**
 * Looks, and looks again after each event that concerns it. An event alone would not do: it may have waited while
 * what it tells of changed again.
 */
export async function waitFor<T>(netns: Netns, goal: Goal<T>, { timeout, signal }: WaitOptions): Promise<T> {
  if (timeout !== undefined) checkTime('timeout', timeout, 0);
  signal?.throwIfAborted();
  const limit = new AbortController();
  const search = new Search(netns, goal, limit);
  const timer =
    timeout === undefined ? undefined : setTimeout(() => limit.abort(search.timedOut(timeout)), timeout);
  const found = [limit.signal, netns.closing, signal].reduce(
    async (work, end) => unlessAborted(end, work),
    search.run(),
  );
  try {
    return await found;
  } finally {
    clearTimeout(timer);
    search.close();
    limit.abort(); // where another ended it, so that nothing listens any more
  }
}

class Search<T> {
  readonly #netns: Netns;
  readonly #goal: Goal<T>;
  readonly #limit: AbortController;
  #instead = 'it has not been looked at yet';
  #stop: () => void = () => undefined;
  #closed = false;
  #again = false;
  #wake: () => void = () => undefined;

  constructor(netns: Netns, goal: Goal<T>, limit: AbortController) {
    this.#netns = netns;
    this.#goal = goal;
    this.#limit = limit;
  }

  async run(): Promise<T> {
    await this.#open();
    for (;;) {
      this.#again = false;
      const seen = await this.#goal.look();
      if ('found' in seen) return seen.found;
      this.#instead = seen.instead;
      if (!this.#isWoken()) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #isWoken(): boolean {
    return this.#again;
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  timedOut(timeout: number): NetnsError {
    return new NetnsError({
      code: 'ETIMEDOUT',
      errno: constants.errno.ETIMEDOUT,
      operation: this.#goal.operation,
      netns: this.#netns.toString(),
      reason: `after ${timeout} ms ${this.#instead}`,
    });
  }

  async #open(): Promise<void> {
    const { operation, groups } = this.#goal;
    try {
      const socket = await openEventSocket(this.#netns, operation, groups);
      try {
        if (!this.#closed)
          this.#stop = native().watchSocket(socket, true, (received) => this.#take(received));
      } finally {
        socket.close(); // the watch holds it open
      }
    } catch (error) {
      throw toNetnsError(error, operation, this.#netns.toString());
    }
  }

  #take(received: readonly Received[]): void {
    try {
      if (!received.some((item) => this.#concerns(item))) return;
    } catch (error) {
      this.#limit.abort(error);
    }
    this.#again = true;
    this.#wake();
  }

  /** Where events were lost, it may have been one of them. */
  #concerns(item: Received): boolean {
    if ('errno' in item) return true;
    for (const message of messages(new Bytes(item.bytes))) if (this.#goal.concerns(message)) return true;
    return false;
  }
}
