import type { Command } from 'commander';
import { forEachName } from './each-name';
import { EXIT, exitAfter, exitCodes } from './exit';
import { createNetns } from '..';

const EXIT_CODES = {
  [EXIT.OK]: 'all namespaces were created',
  [EXIT.FOUND]: 'a namespace could not be created; the others were',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong: nothing was created',
};

/** Adds `rtnetns add` to the command line. */
export function addAdd(program: Command): void {
  program
    .command('add')
    .description('create namespaces')
    .argument('<new-name...>', 'in /run/netns')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (names: string[], _: object, command: Command) =>
      exitAfter(command, async () => forEachName(names, command, add)),
    );
}

async function add(name: string): Promise<void> {
  (await createNetns(name)).close();
}
