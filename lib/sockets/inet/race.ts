import { allFailed } from './socket-error';

/** Nobody gets to see it. */
const LOST = new Error('another attempt was faster');

/**
 * Happy Eyeballs (RFC 8305, section 5): tries the targets in their order, each when the one before has failed, or has
 * not succeeded for `delay` milliseconds; those go on meanwhile. The first to succeed wins, and the others are aborted.
 */
export async function race<T, R>(
  targets: readonly T[],
  attempt: (target: T, signal: AbortSignal) => Promise<R>,
  { delay, signal, discard }: { delay: number; signal: AbortSignal; discard: (late: R) => void },
): Promise<R> {
  signal.throwIfAborted();
  const [only] = targets;
  if (only !== undefined && targets.length === 1) return attempt(only, signal);
  const others = new AbortController();
  const abort = () => others.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const errors = new Map<number, Error>();
  let started = 0;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<R>((resolve, reject) => {
      const start = () => {
        clearTimeout(timer);
        const turn = started++;
        const target = targets[turn] as T;
        attempt(target, others.signal).then(
          (result) => {
            if (others.signal.aborted) {
              discard(result);
              // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's own
              reject(signal.reason); // unless another has won
              return;
            }
            others.abort(LOST);
            resolve(result);
          },
          (failure: unknown) => {
            const error = failure as Error;
            errors.set(turn, error);
            if (others.signal.aborted) reject(error);
            else if (started < targets.length) start();
            else if (errors.size === targets.length) reject(allFailed(inOrder(errors)));
          },
        );
        if (started < targets.length) timer = setTimeout(start, delay);
      };
      start();
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function inOrder(errors: Map<number, Error>): Error[] {
  return [...errors].sort(([a], [b]) => a - b).map(([, error]) => error);
}
