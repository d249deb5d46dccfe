import { optionTable } from '../../common/options';
import type { LabDefinition } from '../definition';
import type { LeafSpineShape } from './definition';
import { DEFAULT_HOSTS, HOSTING, withHosts } from './hosts';
import { joined } from './join';
import { countFrom, forEach, madeAlone, numbers, type Shape } from './shape';

export const LEAF_SPINE: Shape<LeafSpineShape> = {
  options: optionTable<LeafSpineShape>({ ...HOSTING, spines: countFrom(1), leaves: countFrom(1) }, [
    'spines',
    'leaves',
  ]),
  sizeOf: ({ spines, leaves, hosts = DEFAULT_HOSTS }) => ({
    nodes: spines + leaves * (1 + hosts),
    links: spines * leaves,
  }),
  make: ({ spines, leaves, prefix = '', impair, ...hosting }, path) => {
    const upper = numbers(spines).map((i) => `${prefix}spine${i}`);
    const lower = numbers(leaves).map((i) => `${prefix}leaf${i}`);
    const pairs = lower.flatMap((leaf) => upper.map((spine) => [leaf, spine] as const));
    const edge = withHosts(lower, { prefix, ...hosting }, path);
    const routers = { ...forEach(upper, {}), ...edge.routers };
    return { ...edge, routers, links: joined(pairs, impair) };
  },
};

/**
 * The definition of a lab of two levels of routers, each of the one joined to each of the other by a link: `leaf1`, … and `spine1`, … Each leaf
 * has a switch (`lan1`, …) with hosts: `host2-1` is the first one of `leaf2`.
 *
 * @throws TypeError or RangeError for options that cannot be.
 * @example
 * ```ts
 * await using lab = await createLab(leafSpine({ spines: 2, leaves: 3, hosts: 4 }));
 * console.log(lab.addr('host3-4')); // 10.0.3.5
 * console.log((await ping(lab.node('host1-1'), '10.0.3.5')).received); // 1
 * ```
 */
export function leafSpine(options: LeafSpineShape): LabDefinition {
  return madeAlone(LEAF_SPINE, options);
}
