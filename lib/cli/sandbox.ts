import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { programPath } from '../addon/programs';
import { runChild } from './child';
import { EXIT, exitCodes, exitForUsage } from './exit';
import { handOver } from './hand-over';
import { printError } from './print';

const EXIT_CODES = {
  [EXIT.NO_SANDBOX]: 'the system refuses the sandbox, or the arguments are wrong',
  126: 'the command cannot be executed',
  127: 'there is no such command',
  other: "the command's own; the command's signal ends the sandbox, too",
};

/** Whether this process runs in a sandbox already. */
export function inSandbox(): boolean {
  return process.env['RTNETNS_SANDBOX'] !== undefined;
}

/**
 * Runs a command in the sandbox with this process's terminal. Returns its exit code; dies of its signal. The words of the
 * command are texts of bytes.
 */
export async function runSandbox(command: readonly string[]): Promise<number> {
  try {
    return await run(command);
  } catch (error) {
    printError(error);
    return EXIT.NO_SANDBOX;
  }
}

async function run(command: readonly string[]): Promise<number> {
  const args = ['--handed-over', '3', String(command.length)];
  const child = spawn(programPath('rtnetns-sandbox'), args, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  handOver(child.stdio[3] as Writable, command);
  return runChild(child);
}

/** Adds `rtnetns sandbox` to the command line. */
export function addSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('run a command in a network of its own, where the caller is root')
    .usage('[--] COMMAND [ARGUMENT...]')
    .argument('<command...>')
    .passThroughOptions()
    // All other codes are the command's.
    .exitOverride(exitForUsage(EXIT.NO_SANDBOX))
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (command: string[]) => {
      process.exitCode = await runSandbox(command);
    });
}
