import { shown } from './shown';

/** Refuses an argument by the name of its option: a string by a RangeError, anything else by a TypeError. */
export function refuse(option: string, rule: string, value: unknown, hint = ''): never {
  const message = `${option}: ${rule}, got ${shown(value)}${hint}`;
  throw typeof value === 'string' ? new RangeError(message) : new TypeError(message);
}
