import type { Message } from '../netlink/message';
import { openEventSocket, readEvents } from './event-socket';
import type { Netns } from './netns';

/**
 * Changes in a namespace, for a caller that looks again after each of them. An event alone would not do, because what it
 * reports may have changed again while it waited in the socket's buffer.
 */
export class NetnsChanges {
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
      const changes = new NetnsChanges();
      changes.#stopWatching = readEvents(netns, 'route', socket, {
        message: (message) => {
          if (concerns(message)) changes.#note();
        },
        // one of those that were lost may have been a change
        lost: () => changes.#note(),
        failed: (error) => changes.#note({ error }),
      });
      return changes;
    } finally {
      socket.close(); // the watch holds it open
    }
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

  #note(failure?: { error: unknown }): void {
    this.#failure ??= failure;
    this.#changed = true;
    this.#wake();
  }
}
