import { MessageChannel } from 'node:worker_threads';

/**
 * Calls a function in a later turn of the event loop, without keeping the process alive for that, and keeps it alive for as
 * long as that is asked for. A timer would come a millisecond later, and an immediate that is unref'd does not wake a loop
 * that sleeps (node 20).
 */
export class Prompter {
  readonly #ports = new MessageChannel();
  readonly #work: () => void;
  readonly #after: number;
  #prompted = false;
  #timer: NodeJS.Timeout | undefined;

  /** `after` is how many milliseconds pass since the last prompt; 0 is the next turn. */
  constructor(work: () => void, after: number) {
    this.#work = work;
    this.#after = after;
    const { port1, port2 } = this.#ports;
    port1.on('message', () => {
      this.#prompted = false;
      work();
    });
    port1.unref(); // a listener holds the process
    port2.unref();
  }

  prompt(): void {
    if (this.#after > 0) this.#wait();
    else this.#post();
  }

  /** Whether the process stays alive. */
  hold(held: boolean): void {
    if (held) this.#ports.port1.ref();
    else this.#ports.port1.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#ports.port1.close();
  }

  #post(): void {
    if (this.#prompted) return;
    this.#prompted = true;
    this.#ports.port2.postMessage(undefined);
  }

  #wait(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(this.#work, this.#after).unref();
    else this.#timer.refresh(); // which starts one again that has come
  }
}
