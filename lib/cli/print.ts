import { printable, printableJson } from '../common/printable';

// All that the command prints of what others have named.

/** Prints an object as JSON. */
export function printJson(value: unknown): void {
  console.log(printableJson(value));
}

/** Prints the message of an error as one line. */
export function printError(error: unknown): void {
  console.error(printable(error instanceof Error ? error.message : String(error)));
}
