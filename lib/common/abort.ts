import { checkTime } from './check';
import { withCallers } from './stack';

/** Settles as the work does, or is rejected as soon as the signal is aborted; the work goes on then. */
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
 * The result of opening something, unless the signal is aborted first: then the result is closed as soon as it is there,
 * because nobody else has it.
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

/**
 * The least timeout by what it limits. 0 has a meaning for a wait, which then looks once, and for a ping, which then sends
 * and does not wait. Work that needs an answer refuses 0, because no answer comes in no time, and because 0 is no limit at
 * all to the sockets of node.
 */
const LEAST_TIMEOUT = { wait: 0, answer: 1 } as const;

/** An option `timeout` in milliseconds; undefined is no limit. */
export function checkTimeout(
  timeout: unknown,
  limited: keyof typeof LEAST_TIMEOUT,
  option = 'timeout',
): asserts timeout is number | undefined {
  if (timeout !== undefined) checkTime(option, timeout, LEAST_TIMEOUT[limited]);
}

/** What ends work before its time. */
export interface Limits {
  /** Milliseconds. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Aborted when a handle is closed that the work needs. */
  closing?: AbortSignal | undefined;
}

/**
 * Does work with a signal that is aborted, with its reason, as soon as one of the given signals is, or with the error of
 * `expired` when the time is up. The work has to heed the signal.
 */
export async function withDeadline<T>(
  { timeout, signal, closing }: Limits,
  expired: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signals = [signal, closing].filter((one) => one !== undefined);
  for (const one of signals) one.throwIfAborted();
  const controller = new AbortController();
  const abort = ({ target }: Event) => controller.abort((target as AbortSignal).reason);
  for (const one of signals) one.addEventListener('abort', abort, { once: true });
  let late: Error | undefined;
  const expire = () => {
    late = expired();
    controller.abort(late);
  };
  const timer = timeout === undefined ? undefined : setTimeout(expire, timeout).unref();
  try {
    return await work(controller.signal);
  } catch (error) {
    // made by a timer, which knows no caller
    throw error === late ? withCallers(error) : error;
  } finally {
    clearTimeout(timer);
    for (const one of signals) one.removeEventListener('abort', abort);
  }
}
