/**
 * A set of numbers, stored as sorted ranges: a whole subnet takes as much memory as one address. A look-up takes O(log n)
 * of the ranges.
 */
export class NumberRanges {
  readonly #firsts: bigint[] = [];
  readonly #lasts: bigint[] = [];
  #size = 0n;

  /** How many numbers the set has. */
  get size(): bigint {
    return this.#size;
  }

  has(number: bigint): boolean {
    return this.after(number) !== number;
  }

  /** The first number from this one on that is not in the set. */
  after(number: bigint): bigint {
    const last = this.#lasts[this.#rangeBefore(number)];
    return last !== undefined && last >= number ? last + 1n : number;
  }

  add(first: bigint, last = first): void {
    // The new range overlaps with or touches the ranges from `from` to before `to`.
    let from = this.#rangeBefore(first);
    if (from < 0 || (this.#lasts[from] ?? 0n) < first - 1n) from++;
    const to = this.#rangeBefore(last + 1n) + 1;
    for (let i = from; i < to; i++) this.#size -= this.#length(i);
    const start = min(first, this.#firsts[from] ?? first);
    const end = max(last, this.#lasts[to - 1] ?? last);
    if (to === from + 1) {
      this.#firsts[from] = start;
      this.#lasts[from] = end;
    } else {
      this.#firsts.splice(from, to - from, start);
      this.#lasts.splice(from, to - from, end);
    }
    this.#size += end - start + 1n;
  }

  *[Symbol.iterator](): Generator<readonly [first: bigint, last: bigint]> {
    for (const [i, first] of this.#firsts.entries()) yield [first, this.#lasts[i] ?? first];
  }

  #length(i: number): bigint {
    return (this.#lasts[i] ?? 0n) - (this.#firsts[i] ?? 0n) + 1n;
  }

  /** Position of the last range that begins at this number or before it; -1 where there is none. */
  #rangeBefore(number: bigint): number {
    let low = 0;
    let high = this.#firsts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#firsts[middle] ?? 0n) <= number) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
