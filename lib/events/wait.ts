import { constants } from 'node:os';
import { checkTimeout, openUnlessAborted, unlessAborted, withDeadline } from '../common/abort';
import { NetnsChanges } from '../netns/changes';
import { NetnsError } from '../netns/netns-error';
import { isSignal, optionTable } from '../common/options';
import type { Netns } from '../netns/netns';
import type { Message } from '../netlink/message';

export interface WaitOptions {
  /**
   * Milliseconds, 0 to 2147483646, until the call is rejected with ETIMEDOUT. With 0 it looks once, for as long as that
   * takes. By default it waits as long as it takes.
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

/** Looks, and looks again after each event that concerns the goal. */
export async function waitFor<T>(netns: Netns, goal: Goal<T>, { timeout, signal }: WaitOptions): Promise<T> {
  checkTimeout(timeout, 'wait');
  const once = timeout === 0;
  let instead = 'it has not been looked at yet';
  const timedOut = () => timeoutError(netns, goal.operation, `after ${timeout} ms ${instead}`);
  const limits = { timeout: once ? undefined : timeout, signal, closing: netns.closing };
  return withDeadline(limits, timedOut, async (limit) => {
    const opening = NetnsChanges.open(netns, goal.operation, goal.groups, (message) =>
      goal.concerns(message),
    );
    const changes = await openUnlessAborted(limit, opening, (late) => late.close());
    try {
      for (;;) {
        const seen = await unlessAborted(limit, goal.look());
        if ('found' in seen) return seen.found;
        instead = seen.instead;
        if (once) throw timedOut();
        await unlessAborted(limit, changes.next());
      }
    } finally {
      changes.close();
    }
  });
}

function timeoutError(netns: Netns, operation: string, reason: string): NetnsError {
  const errno = constants.errno.ETIMEDOUT;
  return new NetnsError({ code: 'ETIMEDOUT', errno, operation, netns: netns.toString(), reason });
}
