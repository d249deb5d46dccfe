import { isDeepStrictEqual } from 'node:util';

/** An object of the kernel's, as it was last reported. */
export interface Entry<T = unknown> {
  readonly value: T;
  /** What a change is found by: the value without its counters and clocks. */
  readonly compared: unknown;
}

/** What a message changes among the objects with one key. Only routes share a key. */
export interface Update<T = unknown> {
  readonly key: string;
  readonly change: (before: readonly Entry<T>[]) => readonly Entry<T>[];
}

export type Difference<T = unknown> =
  | { change: 'present' | 'new' | 'gone'; value: T }
  | { change: 'changed'; value: T; before: T; changes: string[] };

/** All objects of one kind, as far as they have been reported. A second report of the same makes no difference. */
export class Store {
  readonly #entries = new Map<string, readonly Entry[]>();

  get size(): number {
    return this.#entries.size;
  }

  *values(): Generator<unknown, void, undefined> {
    for (const entries of this.#entries.values()) for (const { value } of entries) yield value;
  }

  apply({ key, change }: Update): Difference[] {
    const before = this.#entries.get(key) ?? [];
    return this.#set(key, before, change(before));
  }

  /** Takes over the objects of another store. */
  become(other: Store): Difference[] {
    const found: Difference[] = [];
    for (const [key, before] of this.#entries) {
      if (!other.#entries.has(key)) found.push(...this.#set(key, before, []));
    }
    for (const [key, after] of other.#entries) {
      found.push(...this.#set(key, this.#entries.get(key) ?? [], after));
    }
    return found;
  }

  /** An entry that is equal is kept as the same object, because the next event has it as `before`. */
  #set(key: string, before: readonly Entry[], after: readonly Entry[]): Difference[] {
    const kept = after.map((entry) => before.find((old) => isEqual(old, entry)) ?? entry);
    if (kept.length > 0) this.#entries.set(key, kept);
    else this.#entries.delete(key);
    return differences(before, kept);
  }
}

function isEqual(one: Entry, other: Entry): boolean {
  return one === other || isDeepStrictEqual(one.compared, other.compared);
}

/** Entries that are in both lists, as the same object, make no difference. Of the others, each old one became a new one. */
function differences(before: readonly Entry[], after: readonly Entry[]): Difference[] {
  const old = before.filter((entry) => !after.includes(entry));
  const fresh = after.filter((entry) => !before.includes(entry));
  const found: Difference[] = [];
  for (let i = 0; i < Math.max(old.length, fresh.length); i++) {
    const [from, to] = [old[i], fresh[i]];
    if (from === undefined) found.push({ change: 'new', value: to?.value });
    else if (to === undefined) found.push({ change: 'gone', value: from.value });
    else found.push(changed(from, to));
  }
  return found;
}

function changed(from: Entry, to: Entry): Difference {
  const [before, after] = [from.compared, to.compared].map((compared) => Object(compared) as Loose);
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const changes = [...names].filter((name) => !isDeepStrictEqual(before?.[name], after?.[name]));
  return { change: 'changed', value: to.value, before: from.value, changes };
}

type Loose = Readonly<Record<string, unknown>>;
