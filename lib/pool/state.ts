import { NumberRanges } from './number-ranges';

/** A place that is given to an owner. */
export interface Allocation {
  place: bigint;
  owner: string;
  /** Distinguishes several allocations of one owner. */
  key: string;
  /** When the allocation was made, in milliseconds since 1970. */
  since: number;
}

/** A change of a pool. The state of a pool is the sum of its changes, which is what its file holds. */
export type Change =
  | ({ kind: 'take' } & Allocation)
  | { kind: 'free'; place: bigint }
  /** In a snapshot: places that were given before, and may be free again. */
  | { kind: 'used'; first: bigint; last: bigint }
  /** In a snapshot: places that are free again, in the order in which they were released. */
  | { kind: 'freed'; first: bigint; last: bigint }
  /** The whole pool has been given once. From now on, a free place whose release is not remembered counts as never given. */
  | { kind: 'round' };

// How many releases are remembered in their order, because a larger pool may have more than fit the memory.
const REMEMBERED = 65_536;

/**
 * Which owner has which place of a pool. Places that were never given are given first, in order; then the place that has
 * been free for the longest time. Memory grows with the allocations, not with the subnet, so a pool of IPv6 is cheap.
 */
export class PoolState {
  readonly #remembered: number;
  readonly #taken = new Map<bigint, Allocation>();
  readonly #owners = new Map<string, Map<string, Allocation>>();
  // Places that are free again, the longest first. The iterator is kept between calls, because a Set keeps the slots of
  // deleted members, and passing over them from the beginning each time would take quadratic time.
  readonly #freed = new Set<bigint>();
  #longest = this.#freed.values();
  // All places that were given in this round: taken, freed, and freed so long ago that the release is forgotten.
  #used = new NumberRanges();

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

  /** The first place of a range that was never given, and is not excluded. */
  fresh(first: bigint, last: bigint, excluded: NumberRanges): bigint | undefined {
    let place = first;
    for (;;) {
      const next = excluded.after(this.#used.after(place));
      if (next > last) return undefined;
      if (next === place) return place;
      place = next;
    }
  }

  /** The allowed place that has been free for the longest time. All calls must pass the same rule. */
  longestFree(allowed: (place: bigint) => boolean): bigint | undefined {
    for (const restart of [false, true]) {
      if (restart) this.#longest = this.#freed.values();
      for (let next = this.#longest.next(); next.done !== true; next = this.#longest.next()) {
        if (allowed(next.value)) return next.value;
      }
    }
    return undefined;
  }

  /** Whether places were released so long ago that their releases are not remembered. */
  get hasForgotten(): boolean {
    return this.#used.size > BigInt(this.#taken.size + this.#freed.size);
  }

  /** @throws RangeError for a change that is impossible in this state. */
  apply(change: Change): void {
    (this.#apply[change.kind] as (change: Change) => void)(change);
  }

  /** The changes that turn an empty state into this one. */
  *snapshot(): Generator<Change> {
    for (const [first, last] of this.#used) yield { kind: 'used', first, last };
    let range: { first: bigint; last: bigint } | undefined;
    for (const place of this.#freed) {
      if (range !== undefined && place === range.last + 1n) {
        range.last = place;
        continue;
      }
      if (range !== undefined) yield { kind: 'freed', ...range };
      range = { first: place, last: place };
    }
    if (range !== undefined) yield { kind: 'freed', ...range };
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
    this.#used = new NumberRanges();
    for (const place of [...this.#taken.keys(), ...this.#freed].sort(ascending)) this.#used.add(place);
  }
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
