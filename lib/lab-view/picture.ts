import { toSvg } from '../lab/draw/svg';

/** The picture of a lab, which is drawn again only if something in it has changed: Graphviz takes a second for some hundred nodes. */
export class Picture {
  #last: { dot: string; svg: string | undefined } | undefined;

  /** Undefined where `@viz-js/viz` is not installed. */
  async of(dot: string): Promise<string | undefined> {
    if (this.#last?.dot !== dot) this.#last = { dot, svg: await drawn(dot) };
    return this.#last.svg;
  }
}

async function drawn(dot: string): Promise<string | undefined> {
  return toSvg(dot).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ERR_NO_VIZ') return undefined;
    throw error;
  });
}
