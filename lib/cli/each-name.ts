import type { Command } from 'commander';
import { checkNetnsName } from '../common/check';
import { EXIT } from './exit';
import { printError } from './print';

/** Does something for each name, and prints each failure. Wrong names are refused before anything is done. */
export async function forEachName(
  names: readonly string[],
  command: Command,
  act: (name: string) => Promise<void>,
): Promise<number> {
  for (const name of names) checkNetnsName(name);
  let exitCode: number = EXIT.OK;
  for (const name of names) {
    await act(name).catch((error: unknown) => {
      printError(error, command);
      exitCode = EXIT.FOUND;
    });
  }
  return exitCode;
}
