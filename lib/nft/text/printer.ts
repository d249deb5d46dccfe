import type { ListedSetWithElements } from '../objects/ruleset';
import type { NftFamily } from '../language/model';
import { Dependencies } from './dependencies';
import type { Term } from './terms';
import type { DeviceNames } from './values';

/** The content of a register: a term of the packet, or a value of the rule. */
export type Held = { term: Term } | { value: Buffer };

/** What the text of a rule depends on, besides the rule. */
export interface Surroundings {
  family: NftFamily;
  devices: DeviceNames;
  set: (name: string) => ListedSetWithElements | undefined;
}

const SMALL_REGISTERS = 8; // NFT_REG32_00
const WORDS = 4;
const WORD_BYTES = 4;

/**
 * Characters that a rule's text may take from registers. A look-up can put the text of sixteen registers into each of
 * sixteen others, so without a limit the text would grow by that factor with every expression.
 */
const MOST_CHARACTERS = 2 ** 24;

/** The first word of a register. Registers 1 to 4 have 16 bytes each; 8 to 23 are the same memory in words of four bytes. */
function wordOf(register: number): number {
  return register < SMALL_REGISTERS ? (register - 1) * WORDS : register - SMALL_REGISTERS;
}

/** The state of printing one rule. */
export class Printer {
  readonly surroundings: Surroundings;
  readonly dependencies: Dependencies;
  readonly #parts: (string | undefined)[] = [];
  readonly #registers = new Map<number, Held>();
  #characters = 0;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.dependencies = new Dependencies(surroundings.family);
  }

  get text(): string {
    return this.#parts.filter((part) => part !== undefined).join(' ');
  }

  /** Appends a part. @returns its position, for `hide`. */
  say(part: string): number {
    return this.#parts.push(part) - 1;
  }

  hide(place: number | undefined): void {
    if (place !== undefined) this.#parts[place] = undefined;
  }

  load(register: number | undefined, held: Held): void {
    if (register !== undefined) this.#registers.set(wordOf(register), held);
  }

  held(register: number | undefined): Held | undefined {
    return register === undefined ? undefined : this.#heldAt(wordOf(register));
  }

  #heldAt(word: number): Held | undefined {
    const held = this.#registers.get(word);
    if (held !== undefined && 'term' in held) this.#characters += held.term.text.length;
    if (this.#characters > MOST_CHARACTERS) throw new Unprintable('a text that is too long');
    return held;
  }

  /** The term in a register. A printed check that the term implies is hidden. */
  term(register: number | undefined): Term {
    const held = this.held(register);
    if (held === undefined || !('term' in held)) throw new Unprintable('a register that nothing is known of');
    this.hide(this.dependencies.use(held.term));
    return held.term;
  }

  value(register: number | undefined): Buffer {
    const held = this.held(register);
    if (held === undefined || !('value' in held)) throw new Unprintable('a register without a value');
    return held.value;
  }

  /** The terms in consecutive registers: `count` of them, or all. */
  terms(register: number | undefined, count?: number): Term[] {
    const found: Term[] = [];
    let word = register === undefined ? 0 : wordOf(register);
    while (found.length !== count) {
      const held = this.#heldAt(word);
      if (held === undefined || !('term' in held)) break;
      this.hide(this.dependencies.use(held.term));
      found.push(held.term);
      // Behind a term of unknown size, the next one cannot be found.
      if (held.term.size === 0) break;
      word += Math.ceil(held.term.size / WORD_BYTES);
    }
    if (found.length === 0) throw new Unprintable('a register that nothing is known of');
    return found;
  }
}

/** An expression that has a text in nft, but not here. */
export class Unprintable extends Error {}
