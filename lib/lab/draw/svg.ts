import { createRequire } from 'node:module';
import { FONT } from './dot';

/** Fonts as wide as the one that Graphviz knows, the nicer ones first. */
const FONTS = "ui-monospace, Menlo, 'DejaVu Sans Mono', 'Liberation Mono', 'Courier New', monospace";

/** What is used of the package. */
interface Graphviz {
  instance: () => Promise<{ renderString(dot: string, options: { format: 'svg' }): string }>;
}

/** What Graphviz makes of a graph. Whoever draws no SVG needs no Graphviz. */
export async function toSvg(dot: string): Promise<string> {
  const { instance } = graphviz();
  const svg = (await instance()).renderString(dot, { format: 'svg' });
  return svg.replaceAll(`font-family="${FONT},monospace"`, `font-family="${FONTS}"`);
}

/** It is asked for by its name, so that a bundler does not look for a package that may not be there. */
function graphviz(): Graphviz {
  try {
    return createRequire(__filename)('@viz-js/viz') as Graphviz;
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw cause;
    const message = "format: 'svg' needs the package '@viz-js/viz', which is not installed";
    throw Object.assign(new Error(message, { cause }), { code: 'ERR_NO_VIZ' });
  }
}
