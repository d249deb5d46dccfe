import type { OptionCheck } from '../common/options';
import { allOf } from './check-all';

/** None, one, or a list. */
export function listed<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** One, or a list of them. */
export const oneOrMore =
  (check: OptionCheck): OptionCheck =>
  (value, path) =>
    Array.isArray(value) ? allOf(check)(value, path) : check(value, path);

/** The values of each key, in their order. */
export function groupedBy<T, K>(values: Iterable<T>, keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
