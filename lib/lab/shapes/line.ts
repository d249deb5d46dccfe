import { optionTable } from '../../common/options';
import type { LabDefinition } from '../definition';
import type { LineShape } from './definition';
import { joined } from './join';
import { ANY, countFrom, forEach, madeAlone, numbers, type Shape } from './shape';

export const LINE: Shape<LineShape> = {
  options: optionTable<LineShape>({ ...ANY, nodes: countFrom(2) }, ['nodes']),
  sizeOf: ({ nodes }) => ({ nodes, links: nodes - 1 }),
  make: ({ nodes, prefix = '', impair }) => {
    const names = numbers(nodes).map((i) => `${prefix}node${i}`);
    const pairs = names.slice(1).map((name, i) => [names[i] ?? '', name] as const);
    const ends = names.filter((_, i) => i === 0 || i === nodes - 1);
    return {
      switches: {},
      routers: forEach(names.slice(1, -1), {}),
      nodes: forEach(ends, {}),
      links: joined(pairs, impair),
    };
  },
};

/**
 * The definition of a lab of nodes in a row, each joined to the next by a link: `node1`, `node2`, … All but the two at the ends are routers.
 *
 * @throws TypeError or RangeError for options that cannot be.
 * @example
 * ```ts
 * await using lab = await createLab(line({ nodes: 4 }));
 * console.log((await ping(lab.node('node1'), lab.addr('node4'))).received); // 1
 * ```
 */
export function line(options: LineShape): LabDefinition {
  return madeAlone(LINE, options);
}
