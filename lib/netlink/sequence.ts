/** The numbers of requests. Answers have the numbers of what they answer. */
export class Sequence {
  #next: number;

  constructor(first = 1) {
    this.#next = first;
  }

  /** @returns the first of so many numbers in a row. */
  take(count: number): number {
    const first = this.#next;
    this.#next = (first + count) >>> 0;
    return first;
  }
}

/**
 * Of exchanges that have nothing but the socket in common. An answer that could not be read waits in the socket, and the
 * next exchange gets it: by its number, it is nobody's.
 */
export const exchangeNumbers = new Sequence();
