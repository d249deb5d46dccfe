import { optionTable } from '../../common/options';
import type { LabDefinition } from '../definition';
import type { MeshShape } from './definition';
import { joined } from './join';
import { ANY, countFrom, forEach, madeAlone, numbers, type Shape } from './shape';

export const MESH: Shape<MeshShape> = {
  options: optionTable<MeshShape>({ ...ANY, nodes: countFrom(2) }, ['nodes']),
  sizeOf: ({ nodes }) => ({ nodes, links: (nodes * (nodes - 1)) / 2 }),
  make: ({ nodes, prefix = '', impair }) => {
    const names = numbers(nodes).map((i) => `${prefix}node${i}`);
    const pairs = names.flatMap((one, i) => names.slice(i + 1).map((other) => [one, other] as const));
    return { switches: {}, routers: forEach(names, {}), nodes: {}, links: joined(pairs, impair) };
  },
};

/**
 * The definition of a lab of routers, each joined to each by a link: `node1`, `node2`, …
 *
 * @throws TypeError or RangeError for options that cannot be.
 * @example
 * ```ts
 * await using lab = await createLab(mesh({ nodes: 3 }));
 * console.log(lab.addrs('node1')); // [ '198.18.0.0', '198.18.0.2' ]
 * ```
 */
export function mesh(options: MeshShape): LabDefinition {
  return madeAlone(MESH, options);
}
