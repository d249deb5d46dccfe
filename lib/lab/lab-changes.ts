import { openUnlessAborted } from '../common/abort';
import { allDone } from '../common/all-done';
import { ChangeSignal } from '../common/change-signal';
import { openEventSocket, readEvents } from '../netns/event-socket';
import type { Netns } from '../netns/netns';
import type { LabSpaces } from './read-things';

/** Changes in all namespaces of a lab. */
export class LabChanges {
  /** What ends the following of each namespace. */
  readonly #followed = new Map<Netns, () => void>();
  readonly #signal = new ChangeSignal();

  /** Follows events by their groups (linux/rtnetlink.h, RTNLGRP_*). */
  constructor(
    private readonly spaces: Pick<LabSpaces, 'switches' | 'nodes'>,
    private readonly operation: string,
    private readonly groups: readonly number[],
  ) {}

  /** Follows the namespaces that there are now. @returns whether some of them are new. */
  async follow(signal: AbortSignal): Promise<boolean> {
    const { switches, nodes } = this.spaces;
    const there = new Set([switches, ...nodes.values()].filter(({ open }) => open));
    for (const [netns, stop] of this.#followed) {
      if (there.has(netns)) continue;
      this.#followed.delete(netns);
      stop();
    }
    const fresh = [...there].filter((netns) => !this.#followed.has(netns));
    await allDone(fresh.map(async (netns) => this.#open(netns, signal)));
    return fresh.length > 0;
  }

  /** Resolves after a change since the last call. */
  async next(): Promise<void> {
    return this.#signal.next();
  }

  note(failure?: { error: unknown }): void {
    this.#signal.note(failure);
  }

  close(): void {
    for (const stop of this.#followed.values()) stop();
  }

  async #open(netns: Netns, signal: AbortSignal): Promise<void> {
    const opening = openEventSocket(netns, this.operation, this.groups);
    const socket = await openUnlessAborted(signal, opening, (late) => late.close());
    const stop = readEvents(netns, this.operation, 'route', socket, {
      message: () => this.note(),
      // one of those that were lost may have been a change
      lost: () => this.note(),
      // a node that is deleted meanwhile is a change like any other
      failed: (error) => this.note(netns.open ? { error } : undefined),
    });
    this.#followed.set(netns, stop);
  }
}
