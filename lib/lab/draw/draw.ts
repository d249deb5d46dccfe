import { checkObject, checkOptions, oneOf, optionTable } from '../../common/options';
import { printable } from '../../common/printable';
import { checkNetns } from '../../netns/check-netns';
import type { Netns } from '../../netns/netns';
import { Lab } from '../lab';
import { toDot } from './dot';
import { type Drawing, drawingOf } from './drawing';
import { toMermaid } from './mermaid';
import { lookAt, type Place } from './sight';
import { toSvg } from './svg';
import { toText } from './text';

/** How something is drawn. */
export interface DrawOptions {
  /** 'text' (default): lines to read and to compare. 'svg': a picture. 'dot': for Graphviz. 'mermaid': for Markdown. */
  format?: 'text' | 'svg' | 'dot' | 'mermaid';
}

const FORMATS: Readonly<
  Record<NonNullable<DrawOptions['format']>, (drawing: Drawing) => string | Promise<string>>
> = {
  text: toText,
  svg: async (drawing) => toSvg(toDot(drawing)),
  dot: toDot,
  mermaid: toMermaid,
};

const OPTIONS = optionTable<DrawOptions>({ format: oneOf(Object.keys(FORMATS)) });

/**
 * Draws a lab, or namespaces by the names that they are given, as they are now: the nodes with their devices, addresses and routes, the
 * bridges, and the veth pairs between them. Impairments, devices that are down and ports that do not forward are marked. Left out are the
 * routes that the kernel makes for addresses, link-local addresses, and `lo` without addresses of its own.
 *
 * In 'svg', 'dot' and 'mermaid', six or more nodes of a switch that differ only in names and addresses are drawn together. 'svg' needs the
 * package `@viz-js/viz`, which is loaded when the first one is drawn.
 *
 * @throws Error ERR_NO_VIZ where `@viz-js/viz` is not installed; {@link NetlinkError} of the kernel's.
 * @example
 * ```ts
 * await using lab = await createLab({ links: [{ ends: ['a', 'b'] }], nodes: { a: {}, b: {} } });
 * console.log((await draw(lab)).split('\n')[1]?.trim()); // eth0 198.18.0.0/31 to eth0 of b
 * ```
 */
export async function draw(
  what: Lab | Readonly<Record<string, Netns>>,
  options: DrawOptions = {},
): Promise<string> {
  const places = placesOf(what);
  checkOptions(options, OPTIONS);
  const { format = 'text' } = options;
  return FORMATS[format](drawingOf(await lookAt(places)));
}

/** @internal What is drawn of a lab, or of namespaces. */
export function placesOf(what: Lab | Readonly<Record<string, Netns>>): Place[] {
  if (what instanceof Lab) {
    return [
      ...[...what.nodes].map(([name, netns]) => ({ name, netns })),
      { name: undefined, netns: what.switches },
    ];
  }
  checkObject(what, 'what');
  const spaces = Object.entries(what);
  if (spaces.length === 0) throw new TypeError('what: expected a lab, or at least one namespace');
  return spaces.map(([name, netns]) => {
    checkNetns(netns, `what.${printable(name)}`);
    return { name, netns };
  });
}
