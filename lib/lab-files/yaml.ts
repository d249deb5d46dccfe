import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type YAMLMap,
} from 'yaml';
import { Findings, type Place } from '../lab/findings';

/** Deeper than any definition of a lab. The package `yaml` ends the process by text that is nested some thousand times (2.9.1). */
const DEEPEST = 50;

/** Of all that aliases stand for: a few of them may stand for thousands of millions. */
const MOST_REPEATED = 100_000;

/** YAML 1.2, whatever the text itself asks for: 'yes' is a text, and '<<' a key like others. */
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  // they are looked for here, where their places are known
  uniqueKeys: false,
  prettyErrors: false,
} as const;

/** What a text says. */
export interface Parsed {
  value: unknown;
  /** What is wrong with the text itself. */
  findings: Findings;
  /** Where these parts of the text have no place in the value. */
  syntax: readonly SyntaxFault[];
  /** Of the innermost part on the way to a place that is there: of a key that is not there, that of what lacks it. */
  lineOf: (place: Place) => number;
}

export interface SyntaxFault {
  line: number;
  message: string;
}

/** Reads YAML, of which JSON is a part. */
export function parseYaml(text: string): Parsed {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const findings = new Findings();
  const failed = (syntax: SyntaxFault[]): Parsed => ({ value: undefined, findings, syntax, lineOf: () => 1 });

  const parser = new Parser(lines.addNewLine);
  const tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > 2 * DEEPEST) {
      const message = `it is nested more than ${DEEPEST} times`;
      return failed([{ line: lineAt(parser.offset), message }]);
    }
  }
  tokens.push(...parser.end());
  const [document, second] = [...new Composer(OPTIONS).compose(tokens, true, text.length)];
  const problems = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  const syntax = problems.map(({ pos, message }) => ({ line: lineAt(pos[0]), message }));
  if (second !== undefined) {
    const message = 'a second document begins here, and a file has one';
    syntax.push({ line: lineAt(second.range[0]), message });
  }
  if (document === undefined || syntax.length > 0) return failed(syntax);

  const reader = new Reader(findings, lineAt);
  const { value } = reader.read(document.contents, []);
  return { value, findings, syntax, lineOf: (place) => lineAt(reader.offsetOf(document, place)) };
}

/** A value, and how many values are in it with itself. */
interface Sized {
  value: unknown;
  size: number;
}

/** Makes plain data of nodes. */
class Reader {
  /** What an anchor stands for at an alias: the last one of its name before. */
  readonly #anchors = new Map<string, { node: Node; sized: Sized }>();
  readonly #targets = new Map<Node, Node>();
  /** By the names of their keys. */
  readonly #pairs = new Map<unknown, Map<string, Pair>>();
  #repeated = 0;

  constructor(
    private readonly findings: Findings,
    private readonly lineAt: (offset: number) => number,
  ) {}

  read(node: unknown, place: Place): Sized {
    if (isAlias(node)) return this.#readAlias(node, place);
    let sized: Sized = { value: isScalar(node) ? node.value : null, size: 1 };
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.read(item, [...place, i]));
      sized = { value: items.map(({ value }) => value), size: sizeOf(items) };
    } else if (isMap(node)) sized = this.#readMap(node, place);
    // an anchor is known from here on, so that nothing is part of itself
    if ((isScalar(node) || isSeq(node) || isMap(node)) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, { node, sized });
    return sized;
  }

  #readMap(map: YAMLMap, place: Place): Sized {
    const entries = new Map<string, Sized>();
    const pairs = new Map<string, Pair>();
    this.#pairs.set(map, pairs);
    for (const pair of map.items) {
      const { key, value } = pair;
      const name = nameOf(key);
      if (name === undefined) {
        this.findings.add(place, 'a key of it is no name');
        continue;
      }
      if (pairs.has(name)) {
        const line = this.lineAt(startOf(key) ?? 0);
        this.findings.add([...place, name], `it is there again, in line ${line}`);
        continue;
      }
      pairs.set(name, pair);
      entries.set(name, this.read(value, [...place, name]));
    }
    // which makes '__proto__' a name like others
    const value = Object.fromEntries([...entries].map(([name, one]) => [name, one.value]));
    return { value, size: sizeOf([...entries.values()]) };
  }

  #readAlias(alias: Node & { source: string }, place: Place): Sized {
    const found = this.#anchors.get(alias.source);
    if (found === undefined) {
      this.findings.add(place, `there is no anchor '${alias.source}' before it`);
      return { value: null, size: 1 };
    }
    this.#repeated += found.sized.size;
    if (this.#repeated > MOST_REPEATED) {
      this.findings.add([], `its aliases stand for more than ${MOST_REPEATED} values`);
      return { value: null, size: 1 };
    }
    this.#targets.set(alias, found.node);
    return found.sized;
  }

  /** Where the innermost part on the way to a place begins. */
  offsetOf({ contents }: Document.Parsed, place: Place): number {
    let node: unknown = contents;
    let offset = contents?.range[0] ?? 0;
    for (const part of place) {
      if (isAlias(node)) node = this.#targets.get(node);
      const next = this.#childOf(node, part);
      if (next === undefined) break;
      offset = next.offset ?? offset;
      node = next.node;
    }
    return offset;
  }

  #childOf(node: unknown, part: string | number): { node: unknown; offset: number | undefined } | undefined {
    if (isSeq(node)) {
      const item = typeof part === 'number' ? node.items[part] : undefined;
      return item === undefined ? undefined : { node: item, offset: startOf(item) };
    }
    const pair = this.#pairs.get(node)?.get(String(part));
    return pair && { node: pair.value, offset: startOf(pair.key) };
  }
}

const sizeOf = (parts: readonly Sized[]): number => parts.reduce((sum, { size }) => sum + size, 1);

/** A key as it is written: '010' and 'yes' are names. */
function nameOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : key.source;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}
