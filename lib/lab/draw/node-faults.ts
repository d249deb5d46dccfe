import { inWords } from '../../common/in-words';
import { printable } from '../../common/printable';
import { inNaturalOrder } from './natural-order';
import type { SeenSpace } from './sight';

/** More of them are counted. */
const FEW = 6;

/** What is said of the nodes that partitions and isolations concern: 'isolated', 'cut off from b and c'. */
export function nodeFaults(spaces: readonly SeenSpace[]): ReadonlyMap<SeenSpace, string[]> {
  const sides = new Map<string, string[]>();
  for (const { name, faults } of spaces) {
    for (const { id, side } of faults) {
      if (side === undefined || name === undefined) continue;
      const key = `${id} ${side}`;
      sides.set(key, [...(sides.get(key) ?? []), name]);
    }
  }
  return new Map(
    spaces.map((space) => {
      const isIsolated = space.faults.some(({ kind }) => kind === 'isolate');
      const others = space.faults.flatMap(({ id, side }) =>
        side === undefined ? [] : (sides.get(`${id} ${side === 'a' ? 'b' : 'a'}`) ?? []),
      );
      const names = inNaturalOrder([...new Set(others)], (name) => name);
      return [
        space,
        [
          ...(isIsolated ? ['isolated'] : []),
          ...(names.length === 0 ? [] : [`cut off from ${namesWords(names)}`]),
        ],
      ];
    }),
  );
}

function namesWords(names: readonly string[]): string {
  return names.length > FEW ? `${names.length} nodes` : inWords(names.map((name) => printable(name)));
}
