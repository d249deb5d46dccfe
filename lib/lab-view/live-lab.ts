import { setTimeout } from 'node:timers/promises';
import { unlessAborted } from '../common/abort';
import type { Lab } from '../lab/lab';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { LabChanges } from '../lab/lab-changes';
import { NetnsError } from '../netns/netns-error';
import { type Counters, countersOf, type Rates, ratesOf } from './counters';
import { type LabSight, lookAtLab } from './lab-sight';
import { Picture } from './picture';

/** Milliseconds between the first of several changes and the look at what they have made. */
const SETTLING = 50;

/** Milliseconds between two looks at the counters. */
const COUNTING = 1000;

const SHOWN_GROUPS = [GROUPS.link, GROUPS.tc, GROUPS.addr4, GROUPS.addr6, GROUPS.route4, GROUPS.route6];

/** What is sent to the viewers. */
export interface LiveLabEvents {
  sight: (sight: LabSight) => void;
  rates: (rates: Rates) => void;
  /** The lab can no longer be looked at. */
  failed: (error: unknown) => void;
}

/** Follows a lab: by the kernel's events what it is, and each second what its wires carry. */
export class LiveLab {
  readonly #changes: LabChanges;
  readonly #picture = new Picture();
  readonly #ends = new AbortController();
  #sight: LabSight | undefined;

  constructor(
    private readonly lab: Lab,
    private readonly events: LiveLabEvents,
  ) {
    this.#changes = new LabChanges(lab, 'view lab', SHOWN_GROUPS);
    void Promise.all([this.#follow(), this.#count()]).catch((error: unknown) => {
      if (!this.#ends.signal.aborted) events.failed(error);
      this.close();
    });
  }

  /** What was seen last. */
  get sight(): LabSight | undefined {
    return this.#sight;
  }

  /** Looks again, after a change of which the kernel reports nothing: a rule of a packet filter. */
  lookAgain(): void {
    this.#changes.note();
  }

  close(): void {
    this.#ends.abort();
    this.#changes.close();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#ends;
    for (;;) {
      const isNew = await this.#changes.follow(signal);
      const sight = await this.#unlessItChanges(async () => lookAtLab(this.lab, this.#picture));
      if (sight !== undefined) {
        this.#sight = sight;
        if (!signal.aborted) this.events.sight(sight);
      }
      // what changed before a namespace was followed, nobody reports
      if (!isNew) await unlessAborted(signal, this.#changes.next());
      await setTimeout(SETTLING, undefined, { signal });
    }
  }

  /** Undefined where a node is deleted meanwhile: then there is another look. */
  async #unlessItChanges<T>(look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      const isOfNode = error instanceof NetnsError && error.code === 'ERR_NETNS_CLOSED';
      if (!isOfNode || !this.lab.switches.open) throw error;
      this.lookAgain();
      return undefined;
    }
  }

  async #count(): Promise<void> {
    const { signal } = this.#ends;
    let before = new Map<string, Counters>();
    let last = performance.now();
    for (;;) {
      const wires = this.#sight?.wires ?? [];
      const after = await this.#unlessItChanges(async () => countersOf(this.lab, wires));
      const now = performance.now();
      if (after !== undefined) {
        if (!signal.aborted) this.events.rates(ratesOf(before, after, (now - last) / 1000));
        before = after;
        last = now;
      }
      await setTimeout(COUNTING, undefined, { signal });
    }
  }
}
