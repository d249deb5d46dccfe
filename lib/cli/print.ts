import { inspect } from 'node:util';
import type { Command } from 'commander';
import { faultText } from '../common/fault-text';
import { printable, printableJson } from '../common/printable';
import { LabDefinitionError } from '..';

// All that the command prints of what others have named.

/** Prints an object as JSON. */
export function printJson(value: unknown): void {
  console.log(printableJson(value));
}

let withStacks = false;

/** Has errors of this process printed with their stacks, properties and causes: `--debug`. */
export function printStacks(): void {
  withStacks = true;
}

/** Prints an object as JSON of one line. */
export function printJsonLine(value: unknown): void {
  console.log(printableJson(value, 0));
}

/**
 * Prints the message of an error as one line, or as one for each fault of a file, in which options are called as `command` calls them:
 * '--port', not 'port'.
 */
export function printError(error: unknown, command?: Command): void {
  for (const message of messagesOf(error)) {
    const named = command?.options.some((option) => message.startsWith(`${option.attributeName()}: `));
    // printLine adds the name that errors of a missing addon begin with, too
    printLine(named === true ? `--${message}` : message.replace(/^rtnetns: /, ''));
  }
  if (withStacks) for (const line of inspect(error).split('\n')) console.error(printable(line));
}

function messagesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  // only where it may be one: the class is in a file that has to be read
  if (!(error instanceof TypeError && error instanceof LabDefinitionError)) return [error.message];
  return error.findings.map((one) => faultText(one, error.file));
}

/** Prints what commander says about wrong arguments, such as 'error: unknown option …', which may be two lines, as one. */
export function printUsageError(text: string): void {
  printLine(
    text
      .trimEnd()
      .replace(/^error: /, '')
      .replace(/\n(\(Did you mean .*\))$/, ' $1'),
  );
}

function printLine(message: string): void {
  console.error(printable(`rtnetns: ${message}`));
}
