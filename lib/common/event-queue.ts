/** Where the events of a queue come from. */
export interface Source {
  /** Called by the first `next()`. */
  start(): void;
  /** Called once: nothing is wanted any more. */
  stop(): void;
  /** Called when the consumer has taken all that there is, and waits for more. */
  drained?(): void;
}

interface Waiting<T> {
  resolve: (result: IteratorResult<T, undefined>) => void;
  reject: (error: unknown) => void;
}

/**
 * What comes in its own time, for one consumer in its own time. It begins with the first `next()`, and ends when the
 * consumer leaves its loop, when one of the signals is aborted, or by an error; what has not been taken by then is
 * dropped, and the consumer told why.
 */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #source: Source;
  readonly #signals: readonly AbortSignal[];
  #state: 'new' | 'open' | 'ended' = 'new';
  #items: T[] = [];
  /** How many of them have been taken. */
  #taken = 0;
  readonly #waiting: Waiting<T>[] = [];
  /** What the next `next()` is to be told. */
  #failure: { error: unknown } | undefined;

  constructor(source: Source, signals: readonly (AbortSignal | undefined)[]) {
    this.#source = source;
    this.#signals = signals.filter((signal) => signal !== undefined);
  }

  /** How many wait for the consumer. */
  get length(): number {
    return this.#items.length - this.#taken;
  }

  push(items: readonly T[]): void {
    if (this.#state !== 'open') return;
    for (const value of items) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#items.push(value);
      else waiting.resolve({ value, done: false });
    }
  }

  fail(error: unknown): void {
    if (this.#state === 'ended') return;
    this.#failure = { error };
    this.#end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state === 'new') this.#start();
    return new Promise((resolve, reject) => {
      if (this.length > 0) {
        resolve({ value: this.#take(), done: false });
      } else {
        this.#waiting.push({ resolve, reject });
        if (this.#state === 'open') this.#source.drained?.();
        else this.#dismiss();
      }
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #take(): T {
    const value = this.#items[this.#taken++] as T;
    if (this.#taken === this.#items.length) {
      this.#items = [];
      this.#taken = 0;
    }
    return value;
  }

  #start(): void {
    this.#state = 'open';
    for (const signal of this.#signals) {
      signal.addEventListener('abort', this.#onAbort);
      if (signal.aborted) this.#onAbort({ target: signal });
    }
    if (this.#isOpen()) this.#source.start();
  }

  #isOpen(): boolean {
    return this.#state === 'open';
  }

  readonly #onAbort = ({ target }: { target: unknown }) => this.fail((target as AbortSignal).reason);

  #end(): void {
    const started = this.#state === 'open';
    this.#state = 'ended';
    this.#items = [];
    this.#taken = 0;
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#onAbort);
    if (started) this.#source.stop();
    this.#dismiss();
  }

  #dismiss(): void {
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure === undefined) resolve({ value: undefined, done: true });
      else reject(failure.error);
    }
  }
}

/** For one loop, or for `next()` and `return()`; `await using` ends it as leaving the loop does. */
export type EventIterator<T> = AsyncIterableIterator<T, undefined> & AsyncDisposable;
