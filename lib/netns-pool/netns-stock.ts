import { checkOptions } from '../common/options';
import { namespaceDeleted } from '../netns/backlog';
import { checkNetns } from '../netns/check-netns';
import { deleteNetns } from '../netns/create-netns';
import { attachNetns } from '../netns/names';
import type { Netns } from '../netns/netns';
import { NetnsMaker } from './maker';
import type { NetnsPool } from './netns-pool';
import { closedError, lateError, type NetnsPoolError } from './netns-pool-error';
import {
  ACQUIRE_OPTIONS,
  type AcquireNetnsOptions,
  type NetnsPoolOptions,
  type NetnsPoolWaitOptions,
  type ReuseNetns,
  WAIT_OPTIONS,
} from './options';
import { Prompter } from './prompter';
import { madeReusable, ProcessLooks, reopened } from './reuse';
import { Waiters } from './waiters';

/** The namespaces of a pool: which are ready, who has which, and who waits. */
export class NetnsStock implements NetnsPool {
  readonly #options: NetnsPoolOptions;
  readonly #maker: NetnsMaker;
  readonly #prompter: Prompter;
  readonly #ready: Netns[] = [];
  readonly #inUse = new Set<Netns>();
  /** All handles that were ever handed out. */
  readonly #given = new WeakSet<Netns>();
  /** Releases under way, and what becomes ready again after one. */
  readonly #returning = new Set<Promise<void>>();
  /** How many of them become ready again. */
  #renewing = 0;
  readonly #looks = new ProcessLooks();
  readonly #acquiring = new Waiters<Netns, AcquireNetnsOptions['whenEmpty']>();
  readonly #filling = new Waiters<undefined>();
  #failure: { error: unknown } | undefined;
  #closing: Promise<void> | undefined;

  /** Opens a pool, whose first namespace shows whether it can be done at all. */
  static async open(options: NetnsPoolOptions): Promise<NetnsPool> {
    const pool = new NetnsStock(options);
    try {
      pool.#putBack(await pool.#next(undefined, {}));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  constructor(options: NetnsPoolOptions) {
    this.#options = { ...options };
    this.#maker = new NetnsMaker({
      prepare: options.prepare,
      dispose: this.#dispose,
      made: (netns) => this.#made(netns),
      failed: (error) => this.#failed(error),
      resumed: () => this.#fill(),
    });
    this.#prompter = new Prompter(() => this.#fill(), options.refill?.after ?? 0);
  }

  get size(): number {
    return this.#options.size;
  }

  get ready(): number {
    return this.#ready.length;
  }

  get inUse(): number {
    return this.#inUse.size + this.#returning.size;
  }

  get waiting(): number {
    return this.#acquiring.length;
  }

  get failure(): unknown {
    return this.#failure?.error;
  }

  async acquire(options: AcquireNetnsOptions = {}): Promise<Netns> {
    checkOptions(options, ACQUIRE_OPTIONS);
    const { name, whenEmpty, ...limits } = options;
    limits.signal?.throwIfAborted();
    if (this.#isClosed()) throw this.#closedError('acquire from');
    const ready = this.#takeReady();
    if (ready !== undefined) this.#changed();
    const netns = ready ?? (await this.#next(whenEmpty, limits));
    if (name !== undefined) await this.#name(netns, name);
    return netns;
  }

  async release(netns: Netns): Promise<void> {
    checkNetns(netns, 'netns', 'a handle that acquire has given');
    if (!this.#given.has(netns)) throw new TypeError(`netns: ${netns.toString()} is not of this pool`);
    if (!this.#inUse.delete(netns)) return;
    const returning = this.#takeBack(netns).catch((error: unknown) => {
      if (netns.open) this.#inUse.add(netns);
      throw error;
    });
    this.#track(returning);
    return returning;
  }

  async filled(options: NetnsPoolWaitOptions = {}): Promise<void> {
    checkOptions(options, WAIT_OPTIONS);
    options.signal?.throwIfAborted();
    if (this.#isClosed()) throw this.#closedError('fill');
    if (this.#isFull()) return;
    const expired = () => this.#late('fill', options, `${this.ready} of ${this.size} are ready`);
    await this.#filling.wait(undefined, options, expired, this.#waits);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #drain(): Promise<void> {
    this.#acquiring.fail(() => this.#closedError('acquire from'));
    this.#filling.fail(() => this.#closedError('fill'));
    for (const netns of this.#ready.splice(0)) end(netns);
    this.#prompter.close();
    await this.#maker.close();
    while (this.#returning.size > 0) await Promise.allSettled(this.#returning);
  }

  readonly #waits = { begun: () => this.#changed(), left: () => this.#changed() };

  async #next(whenEmpty: AcquireNetnsOptions['whenEmpty'], limits: NetnsPoolWaitOptions): Promise<Netns> {
    const expired = () => this.#late('acquire from', limits, this.#whyNone());
    return this.#acquiring.wait(whenEmpty, limits, expired, this.#waits);
  }

  #takeReady(): Netns | undefined {
    let netns = this.#ready.shift();
    // by somebody who has kept the handle that prepare was given
    while (netns?.open === false) netns = this.#ready.shift();
    if (netns !== undefined) this.#hand(netns);
    return netns;
  }

  /** Counts it as in use, before anybody can begin to make one too many. */
  #hand(netns: Netns): void {
    this.#given.add(netns);
    this.#inUse.add(netns);
  }

  #putBack(netns: Netns): void {
    if (this.#inUse.delete(netns)) this.#offer(netns);
    this.#changed();
  }

  async #name(netns: Netns, name: string): Promise<void> {
    try {
      await attachNetns(name, netns);
    } catch (error) {
      this.#putBack(netns);
      throw error;
    }
    netns.named(name);
  }

  readonly #dispose = async (netns: Netns): Promise<void> => {
    if (this.#given.has(netns)) await this.release(netns);
  };

  /** Ends the use of a namespace, which then begins to become ready again where that is asked for. */
  async #takeBack(netns: Netns): Promise<void> {
    const { reuse = false } = this.#options;
    const again = reuse === false || this.#isClosed() ? undefined : await this.#again(netns);
    try {
      if (netns.name === undefined) netns.close();
      else await deleteNetns(netns, { ifMissing: 'ignore' });
    } catch (error) {
      again?.close();
      throw error;
    }
    if (again !== undefined) this.#track(this.#renew(again, reuse));
    else if (netns.name === undefined) namespaceDeleted();
  }

  async #renew(netns: Netns, reuse: ReuseNetns): Promise<void> {
    this.#renewing++;
    try {
      if (await madeReusable(netns, reuse, this.#looks)) this.#offer(netns);
      else end(netns);
    } catch (error) {
      this.#failure = { error };
      end(netns);
    } finally {
      this.#renewing--;
    }
  }

  async #again(netns: Netns): Promise<Netns | undefined> {
    try {
      const again = await reopened(netns, this.#dispose);
      this.#observe(again);
      return again;
    } catch (error) {
      this.#failure = { error }; // no descriptor is left: then it is not reused
      return undefined;
    }
  }

  /** Counts what is on its way back as in use. */
  #track(returning: Promise<void>): void {
    this.#returning.add(returning);
    const returned = () => {
      this.#returning.delete(returning);
      this.#changed();
    };
    returning.then(returned, returned);
  }

  /** However the use of a namespace ends, its place is free then. */
  #observe(netns: Netns): void {
    const ended = () => {
      if (!this.#inUse.delete(netns)) return;
      if (netns.name === undefined) namespaceDeleted();
      this.#changed();
    };
    netns.closing.addEventListener('abort', ended, { once: true });
  }

  #made(netns: Netns): void {
    this.#failure = undefined;
    this.#observe(netns);
    this.#offer(netns);
    this.#changed();
  }

  #failed(error: unknown): void {
    this.#failure = { error };
    this.#acquiring.fail(() => error);
    this.#filling.fail(() => error);
    this.#changed();
  }

  /** A namespace that is ready goes to whoever waits. */
  #offer(netns: Netns): void {
    if (this.waiting > 0 && !this.#isClosed()) {
      this.#hand(netns);
      this.#acquiring.give(netns);
    } else if (this.#isClosed() || this.ready >= this.size) {
      end(netns); // one that was given back may come together with the one that was made for it
    } else {
      this.#ready.push(netns);
    }
  }

  /** How many more there may be. */
  #room(): number {
    const { max = Infinity } = this.#options;
    return max - this.inUse - this.ready;
  }

  /** How many more there should be; those under way are among them. What becomes ready again counts, but nobody waits for it. */
  #lacking(): number {
    return Math.min(Math.max(0, this.size - this.ready - this.#renewing) + this.waiting, this.#room());
  }

  #isFull(): boolean {
    return this.ready >= this.size || (this.#room() <= 0 && this.#returning.size === 0);
  }

  #changed(): void {
    if (this.#isClosed()) return;
    if (this.#isFull()) this.#filling.giveAll(undefined);
    const urgent = this.waiting + this.#filling.length > 0;
    this.#prompter.hold(urgent);
    if (urgent) this.#fill();
    else this.#prompter.prompt();
  }

  /** Begins to make what is lacking, a few at a time. */
  #fill(): void {
    if (this.#isClosed()) return;
    const { atOnce = 1 } = this.#options.refill ?? {};
    const impatient = this.#acquiring.count((whenEmpty) => whenEmpty === 'make');
    const limit = (this.#maker.paused ? 0 : atOnce) + impatient;
    const wanted = Math.min(this.#lacking(), limit) - this.#maker.underWay;
    for (let i = 0; i < wanted; i++) this.#maker.begin();
  }

  #isClosed(): boolean {
    return this.#closing !== undefined;
  }

  #closedError(operation: string): NetnsPoolError {
    return closedError(operation, this.#options.name);
  }

  #late(operation: string, { timeout }: NetnsPoolWaitOptions, why: string): NetnsPoolError {
    return lateError(operation, this.#options.name, `after ${timeout} ms ${why}`);
  }

  #whyNone(): string {
    const { max = Infinity } = this.#options;
    if (this.inUse >= max) return `all that there may be (max) are in use, ${this.inUse}`;
    return `none was ready, ${this.#maker.underWay} in the making and ${this.waiting} waiting`;
  }
}

/** Closes a namespace without a name that nobody uses. */
function end(netns: Netns): void {
  netns.close();
  namespaceDeleted();
}
