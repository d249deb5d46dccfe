import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { EXIT } from './exit';
import { inForeground } from './terminal';

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGINT'] as const;

/** What a terminal sends for Ctrl-C and Ctrl-\, to all processes of the group in its foreground. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/**
 * Stands for a child until it ends, and forwards signals to it, but for those that it has from the terminal itself, because
 * a second Ctrl-C means something else to many commands. Returns its exit code; dies of its signal.
 *
 * @throws the child's 'error'.
 */
export async function runChild(child: ChildProcess): Promise<number> {
  const forward = (signal: NodeJS.Signals) => {
    if (!FROM_TERMINAL.includes(signal) || !inForeground()) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        if (signal === null) {
          resolve(code ?? EXIT.NO_SANDBOX);
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
