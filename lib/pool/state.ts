import { Runs } from './number-ranges';

/** What a pool gives, by its place in the pool: the first address, or the first subnet, is 0. */
export interface Allocation {
  place: bigint;
  owner: string;
  /** Tells several of one owner apart. */
  key: string;
  /** When, in milliseconds since 1970. */
  since: number;
}

/** What changes a pool. A file that holds these from the beginning holds the pool. */
export type Change =
  | ({ kind: 'take' } & Allocation)
  | { kind: 'free'; place: bigint }
  /** A snapshot begins with these: what has been given before, and may be free again; */
  | { kind: 'used'; first: bigint; last: bigint }
  /** and what is free again, in the order in which it became so. */
  | { kind: 'freed'; first: bigint; last: bigint }
  /** The whole pool has been given once: what is free, and not remembered as that, counts as never given. */
  | { kind: 'round' };

// Of a pool that is larger, not every address that was ever released can be remembered in its order.
const REMEMBERED = 65_536;

/**
 * Who has what of a pool. What has never been given is given first, in order; then what has been free for the longest
 * time. A pool of IPv6 is as cheap as its allocations are many.
 */
export class PoolState {
  readonly #remembered: number;
  readonly #taken = new Map<bigint, Allocation>();
  readonly #owners = new Map<string, Map<string, Allocation>>();
  // Free again, the longest first. The iterator goes on where it was: a Set keeps room for what was deleted, and to go
  // through it from the beginning each time would be quadratic.
  readonly #freed = new Set<bigint>();
  #longest = this.#freed.values();
  // All that was given in this round: taken, freed, and what was freed so long ago that it is forgotten.
  #used = new Runs();

  readonly #apply: { [K in Change['kind']]: (change: Extract<Change, { kind: K }>) => void } = {
    take: ({ place, owner, key, since }) => this.#take({ place, owner, key, since }),
    free: ({ place }) => this.#free(place),
    used: ({ first, last }) => this.#used.add(first, last),
    freed: ({ first, last }) => {
      for (let place = first; place <= last; place++) this.#freed.add(place);
      this.#used.add(first, last);
    },
    round: () => this.#round(),
  };

  constructor(remembered = REMEMBERED) {
    this.#remembered = remembered;
  }

  at(place: bigint): Allocation | undefined {
    return this.#taken.get(place);
  }

  of(owner: string, key: string): Allocation | undefined {
    return this.#owners.get(owner)?.get(key);
  }

  ownedBy(owner: string): Allocation[] {
    return [...(this.#owners.get(owner)?.values() ?? [])];
  }

  all(): Allocation[] {
    return [...this.#taken.values()];
  }

  get size(): number {
    return this.#taken.size;
  }

  /** The first in the range that was never given, and is not excluded. */
  fresh(first: bigint, last: bigint, excluded: Runs): bigint | undefined {
    let place = first;
    for (;;) {
      const next = excluded.after(this.#used.after(place));
      if (next > last) return undefined;
      if (next === place) return place;
      place = next;
    }
  }

  /** What has been free again for the longest time, of what may be given. Not to be asked with another rule later. */
  longestFree(allowed: (place: bigint) => boolean): bigint | undefined {
    for (const restart of [false, true]) {
      if (restart) this.#longest = this.#freed.values();
      for (let next = this.#longest.next(); next.done !== true; next = this.#longest.next()) {
        if (allowed(next.value)) return next.value;
      }
    }
    return undefined;
  }

  /** Whether some were released so long ago that they are not remembered. */
  get forgetful(): boolean {
    return this.#used.size > BigInt(this.#taken.size + this.#freed.size);
  }

  /** @throws RangeError where it does not follow from what was before. */
  apply(change: Change): void {
    (this.#apply[change.kind] as (change: Change) => void)(change);
  }

  /** The changes that make an empty pool this one. */
  *snapshot(): Generator<Change> {
    for (const [first, last] of this.#used) yield { kind: 'used', first, last };
    let run: { first: bigint; last: bigint } | undefined;
    for (const place of this.#freed) {
      if (run !== undefined && place === run.last + 1n) {
        run.last = place;
        continue;
      }
      if (run !== undefined) yield { kind: 'freed', ...run };
      run = { first: place, last: place };
    }
    if (run !== undefined) yield { kind: 'freed', ...run };
    for (const allocation of this.#taken.values()) yield { kind: 'take', ...allocation };
  }

  #take(allocation: Allocation): void {
    const { place, owner, key } = allocation;
    const keys = this.#owners.get(owner) ?? new Map<string, Allocation>();
    if (this.#taken.has(place) || keys.has(key)) throw new RangeError('it is given twice');
    this.#taken.set(place, allocation);
    this.#owners.set(owner, keys.set(key, allocation));
    this.#freed.delete(place);
    this.#used.add(place);
  }

  #free(place: bigint): void {
    const allocation = this.#taken.get(place);
    if (allocation === undefined) throw new RangeError('it is released, but was not given');
    const { owner, key } = allocation;
    this.#taken.delete(place);
    const keys = this.#owners.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#owners.delete(owner);
    this.#freed.add(place);
    if (this.#freed.size > this.#remembered) this.#forget();
  }

  #forget(): void {
    const oldest = this.#freed.values();
    for (let i = 0; i < this.#remembered / 2; i++) {
      const next = oldest.next();
      if (next.done !== true) this.#freed.delete(next.value);
    }
  }

  #round(): void {
    this.#used = new Runs();
    for (const place of [...this.#taken.keys(), ...this.#freed].sort(ascending)) this.#used.add(place);
  }
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
