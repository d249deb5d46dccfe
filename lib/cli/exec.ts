import type { ChildProcess } from 'node:child_process';
import type { Command } from 'commander';
import { isSystemError } from '../common/system-error';
import { runChild } from './child';
import { EXIT, exitCodes, exitForUsage } from './exit';
import { printError } from './print';
import { openNetns, spawn } from '..';

const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

const EXIT_CODES = {
  [EXIT.NO_SANDBOX]: 'the namespace cannot be entered, or the arguments are wrong',
  [NOT_EXECUTABLE]: 'the command cannot be executed',
  [NOT_FOUND]: 'there is no such command',
  other: "the command's own; the command's signal ends `exec`, too",
};

/** Adds `rtnetns exec` to the command line. */
export function addExec(program: Command): void {
  program
    .command('exec')
    .description('run a command in a namespace')
    .usage('NAME [--] COMMAND [ARGUMENT...]')
    .argument('<name>', 'in /run/netns')
    .argument('<command...>')
    .passThroughOptions()
    // All other codes are the command's.
    .exitOverride(exitForUsage(EXIT.NO_SANDBOX))
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string, words: string[], _: object, command: Command) => {
      const [file, ...args] = words[0] === '--' ? words.slice(1) : words;
      if (file === undefined) command.error("missing required argument 'command'");
      process.exitCode = await runExec(name, file, args);
    });
}

async function runExec(name: string, file: string, args: readonly string[]): Promise<number> {
  try {
    return await runChild(await start(name, file, args));
  } catch (error) {
    if (!isOfTheCommand(error)) {
      printError(error);
      return EXIT.NO_SANDBOX;
    }
    const missing = error.code === 'ENOENT';
    const reason = missing
      ? 'there is no such command, or its interpreter is missing'
      : 'it cannot be executed';
    printError(new Error(`${error.code}: run ${file} in namespace ${name}: ${reason}`, { cause: error }));
    return missing ? NOT_FOUND : NOT_EXECUTABLE;
  }
}

async function start(name: string, file: string, args: readonly string[]): Promise<ChildProcess> {
  const netns = await openNetns(name);
  try {
    return spawn(netns, file, args, { stdio: 'inherit' });
  } finally {
    netns.close();
  }
}

/** Whether the command itself could not be run: an error of node's `spawn`. */
function isOfTheCommand(error: unknown): error is Error & { code: string } {
  return isSystemError(error) && error.syscall.startsWith('spawn ');
}
