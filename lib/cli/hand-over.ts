import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { toBytes } from '../common/byte-text';
import { REPLACEMENT } from './arguments';

const NUL = Buffer.alloc(1);

/**
 * Hands a command and the environment over to rtnetns-sandbox, which reads them from a descriptor as strings that a NUL
 * ends. Arguments of `spawn` would be text, and the bytes of a name need not be UTF-8.
 */
export function handOver(pipe: Writable, command: readonly string[]): void {
  // a sandbox that has ended has an exit code, which says more
  pipe.on('error', () => undefined);
  for (const word of command) {
    // only what is not UTF-8 needs the library, which takes longer to load than the rest of the command
    pipe.write(word.isWellFormed() ? word : toBytes(word));
    pipe.write(NUL);
  }
  pipe.end(changedEnvironment());
}

/** The environment of this process where node has not kept its bytes, proc_pid_environ(5); otherwise the sandbox inherits it. */
function changedEnvironment(): Buffer {
  const lost = Object.entries(process.env).some((entry) => entry.join().includes(REPLACEMENT));
  return lost ? readFileSync('/proc/self/environ') : Buffer.alloc(0);
}
