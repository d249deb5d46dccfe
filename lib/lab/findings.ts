import { checkEachOption, type OptionCheck } from '../common/options';
import { faultText } from '../common/fault-text';
import { printable } from '../common/printable';

/** Where in a definition something is: ['nodes', 'web1', 'ports', 0, 'switch']. */
export type Place = readonly (string | number)[];

/** What is wrong with a definition, and where. */
export interface LabFinding {
  /** "nodes.web1.ports[0].switch" */
  path: string;
  /** The same, by its parts. */
  place: readonly (string | number)[];
  /** 'there is no switch 'lam'; did you mean 'lan'?' */
  message: string;
  /** The line of the file, from 1 on, where the definition was read from a file. */
  line?: number;
}

/** A definition of a lab is refused, before anything is changed. All that is wrong with it is in `findings`. */
export class LabDefinitionError extends TypeError {
  override readonly name = 'LabDefinitionError';
  readonly findings: readonly LabFinding[];
  /** The file that the definition was read from, as `readLab` was given it. */
  declare readonly file?: string;

  /** @hidden */
  constructor(findings: readonly LabFinding[], file?: string) {
    const [first, ...others] = findings.map((one) => printable(faultText(one, file)));
    super(others.length === 0 ? first : [`${findings.length} faults:`, first, ...others].join('\n  '));
    this.findings = findings;
    if (file !== undefined) this.file = file;
  }
}

type Table = Parameters<typeof checkEachOption>[1];

/** Gathers what is wrong with a definition. */
export class Findings {
  readonly all: LabFinding[] = [];
  readonly #known = new Set<string>();
  /** Each place at which something is wrong, and those around it. */
  readonly #places = new Set<string>();

  /** Each fault once: a pattern stands for many names, which have the same one. */
  add(place: Place, message: string): void {
    const path = pathOf(place);
    const fault = JSON.stringify([path, message]);
    if (this.#known.has(fault)) return;
    this.#known.add(fault);
    for (let length = 0; length <= place.length; length++)
      this.#places.add(JSON.stringify(place.slice(0, length)));
    this.all.push({ path, place, message });
  }

  /** Whether anything at this place, or within what is there, is wrong. */
  has(place: Place): boolean {
    return this.#places.has(JSON.stringify(place));
  }

  /** The options of an object: each fault by itself. */
  check(options: unknown, table: Table, place: Place): void {
    const path = pathOf(place);
    checkEachOption(options, table, { path, whole: path || 'definition' }, (error, name) =>
      this.refused(error, name === undefined ? place : [...place, name]),
    );
  }

  /** One value. Whether it is as it should be. */
  passes(check: OptionCheck, value: unknown, place: Place): boolean {
    try {
      check(value, pathOf(place));
      return true;
    } catch (error) {
      this.refused(error, place);
      return false;
    }
  }

  /** Refuses all that was found, if anything was. */
  throwIfAny(): void {
    if (this.all.length > 0) throw new LabDefinitionError(this.all);
  }

  /** A check throws a sentence that begins with the path of what is at fault, which may be further inside. */
  private refused(error: unknown, place: Place): void {
    if (error instanceof AggregateError) {
      for (const one of error.errors) this.refused(one, place);
      return;
    }
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const outer = printable(pathOf(place));
    const message = printable(error.message);
    // each word whole: a long one could be divided in too many ways
    const [inner = ''] = /^(?:\.?[\w-]+(?![\w-])|\[\d+\])*(?=: )/.exec(message.slice(outer.length)) ?? [];
    const begin = `${outer}${inner}: `;
    if (message.startsWith(begin)) this.add([...place, ...placeOf(inner)], message.slice(begin.length));
    else this.add(place, message);
  }
}

/** "nodes.web1.ports[0]" */
export function pathOf(place: Place): string {
  return place.reduce<string>((path, part) => {
    if (typeof part === 'number') return `${path}[${part}]`;
    return path === '' ? part : `${path}.${part}`;
  }, '');
}

function placeOf(path: string): Place {
  return [...path.matchAll(/\[(\d+)\]|[\w-]+/g)].map(([word, number]) =>
    number === undefined ? word : Number(number),
  );
}
