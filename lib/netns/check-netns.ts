import { shown, shownArgument } from '../common/shown';
import { Netns, NETNS_BRAND } from './netns';

/**
 * Whether an argument is a handle, before anything is asked of it.
 *
 * @throws TypeError that names the argument, and what was probably forgotten.
 */
export function checkNetns(
  value: unknown,
  option = 'netns',
  expected = 'a handle of createNetns or openNetns',
): asserts value is Netns {
  if (value instanceof Netns) return;
  throw new TypeError(`${option}: expected ${expected}, got ${shownArgument(value)}${hint(value)}`);
}

function hint(value: unknown): string {
  if (typeof value === 'string') return `; openNetns(${shown(value)}) opens it by its name`;
  if (value !== null && typeof value === 'object' && NETNS_BRAND in value) {
    return '; the handle is of another copy of the library, and only that copy can use it';
  }
  // an end of a pair, or the options of another function
  const isPlace =
    value !== null && typeof value === 'object' && 'netns' in value && value.netns instanceof Netns;
  return isPlace ? '; the handle is in its property netns' : '';
}

/** The same where a name does as well. */
export function checkNetnsOrName(value: unknown, option = 'netns'): asserts value is Netns | string {
  if (typeof value !== 'string') checkNetns(value, option, 'a name, or a handle of createNetns or openNetns');
}
