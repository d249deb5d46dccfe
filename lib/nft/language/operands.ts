import { shown } from '../../common/shown';
import type { Selector } from './selectors';
import { DATATYPES } from './types';

// What a match and its like are given, before anything is asked of it.

/** @internal One selector, or several. */
export function checkSelectors(what: unknown, option = 'what'): readonly Selector[] {
  const selectors: readonly unknown[] = Array.isArray(what) ? what : [what];
  if (selectors.length === 0) {
    throw new TypeError(`${option}: expected something to look at, got an empty list`);
  }
  for (const [i, selector] of selectors.entries()) {
    checkSelector(selector, selectors === what ? `${option}[${i}]` : option);
  }
  return selectors as readonly Selector[];
}

/** @internal */
export function checkSelector(value: unknown, option: string): asserts value is Selector {
  const { type, load } = Object(value) as Partial<Selector>;
  if (typeof load === 'function' && typeof type === 'string' && Object.hasOwn(DATATYPES, type)) return;
  throw new TypeError(`${option}: expected what a packet has, such as ip.saddr, got ${shown(value)}`);
}

/** @internal Refuses what is no value at all; whether a value is one of the selector's is found where it is written. */
export function checkOperand(value: unknown): void {
  if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) checkPart(one, `value[${i}]`);
  } else if (typeof value !== 'object' || value === null) {
    checkPart(value, 'value');
  }
}

function checkPart(value: unknown, path: string): void {
  if (value !== null && PARTS.includes(typeof value)) return;
  throw new TypeError(`${path}: expected something to compare with, got ${shown(value)}`);
}

const PARTS: readonly string[] = ['string', 'number', 'bigint', 'boolean', 'object'];
