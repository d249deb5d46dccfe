#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addAdd } from './add';
import { addCapture } from './capture';
import { givenArguments } from './arguments';
import { addBuild } from './build';
import { addClean } from './clean';
import { addCompletion } from './completion';
import { addDel } from './del';
import { addDemo } from './demo';
import { addDoctor } from './doctor';
import { Exit, EXIT, exitCodes, exitForUsage, exitWhereOutputFails } from './exit';
import { printError, printStacks, printUsageError } from './print';
import { addDown } from './down';
import { addDraw } from './draw';
import { addLabs } from './labs';
import { addPlan } from './plan';
import { addSweep } from './sweep';
import { addUi } from './ui';
import { addUp } from './up';
import { addExec } from './exec';
import { addLs } from './ls';
import { addPids } from './pids';
import { addPing } from './ping';
import { addRepl } from './repl';
import { addSandbox } from './sandbox';
import { addShow } from './show';
import { addSysctl } from './sysctl';
import { addTrace } from './trace';
import { addWatch } from './watch';

const { version } = createRequire(__filename)('../../package.json') as { version: string };

const EXIT_CODES = {
  [EXIT.OK]: 'the help or the version was printed',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong',
};

const program = new Command('rtnetns')
  .description('Linux network namespaces over rtnetlink')
  .version(version)
  // so that the options of a sandboxed command are its own
  .enablePositionalOptions()
  .exitOverride(exitForUsage(EXIT.COULD_NOT_LOOK))
  .configureOutput({ outputError: (text) => printUsageError(text) })
  .addHelpText('after', exitCodes(EXIT_CODES));

for (const add of [
  addLs,
  addAdd,
  addDel,
  addClean,
  addExec,
  addPids,
  addShow,
  addWatch,
  addPing,
  addCapture,
  addSysctl,
  addUp,
  addPlan,
  addDown,
  addDraw,
  addLabs,
  addSweep,
  addUi,
  addDemo,
  addDoctor,
  addRepl,
  addSandbox,
  addTrace,
  addCompletion,
  addBuild,
])
  add(program);

// before the command or after it
for (const command of [program, ...program.commands]) {
  command.option('--debug', 'print the stack of an error, too').on('option:debug', printStacks);
}

/** `help NAME` prints the whole help where there is no such command; `NAME` alone is an error with the nearest one. */
function withoutHelp(given: readonly string[]): readonly string[] {
  const [help, name = '-'] = given;
  const isKnown = name.startsWith('-') || program.commands.some((command) => command.name() === name);
  return help === 'help' && !isKnown ? given.slice(1) : given;
}

/** Of what was typed. */
function commandName(): string | undefined {
  return process.argv.slice(2).find((word) => !word.startsWith('-'));
}

async function main(): Promise<void> {
  try {
    await program.parseAsync(withoutHelp(givenArguments()), { from: 'user' });
  } catch (error) {
    if (error instanceof Exit) {
      process.exitCode = error.exitCode;
      return;
    }
    printError(error);
    process.exitCode = ['exec', 'sandbox'].includes(commandName() ?? '')
      ? EXIT.NO_SANDBOX
      : EXIT.COULD_NOT_LOOK;
  }
}

exitWhereOutputFails();

void main();
