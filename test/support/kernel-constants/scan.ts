import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { commentsAbove, constantsAfter, constantsBehind, prefixesIn } from './comments';
import { evaluate, hasLiteral } from './numbers';
import { declaredName, groupBy, isArgumentOf, isTable } from './syntax';

// Which numbers of lib/ are the kernel's, and what the kernel calls them. A number's constant is the name that it is declared
// by, or stands behind it: in the comment at the end of its line, where several numbers of a line have theirs in order.
// An entry of an enumeration without one has its key in capitals behind a prefix, which a comment names: NUD_*.

const LIB = join(__dirname, '../../../lib');

/** What has no numbers of the kernel. */
const OTHERS = /^(cli|doctor|pool|network\/dns)/;

export interface KernelNumber {
  /** lib/netlink/rtnetlink/neighbor.ts:12 */
  readonly place: string;
  /** Of the file and the variable, if there is one: 'lib/netlink/rtnetlink/neighbor.ts NUD'. */
  readonly declared: string;
  readonly kind: 'row' | 'entry' | 'constant';
  /** Of an entry or a constant. */
  readonly key: string;
  readonly value: number;
  /** What it may be called: the first that the headers have counts. None, if nothing tells. */
  readonly names: readonly string[];
  /** As it is written in the source. */
  readonly text: string;
}

export interface KernelStruct {
  readonly place: string;
  readonly declared: string;
  readonly name: string | undefined;
  readonly size: number;
  readonly fields: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
}

export interface Scan {
  readonly numbers: readonly KernelNumber[];
  readonly structs: readonly KernelStruct[];
}

/** One row or constant; or what an enumeration has on one line. */
interface Unit {
  readonly line: number;
  readonly kind: KernelNumber['kind'];
  readonly entries: readonly Entry[];
}

interface Entry {
  readonly node: ts.Node;
  readonly value: number;
  readonly key: string;
}

/** All numbers and structs of lib/. */
export function scanLibrary(): Scan {
  const paths = readdirSync(LIB, { recursive: true, encoding: 'utf8' });
  const files = paths
    .filter((path) => path.endsWith('.ts') && !OTHERS.test(path))
    .map((path) => [path, readFileSync(join(LIB, path), 'utf8')] as const);
  return scanTexts(Object.fromEntries(files));
}

/** The same of these files, by their paths in lib/. */
export function scanTexts(texts: Readonly<Record<string, string>>): Scan {
  const files = new Map<string, ts.SourceFile>();
  for (const [path, text] of Object.entries(texts)) {
    files.set(join(LIB, path), ts.createSourceFile(join(LIB, path), text, ts.ScriptTarget.Latest, true));
  }
  const scans = [...files.values()].map((file) => new FileScan(file, files).scan());
  return {
    numbers: scans.flatMap(({ numbers }) => numbers),
    structs: scans.flatMap(({ structs }) => structs),
  };
}

class FileScan {
  readonly #units: Unit[] = [];
  readonly #structs: KernelStruct[] = [];
  readonly #constants = new Map<string, ts.Expression>();
  readonly #imports = new Map<string, string>();

  constructor(
    private readonly file: ts.SourceFile,
    private readonly files: ReadonlyMap<string, ts.SourceFile>,
  ) {
    this.#readDeclarations();
  }

  scan(): Scan {
    this.#visit(this.file);
    const units = this.#units.toSorted((a, b) => a.entries[0]!.node.pos - b.entries[0]!.node.pos);
    const numbers = groupBy(units, ({ line }) => line).flatMap((line) => this.#nameLine(line));
    return { numbers, structs: this.#structs };
  }

  /** What the names of this file stand for. */
  #readDeclarations(): void {
    for (const statement of this.file.statements) {
      if (ts.isVariableStatement(statement)) {
        for (const { name, initializer } of statement.declarationList.declarations) {
          if (ts.isIdentifier(name) && initializer) this.#constants.set(name.text, initializer);
        }
      } else if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
        const from = join(dirname(this.file.fileName), `${statement.moduleSpecifier.text}.ts`);
        const bindings = statement.importClause?.namedBindings;
        if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
        for (const { name } of bindings.elements) this.#imports.set(name.text, from);
      }
    }
  }

  valueOf(name: string): number | undefined {
    const initializer = this.#constants.get(name);
    if (initializer !== undefined) return this.#evaluate(initializer);
    const file = this.files.get(this.#imports.get(name) ?? '');
    return file && new FileScan(file, this.files).valueOf(name);
  }

  #evaluate(node: ts.Node): number | undefined {
    return evaluate(node, (name) => this.valueOf(name));
  }

  /** The value of a number that is written out; undefined for what is only referred to. */
  #literal(node: ts.Node | undefined): number | undefined {
    return node !== undefined && hasLiteral(node) ? this.#evaluate(node) : undefined;
  }

  #visit(node: ts.Node): void {
    if (ts.isVariableDeclaration(node)) this.#addConstants(node);
    else if (ts.isObjectLiteralExpression(node)) this.#addEnumeration(node);
    else if (ts.isPropertyAssignment(node)) this.#addRow(node);
    else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const [first] = node.arguments;
      if (node.expression.text === 'list') this.#addNumber(first);
      if (node.expression.text === 'struct' && first && ts.isArrayLiteralExpression(first)) {
        this.#addStruct(first);
      }
    }
    ts.forEachChild(node, (child) => this.#visit(child));
  }

  #entry(node: ts.Node | undefined, key: string): Entry | undefined {
    const value = this.#literal(node);
    return node === undefined || value === undefined ? undefined : { node, value, key };
  }

  #add(kind: Unit['kind'], entries: readonly (Entry | undefined)[]): void {
    const found = entries.filter((entry) => entry !== undefined);
    for (const same of groupBy(found, ({ node }) => this.#lineOf(node))) {
      this.#units.push({ line: this.#lineOf(same[0]!.node), kind, entries: same });
    }
  }

  /** The number of an attribute; what cannot be computed here is NaN, which is no constant's. */
  #addNumber(node: ts.Node | undefined): void {
    if (node === undefined || ts.isFunctionLike(node) || !hasLiteral(node)) return;
    this.#add('row', [{ node, value: this.#evaluate(node) ?? NaN, key: '' }]);
  }

  /** `const NLM_F_ACK = 4;`, or several at once in an array. */
  #addConstants({ name, initializer }: ts.VariableDeclaration): void {
    const isList = ts.isArrayBindingPattern(name) && initializer && ts.isArrayLiteralExpression(initializer);
    const pairs = isList
      ? name.elements.map((element, i) => [element, initializer.elements[i]] as const)
      : [[name, initializer] as const];
    const named = pairs.filter(([declared]) => /^[A-Z][A-Z0-9_]*$/.test(declared.getText()));
    for (const [declared, node] of named) this.#add('constant', [this.#entry(node, declared.getText())]);
  }

  /** An object of nothing but numbers that is a table: of a constant, or handed to `choice` or a constructor. */
  #addEnumeration(node: ts.ObjectLiteralExpression): void {
    if (!isTable(node)) return;
    const entries = node.properties.map((property) => {
      if (!ts.isPropertyAssignment(property)) return undefined;
      const { name, initializer } = property;
      return this.#entry(initializer, ts.isStringLiteral(name) ? name.text : name.getText());
    });
    const hasOnlyNumbers = node.properties.every(
      (property, i) =>
        entries[i] !== undefined ||
        ts.isShorthandPropertyAssignment(property) ||
        (ts.isPropertyAssignment(property) && ts.isPropertyAccessExpression(property.initializer)),
    );
    if (hasOnlyNumbers) this.#add('entry', entries);
  }

  /** `mtu: [4, u32]` */
  #addRow({ initializer }: ts.PropertyAssignment): void {
    if (!ts.isArrayLiteralExpression(initializer)) return;
    const [node, codec] = initializer.elements;
    if (codec === undefined || this.#evaluate(codec) !== undefined) return;
    if (this.#path().startsWith('netlink/') || isArgumentOf(initializer.parent.parent, 'attributes')) {
      this.#addNumber(node);
    }
  }

  #addStruct(list: ts.ArrayLiteralExpression): void {
    const names = commentsAbove(this.file, list).map((text) => /\bstruct (\w+)/.exec(text)?.[1]);
    const fields: { name: string; offset: number; size: number }[] = [];
    let offset = 0;
    for (const element of list.elements) {
      const field = ts.isArrayLiteralExpression(element) ? element.elements : undefined;
      const size = this.#evaluate(field?.[2] ?? element) ?? NaN;
      if (field !== undefined) fields.push({ name: (field[0] as ts.StringLiteral).text, offset, size });
      offset += size;
    }
    const name = names.find((found) => found !== undefined);
    this.#structs.push({ ...this.#place(list), name, size: offset, fields });
  }

  #path(): string {
    return relative(LIB, this.file.fileName);
  }

  #lineOf(node: ts.Node): number {
    return this.file.getLineAndCharacterOfPosition(node.getEnd()).line;
  }

  #place(node: ts.Node): { place: string; declared: string } {
    const file = `lib/${this.#path()}`;
    const line = this.file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    return { place: `${file}:${line}`, declared: `${file} ${declaredName(node)}` };
  }

  /** A line's numbers with the constants in the comment at its end. */
  #nameLine(units: readonly Unit[]): KernelNumber[] {
    const behind = constantsBehind(this.file, units[0]!.line);
    const named = units.flatMap((unit) => this.#nameUnit(unit, behind));
    // one number may have several constants
    const last = named.at(-1)!;
    const more = behind.filter((name) => !name.endsWith('*')).map((name) => ({ ...last, names: [name] }));
    return [...named, ...more];
  }

  #nameUnit({ kind, entries }: Unit, behind: string[]): KernelNumber[] {
    const prefix = kind === 'entry' && behind[0]?.endsWith('*') ? prefixesIn(behind.shift()!) : undefined;
    return entries.map((entry) => {
      const { node, value, key } = entry;
      const own = constantsAfter(this.file, node)[0] ?? (prefix === undefined ? behind.shift() : undefined);
      return {
        ...this.#place(node),
        kind,
        key,
        value,
        names: own === undefined ? this.#derivedNames(kind, entry, prefix) : [own],
        text: key === '' ? node.getText() : `${key}: ${node.getText()}`,
      };
    });
  }

  /** NUD_REACHABLE of `reachable`, by a prefix in the comment above; of messages RTM_DELLINK of `remove`, by RTM_NEWLINK. */
  #derivedNames(kind: Unit['kind'], { node, key }: Entry, prefix: readonly string[] | undefined): string[] {
    if (kind === 'row') return [];
    // a word alone, such as VERSION, means something else in some header
    if (kind === 'constant') return /_|^E[A-Z]+$|SIZ$/.test(key) ? [key] : [];
    const above = commentsAbove(this.file, node);
    const verb = VERBS[key];
    const message = above
      .map((text) => /\b[A-Z_]+_NEW[A-Z]+\b/.exec(text)?.[0])
      .find((name) => name !== undefined);
    if (verb !== undefined && message !== undefined) return [message.replace('NEW', verb)];
    if (/^[A-Z][A-Z0-9]+$/.test(key)) return [key];
    const capitals = key
      .replace(/[a-z](?=[A-Z])/g, '$&_')
      .replace(/[- ]/g, '_')
      .toUpperCase();
    const found = prefix ?? above.map(prefixesIn).find((all) => all.length > 0) ?? [];
    return found.map((one) => one + capitals);
  }
}

const VERBS: Readonly<Record<string, string>> = { add: 'NEW', remove: 'DEL', get: 'GET', destroy: 'DESTROY' };
