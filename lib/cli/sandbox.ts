import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { existsSync } from 'node:fs';

/** The sandbox's own exit code: the system refused, and it said why. */
export const SANDBOX_REFUSED = 125;

const PROGRAM = 'rtnetns-sandbox';

/** The small program that is built beside the addon. */
function sandboxProgram(): string {
  const root = join(__dirname, '..', '..');
  const places = ['build/Release', 'build/Debug'].map((place) => join(root, place, PROGRAM));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${PROGRAM} is not built: run 'npm run build:native' in ${root}`);
  return found;
}

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGINT'] as const;

/** Whether this process runs in a sandbox already. */
export function inSandbox(): boolean {
  return process.env['RTNETNS_SANDBOX'] !== undefined;
}

/** Runs a command in the sandbox with this process's terminal. Returns its exit code; dies of its signal. */
export async function runSandbox(command: readonly string[]): Promise<number> {
  const child = spawn(sandboxProgram(), ['--', ...command], { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
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
