import type { Command } from 'commander';
import { printable } from '../common/printable';
import { sweepLabs } from '..';
import { EXIT, exitAfter, exitCodes } from './exit';
import { printJson } from './print';

const EXIT_CODES = {
  [EXIT.OK]: 'the labs of dead processes are destroyed, even if there was none',
  [EXIT.FOUND]: 'a lab could not be destroyed, or not be looked at',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong: nothing was destroyed',
};

/** Adds `rtnetns sweep` to the command line. */
export function addSweep(program: Command): void {
  program
    .command('sweep')
    .description('destroy the labs whose process has ended without destroying them, and print their names')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nLabs that were made to be kept, as by `up`, stay.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (flags: { json?: true }, command: Command) =>
      exitAfter(command, async () => runSweep(flags.json === true), EXIT.FOUND),
    );
}

async function runSweep(json: boolean): Promise<number> {
  const names = await sweepLabs({ deadOwners: true });
  if (json) printJson(names);
  else for (const name of names) console.log(printable(name));
  return EXIT.OK;
}
