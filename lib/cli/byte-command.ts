import { toBytes } from '../common/byte-text';

/** What neither the shell nor printf(1) takes for anything else. */
const PLAIN = /[A-Za-z0-9_./=-]/;

/**
 * A command as `spawn` of node takes it. Node writes arguments as UTF-8. So where an argument is other bytes, /bin/sh is
 * given what printf(1) makes the bytes of, and becomes the command.
 */
export function byteCommand(command: readonly [string, ...string[]]): [string, ...string[]] {
  if (command.every((word) => word.isWellFormed())) return [...command];
  const words = command.map((word, i) => (word.isWellFormed() ? `"\${${i}}"` : printed(word)));
  return [
    '/bin/sh',
    '-c',
    `exec ${words.join(' ')}`,
    ...command.map((word) => (word.isWellFormed() ? word : '')),
  ];
}

/** A word of the shell that stands for the bytes of a text. */
function printed(text: string): string {
  const [, body = '', newlines = ''] = /^(.*?)(\n*)$/s.exec(text) ?? [];
  const escaped = Array.from(toBytes(body), (byte) => {
    const character = String.fromCharCode(byte);
    return PLAIN.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  });
  // the shell takes away the ends of lines at the end of what a command prints
  return `"$(printf %b '${escaped.join('')}')${newlines}"`;
}
