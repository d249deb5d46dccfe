import { spawnSync } from 'node:child_process';

const TYPIST = `
import json, os, pty, signal, sys
keys, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
seen = unread = b''
awaited = 'the end'
def give_up(*_):
    sys.exit(f'waited in vain for {awaited!r} after {seen.decode()!r}')
signal.signal(signal.SIGALRM, give_up)
signal.alarm(50)
def more():
    try:
        return os.read(terminal, 65536)
    except OSError: # EIO: the other end is closed
        return b''
for expected, typed in keys:
    awaited = expected
    while expected.encode() not in unread:
        part = more()
        if not part:
            sys.exit('ended before ' + expected)
        seen += part
        unread += part
    # what comes after it may be here already, and be what the next keys are for
    unread = unread.partition(expected.encode())[2]
    os.write(terminal, typed.encode())
awaited = 'the end'
while part := more():
    seen += part
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/**
 * Runs a command at a terminal, and types there each time that something is on it. The output is all that was on the
 * terminal, the status that of the command. What does not come is said on standard error.
 */
export function typeAt(
  keys: readonly [expected: string, typed: string][],
  command: readonly string[],
  env: NodeJS.ProcessEnv,
) {
  const args = ['-c', TYPIST, JSON.stringify(keys), ...command];
  return spawnSync('python3', args, { encoding: 'utf8', env, timeout: 60_000 });
}
