/** @internal 'a', 'a and b', 'a, b and c', or with 'or' in the place of 'and'. */
export function inWords(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}
