import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Command } from 'commander';
import { programPath } from '../addon/programs';
import { inForeground } from './terminal';

/** The sandbox's own exit code: the system refused, and it said why. */
const SANDBOX_REFUSED = 125;

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGINT'] as const;

/** What a terminal sends for Ctrl-C and Ctrl-\, to all processes of the group in its foreground. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/** Whether this process runs in a sandbox already. */
export function inSandbox(): boolean {
  return process.env['RTNETNS_SANDBOX'] !== undefined;
}

/**
 * Runs a command in the sandbox with this process's terminal, and forwards signals to it, but for those that it has from the
 * terminal itself, because a second Ctrl-C means something else to many commands. Returns its exit code; dies of its signal.
 */
export async function runSandbox(command: readonly string[]): Promise<number> {
  const child = spawn(programPath('rtnetns-sandbox'), ['--', ...command], { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => {
    if (!FROM_TERMINAL.includes(signal) || !inForeground()) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        if (signal === null) {
          resolve(code ?? SANDBOX_REFUSED);
          return;
        }
        for (const name of FORWARDED) process.off(name, forward);
        process.kill(process.pid, signal);
        // for a signal that this process does not die of
        resolve(128 + constants.signals[signal]);
      });
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

/** Adds `rtnetns sandbox` to the command line. */
export function addSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('run a command in a network of its own, where the caller is root')
    .usage('-- COMMAND [ARGUMENT...]')
    .argument('<command...>')
    .passThroughOptions()
    .addHelpText(
      'after',
      `\nExits with the command's own code, or with ${SANDBOX_REFUSED} if the system refuses the sandbox.`,
    )
    .action(async (command: string[]) => {
      process.exitCode = await runSandbox(command);
    });
}
