import { readFileSync } from 'node:fs';
import { fromBytes } from '../common/byte-text';

/** What node puts in the place of bytes that are not UTF-8. */
export const REPLACEMENT = '\ufffd';

/**
 * The arguments of this process, without those of node. An argument is bytes, as a name is, and has the text of a name:
 * a byte that is not UTF-8 is half of a surrogate pair (lib/common/byte-text.ts). In `process.argv` such bytes are lost,
 * but not in /proc.
 *
 * @throws Error where such bytes may be lost.
 */
export function givenArguments(): string[] {
  const decoded = process.argv.slice(2);
  if (!decoded.some((text) => text.includes(REPLACEMENT))) return decoded;
  // node's own arguments come first, and are not in process.argv
  const given = readCommandLine().slice(-decoded.length);
  if (given.length < decoded.length || given.some((bytes, i) => bytes.toString() !== decoded[i])) {
    throw new Error(
      'an argument holds U+FFFD, or a byte that is not UTF-8: its bytes are lost, because the title of the process has ' +
        "replaced them in /proc/self/cmdline; leave out node's --title",
    );
  }
  return given.map((bytes) => fromBytes(bytes));
}

/** proc_pid_cmdline(5): a NUL ends each argument. */
function readCommandLine(): Buffer[] {
  const words = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
  return words.map((word) => Buffer.from(word, 'latin1'));
}
