/** The end of a sentence that refuses a name: the most similar one that there is, or nothing if none is. */
export function didYouMean(name: unknown, names: readonly string[]): string {
  if (typeof name !== 'string') return '';
  const similar = synonym(name, names) ?? misspelt(name, names) ?? longerOrShorter(name, names);
  return similar === undefined ? '' : `; did you mean '${similar}'?`;
}

/** What `ip`, `nft` and `ping` call an option, and what it is called here, by one function or another. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['address', ['mac', 'addrs']],
  ['dev', ['device']],
  ['dst', ['to']],
  ['down', ['up']],
  ['gateway', ['via']],
  ['gw', ['via']],
  ['iif', ['inputDevice']],
  ['ip', ['addrs']],
  ['lladdr', ['mac']],
  ['lookup', ['table']],
  ['master', ['bridge']],
  ['ns', ['netns']],
  ['oif', ['outputDevice']],
  ['pref', ['priority']],
  ['proto', ['protocol']],
  ['preferred_lft', ['preferredLifetime']],
  ['state', ['up']],
  ['stp_state', ['stp']],
  ['type', ['kind', 'key']],
  ['valid_lft', ['validLifetime']],
  ['wait', ['timeout']],
]);

function synonym(name: string, names: readonly string[]): string | undefined {
  return SYNONYMS.get(name)?.find((meant) => names.includes(meant));
}

/** The name that differs in the fewest letters, unless these are too many. */
export function misspelt(name: string, names: readonly string[]): string | undefined {
  const most = Math.ceil(name.length / 4);
  const [nearest] = names
    .filter((other) => Math.abs(other.length - name.length) <= most) // others differ in more letters by their length alone
    .map((other) => ({ other, distance: editDistance(name, other) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return nearest?.other;
}

/** Letters that two names have in common, of which one is part of the other: with fewer it may be by chance. */
const LEAST_PART = 4;

/** The longest name that is part of this one, or that this one is part of: 'host' of 'hostname'. */
function longerOrShorter(name: string, names: readonly string[]): string | undefined {
  const isPart = (one: string, of: string) =>
    one.length >= LEAST_PART && of.toLowerCase().includes(one.toLowerCase());
  const [longest] = names
    .filter((other) => isPart(other, name) || isPart(name, other))
    .sort((a, b) => b.length - a.length);
  return longest;
}

/** More than any distance. */
const FAR = 2 ** 30;

// found once, because in a context of node:vm, as jest has, a look for a global takes longer than all else here
const { min } = Math;

/**
 * How many letters have to be put in, left out, replaced, or exchanged with the next one (Damerau and Levenshtein), where
 * upper and lower case are alike.
 */
function editDistance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()];
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanges = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = exchanges ? at(before, j - 2) + 1 : FAR;
      next.push(min(replaced, exchanged, at(row, j) + 1, at(next, j - 1) + 1));
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? FAR;
}
