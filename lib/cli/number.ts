import { LONGEST_TIME } from '../common/check';
import { shown } from '../common/shown';

/**
 * The number that a text of the command line is. Any other text is left as it is, for the library to refuse it and to quote
 * what was typed: '0x50', '1e3', ''.
 */
export function numberOrText(text: string): number {
  const number = Number(text);
  return String(number) === text ? number : (text as unknown as number);
}

/** Milliseconds of a number of seconds, such as '0.2'. */
export function seconds(text: string, option: string): number {
  const ms = Number(text) * 1000;
  if (!/^\d+(\.\d+)?$/.test(text) || ms > LONGEST_TIME) {
    throw new RangeError(
      `${option}: expected a number of seconds up to ${LONGEST_TIME / 1000}, got ${shown(text)}`,
    );
  }
  return ms;
}

/** A number of things, from 1. */
export function countOf(text: string, option: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new RangeError(`${option}: expected a positive integer, got ${shown(text)}`);
  }
  return count;
}
