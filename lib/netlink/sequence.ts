/**
 * The numbers of the requests over one socket. Answers have the numbers of what they answer. An answer that could not be read
 * waits in the socket, and the next exchange gets it: by its number, it is nobody's.
 */
export class Sequence {
  #next = 1;

  /** @returns the first of so many numbers in a row. */
  take(count: number): number {
    const first = this.#next;
    this.#next = (first + count) >>> 0;
    return first;
  }
}
