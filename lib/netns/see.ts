import { openUnlessAborted, unlessAborted, withDeadline } from '../common/abort';
import type { Attempt } from '../netlink/error';
import type { Message } from '../netlink/message';
import { NetnsChanges } from './changes';
import type { Netns } from './netns';
import { NetnsError } from './netns-error';

// What the kernel leaves to a worker is done a moment after the request has been answered: after a millisecond, or tens of them on a busy machine.

/** The kernel is not waited for any longer than these milliseconds. */
const LONGEST = 2000;

/** Something that a worker of the kernel's does. */
export interface WorkersDeed {
  readonly attempt: Attempt;
  /** Groups of the events that come after it: linux/rtnetlink.h, RTNLGRP_*. */
  readonly groups: readonly number[];
  concerns(message: Message): boolean;
  /** Whether it is done. */
  look(): Promise<boolean>;
}

/**
 * Waits, but not for ever, until a worker of the kernel's has done something.
 *
 * @throws the signal's reason, and {@link NetnsError} ERR_NETNS_CLOSED where the handle is closed, both at once.
 */
export async function seeDone(netns: Netns, deed: WorkersDeed, signal?: AbortSignal): Promise<void> {
  if (await deed.look()) return;
  const timeUp = new Error('the kernel has not done it');
  const limits = { timeout: LONGEST, signal, closing: netns.closing };
  await withDeadline(
    limits,
    () => timeUp,
    async (limit) => waitUntilDone(netns, deed, limit),
  ).catch((error: unknown) => {
    if (error !== timeUp) throw error;
  });
}

async function waitUntilDone(netns: Netns, deed: WorkersDeed, limit: AbortSignal): Promise<void> {
  const opening = NetnsChanges.open(netns, deed.attempt.operation, deed.groups, (message) =>
    deed.concerns(message),
  );
  const changes = await openUnlessAborted(limit, opening, (late) => late.close()).catch(ignoringRefusal);
  if (changes === undefined) return;
  try {
    while (!(await unlessAborted(limit, deed.look()))) await unlessAborted(limit, changes.next());
  } finally {
    changes.close();
  }
}

/**
 * Where the system has no socket left to wait by, nobody waits: the objects are whole, and the kernel's worker comes all the
 * same. That is no reason to take them back.
 */
function ignoringRefusal(error: unknown): undefined {
  if (!(error instanceof NetnsError && error.errno !== undefined)) throw error;
}
