import type { Command } from 'commander';
import { EXIT, exitAfter, exitCodes } from './exit';
import { printJson } from './print';
import { netnsPids } from '..';

const EXIT_CODES = {
  [EXIT.OK]: 'the processes were printed, even if there is none',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or the namespace could not be looked at',
};

/** Adds `rtnetns pids` to the command line. */
export function addPids(program: Command): void {
  program
    .command('pids')
    .description('list the processes that have a thread in a namespace')
    .argument('<name>', 'in /run/netns')
    .option('--json', 'print them as JSON')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string, flags: { json?: true }, command: Command) =>
      exitAfter(command, async () => {
        const pids = await netnsPids(name);
        if (flags.json) printJson(pids);
        else for (const pid of pids) console.log(pid);
        return EXIT.OK;
      }),
    );
}
