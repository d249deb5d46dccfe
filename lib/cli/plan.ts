import type { Command } from 'commander';
import { planLab } from '..';
import { EXIT, exitAfter, exitCodes } from './exit';
import { printPlan, readNamedLab } from './lab-file';

interface Flags {
  name?: string;
  json?: true;
}

const EXIT_CODES = {
  [EXIT.OK]: 'the lab is what the file says',
  [EXIT.FOUND]: '`up` would change something',
  [EXIT.COULD_NOT_LOOK]: 'the arguments or the file are wrong, or the lab is not to be read',
};

/** Adds `rtnetns plan` to the command line. */
export function addPlan(program: Command): void {
  program
    .command('plan')
    .description('print what `up` would do with a file, and change nothing')
    .argument('<file>', 'YAML or JSON')
    .option('--name <lab>', 'the name of the lab, which is otherwise that in the file, or that of the file')
    .option('--json', 'print it as JSON')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (file: string, flags: Flags, command: Command) =>
      exitAfter(command, async () => runPlan(file, flags)),
    );
}

async function runPlan(file: string, { name, json }: Flags): Promise<number> {
  const definition = await readNamedLab(file, name);
  const plan = await planLab(definition);
  printPlan(definition.name, plan, json === true);
  return plan.empty ? EXIT.OK : EXIT.FOUND;
}
