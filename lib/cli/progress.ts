/** Milliseconds between two pictures of the bar, and before the first. What is done sooner needs no bar. */
const PAUSE = 50;

const WIDTH = 30;

/** A line on the terminal of standard error that shows how much is done, and is gone at the end. Elsewhere nothing is printed. */
export class ProgressBar implements Disposable {
  readonly #out = process.stderr;
  #next = performance.now() + PAUSE;
  #shown = false;

  readonly show = (done: number, total: number): void => {
    const now = performance.now();
    if (!this.#out.isTTY || now < this.#next) return;
    this.#next = now + PAUSE;
    this.#shown = true;
    const full = Math.round((WIDTH * done) / total);
    this.#out.write(`\r[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${done} of ${total} steps\u001b[K`);
  };

  [Symbol.dispose](): void {
    if (this.#shown) this.#out.write('\r\u001b[K');
  }
}
