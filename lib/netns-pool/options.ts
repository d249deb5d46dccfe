import { checkTimeout } from '../common/abort';
import { checkInteger, checkNetnsName, checkTime } from '../common/check';
import {
  integerFrom,
  isFunction,
  isSignal,
  isText,
  oneOf,
  optionsOf,
  optionTable,
  type OptionCheck,
} from '../common/options';
import { shown } from '../common/shown';
import type { Netns } from '../netns/netns';

/** How the pool is refilled. */
export interface NetnsRefillOptions {
  /** How many namespaces are made at a time, from 1 to 64. 1 by default, which leaves the library's other thread to other calls. */
  atOnce?: number;
  /**
   * Milliseconds that have to pass without an `acquire` and without an end of a namespace before the refilling begins. 0 by
   * default: the next turn of the event loop. Where somebody waits, it begins at once.
   */
  after?: number;
}

/** Whether released namespaces are used again, or what undoes the changes that were made in one. */
export type ReuseNetns = boolean | ((netns: Netns) => unknown);

/** What a pool holds, and how. */
export interface NetnsPoolOptions {
  /** How many namespaces are kept ready, from 1 to 65,536. */
  size: number;
  /** How many there may be at all, ready and in use, from `size` on. By default there may be any number in use. */
  max?: number;
  /**
   * Sets up a new namespace, before it is ready. `index` counts from 0, and no two namespaces of a pool have the same. Where
   * `prepare` fails, the namespace is closed. It has to settle: nobody else ends it.
   */
  prepare?: (netns: Netns, index: number) => unknown;
  refill?: NetnsRefillOptions;
  /**
   * Gives a released namespace to the next, instead of a new one. What was changed in it stays, but for what this function
   * undoes; see `NetnsPool.release`. false by default: a released namespace is gone.
   */
  reuse?: ReuseNetns;
  /** What errors call the pool. */
  name?: string;
}

/** What is asked of a pool. */
export interface AcquireNetnsOptions {
  /** The name in /run/netns that it gets, as `createNetns(name)` gives one. By default it has none. */
  name?: string;
  /** Where none is ready: 'wait' (default) for the next one that is, or 'make' one besides those that are being made. */
  whenEmpty?: 'wait' | 'make';
  /** Milliseconds, 0 to 2147483646, until the call is rejected with ETIMEDOUT. By default it waits as long as it takes. */
  timeout?: number;
  /** Ends the waiting: the call is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** How long it is waited. */
export type NetnsPoolWaitOptions = Pick<AcquireNetnsOptions, 'timeout' | 'signal'>;

const isReuse: OptionCheck = (value, path) => {
  if (typeof value !== 'boolean' && typeof value !== 'function') {
    throw new TypeError(`${path}: expected true, false or a function, got ${shown(value)}`);
  }
};

const isTimeout: OptionCheck = (value, path) => checkTimeout(value, 'wait', path);

const MOST_READY = 65_536;

/** @internal */
export const NETNS_POOL_OPTIONS = optionTable<NetnsPoolOptions>(
  {
    size: integerFrom(1, MOST_READY),
    max: true,
    prepare: isFunction,
    refill: optionsOf(
      optionTable<NetnsRefillOptions>({
        atOnce: integerFrom(1, 64),
        after: (value, path) => checkTime(path, value, 0),
      }),
    ),
    reuse: isReuse,
    name: isText,
  },
  ['size'],
);

/** @internal The most that there may be, which depends on the size. */
export function checkMost({ size, max }: NetnsPoolOptions): void {
  if (max !== undefined) checkInteger('max', max, size, Number.MAX_SAFE_INTEGER);
}

/** @internal */
export const WAIT_OPTIONS = optionTable<NetnsPoolWaitOptions>({ timeout: isTimeout, signal: isSignal });

/** @internal */
export const ACQUIRE_OPTIONS = optionTable<AcquireNetnsOptions>({
  ...WAIT_OPTIONS,
  name: checkNetnsName,
  whenEmpty: oneOf(['wait', 'make']),
});
