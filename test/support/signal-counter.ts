/**
 * A program that says that it is ready, counts SIGINT and SIGQUIT, and prints the count when it gets the SIGUSR1 that it has its
 * parent hand on after the first: a signal that comes twice would have come before. It exits with this status.
 */
export function signalCounter(status: number): string[] {
  return ['python3', '-c', COUNTER, String(status)];
}

const COUNTER = `
import os, signal, sys
count = 0
def counted(*_):
    global count
    count += 1
    if count == 1:
        os.kill(os.getppid(), signal.SIGUSR1)
def asked(*_):
    print('signals:', count, flush=True)
    sys.exit(int(sys.argv[1]))
signal.signal(signal.SIGINT, counted)
signal.signal(signal.SIGQUIT, counted)
signal.signal(signal.SIGUSR1, asked)
print('ready', flush=True)
while True:
    signal.pause()`;
