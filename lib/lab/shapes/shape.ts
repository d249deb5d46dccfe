import { checkFirst } from '../check-all';
import {
  checkOptions,
  integerFrom,
  isText,
  optionsOf,
  type OptionTable,
  optionTable,
} from '../../common/options';
import { netem } from '../../netlink/rtnetlink/qdiscs/netem';
import type {
  LabDefinition,
  LinkDefinition,
  NodeDefinition,
  RouterDefinition,
  SwitchDefinition,
} from '../definition';

/** What a shape stands for, with each name written out. */
export interface Shaped extends LabDefinition {
  switches: Readonly<Record<string, SwitchDefinition>>;
  routers: Readonly<Record<string, RouterDefinition>>;
  nodes: Readonly<Record<string, NodeDefinition>>;
  links: readonly LinkDefinition[];
}

/** How much there is in a shape. */
export interface ShapeSize {
  nodes: number;
  links: number;
}

/** A kind of shape. */
export interface Shape<Options> {
  options: OptionTable<Options>;
  /** Known before anything is made, because a few digits stand for millions of nodes. */
  sizeOf: (options: Options) => ShapeSize;
  /** `path` is what errors call the options. */
  make: (options: Options, path: string) => Shaped;
}

/** Of all shapes of a definition together. */
export const MOST = 5000;

/** @throws RangeError where there is too much in a shape, together with what others have. */
export function checkSize({ nodes, links }: ShapeSize, others: ShapeSize, path: string): void {
  if (others.nodes + nodes <= MOST && others.links + links <= MOST) return;
  const most = `all shapes together at most ${MOST} of each`;
  const [some, more] = [nodes, links].map((count) => (count > 1e6 ? 'over 1000000' : count));
  throw new RangeError(`${path}: it has ${some} nodes and ${more} links, and ${most}`);
}

/** What a function returns that makes one shape. */
export function madeAlone<Options>(shape: Shape<Options>, options: Options): LabDefinition {
  checkFirst(() => checkOptions(options, shape.options));
  checkSize(shape.sizeOf(options), { nodes: 0, links: 0 }, 'options');
  return shape.make(options, '');
}

/** What more is too much in any case. */
export const countFrom = (least: number): ReturnType<typeof integerFrom> => integerFrom(least, MOST);

/** Options of all kinds. */
export const ANY = { prefix: isText, impair: optionsOf(optionTable(netem.options)) } as const;

/** 1, 2, … */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** An object that has the same for each name. */
export function forEach<T>(names: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value]));
}
