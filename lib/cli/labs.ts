import type { Command } from 'commander';
import { printable } from '../common/printable';
import { listLabs } from '..';
import { inColumns } from './columns';
import { EXIT, exitAfter, exitCodes } from './exit';
import { printJson } from './print';

const HEADER = ['NAME', 'NODES', 'OWNER'];

const EXIT_CODES = {
  [EXIT.OK]: 'the labs were printed, even if there is none',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or a lab could not be looked at',
};

/** Adds `rtnetns labs` to the command line. */
export function addLabs(program: Command): void {
  program
    .command('labs')
    .description('list the labs that have names')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nOWNER is whether the process that has made the lab is alive or dead; none is of')
    .addHelpText('after', 'a lab that was made to be kept, as by `up`.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (flags: { json?: true }, command: Command) =>
      exitAfter(command, async () => runLabs(flags.json === true)),
    );
}

async function runLabs(json: boolean): Promise<number> {
  const labs = await listLabs();
  const rows = labs.map(({ name, nodes, owner }) => [printable(name), `${nodes.length}`, owner]);
  if (json) printJson(labs);
  else if (rows.length > 0) console.log(inColumns([HEADER, ...rows]).join('\n'));
  return EXIT.OK;
}
