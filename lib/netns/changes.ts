import { ChangeSignal } from '../common/change-signal';
import type { Message } from '../netlink/message';
import { openEventSocket, readEvents } from './event-socket';
import type { Netns } from './netns';

/**
 * Changes in a namespace, for a caller that looks again after each of them. An event alone would not do, because what it
 * reports may have changed again while it waited in the socket's buffer.
 */
export class NetnsChanges {
  #stopWatching: () => void = () => undefined;
  readonly #signal = new ChangeSignal();

  /** Follows events by their groups (linux/rtnetlink.h, RTNLGRP_*), of which only those that concern the caller count. */
  static async open(
    netns: Netns,
    operation: string,
    groups: readonly number[],
    concerns: (message: Message) => boolean = () => true,
  ): Promise<NetnsChanges> {
    const socket = await openEventSocket(netns, operation, groups);
    const changes = new NetnsChanges();
    changes.#stopWatching = readEvents(netns, operation, 'route', socket, {
      message: (message) => {
        if (concerns(message)) changes.#signal.note();
      },
      // one of those that were lost may have been a change
      lost: () => changes.#signal.note(),
      failed: (error) => changes.#signal.note({ error }),
    });
    return changes;
  }

  /** Resolves after a change since the last call, or after so many milliseconds. */
  async next(longest?: number): Promise<void> {
    return this.#signal.next(longest);
  }

  close(): void {
    this.#stopWatching();
    this.#signal.wake();
  }
}
