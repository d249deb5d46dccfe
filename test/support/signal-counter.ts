import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A program that says that it is ready, counts SIGINT and SIGQUIT, and prints the count when it gets the SIGUSR1 that it has its
 * parent hand on after the first: a signal that comes twice would have come before. It exits with this status.
 */
export function signalCounter(status: number): string[] {
  return ['python3', '-c', COUNTER, String(status)];
}

const COUNTER = `
import os, signal, sys
# a wakeup descriptor keeps what arrives between two steps of this program, for which a pause would wait for ever
arrived, wakeup = os.pipe()
os.set_blocking(wakeup, False)
signal.set_wakeup_fd(wakeup)
for number in signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1:
    signal.signal(number, lambda *_: None)
print('ready', flush=True)
count = 0
while os.read(arrived, 1) != bytes([signal.SIGUSR1]):
    count += 1
    if count == 1:
        os.kill(os.getppid(), signal.SIGUSR1)
print('signals:', count, flush=True)
sys.exit(int(sys.argv[1]))`;

/** Runs a command that prints 'ready', sends it the signal then, and returns how it ended and all that it printed. */
export async function sendWhenReady(
  [file = '', ...args]: readonly string[],
  signal: NodeJS.Signals,
  env?: NodeJS.ProcessEnv,
) {
  const child = spawn(file, args, { detached: true, env });
  let output = '';
  let isSent = false;
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
    if (isSent || !output.includes('ready\n')) return;
    isSent = true;
    child.kill(signal);
  });
  // 'exit' comes before the last of the output
  const ended = await once(child, 'close');
  return { ended, output };
}
