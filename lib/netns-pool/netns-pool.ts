import type { Netns } from '../netns/netns';
import type { AcquireNetnsOptions, NetnsPoolWaitOptions } from './options';

/** Namespaces that are made ahead: see `createNetnsPool`. */
export interface NetnsPool extends AsyncDisposable {
  /** How many are to be ready. */
  readonly size: number;
  /** How many are ready. */
  readonly ready: number;
  /** How many have been acquired and not ended yet. */
  readonly inUse: number;
  /** How many calls of `acquire` wait. */
  readonly waiting: number;
  /** Why the last namespace could not be made, prepared or reused; undefined once another one was ready. */
  readonly failure: unknown;
  /**
   * Hands out the namespace that has been ready for the longest time. Where none is ready it waits, and who came first is
   * served first. The namespace is the caller's until it is released; closing the handle, `deleteNetns` and the end of an `await
   * using` block end it just as well. One with a name outlives the closing of its handle and the process, as one of `createNetns` does.
   *
   * @throws {@link NetnsPoolError} ETIMEDOUT; ERR_NETNS_POOL_CLOSED. {@link NetnsError} EEXIST where the name is taken: the
   * namespace is ready again then. The signal's reason. While it waits, what the next namespace could not be made or prepared for.
   * @example
   * ```ts
   * await using pool = await createNetnsPool({ size: 2 });
   * await using nameless = await pool.acquire(); // released at the end of the block
   * const green = await pool.acquire({ name: 'green', timeout: 1000 });
   * await pool.release(green);
   * ```
   */
  acquire(options?: AcquireNetnsOptions): Promise<Netns>;
  /**
   * Takes a namespace back: removes its name, closes the handle, and has another one made in its place. What else holds the
   * namespace, such as a process in it, keeps it alive. A namespace that has ended is no error.
   *
   * With the option `reuse` the same namespace becomes ready again, by another handle; the released handle is closed in any
   * case. This goes on after `release` has resolved, and the namespace is in use until then. First `reuse` is called, where it is a
   * function. Then a namespace in which a process lives is replaced after all. Last, the kernel forgets the connections
   * (`deleteConntrack`). If a step fails, the namespace is replaced, and the error is the pool's `failure`. Links, addresses,
   * rules and sysctls stay as they are, but for what the function undoes.
   *
   * @throws {@link NetnsError} the name cannot be removed; the namespace is still in use then. TypeError for a handle that is not
   * of this pool.
   * @example
   * ```ts
   * await using pool = await createNetnsPool({ size: 2, reuse: true });
   * const netns = await pool.acquire();
   * await pool.release(netns);
   * console.log(netns.open); // false
   * ```
   */
  release(netns: Netns): Promise<void>;
  /**
   * Resolves when `size` namespaces are ready, or as many as `max` allows.
   *
   * @throws {@link NetnsPoolError} ETIMEDOUT; ERR_NETNS_POOL_CLOSED. What a namespace could not be made or prepared for. The
   * signal's reason.
   * @example
   * ```ts
   * await using pool = await createNetnsPool({ size: 20 });
   * await pool.filled();
   * console.log(pool.ready); // 20
   * ```
   */
  filled(options?: NetnsPoolWaitOptions): Promise<void>;
  /**
   * Ends the pool: who waits is refused, what is ready is closed, and so is the handle that a `prepare` under way was given.
   * It resolves when no `prepare` and no `release` goes on any more. What is in use stays its owner's, and may still be released.
   * Closing twice is no error.
   *
   * @example
   * ```ts
   * const pool = await createNetnsPool({ size: 2 });
   * const netns = await pool.acquire();
   * await pool.close();
   * console.log(netns.open, pool.ready); // true 0
   * await pool.release(netns);
   * ```
   */
  close(): Promise<void>;
}
