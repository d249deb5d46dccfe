import { optionTable } from '../../common/options';
import type { LabDefinition } from '../definition';
import type { Findings, Place } from '../findings';
import { listed } from '../lists';
import type { ShapesDefinition } from './definition';
import { LEAF_SPINE } from './leaf-spine';
import { LINE } from './line';
import { MESH } from './mesh';
import { checkSize, type Shape, type Shaped } from './shape';
import { STAR } from './star';
import { TREE } from './tree';

const KINDS = { star: STAR, line: LINE, mesh: MESH, tree: TREE, leafSpine: LEAF_SPINE } as const;

/** What there is of each is looked at by the table of its kind. */
const SHAPES = optionTable<ShapesDefinition>({
  star: true,
  line: true,
  mesh: true,
  tree: true,
  leafSpine: true,
});

/** A shape that a definition asks for. */
interface Asked {
  shape: Shape<unknown>;
  options: unknown;
  place: Place;
}

function* askedOf(shapes: ShapesDefinition): Generator<Asked> {
  for (const [kind, shape] of Object.entries(KINDS)) {
    const one = shapes[kind as keyof ShapesDefinition];
    for (const [i, options] of listed<unknown>(one).entries()) {
      const place = ['shapes', kind, ...(Array.isArray(one) ? [i] : [])];
      yield { shape: shape as Shape<unknown>, options, place };
    }
  }
}

/** The options of each shape by themselves. */
export function checkShapes(shapes: unknown, findings: Findings): void {
  findings.check(shapes, SHAPES, ['shapes']);
  if (typeof shapes !== 'object' || shapes === null) return;
  for (const { shape, options, place } of askedOf(shapes)) {
    findings.check(options, shape.options, place);
  }
}

/** What the shapes of a definition stand for, with the place of each. They have passed `checkShapes`. */
export function expandShapes(
  { shapes = {} }: LabDefinition,
  findings: Findings,
): { shaped: Shaped; place: Place }[] {
  const all: { shaped: Shaped; place: Place }[] = [];
  const sum = { nodes: 0, links: 0 };
  for (const { shape, options, place } of askedOf(shapes)) {
    const make = (_: unknown, path: string): void => {
      const size = shape.sizeOf(options);
      checkSize(size, sum, path);
      sum.nodes += size.nodes;
      sum.links += size.links;
      all.push({ shaped: shape.make(options, path), place });
    };
    findings.passes(make, options, place);
  }
  return all;
}
