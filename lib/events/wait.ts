import { constants } from 'node:os';
import { checkTimeout, openUnlessAborted, unlessAborted, withDeadline } from '../common/abort';
import { NetnsChanges } from '../netns/changes';
import { during, NetnsError } from '../netns/netns-error';
import { isSignal, optionTable } from '../common/options';
import type { Netns } from '../netns/netns';
import type { Message } from '../netlink/message';

/** How long it is waited. */
export interface WaitOptions {
  /**
   * Milliseconds, 0 to 2147483646, until the call is rejected with ETIMEDOUT. It looks at least once, for as long as that
   * takes, and with 0 not more often. By default it waits as long as it takes.
   */
  timeout?: number;
  /** Ends the waiting: the call is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** @internal */
export const WAIT_OPTIONS = optionTable<WaitOptions>({ timeout: true, signal: isSignal });

/** What is waited for, and the events that may bring it. */
export interface Goal<T> {
  /** 'wait for link eth0 in namespace' */
  operation: string;
  /** Groups of events: linux/rtnetlink.h, RTNLGRP_*. */
  groups: readonly number[];
  /** Whether it is worth looking again after this message. */
  concerns(message: Message): boolean;
  /** What was waited for, or in words how it is instead. */
  look(): Promise<{ found: T } | { instead: string }>;
}

/** Looks, and looks again after each event that concerns the goal. The first look takes as long as it takes. */
export async function waitFor<T>(netns: Netns, goal: Goal<T>, { timeout, signal }: WaitOptions): Promise<T> {
  checkTimeout(timeout, 'wait');
  const begin = performance.now();
  let instead = '';
  const timedOut = () => timeoutError(netns, goal.operation, `after ${timeout} ms ${instead}`);
  const waiting = withDeadline({ signal, closing: netns.closing }, timedOut, async (limit) => {
    const first = await unlessAborted(limit, goal.look());
    if ('found' in first) return first.found;
    instead = first.instead;
    const left = timeout === undefined ? undefined : timeout - (performance.now() - begin);
    if (left !== undefined && left <= 0) throw timedOut();
    return withDeadline({ timeout: left, signal: limit }, timedOut, async (deadline) => {
      const opening = NetnsChanges.open(netns, goal.operation, goal.groups, (message) =>
        goal.concerns(message),
      );
      const changes = await openUnlessAborted(deadline, opening, (late) => late.close());
      try {
        for (;;) {
          const seen = await unlessAborted(deadline, goal.look());
          if ('found' in seen) return seen.found;
          instead = seen.instead;
          await unlessAborted(deadline, changes.next());
        }
      } finally {
        changes.close();
      }
    });
  });
  return waiting.catch((error: unknown) => {
    throw during(error, goal.operation);
  });
}

function timeoutError(netns: Netns, operation: string, reason: string): NetnsError {
  const errno = constants.errno.ETIMEDOUT;
  return new NetnsError({ code: 'ETIMEDOUT', errno, operation, netns: netns.toString(), reason });
}
