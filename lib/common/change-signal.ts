/** Changes that are noted for one who waits for them: several that come meanwhile are one. */
export class ChangeSignal {
  #changed = false;
  #failure: { error: unknown } | undefined;
  #wake: () => void = () => undefined;

  /** With a failure, the waiting is rejected from now on. */
  note(failure?: { error: unknown }): void {
    this.#failure ??= failure;
    this.#changed = true;
    this.#wake();
  }

  /** Ends the waiting that is under way, without a change. */
  wake(): void {
    this.#wake();
  }

  /** Resolves after a change since the last call, or after so many milliseconds. */
  async next(longest?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (longest !== undefined) timer = setTimeout(resolve, longest);
      });
    }
    clearTimeout(timer);
    this.#changed = false;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
