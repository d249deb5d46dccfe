import { toBytes } from '../common/byte-text';
import { printable } from '../common/printable';
import type { Facts } from './facts';

// The commands of findings, as one would type them, in backquotes.

type InNamespace = Pick<Facts, 'netns'>;

function quoted(word: string): string {
  if (/^[\w.@:/=+-]+$/.test(word)) return word;
  if (printable(word) === word) return `'${word.replaceAll("'", `'\\''`)}'`;
  // bash(1), QUOTING: the word byte by byte, because the escapes have to be those of the shell
  return `$'${[...toBytes(word)].map(shellByte).join('')}'`;
}

function shellByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /^[\w.@:/=+ -]$/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** A command that runs in the user's own namespace. */
export const hereCommand = (...words: string[]) => `\`${words.map(quoted).join(' ')}\``;

/** `ip …` in the namespace that was examined, or in the namespace of that name. */
export function ipCommand({ netns }: InNamespace, words: readonly string[], name = netns.name): string {
  return hereCommand('ip', ...(name === undefined ? [] : ['-n', name]), ...words);
}

/** Any other program, in the namespace that was examined. */
export function command({ netns: { name } }: InNamespace, ...words: string[]): string {
  return hereCommand(...(name === undefined ? [] : ['ip', 'netns', 'exec', name]), ...words);
}

/** `ip link set dev NAME …` */
export function setLinkCommand(
  { netns }: InNamespace,
  device: string,
  settings: readonly string[],
  name = netns.name,
): string {
  return ipCommand({ netns }, ['link', 'set', 'dev', device, ...settings], name);
}

export function setSysctlCommand(place: InNamespace, key: string, value: number): string {
  return command(place, 'sysctl', '-w', `${key}=${value}`);
}

export function nameOf({ netns: { name, ino } }: InNamespace): string {
  return name ?? `net:[${ino}]`;
}
