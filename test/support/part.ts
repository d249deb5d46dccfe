// What takes long, such as matrices and random cases: a run takes a part of it, other ones each day, and all where RTNETNS_ALL is set.

const A_DAY = 24 * 60 * 60 * 1000;

const ALL = process.env['RTNETNS_ALL'] !== undefined;

/** Each of so many numbers from the first one, without end. */
export function* partOfNumbers(first: number, parts: number): Generator<number, never> {
  const step = ALL ? 1 : parts;
  for (let next = first + (Math.floor(Date.now() / A_DAY) % step); ; next += step) yield next;
}

/** Each of so many of a list. */
export function partOf<T>(list: readonly T[], parts: number): T[] {
  const chosen: T[] = [];
  for (const index of partOfNumbers(0, Math.min(parts, list.length))) {
    if (index >= list.length) break;
    chosen.push(list[index]!);
  }
  return chosen;
}

/** How many of these runs, each of which is another one by chance. */
export function partOfRuns(all: number, parts: number): number {
  return ALL ? all : Math.ceil(all / parts);
}
