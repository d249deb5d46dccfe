/** Whether a pattern means a name, both in small letters: '*.example.org' means the names below example.org, not itself. */
export function means(pattern: string, name: string): boolean {
  return pattern.startsWith('*.')
    ? name.length > pattern.length - 1 && name.endsWith(pattern.slice(1))
    : name === pattern;
}
