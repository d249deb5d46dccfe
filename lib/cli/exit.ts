import type { Command } from 'commander';
import { printError } from './print';

/** The exit codes that are the same in all commands. docs/commands.md has the table of all exit codes. */
export const EXIT = {
  /** The command found nothing wrong. */
  OK: 0,
  /** The command found something, or a part of it failed. */
  FOUND: 1,
  /** The arguments are wrong, or the command could not look, or could not print what it found. */
  COULD_NOT_LOOK: 2,
  /** There is no sandbox to run a command in. It is also the exit code of rtnetns-sandbox, and of env(1) in its place. */
  NO_SANDBOX: 125,
} as const;

/** For the help of a command: what each exit code of the command means. docs/commands.md has the same words. */
export function exitCodes(meanings: Readonly<Record<string, string>>): string {
  const rows = Object.entries(meanings).map(([code, meaning]) => `  ${code.padEnd(7)}${meaning}`);
  return ['\nExit codes:', ...rows].join('\n');
}

/** Ends the command with an exit code, where all has been printed. */
export class Exit extends Error {
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

/** For commander: ends the command with this code where the arguments are wrong, and with 0 after `--help` and `--version`. */
export function exitForUsage(code: number): (error: { exitCode: number }) => never {
  return ({ exitCode }) => {
    throw new Exit(exitCode === 0 ? EXIT.OK : code);
  };
}

/** Ends the process where standard output cannot be written. Whoever reads no further, as `head`, needs no message. */
export function exitWhereOutputFails(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') printError(`standard output: ${error.message}`);
    process.exit(EXIT.COULD_NOT_LOOK);
  });
}

/**
 * Exits with what `act` returns. If `act` fails, its error is printed, and the exit code is `failed`: a command that looks could
 * not look. Where the arguments are wrong, every command exits with the same code.
 */
export async function exitAfter(
  command: Command,
  act: () => Promise<number>,
  failed: number = EXIT.COULD_NOT_LOOK,
): Promise<void> {
  try {
    process.exitCode = await act();
  } catch (error) {
    printError(error, command);
    process.exitCode = isOfArguments(error) ? EXIT.COULD_NOT_LOOK : failed;
  }
}

/** Whether the library has refused an argument, which it does before it asks the kernel for anything. */
function isOfArguments(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError;
}
