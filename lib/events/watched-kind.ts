import type { Message } from '../netlink/message';
import type { Kind } from './kinds';
import { type Difference, Store } from './store';

// A dump that changed under the kernel's hands may have left something out: it is repeated, but not for ever.
const DUMP_ATTEMPTS = 10;

/** One kind of object in one watch: what is known of it, and the dump that is under way. */
export class Watched {
  readonly kind: Kind;
  /** What has been told so far. */
  readonly store = new Store();
  /** Whether it has been dumped since the socket was opened: before, events alone say nothing. */
  current = false;
  #collected: Store | undefined;
  #attempts = 0;
  #interrupted = false;
  readonly #isSilence: ((message: Message) => boolean) | undefined;

  constructor(kind: Kind) {
    this.kind = kind;
    this.#isSilence = kind.silence?.();
  }

  /** Another socket: what the last one had to say is of no use. */
  restart(): void {
    this.current = false;
    this.#attempts = 0;
  }

  beginDump(): void {
    this.#collected = new Store();
    this.#interrupted = false;
  }

  /** Part of a dump. */
  collect(message: Message, interrupted: boolean): void {
    this.#interrupted ||= interrupted;
    const said = this.#isMine(message) ? this.kind.read(message) : undefined;
    if (said !== undefined) this.#collected?.apply(said);
  }

  /**
   * An event. It lies in the socket's buffer where it happened, between the parts of a dump: a part that comes later
   * knows of it, one that came before does not. So what has been collected in their order is right when the dump ends.
   */
  event(message: Message): readonly Difference[] {
    const said = this.#isMine(message) ? this.kind.read(message) : undefined;
    if (said === undefined) return [];
    this.#collected?.apply(said);
    return this.current ? this.store.apply(said) : [];
  }

  /** What the dump has that was not known, and the other way around; undefined where it has to be repeated. */
  endDump(interrupted: boolean): readonly Difference[] | undefined {
    const collected = this.#collected ?? new Store();
    this.#collected = undefined;
    if ((this.#interrupted || interrupted) && ++this.#attempts < DUMP_ATTEMPTS) return undefined;
    this.#attempts = 0;
    this.current = true;
    return this.store.become(collected);
  }

  /** Whether it is to be dumped again, as the kernel changes such objects after this message without saying so. */
  isSilence(message: Message): boolean {
    return this.#isSilence?.(message) ?? false;
  }

  #isMine({ type }: Message): boolean {
    return type === this.kind.verbs.add || type === this.kind.verbs.remove;
  }
}
