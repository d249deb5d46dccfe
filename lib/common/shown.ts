import { types } from 'node:util';
import { printable } from './printable';

/** The value as the message of an error shows what was given in place of an object. */
export function shownArgument(value: unknown): string {
  return types.isPromise(value) ? 'a promise; was `await` forgotten?' : shown(value);
}

/** The value as an error message shows it. */
export function shown(value: unknown): string {
  return printable(text(value));
}

function text(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  try {
    return String(value);
  } catch {
    // an object that cannot be made a string, as one without a prototype
    return Object.prototype.toString.call(value);
  }
}
