import { keyOf, type Process, send } from './processes';

/** Processes that are stopped by pauses, and by how many. */
export class Paused {
  readonly #counts = new Map<string, number>();

  /** Stops it. One that somebody else has stopped stays so. @returns whether it is one of the pause's. */
  stop(process: Process): boolean {
    const key = keyOf(process);
    const count = this.#counts.get(key);
    if (count === undefined && process.stopped) return false;
    send(process, 'SIGSTOP');
    this.#counts.set(key, (count ?? 0) + 1);
    return true;
  }

  goOn(process: Process): void {
    const key = keyOf(process);
    const count = (this.#counts.get(key) ?? 1) - 1;
    if (count > 0) {
      this.#counts.set(key, count);
      return;
    }
    this.#counts.delete(key);
    send(process, 'SIGCONT');
  }
}
