/** Where the events of a queue come from. */
export interface Source {
  /** Called once, when the queue begins. */
  start(): void;
  /** Called once after `start`, when the queue ends. */
  stop(): void;
  /** Called when the consumer has taken all events, and waits for more. */
  drained?(): void;
  /** Called when the consumer has taken an event that waited, with the number of events that still wait. */
  taken?(left: number): void;
}

interface Waiting<T> {
  resolve: (result: IteratorResult<T, undefined>) => void;
  reject: (error: unknown) => void;
}

/**
 * Events that come in their own time, for one consumer in its own time. A queue begins with the first `next()`, or before
 * it by `start`. It ends when the consumer leaves its loop, when one of the signals is aborted, or by an error: events that
 * have not been taken by then are dropped, and the next `next()` is rejected with the reason. `finish` lets the consumer
 * take them first.
 */
export class EventQueue<T> implements AsyncIterableIterator<T, undefined>, AsyncDisposable {
  readonly #source: Source;
  readonly #signals: readonly AbortSignal[];
  readonly #inWords: (error: unknown) => unknown;
  #state: 'new' | 'open' | 'ended' = 'new';
  #items: T[] = [];
  /** How many of the items have been taken. */
  #taken = 0;
  readonly #waiting: Waiting<T>[] = [];
  /** The error for the next `next()` that finds no event. */
  #failure: { error: unknown } | undefined;

  /** `inWords` makes of an error what the consumer gets. */
  constructor(
    source: Source,
    signals: readonly (AbortSignal | undefined)[],
    inWords: (error: unknown) => unknown = (error) => error,
  ) {
    this.#source = source;
    this.#inWords = inWords;
    this.#signals = signals.filter((signal) => signal !== undefined);
  }

  /** How many events wait for the consumer. */
  get length(): number {
    return this.#items.length - this.#taken;
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'open';
    for (const signal of this.#signals) {
      signal.addEventListener('abort', this.#onAbort);
      if (!signal.aborted) continue;
      this.#onAbort({ target: signal }); // which removes the listeners
      return;
    }
    if (this.#isOpen()) this.#source.start();
  }

  push(items: readonly T[]): void {
    if (this.#state !== 'open') return;
    for (const value of items) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#items.push(value);
      else waiting.resolve({ value, done: false });
    }
  }

  /** Ends the queue at once, and drops the events that wait. */
  fail(error: unknown): void {
    if (this.#state === 'ended') return;
    this.#failure = { error: this.#inWords(error) };
    this.#clear();
    this.#end();
  }

  /** Ends the queue after the events that wait, by an error where one is given. */
  finish(failure?: { error: unknown }): void {
    if (this.#state === 'ended') return;
    this.#failure = failure;
    this.#end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    this.start();
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
    this.#failure = undefined;
    this.#clear();
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
    if (this.#taken === this.#items.length) this.#clear();
    this.#source.taken?.(this.length);
    return value;
  }

  #clear(): void {
    this.#items = [];
    this.#taken = 0;
  }

  #isOpen(): boolean {
    return this.#state === 'open';
  }

  readonly #onAbort = ({ target }: { target: unknown }) => this.fail((target as AbortSignal).reason);

  #end(): void {
    const started = this.#state === 'open';
    this.#state = 'ended';
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

/** For one loop, or for `next()` and `return()`; `await using` ends the iterator as leaving the loop does. */
export interface EventIterator<T> extends AsyncDisposable {
  /** The next event, as soon as there is one. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Itself: the events are for one loop. */
  [Symbol.asyncIterator](): EventIterator<T>;
  /** Ends the events, as leaving the loop does. */
  return(): Promise<IteratorResult<T, undefined>>;
}
