import type { Message } from '../netlink/message';
import type { Kind } from './kinds';
import { type Difference, Store } from './store';

// A dump that was interrupted by a change (NLM_F_DUMP_INTR) may lack an object: it is repeated, but not for ever.
const DUMP_ATTEMPTS = 10;

/** One kind of object in one watch: the objects that are known, and the dump that is under way. */
export class WatchedKind {
  readonly kind: Kind;
  /** The objects that have been reported so far. */
  readonly store = new Store();
  /** Whether the kind has been dumped since the socket was opened. Before that, events alone give no state. */
  current = false;
  #collected: Store | undefined;
  #attempts = 0;
  #interrupted = false;
  #needsDumpAfter: ((message: Message) => boolean) | undefined;

  constructor(kind: Kind) {
    this.kind = kind;
  }

  /** Begins, or begins again, on another socket. */
  restart(): void {
    this.current = false;
    this.#attempts = 0;
    // the test knows the messages up to now, and some were lost
    this.#needsDumpAfter = this.kind.dumpAfter?.();
  }

  beginDump(): void {
    this.#collected = new Store();
    this.#interrupted = false;
  }

  /** Takes a part of a dump. */
  collect(message: Message, interrupted: boolean): void {
    this.#interrupted ||= interrupted;
    const update = this.#concerns(message) ? this.kind.read(message) : undefined;
    if (update !== undefined) this.#collected?.apply(update);
  }

  /**
   * Takes an event. The socket's buffer has events and the parts of a dump in the order in which they happened: a part
   * behind an event includes it, a part before it does not. Both are applied in the order of their arrival, and so the
   * collected state is consistent at the end of the dump.
   */
  event(message: Message): readonly Difference[] {
    const update = this.#concerns(message) ? this.kind.read(message) : undefined;
    if (update === undefined) return [];
    this.#collected?.apply(update);
    return this.current ? this.store.apply(update) : [];
  }

  /** The differences between the dump and the known objects; undefined where the dump has to be repeated. */
  endDump(interrupted: boolean): readonly Difference[] | undefined {
    const collected = this.#collected ?? new Store();
    this.#collected = undefined;
    if ((this.#interrupted || interrupted) && ++this.#attempts < DUMP_ATTEMPTS) return undefined;
    this.#attempts = 0;
    this.current = true;
    return this.store.become(collected);
  }

  /** Whether the objects have to be dumped again, because the kernel changes them after the message without an event. */
  needsDumpAfter(message: Message): boolean {
    return this.#needsDumpAfter?.(message) ?? false;
  }

  #concerns({ type }: Message): boolean {
    return type === this.kind.verbs.add || type === this.kind.verbs.remove;
  }
}
