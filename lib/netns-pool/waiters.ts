import { type Limits, withDeadline } from '../common/abort';

interface Waiter<T, How> {
  readonly how: How;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Those who wait for something, in the order in which they came. */
export class Waiters<T, How = undefined> {
  readonly #waiting = new Set<Waiter<T, How>>();

  /** How many wait. */
  get length(): number {
    return this.#waiting.size;
  }

  /** How many of them wait in a certain way. */
  count(is: (how: How) => boolean): number {
    let count = 0;
    for (const { how } of this.#waiting) if (is(how)) count++;
    return count;
  }

  /** Waits, at most until the limits end that. `begun` is called when it is one of those who wait, `left` when it has given up. */
  async wait(
    how: How,
    limits: Limits,
    expired: () => Error,
    { begun, left }: { begun: () => void; left: () => void },
  ): Promise<T> {
    return withDeadline(limits, expired, async (limit) => {
      return new Promise<T>((resolve, reject) => {
        const waiter = { how, resolve, reject };
        this.#waiting.add(waiter);
        const leave = () => {
          if (!this.#waiting.delete(waiter)) return; // it has been given something in the same turn
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's own
          reject(limit.reason);
          left();
        };
        limit.addEventListener('abort', leave, { once: true });
        begun();
      });
    });
  }

  /** Gives it to the one who has waited for the longest time. */
  give(value: T): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first.resolve(value);
  }

  giveAll(value: T): void {
    while (this.#waiting.size > 0) this.give(value);
  }

  /** Ends all waits by an error. */
  fail(reasonOf: () => unknown): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.reject(reasonOf());
    }
  }
}
