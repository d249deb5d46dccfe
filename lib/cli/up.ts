import type { Command } from 'commander';
import { createLab, type LabPlan, planLab } from '..';
import { EXIT, exitAfter, exitCodes } from './exit';
import { interruption } from './interruption';
import { type NamedLab, openLabIfThere, printPlan, readNamedLab } from './lab-file';
import { printError } from './print';
import { ProgressBar } from './progress';

interface Flags {
  name?: string;
  json?: true;
}

const EXIT_CODES = {
  [EXIT.OK]: 'the lab is what the file says',
  [EXIT.FOUND]: 'the lab could not be made so, and is as it was before',
  [EXIT.COULD_NOT_LOOK]: 'the arguments or the file are wrong: nothing was changed',
};

/** Adds `rtnetns up` to the command line. */
export function addUp(program: Command): void {
  program
    .command('up')
    .description('make a lab what a file says')
    .argument('<file>', 'YAML or JSON')
    .option('--name <lab>', 'the name of the lab, which is otherwise that in the file, or that of the file')
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', '\nPrints a line for each step that was done. The lab stays until `rtnetns down`.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (file: string, flags: Flags, command: Command) =>
      exitAfter(command, async () => runUp(file, flags, command)),
    );
}

async function runUp(file: string, { name, json }: Flags, command: Command): Promise<number> {
  const definition = await readNamedLab(file, name);
  try {
    printPlan(definition.name, await makeSo(definition), json === true);
    return EXIT.OK;
  } catch (error) {
    // of the name, which is not in the file
    if (error instanceof TypeError) throw error;
    printError(error, command);
    return EXIT.FOUND;
  }
}

/** @returns what was done. */
async function makeSo(definition: NamedLab): Promise<LabPlan> {
  const plan = await planLab(definition);
  const started = plan.steps.find(({ kind }) => kind === 'process');
  if (started !== undefined)
    throw new TypeError(
      `${started.title}: this command ends before the lab does, and processes end with it: create the lab in a program`,
    );
  using interrupted = interruption();
  using bar = new ProgressBar();
  const how = { signal: interrupted.signal, onProgress: bar.show };
  const found = await openLabIfThere(definition.name);
  try {
    if (found !== undefined) return await found.apply(definition, how);
  } finally {
    found?.close();
  }
  const lab = await createLab(definition, { keep: true, ...how });
  lab.close();
  return plan;
}
