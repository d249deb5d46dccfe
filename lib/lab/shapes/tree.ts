import { optionTable } from '../../common/options';
import type { LabDefinition } from '../definition';
import type { TreeShape } from './definition';
import { DEFAULT_HOSTS, HOSTING, withHosts } from './hosts';
import { joined } from './join';
import { countFrom, forEach, madeAlone, numbers, type Shape } from './shape';

/** How many routers are on a level, the first of which is 1. */
const widthOf = (level: number, fanout: number): number => fanout ** (level - 1);

export const TREE: Shape<TreeShape> = {
  options: optionTable<TreeShape>({ ...HOSTING, depth: countFrom(1), fanout: countFrom(1) }, [
    'depth',
    'fanout',
  ]),
  sizeOf: ({ depth, fanout, hosts = DEFAULT_HOSTS }) => {
    const routers = numbers(depth).reduce((sum, level) => sum + widthOf(level, fanout), 0);
    return { nodes: routers + hosts * widthOf(depth, fanout), links: routers - 1 };
  },
  make: ({ depth, fanout, prefix = '', impair, ...hosting }, path) => {
    const levels = numbers(depth).map((level) =>
      numbers(widthOf(level, fanout)).map((i) => `${prefix}router${level}-${i}`),
    );
    const pairs = levels
      .slice(1)
      .flatMap((level, above) =>
        level.map((name, i) => [levels[above]?.[Math.floor(i / fanout)] ?? '', name] as const),
      );
    const lowest = withHosts(levels.at(-1) ?? [], { prefix, ...hosting }, path);
    const routers = { ...forEach(levels.slice(0, -1).flat(), {}), ...lowest.routers };
    return { ...lowest, routers, links: joined(pairs, impair) };
  },
};

/**
 * The definition of a lab of routers in levels: `router1-1`, below it `router2-1`, `router2-2`, … Each of the lowest level has a switch (`lan1`,
 * …) with hosts: `host2-1` is the first one of `lan2`.
 *
 * @throws TypeError or RangeError for options that cannot be.
 * @example
 * ```ts
 * await using lab = await createLab(tree({ depth: 2, fanout: 2, hosts: 2 }));
 * console.log(lab.addr('host2-1')); // 10.0.2.2
 * console.log((await ping(lab.node('host1-1'), '10.0.2.2')).received); // 1
 * ```
 */
export function tree(options: TreeShape): LabDefinition {
  return madeAlone(TREE, options);
}
