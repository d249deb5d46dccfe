import { performance } from 'node:perf_hooks';
import { EventQueue, type EventIterator } from '../common/event-queue';
import { isText } from '../common/options';

/** Something that happened to a lab. What it has besides depends on its kind. */
export interface LabRecordEntry {
  /** Milliseconds since this handle of the lab was made, by a clock that nobody sets. */
  time: number;
  /** 'create', 'apply', 'partition', 'heal', or whatever a program adds. */
  kind: string;
  /** 'partition of a from b and c' */
  title: string;
  readonly [detail: string]: unknown;
}

/** Entries that are kept. The oldest ones go. */
const MOST = 10_000;

/** What happened to a lab, in its order: what was done to it by this handle, and what a program adds. */
export class LabRecord implements AsyncIterable<LabRecordEntry> {
  readonly #opened = performance.now();
  readonly #entries: LabRecordEntry[] = [];
  /** How many there ever were. */
  #count = 0;
  readonly #followers = new Set<Follower>();
  readonly #changeListeners = new Set<() => void>();
  #ended = false;

  /** A copy of the entries, at most 10,000: the oldest ones are dropped. */
  get entries(): LabRecordEntry[] {
    return [...this.#entries];
  }

  /**
   * Adds an entry, with the time of now.
   *
   * @example
   * ```ts
   * await using lab = await createLab({ nodes: { a: {} } });
   * lab.record.add('note', 'the leader is a', { term: 3 });
   * console.log(lab.record.entries.map(({ kind, title }) => `${kind}: ${title}`)[1]); // note: the leader is a
   * ```
   */
  add(kind: string, title: string, details: Readonly<Record<string, unknown>> = {}): void {
    isText(kind, 'kind');
    isText(title, 'title');
    this.#entries.push({ ...details, time: performance.now() - this.#opened, kind, title });
    this.#count++;
    if (this.#entries.length > MOST) this.#entries.shift();
    for (const { hear } of this.#followers) hear();
  }

  /** @internal Adds an entry of something by which the lab, or what runs in it, has changed. */
  happened(kind: string, title: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.add(kind, title, details);
    this.changed();
  }

  /** @internal Something has changed that has no entry. */
  changed(): void {
    for (const listener of [...this.#changeListeners]) listener();
  }

  /** @internal Calls back after each change, until the function is called that is returned. What a program adds is none. */
  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /**
   * The entries that are added from now on. They end with the lab. A loop that is too slow misses what is no longer among the entries.
   *
   * @example
   * ```ts
   * const lab = await createLab({ nodes: { a: {} } });
   * await using following = lab.record[Symbol.asyncIterator]();
   * lab.record.add('note', 'the leader is a');
   * console.log((await following.next()).value?.title); // the leader is a
   * await lab.destroy();
   * ```
   */
  [Symbol.asyncIterator](): EventIterator<LabRecordEntry> {
    let next = this.#count;
    let waits = false;
    const feed = (): void => {
      const fresh = this.#count - Math.max(next, this.#count - this.#entries.length);
      if (fresh === 0) return;
      next = this.#count;
      waits = false;
      queue.push(this.#entries.slice(-fresh));
    };
    const follower: Follower = {
      hear: () => {
        if (waits) feed();
      },
      end: () => {
        feed();
        queue.finish();
      },
    };
    const queue = new EventQueue<LabRecordEntry>(
      {
        start: () => this.#followers.add(follower),
        stop: () => this.#followers.delete(follower),
        drained: () => {
          waits = true;
          feed();
        },
      },
      [],
    );
    queue.start();
    if (this.#ended) queue.finish();
    return queue;
  }

  /** @internal No more is added by the lab. */
  end(): void {
    this.#ended = true;
    for (const { end } of [...this.#followers]) end();
  }
}

/** A loop over the entries. */
interface Follower {
  /** Called when there is a new one. */
  hear: () => void;
  end: () => void;
}
