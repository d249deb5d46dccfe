import type { Facts } from './facts';

// Commands that mend what was found, as one would type them, in backquotes.

type InNamespace = Pick<Facts, 'netns'>;

const quoted = (word: string) => (/^[\w.@:/=+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** In whichever namespace the caller is. */
export const hereCommand = (...words: string[]) => `\`${words.map(quoted).join(' ')}\``;

/** `ip …` in this namespace, or in the one of that name. */
export function ipCommand({ netns }: InNamespace, words: readonly string[], name = netns.name): string {
  return hereCommand('ip', ...(name === undefined ? [] : ['-n', name]), ...words);
}

/** Any other program. */
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
