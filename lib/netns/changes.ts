import { native, type Received } from '../addon/native';
import { eventMessages } from '../netlink/diagnostics';
import type { Message } from '../netlink/message';
import { openEventSocket } from './event-socket';
import type { Netns } from './netns';
import { toNetnsError } from './netns-error';

/**
 * Changes in a namespace, for a caller that looks again after each of them. An event alone would not do, because what it
 * reports may have changed again while it waited in the socket's buffer.
 */
export class NetnsChanges {
  readonly #netns: string;
  readonly #concerns: (message: Message) => boolean;
  #stopWatching: () => void = () => undefined;
  #changed = false;
  #failure: { error: unknown } | undefined;
  #wake: () => void = () => undefined;

  /** Follows events by their groups (linux/rtnetlink.h, RTNLGRP_*), of which only those that concern the caller count. */
  static async open(
    netns: Netns,
    operation: string,
    groups: readonly number[],
    concerns: (message: Message) => boolean = () => true,
  ): Promise<NetnsChanges> {
    const socket = await openEventSocket(netns, operation, groups);
    try {
      const changes = new NetnsChanges(netns.toString(), concerns);
      changes.#stopWatching = native().watchSocket(socket, true, (received) => changes.#take(received));
      return changes;
    } catch (error) {
      throw toNetnsError(error, operation, netns.toString());
    } finally {
      socket.close(); // the watch holds it open
    }
  }

  private constructor(netns: string, concerns: (message: Message) => boolean) {
    this.#netns = netns;
    this.#concerns = concerns;
  }

  /** Resolves after a change since the last call, or after so many milliseconds. */
  async next(longest?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (longest !== undefined) timer = setTimeout(resolve, longest);
      });
    }
    clearTimeout(timer);
    this.#changed = false;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  close(): void {
    this.#stopWatching();
    this.#wake();
  }

  #take(received: readonly Received[]): void {
    try {
      if (!received.some((item) => this.#isChange(item))) return;
    } catch (error) {
      this.#failure = { error };
    }
    this.#changed = true;
    this.#wake();
  }

  /** Where events were lost (ENOBUFS), one of them may have been a change. */
  #isChange(item: Received): boolean {
    if ('errno' in item) return true;
    for (const message of eventMessages('route', item.bytes, this.#netns)) {
      if (this.#concerns(message)) return true;
    }
    return false;
  }
}
