import { checkInteger } from './check';
import { printable } from './printable';
import { refuse } from './refuse';
import { didYouMean, misspelt } from './similar-name';
import { shown, shownArgument } from './shown';

// What a caller may put into an object of options. A table stands beside the type of the options, and the compiler keeps
// the two equal. It is looked at before any system call, in one loop over what the caller has given.

/** Checks the value of an option, which is never undefined. `path` is what the caller calls it: 'ends[1].addrs[0]'. */
export type OptionCheck = (value: unknown, path: string) => void;

/** The names of all members of a union, not only those that the members have in common. */
type NamesOf<T> = T extends unknown ? keyof T : never;

/** Of each name that the options have, the check; true where the value is checked by the code that takes it. */
export type OptionTable<T> = Readonly<Record<NamesOf<T> & string, OptionCheck | true>>;

/** The names of a table that have to be given. A table that is made of another one has them, too. */
const REQUIRED = Symbol('required');

type AnyTable = Readonly<Record<string, OptionCheck | true>> & { readonly [REQUIRED]?: readonly string[] };

/**
 * A table without a prototype: 'constructor' and '__proto__' are no names of it. `required` are the options that have to be
 * given, but for those that other code asks for.
 */
export function optionTable<T extends object>(
  checks: OptionTable<T>,
  required?: readonly (NamesOf<T> & string)[],
): OptionTable<T> {
  const table = Object.assign(Object.create(null) as object, checks, required && { [REQUIRED]: required });
  return Object.freeze(table);
}

export interface Place {
  /** What errors call the object itself. */
  whole?: string;
  /** What the names of its options follow: 'ends[1]'. */
  path?: string;
  /**
   * Whether there may be names that the table lacks, because the options go to a function of node's, whose versions
   * differ. A name that is nearly one of the table's is refused in any case.
   */
  open?: boolean;
}

/**
 * Refuses what is no object, names that the table does not have, and values that its checks refuse. An option that is
 * undefined is as good as left out.
 *
 * @throws TypeError or RangeError that names the option, and the option that was probably meant.
 */
export function checkOptions(
  options: unknown,
  table: AnyTable,
  { path = '', whole = path || 'options', open = false }: Place = ROOT,
): void {
  checkObject(options, whole);
  const given = options as Readonly<Record<string, unknown>>;
  for (const name in given) {
    if (given[name] !== undefined && Object.hasOwn(given, name)) checkOne(given, name, table, { path, open });
  }
  for (const name of table[REQUIRED] ?? []) {
    if (given[name] === undefined) throw new TypeError(`${within(path, name)}: it has to be given`);
  }
}

function checkOne(
  given: Readonly<Record<string, unknown>>,
  name: string,
  table: AnyTable,
  { path = '', open = false }: Place,
): void {
  const check = table[name];
  if (check === undefined) refuseName(path, name, table, open);
  else if (check !== true) check(given[name], within(path, name));
}

/**
 * The same, where not only the first fault is to be known: each goes to `onRefusal`, with the name of the option that is there, and the rest
 * is checked all the same.
 */
export function checkEachOption(
  options: unknown,
  table: AnyTable,
  { path = '', whole = path || 'options', open = false }: Place,
  onRefusal: (error: unknown, name?: string) => void,
): void {
  const attempt = (check: () => void, name?: string): boolean => {
    try {
      check();
      return true;
    } catch (error) {
      onRefusal(error, name);
      return false;
    }
  };
  if (!attempt(() => checkObject(options, whole))) return;
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given)) {
    if (given[name] !== undefined) attempt(() => checkOne(given, name, table, { path, open }), name);
  }
  for (const name of table[REQUIRED] ?? []) {
    if (given[name] === undefined) onRefusal(new TypeError(`${within(path, name)}: it has to be given`));
  }
}

/** What an error calls an option. Nothing looks at this text unless there is an error, so it costs the engine next to nothing. */
function within(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

const ROOT: Place = {};

function refuseName(path: string, name: string, table: AnyTable, open: boolean): void {
  const names = Object.keys(table);
  if (open && misspelt(name, names) === undefined) return;
  const meant = didYouMean(name, names);
  throw new TypeError(`${printable(within(path, name))}: there is no such option${meant}`);
}

/** Refuses what has no options: undefined, null, a word, a list, a promise, a signal. */
export function checkObject(value: unknown, option: string): asserts value is object {
  if (typeof value === 'object' && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return;
    // an instance of a class of the caller's is as good; a list, a promise, a Map or a signal has no options
    if (Object.prototype.toString.call(value) === '[object Object]') return;
  }
  throw new TypeError(`${option}: expected an object, got ${shownArgument(value)}`);
}

// Checks for tables.

export const trueOrFalse: OptionCheck = (value, path) => {
  if (typeof value !== 'boolean') {
    throw new TypeError(`${path}: expected true or false, got ${shown(value)}`);
  }
};

/** An integer in these bounds. */
export function integerFrom(min: number, max: number): OptionCheck {
  return (value, path) => checkInteger(path, value, min, max);
}

export const isText: OptionCheck = (value, path) => {
  if (typeof value !== 'string') throw new TypeError(`${path}: expected a string, got ${shown(value)}`);
};

/** An AbortSignal. */
export const isSignal: OptionCheck = (value, path) => {
  if (!(value instanceof AbortSignal)) {
    throw new TypeError(`${path}: expected an AbortSignal, got ${shown(value)}`);
  }
};

/** One of a few words, or with `number`, also a number, which the code that takes it checks. */
export function oneOf(words: readonly string[], { number = false } = {}): OptionCheck {
  return (value, path) => {
    if (typeof value === 'string' && words.includes(value)) return;
    if (number && typeof value === 'number') return;
    const rule = `expected ${number ? 'a number, or ' : ''}one of ${words.join(', ')}`;
    refuse(path, rule, value, didYouMean(value, words));
  };
}

/** One of a few words, or a number from `min` to `max`. */
export function wordOrInteger(words: readonly string[], min: number, max: number): OptionCheck {
  const isOne = oneOf(words, { number: true });
  return (value, path) => {
    isOne(value, path);
    if (typeof value === 'number') checkInteger(path, value, min, max);
  };
}

/** A function. */
export const isFunction: OptionCheck = (value, path) => {
  if (typeof value !== 'function') throw new TypeError(`${path}: expected a function, got ${shown(value)}`);
};

/** An object with options of its own. */
export function optionsOf(table: AnyTable): OptionCheck {
  return (value, path) => checkOptions(value, table, { path });
}

/** A list, each item of which is checked: also a missing one. */
export function listOf(check: OptionCheck): OptionCheck {
  return (value, path) => {
    if (!Array.isArray(value)) throw new TypeError(`${path}: expected a list, got ${shown(value)}`);
    for (let i = 0; i < value.length; i++) check(value[i], `${path}[${i}]`);
  };
}

/**
 * An object with options of its own, or something else, which the code that takes it checks. With `other`, that is a value
 * of a type, and anything else is refused.
 */
export function orOptions(
  table: AnyTable,
  other?: { type: 'string' | 'number'; expected: string },
): OptionCheck {
  return (value, path) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      checkOptions(value, table, { path });
    } else if (other !== undefined && typeof value !== other.type) {
      throw new TypeError(`${path}: expected ${other.expected}, got ${shown(value)}`);
    }
  };
}
