import { join, sep } from 'node:path';
import ts from 'typescript';

// The public functions with their parameters, as the compiler sees them: what a caller may pass, and by which names.

const ROOT = join(__dirname, '..', '..');
const LIB = join(ROOT, 'lib') + sep;

/** The names of an options type; those of an option that has options itself, or a list of such, are below it. */
export type OptionNames = Record<string, Options | undefined>;

export interface Options {
  list: boolean;
  below: OptionNames;
}

export interface Parameter {
  name: string;
  /** Whether it may be a handle; 'or else' where something else than a handle will do. */
  handle?: 'alone' | 'or else';
  /** Where it is an object of options, or a list of such. */
  options?: { list: boolean; names: OptionNames };
}

export interface PublicFunction {
  /** 'addRoute', 'nft.addChain', 'BridgeNetwork.attach' */
  name: string;
  parameters: Parameter[];
  /** What stands under `@example` in its TSDoc, with the fence around it. */
  examples: string[];
}

/** Methods among them, but not those of iterators, which JavaScript itself calls. */
export function publicFunctions(): PublicFunction[] {
  const index = join(LIB, 'index.ts');
  const { options } = parsedConfig();
  const program = ts.createProgram([index], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(index);
  const symbol = source && checker.getSymbolAtLocation(source);
  if (symbol === undefined) throw new Error(`${index} cannot be read`);
  return new Reader(checker).functionsOf(symbol, '');
}

function parsedConfig(): ts.ParsedCommandLine {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'tsconfig.json'), {}, host);
  if (config === undefined) throw new Error('tsconfig.json cannot be read');
  return config;
}

class Reader {
  constructor(private readonly checker: ts.TypeChecker) {}

  functionsOf(module: ts.Symbol, prefix: string): PublicFunction[] {
    return this.checker.getExportsOfModule(module).flatMap((exported) => {
      const symbol =
        (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : this.checker.getAliasedSymbol(exported);
      const name = `${prefix}${exported.name}`;
      if ((symbol.flags & ts.SymbolFlags.Module) !== 0) return this.functionsOf(symbol, `${name}.`);
      if ((symbol.flags & ts.SymbolFlags.Function) !== 0) {
        return [this.#function(name, symbol)];
      }
      if ((symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) === 0) return [];
      return this.#methods(name, this.checker.getDeclaredTypeOfSymbol(symbol));
    });
  }

  #methods(name: string, type: ts.Type): PublicFunction[] {
    return this.checker
      .getPropertiesOfType(type)
      .filter(
        (one) =>
          (one.flags & ts.SymbolFlags.Method) !== 0 &&
          isOurs(one) &&
          !isInternal(one) &&
          !one.name.includes('#'),
      )
      .map((one) => this.#function(`${name}.${one.name}`, one));
  }

  #function(name: string, symbol: ts.Symbol): PublicFunction {
    const signatures = this.checker.getTypeOfSymbol(symbol).getCallSignatures();
    const longest = Math.max(...signatures.map((one) => one.parameters.length));
    const parameters = Array.from({ length: longest }, (_, i) => this.#parameter(signatures, i));
    const examples = symbol.getJsDocTags(this.checker).filter((tag) => tag.name === 'example');
    return { name, parameters, examples: examples.map(({ text }) => ts.displayPartsToString(text)) };
  }

  /** What all overloads take at one place. */
  #parameter(signatures: readonly ts.Signature[], place: number): Parameter {
    const symbols = signatures.flatMap((one) => one.parameters[place] ?? []);
    const types = symbols.flatMap((one) => this.#members(this.checker.getTypeOfSymbol(one)));
    const [first] = symbols;
    const handles = types.filter((one) => isHandle(one));
    const options = this.#optionsOf(types);
    return {
      name: first?.name ?? '',
      ...(handles.length > 0 && { handle: handles.length === types.length ? 'alone' : 'or else' }),
      ...(options && { options: { list: options.list, names: options.below } }),
    };
  }

  /** The names of all members of a union that are options, or lists of options. */
  #optionsOf(types: readonly ts.Type[], outer: readonly ts.Type[] = []): Options | undefined {
    const lists = types.flatMap((one) => this.#itemsOf(one)).filter((one) => this.#isOptions(one));
    const alone = types.filter((one) => this.#isOptions(one));
    const found = [...alone, ...lists].filter((one) => !outer.includes(one));
    if (found.length === 0) return undefined;
    const below: OptionNames = {};
    for (const type of found) {
      for (const property of this.checker.getPropertiesOfType(type)) {
        const value = this.checker.getTypeOfSymbol(property);
        below[property.name] ??= isOursOrOptions(type)
          ? this.#optionsOf(this.#members(value), [...outer, type])
          : undefined;
      }
    }
    return { list: alone.length === 0, below };
  }

  #members(type: ts.Type): ts.Type[] {
    const all = type.isUnion() ? type.types : [type];
    return all.filter((one) => (one.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) === 0);
  }

  #itemsOf(type: ts.Type): ts.Type[] {
    if (!this.checker.isArrayType(type)) return [];
    return this.checker.getTypeArguments(type as ts.TypeReference).flatMap((one) => this.#members(one));
  }

  /** An object of nothing but values. */
  #isOptions(type: ts.Type): boolean {
    if ((type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0) return false;
    if (this.checker.isArrayType(type) || this.checker.isTupleType(type)) return false;
    if (type.getCallSignatures().length > 0 || type.isClass() || !isOursOrOptions(type)) return false;
    const properties = this.checker.getPropertiesOfType(type);
    return properties.length > 0 && properties.every((one) => (one.flags & ts.SymbolFlags.Method) === 0);
  }
}

function isHandle(type: ts.Type): boolean {
  return type.isClass() && type.symbol.name === 'Netns';
}

const filesOf = (symbol: ts.Symbol | undefined) =>
  symbol?.declarations?.map((one) => one.getSourceFile().fileName) ?? [];

function isOurs(symbol: ts.Symbol | undefined): boolean {
  return filesOf(symbol).some((file) => file.startsWith(LIB));
}

/** Declared here, or put together here; or options of node's. */
function isOursOrOptions(type: ts.Type): boolean {
  if (type.isIntersection()) return type.types.some((one) => isOursOrOptions(one));
  const names = [type.symbol, type.aliasSymbol].map((one) => one?.name ?? '');
  return (
    isOurs(type.symbol) || isOurs(type.aliasSymbol) || names.some((name) => /(Options|Pick|Omit)$/.test(name))
  );
}

function isInternal(symbol: ts.Symbol): boolean {
  return symbol.getJsDocTags().some(({ name }) => name === 'internal');
}
