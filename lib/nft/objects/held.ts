import type { NamedReference, TableReference } from '../language/model';
import { type Interval, isFree, isHeld, merge, nearest, overlapping, subtract } from './intervals';

// What sets with `autoMerge` hold in the course of a transaction: first what the kernel listed, then what each operation has
// left. Only the difference is sent, because the kernel (6.18) does not find an interval that the transaction has added where
// the transaction has deleted another one with an end in common.

/** The intervals of one set, from low to high. */
export interface Content {
  set: NamedReference;
  intervals: readonly Interval[];
}

interface Held extends Content {
  /** Intervals that the kernel has, but the set no longer holds. Each has the cause for which it is removed. */
  removed: Interval[];
  /** Index of the last operation on the set's elements. */
  last: number;
}

export class HeldIntervals {
  /** What the set holds with a cause is to be added. */
  readonly sets: Held[];

  constructor(listed: readonly Content[]) {
    this.sets = listed.map(({ set, intervals }) => ({ set, intervals, removed: [], last: 0 }));
  }

  /** The first interval of which the set or the list itself holds a value already. */
  taken(set: NamedReference, wanted: readonly Interval[]): Interval | undefined {
    const { intervals } = this.#of(set);
    return wanted.find((one) => !isFree(intervals, one)) ?? overlapping(wanted);
  }

  add(set: NamedReference, wanted: readonly Interval[], index: number): void {
    const held = this.#of(set);
    const merged = merge([...held.intervals, ...wanted]);
    replace(held, merged, merged, index);
  }

  /** The first interval that is not in the set, not all of it in one interval, or twice in the list. */
  missing(set: NamedReference, keys: readonly Interval[]): Interval | undefined {
    const { intervals } = this.#of(set);
    return keys.find((key) => !isHeld(intervals, key)) ?? overlapping(keys);
  }

  /** Takes values out, as far as they are in the set. */
  remove(set: NamedReference, keys: readonly Interval[], index: number): void {
    const held = this.#of(set);
    const parts = merge(keys);
    replace(held, subtract(held.intervals, parts), parts, index);
  }

  /** Forgets what was in a set, in those of a table, in those of a family, or in all, because the kernel empties them. */
  empty({ family, name }: Partial<TableReference>, set?: string): void {
    for (const held of this.sets) {
      const { table, name: own } = held.set;
      const isOther =
        (family ?? table.family) !== table.family ||
        (name ?? table.name) !== table.name ||
        (set ?? own) !== own;
      if (isOther) continue;
      held.intervals = [];
      held.removed = [];
    }
  }

  #of(set: NamedReference): Held {
    const known = this.sets.find((one) => isSame(one.set, set));
    if (known !== undefined) return known;
    const held = { set, intervals: [], removed: [], last: 0 };
    this.sets.push(held);
    return held;
  }
}

export function isSame(a: NamedReference, b: NamedReference): boolean {
  return a.name === b.name && a.table.name === b.table.name && a.table.family === b.table.family;
}

/** Notes what a set holds after an operation. What is removed is blamed on the interval that covers it. */
function replace(
  held: Held,
  intervals: readonly Interval[],
  causes: readonly Interval[],
  index: number,
): void {
  const kept = new Set(intervals);
  for (const interval of held.intervals) {
    if (interval.cause !== undefined || kept.has(interval)) continue;
    held.removed.push({ ...interval, cause: nearest(causes, interval)?.cause });
  }
  held.intervals = intervals;
  held.last = index;
}
