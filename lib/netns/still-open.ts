import { takingBack } from '../common/take-back';
import type { Netns } from './netns';
import { NetnsError } from './netns-error';
import { openNetns } from './open';

/**
 * Works by a handle that is lent, `fd` being its descriptor. Where the handle is closed, before or in the midst of it, the
 * work is done once more by a handle of its own, because what was made has to be taken back all the same.
 */
export async function withStillOpen<T>(
  netns: Netns,
  fd: number,
  work: (handle: Netns) => Promise<T>,
): Promise<T> {
  try {
    return await work(netns);
  } catch (error) {
    if (netns.open || !(error instanceof NetnsError)) throw error;
    await using own = await openNetns({ fd });
    return await work(own);
  }
}

/** Takes back what was made in a namespace by a handle that is lent, as `takingBack` does. Each step is given a handle. */
export async function takingBackIn(
  netns: Netns,
  fd: number,
  failure: unknown,
  ...undo: ((handle: Netns) => unknown)[]
): Promise<never> {
  return takingBack(
    failure,
    ...undo.map((step) => async () => withStillOpen(netns, fd, async (handle) => await step(handle))),
  );
}
