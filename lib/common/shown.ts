import { printable } from './printable';

/** The value as an error message shows it. */
export function shown(value: unknown): string {
  return printable(typeof value === 'string' ? JSON.stringify(value) : String(value));
}
