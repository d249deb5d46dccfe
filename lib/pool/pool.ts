import { PoolError, toPoolError } from './pool-error';
import { FileProblem } from './file-format';
import { addressAt, type Space } from './space';
import type { Allocation, Change, PoolState } from './state';
import type { PoolStore } from './store';

export interface Request {
  owner: string;
  key: string;
  place?: bigint | undefined;
}

/** What is to be released: a place, all places of an owner, or the place that an owner has by a key. */
export type Released = { place: bigint } | { owner: string; key?: string | undefined };

type Step<T> = (state: PoolState, change: (change: Change) => void) => T;

interface Waiting {
  operation: string;
  /** Does the step. The function that it returns settles the promise, after the store has kept the changes. */
  run: (state: PoolState, change: (change: Change) => void) => () => void;
  reject: (reason: unknown) => void;
}

/**
 * Gives places of a space. Steps that are asked for while the store is busy are done together afterwards: a thousand calls
 * at once take the lock, and write the file, once.
 */
export class Pool {
  readonly space: Space;
  readonly #store: PoolStore;
  readonly #path: string;
  readonly #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;
  #open = true;

  constructor(space: Space, store: PoolStore, path = '') {
    this.space = space;
    this.#store = store;
    this.#path = path;
  }

  async allocate(request: Request): Promise<bigint> {
    return this.#do('allocate from', (state, change) => allocate(this.space, state, change, request));
  }

  async release(what: Released): Promise<Allocation[]> {
    return this.#do('release to', (state, change) => {
      const found = find(state, what);
      for (const { place } of found) change({ kind: 'free', place });
      return found;
    });
  }

  async list(owner?: string): Promise<Allocation[]> {
    return this.#do('list', (state) => (owner === undefined ? state.all() : state.ownedBy(owner)));
  }

  /** Finishes the steps that are under way. Closing twice is no error. */
  async close(): Promise<void> {
    this.#open = false;
    await this.#working;
    this.#store.close();
  }

  async #do<T>(operation: string, step: Step<T>): Promise<T> {
    if (!this.#open) throw closed(operation, this.space);
    return new Promise<T>((resolve, reject) => {
      const run: Waiting['run'] = (state, change) => {
        try {
          const value = step(state, change);
          return () => resolve(value);
        } catch (error) {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it was thrown
          return () => reject(error); // the error of this step alone: the other steps go on
        }
      };
      this.#waiting.push({ operation, run, reject });
      this.#working ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    await Promise.resolve(); // so that all steps of this turn are in one batch
    while (this.#waiting.length > 0) await this.#batch();
    this.#working = undefined;
  }

  async #batch(): Promise<void> {
    let batch: Waiting[] | undefined;
    const takeAll = (): Waiting[] => this.#waiting.splice(0);
    let results: (() => void)[] = [];
    try {
      await this.#store.transact((state, change) => {
        batch = takeAll(); // with the steps that were asked for while the lock was waited for
        results = batch.map(({ run }) => run(state, change));
      });
    } catch (error) {
      for (const { operation, reject } of batch ?? takeAll()) reject(this.failure(error, operation));
      return;
    }
    for (const settle of results) settle();
  }

  /** The error to throw for a failure of the store. */
  failure(error: unknown, operation: string): unknown {
    const path = this.#path;
    if (!(error instanceof FileProblem)) return toPoolError(error, operation, this.space.name, path);
    const reason = `${path} is left as it is: ${error.message}`;
    return new PoolError(
      { code: error.code, operation, pool: this.space.name, path, reason },
      { cause: error },
    );
  }
}

function allocate(
  space: Space,
  state: PoolState,
  change: (change: Change) => void,
  { owner, key, place: wanted }: Request,
): bigint {
  const has = state.of(owner, key)?.place;
  if (has !== undefined) {
    if (wanted === undefined || wanted === has) return has;
    const address = addressAt(space, has);
    throw refusal(space, 'EEXIST', `${who(owner, key)} has ${address} already`, { address, owner });
  }
  const place = wanted ?? next(space, state, change);
  const other = state.at(place)?.owner;
  if (other !== undefined) {
    const address = addressAt(space, place);
    throw refusal(space, 'EADDRINUSE', `${address} is that of '${other}'`, { address, owner: other });
  }
  change({ kind: 'take', place, owner, key, since: Date.now() });
  return place;
}

function next(space: Space, state: PoolState, change: (change: Change) => void): bigint {
  const { first, last, excluded } = space;
  const fresh = state.fresh(first, last, excluded);
  if (fresh !== undefined) return fresh;
  if (state.hasForgotten) {
    change({ kind: 'round' });
    return next(space, state, change);
  }
  const free = state.longestFree((place) => place >= first && place <= last && !excluded.has(place));
  if (free !== undefined) return free;
  throw refusal(space, 'ERR_POOL_EXHAUSTED', `all that it may give is given, ${state.size} in all`);
}

function find(state: PoolState, what: Released): Allocation[] {
  if ('place' in what) return [state.at(what.place)].filter((found) => found !== undefined);
  if (what.key === undefined) return state.ownedBy(what.owner);
  return [state.of(what.owner, what.key)].filter((found) => found !== undefined);
}

function refusal(
  space: Space,
  code: string,
  reason: string,
  details: { address?: string; owner?: string } = {},
): PoolError {
  return new PoolError({ code, operation: 'allocate from', pool: space.name, reason, ...details });
}

function closed(operation: string, { name }: Space): PoolError {
  return new PoolError({ code: 'ERR_POOL_CLOSED', operation, pool: name, reason: 'it is closed' });
}

function who(owner: string, key: string): string {
  return key === '' ? `'${owner}'` : `'${owner}' (${key})`;
}
