import { checkTime } from './check';

/** Settles as the work does, or is rejected as soon as the signal says so; the work goes on then. */
export async function unlessAborted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's own
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * The result of opening something, unless the signal comes first: then it is closed as soon as it is there, for
 * nobody else would.
 */
export async function openUnlessAborted<T>(
  signal: AbortSignal | undefined,
  opening: Promise<T>,
  close: (late: T) => void,
): Promise<T> {
  try {
    return await unlessAborted(signal, opening);
  } catch (error) {
    opening.then(close, () => undefined);
    throw error;
  }
}

export function checkTimeout(timeout: unknown, option = 'timeout'): asserts timeout is number | undefined {
  if (timeout !== undefined) checkTime(option, timeout, 1);
}

/** What ends work before its time. */
export interface Limits {
  /** Milliseconds. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Does work with a signal that is aborted by the caller's own, or when the time is up, with the error of `expired`. */
export async function withDeadline<T>(
  { timeout, signal }: Limits,
  expired: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const timer =
    timeout === undefined ? undefined : setTimeout(() => controller.abort(expired()), timeout).unref();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
