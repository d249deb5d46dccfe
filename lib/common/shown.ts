import { types } from 'node:util';
import { printable } from './printable';

/** The value as the message of an error shows what was given in place of an object. */
export function shownArgument(value: unknown): string {
  return types.isPromise(value) ? 'a promise; was `await` forgotten?' : shown(value);
}

/** Characters: a message of more is not read. */
const LONGEST = 200;

/** The value as an error message shows it: of a long one the beginning. */
export function shown(value: unknown): string {
  return printable(text(value));
}

function text(value: unknown): string {
  if (typeof value === 'string') return `${JSON.stringify(value.slice(0, LONGEST))}${dots(value)}`;
  try {
    const all = Array.isArray(value) ? `[${String(value)}]` : String(value);
    return `${all.slice(0, LONGEST)}${dots(all)}`;
  } catch {
    // an object that cannot be made a string, as one without a prototype
    return Object.prototype.toString.call(value);
  }
}

const dots = (all: string) => (all.length > LONGEST ? '…' : '');
