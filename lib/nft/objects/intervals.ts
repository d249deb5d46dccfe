import { ELEMENT_F } from '../../netlink/nfnetlink/element';
import { type ElementMessage, lastBefore, successor } from '../language/key';

// Intervals of a set whose keys have one part. The kernel keeps an interval as two elements, and neither merges nor divides
// intervals.

/** Which option of which operation asked for an interval. */
export interface Cause {
  readonly index: number;
  /** What an error of the operation names. */
  readonly operation: string;
  readonly option: string;
}

/** An interval, both ends included. */
export interface Interval {
  readonly from: Buffer;
  readonly to: Buffer;
  /** What the first of its two elements has besides the key: a timeout, a comment, a counter. */
  readonly start: ElementMessage;
  /** Undefined where the kernel listed the interval. */
  readonly cause?: Cause | undefined;
}

/** The two elements of an interval, or one where the interval includes the last of all values. */
export function intervalElements({ from, to, start }: Interval): ElementMessage[] {
  const end = successor(to);
  const first = { ...start, key: { value: from } };
  return end === undefined ? [first] : [first, { flags: ELEMENT_F.intervalEnd, key: { value: end } }];
}

/** The elements by which the kernel finds an interval. */
export function intervalKeys(interval: Interval): ElementMessage[] {
  return intervalElements({ ...interval, start: {} });
}

/** The intervals of elements that the kernel has listed, from low to high. */
export function listedIntervals(messages: readonly ElementMessage[]): Interval[] {
  // The kernel lists elements from high to low, and an end may come without a start.
  const sorted = messages
    .filter((message) => !isCatchall(message))
    .map((message) => ({ message, at: Buffer.from(message.key?.value ?? []) }))
    .sort((a, b) => Buffer.compare(a.at, b.at) || ending(b.message) - ending(a.message));
  return sorted.flatMap(({ message, at }, i) =>
    ending(message) === 1 ? [] : [{ from: at, to: lastBefore(sorted[i + 1]?.at, at.length), start: message }],
  );
}

export function isCatchall({ flags = 0 }: ElementMessage): boolean {
  return (flags & ELEMENT_F.catchall) !== 0;
}

function ending({ flags = 0 }: ElementMessage): number {
  return flags & ELEMENT_F.intervalEnd;
}

/** Whether the first interval includes all of the second one. */
function includes(a: Interval, b: Interval): boolean {
  return Buffer.compare(a.from, b.from) <= 0 && Buffer.compare(b.to, a.to) <= 0;
}

function byStart(a: Interval, b: Interval): number {
  return Buffer.compare(a.from, b.from);
}

/** The first interval of the list that begins before another one has ended. */
export function overlapping(intervals: readonly Interval[]): Interval | undefined {
  const sorted = [...intervals].sort(byStart);
  return sorted.find(({ from }, i) => i > 0 && Buffer.compare(from, sorted[i - 1]?.to ?? from) <= 0);
}

/** Where in a list from low to high the first interval stands that ends at the value or above. */
function reaching(intervals: readonly Interval[], value: Buffer): number {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { to = value } = intervals[middle] ?? {};
    if (Buffer.compare(to, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first interval of a list from low to high that ends where another one begins, or above. */
export function nearest(intervals: readonly Interval[], { from }: Interval): Interval | undefined {
  return intervals[reaching(intervals, from)];
}

/** Whether no interval of a list from low to high overlaps another one. */
export function isFree(intervals: readonly Interval[], wanted: Interval): boolean {
  const found = nearest(intervals, wanted);
  return found === undefined || Buffer.compare(wanted.to, found.from) < 0;
}

/** Whether one interval of a list from low to high includes all of another one. */
export function isHeld(intervals: readonly Interval[], wanted: Interval): boolean {
  const found = nearest(intervals, wanted);
  return found !== undefined && includes(found, wanted);
}

/**
 * The same values in as few intervals as there can be, from low to high. As with nft, what joins an interval from above
 * takes over the timeout and the comment of that interval. Of two that begin together, the first one of the list wins.
 */
export function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const next of [...intervals].sort(byStart)) {
    const last = merged.at(-1);
    if (last === undefined || !touches(last, next)) merged.push(next);
    else if (!includes(last, next)) {
      merged[merged.length - 1] = { ...last, to: next.to, cause: last.cause ?? next.cause };
    }
  }
  return merged;
}

/** Whether no value lies between the end of an interval and a later beginning. */
function touches({ to }: Interval, { from }: Interval): boolean {
  const after = successor(to);
  return after === undefined || Buffer.compare(from, after) <= 0;
}

/** What intervals keep without the values of others. Both lists are from low to high, without overlaps. */
export function subtract(intervals: readonly Interval[], parts: readonly Interval[]): Interval[] {
  return intervals.flatMap((whole) => {
    const rest: Interval[] = [];
    let left: Interval | undefined = whole;
    for (let i = reaching(parts, whole.from); left !== undefined; i++) {
      const part: Interval | undefined = parts[i];
      if (part === undefined || Buffer.compare(left.to, part.from) < 0) break;
      if (Buffer.compare(left.from, part.from) < 0) {
        rest.push({ ...left, to: lastBefore(part.from, part.from.length), cause: part.cause });
      }
      const above = successor(part.to);
      const isMore: boolean = above !== undefined && Buffer.compare(above, left.to) <= 0;
      left = isMore && above !== undefined ? { ...left, from: above, cause: part.cause } : undefined;
    }
    return left === undefined ? rest : [...rest, left];
  });
}
