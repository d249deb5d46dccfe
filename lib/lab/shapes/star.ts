import { integerFrom, optionTable } from '../../common/options';
import type { LabDefinition } from '../definition';
import { areSubnets } from '../subnets';
import type { StarShape } from './definition';
import { ANY, forEach, madeAlone, numbers, type Shape } from './shape';

/** BR_MAX_PORTS - 1: a bridge numbers its ports from 1 (6.18). */
const MOST_PORTS = 1023;

export const STAR: Shape<StarShape> = {
  options: optionTable<StarShape>({ ...ANY, nodes: integerFrom(1, MOST_PORTS), subnet: areSubnets }, [
    'nodes',
  ]),
  sizeOf: ({ nodes }) => ({ nodes, links: 0 }),
  make: ({ nodes, subnet = '10.0.0.0/16', prefix = '', impair }) => {
    const lan = `${prefix}lan`;
    const names = numbers(nodes).map((i) => `${prefix}node${i}`);
    const ports = impair === undefined ? lan : { switch: lan, impair };
    return { switches: { [lan]: { subnet } }, routers: {}, nodes: forEach(names, { ports }), links: [] };
  },
};

/**
 * The definition of a lab of nodes on one switch: `node1`, `node2`, … on `lan`.
 *
 * @throws TypeError or RangeError for options that cannot be.
 * @example
 * ```ts
 * await using lab = await createLab(star({ nodes: 3 }));
 * console.log(lab.addr('node3')); // 10.0.0.3
 * ```
 */
export function star(options: StarShape): LabDefinition {
  return madeAlone(STAR, options);
}
