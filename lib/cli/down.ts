import type { Command } from 'commander';
import { destroyLab } from '..';
import { EXIT, exitAfter, exitCodes } from './exit';
import { nameOfLab } from './lab-file';
import { printError } from './print';

const EXIT_CODES = {
  [EXIT.OK]: 'the lab is destroyed',
  [EXIT.FOUND]: 'there is no such lab, or it could not be destroyed',
  [EXIT.COULD_NOT_LOOK]: 'the arguments or the file are wrong: nothing was destroyed',
};

/** Adds `rtnetns down` to the command line. */
export function addDown(program: Command): void {
  program
    .command('down')
    .description('destroy a lab, whoever has made it')
    .argument('<name>', 'the name of the lab, or its file')
    .addHelpText('after', '\nWhat has a slash in it, or ends in .yaml, .yml or .json, is a file.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string, _: object, command: Command) =>
      exitAfter(command, async () => runDown(name, command)),
    );
}

async function runDown(given: string, command: Command): Promise<number> {
  const name = await nameOfLab(given);
  try {
    await destroyLab(name);
    return EXIT.OK;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    printError(error, command);
    return EXIT.FOUND;
  }
}
