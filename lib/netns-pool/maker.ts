import { backlogDrained } from '../netns/backlog';
import type { Netns, NetnsDetails } from '../netns/netns';
import { makeNetns } from '../netns/open';
import type { NetnsPoolOptions } from './options';

/** Milliseconds after a failure until the next attempt; each further failure doubles them. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;

interface Maker {
  prepare: NetnsPoolOptions['prepare'];
  dispose: NetnsDetails['dispose'];
  /** Called with a namespace that is ready. */
  made: (netns: Netns) => void;
  /** Called after a failure, when nothing is left of the namespace. */
  failed: (error: unknown) => void;
  /** Called when the pause after a failure is over. */
  resumed: () => void;
}

/** Makes namespaces, prepares them, and pauses where that fails. */
export class NetnsMaker {
  readonly #maker: Maker;
  readonly #underWay = new Set<Promise<void>>();
  readonly #preparing = new Set<Netns>();
  #index = 0;
  #pause = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(maker: Maker) {
    this.#maker = maker;
  }

  /** How many are being made. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Whether it waits after a failure. */
  get paused(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins to make another one. */
  begin(): void {
    const making = this.#make().then(
      (netns) => {
        this.#underWay.delete(making);
        if (netns === undefined) return;
        this.#pause = 0;
        this.#maker.made(netns);
      },
      (error: unknown) => {
        this.#underWay.delete(making);
        if (this.#closed) return; // its handle was closed under it
        this.#rest();
        this.#maker.failed(error);
      },
    );
    this.#underWay.add(making);
  }

  /** Closes what is being made; resolves when nothing goes on any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const netns of this.#preparing) netns.close();
    await Promise.all(this.#underWay);
  }

  /** @returns a namespace that is ready; undefined where there is to be none any more. */
  async #make(): Promise<Netns | undefined> {
    const { prepare, dispose } = this.#maker;
    const behind = backlogDrained();
    if (behind !== undefined) await behind;
    if (this.#isClosed()) return undefined;
    const netns = await makeNetns(undefined, { dispose });
    this.#preparing.add(netns);
    try {
      if (!this.#isClosed()) await prepare?.(netns, this.#index++);
      if (this.#isClosed()) netns.close();
      else netns.access('prepare namespace'); // throws where prepare has closed it
    } catch (error) {
      netns.close();
      throw error;
    } finally {
      this.#preparing.delete(netns);
    }
    return netns.open ? netns : undefined;
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #rest(): void {
    if (this.#timer !== undefined) return; // another one of those under way has failed, too
    this.#pause = Math.min(Math.max(this.#pause * 2, FIRST_PAUSE), LONGEST_PAUSE);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#maker.resumed();
    }, this.#pause).unref();
  }
}
