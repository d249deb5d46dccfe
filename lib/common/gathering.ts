type Some<T> = readonly [T, ...T[]];
type Done = (failure?: { error: unknown }) => void;

/**
 * Does at once what several callers ask for. What is asked for under the same key while the work is under way waits, and is done
 * together next. It is for work that takes about as long for many things as for one.
 */
export class Gathering<K extends object, T> {
  readonly #waiting = new WeakMap<K, { thing: T; done: Done }[]>();

  /** `work` returns the errors of those things that it could not do. An error that it throws is that of all. */
  constructor(private readonly work: (key: K, things: Some<T>) => Promise<ReadonlyMap<T, unknown>>) {}

  /** Resolves when the thing is done, whichever others were done with it. */
  async add(key: K, thing: T): Promise<void> {
    const failure = await new Promise<{ error: unknown } | undefined>((done) => {
      const waiting = this.#waiting.get(key);
      if (waiting !== undefined) {
        waiting.push({ thing, done });
        return;
      }
      const first = [{ thing, done }];
      this.#waiting.set(key, first);
      void this.#goOn(key, first);
    });
    if (failure !== undefined) throw failure.error;
  }

  async #goOn(key: K, waiting: { thing: T; done: Done }[]): Promise<void> {
    for (;;) {
      await Promise.resolve(); // those who ask in the same turn come along
      const [first, ...others] = waiting.splice(0);
      if (first === undefined) break;
      const now = [first, ...others];
      try {
        const errors = await this.work(key, [first.thing, ...others.map(({ thing }) => thing)]);
        for (const { thing, done } of now) done(errors.has(thing) ? { error: errors.get(thing) } : undefined);
      } catch (error) {
        for (const { done } of now) done({ error });
      }
    }
    this.#waiting.delete(key);
  }
}
