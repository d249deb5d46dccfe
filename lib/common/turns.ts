/** Runs what is asked for under the same key one after the other, whether it succeeds or fails. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }

  /** Resolves when all that was asked for before has ended. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
