import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compiled, type Question } from './compile';

// The values of constants, and the layouts of structs, by the kernel's headers. They are those of the machine, or of the
// folder that KERNEL_HEADERS names.

const ROOT = process.env['KERNEL_HEADERS'] ?? '/usr/include';

/** What is in none of the kernel's headers may be in one of the C library's. */
const OF_THE_LIBRARY = ['netinet/tcp.h', 'netinet/ip_icmp.h', 'netinet/icmp6.h'];

/** Headers of the kernel that exclude those of the C library, which have the same. */
const INSTEAD: ReadonlyMap<string, string> = new Map([['linux/time.h', 'time.h']]);

export interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Whether it has parts: an array or a struct. */
  readonly hasParts: boolean;
}

export interface Layout {
  readonly size: number;
  /** None of a struct that is too intricate to be taken apart. */
  readonly members: readonly Member[];
}

interface Header {
  readonly path: string;
  readonly text: string;
}

type Index = Map<string, Header[]>;

/** The version of the headers: 6.12 is [6, 12]. */
export function headersVersion(): readonly [number, number] {
  const text = readFileSync(join(ROOT, 'linux/version.h'), 'utf8');
  const code = Number(/LINUX_VERSION_CODE (\d+)/.exec(text)?.[1]);
  return [code >> 16, (code >> 8) & 0xff];
}

function readHeaders(): Header[] {
  const paths = ['asm-generic', 'linux'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.h'))
      .map((name) => join(ROOT, folder, name)),
  );
  return paths.map((path) => ({
    path: relative(ROOT, path),
    text: readFileSync(path, 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, ''),
  }));
}

/** Which headers have which constants and structs. */
function indexHeaders(): { constants: Index; structs: Index } {
  const constants: Index = new Map();
  const structs: Index = new Map();
  const add = (to: Index, name: string, header: Header) => {
    const headers = to.get(name) ?? [];
    if (!headers.includes(header)) to.set(name, [...headers, header]);
  };
  for (const header of readHeaders()) {
    for (const [, name] of header.text.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)/gm)) {
      add(constants, name!, header);
    }
    for (const [, body] of header.text.matchAll(/\benum\b[^{;()]*\{([^}]*)\}/g)) {
      for (const [, name] of body!.matchAll(/(?:^|,)\s*(?:#.*\n\s*)*(\w+)/g)) add(constants, name!, header);
    }
    for (const [, name] of header.text.matchAll(/\bstruct\s+(\w+)\s*\{/g)) add(structs, name!, header);
  }
  return { constants, structs };
}

/** What a struct's members are called, and which of them have parts. */
function membersIn({ text }: Header, struct: string): { name: string; hasParts: boolean }[] {
  const body = new RegExp(`\\bstruct\\s+${struct}\\s*\\{([^{}]*)\\}`).exec(text)?.[1] ?? '';
  return body.split(';').flatMap((declaration) => {
    const type = /^\s*(?:#.*\n\s*)*((?:struct\s+|union\s+)?\w+)/.exec(declaration)?.[1] ?? '';
    return declaration.split(',').flatMap((one) => {
      const [, name, array] = /(\w+)\s*(\[[^\]]*\])?\s*$/.exec(one) ?? [];
      return name === undefined
        ? []
        : [{ name, hasParts: array !== undefined || /^(struct|union)/.test(type) }];
    });
  });
}

export interface Known {
  /** By name or expression; one that is missing is unknown to the headers. */
  readonly constants: ReadonlyMap<string, number>;
  readonly structs: ReadonlyMap<string, Layout>;
}

/** What the headers have of these constants and structs. */
export function askHeaders(constants: Iterable<string>, structs: Iterable<string>): Known {
  const index = indexHeaders();
  const questions = [...new Set(constants)].map((expression): Question => {
    const names = expression.match(/[A-Za-z_]\w*/g) ?? [];
    const headers = names.map((name) => index.constants.get(name)?.[0]?.path);
    const found = headers
      .filter((header) => header !== undefined)
      .map((header) => INSTEAD.get(header) ?? header);
    const all = found.length < headers.length ? OF_THE_LIBRARY : [...new Set(found)].sort();
    return { key: expression, expression, headers: all };
  });
  const members = new Map<string, ReturnType<typeof membersIn>>();
  for (const struct of new Set(structs)) {
    const header = index.structs.get(struct)?.[0];
    const names = header === undefined ? [] : membersIn(header, struct);
    members.set(struct, names);
    const type = `struct ${struct}`;
    const headers = header === undefined ? OF_THE_LIBRARY : [header.path];
    questions.push({ key: `sizeof ${struct}`, expression: `sizeof(${type})`, headers });
    for (const { name } of names) {
      const key = `${struct}.${name}`;
      questions.push({ key: `offset of ${key}`, expression: `offsetof(${type}, ${name})`, headers });
      questions.push({ key: `size of ${key}`, expression: `sizeof(((${type} *)0)->${name})`, headers });
    }
  }
  const known = compiled(questions, ROOT);
  const layouts = [...members].flatMap(([struct, all]): [string, Layout][] => {
    const size = known.get(`sizeof ${struct}`);
    if (size === undefined) return [];
    const found = all.flatMap((member) => {
      const key = `${struct}.${member.name}`;
      const [offset, bytes] = [known.get(`offset of ${key}`), known.get(`size of ${key}`)];
      return offset === undefined || bytes === undefined ? [] : [{ ...member, offset, size: bytes }];
    });
    return [[struct, { size, members: found.length < all.length ? [] : found }]];
  });
  return { constants: known, structs: new Map(layouts) };
}

/** Finds all constants that begin with a prefix in the header that has one of them. */
export function headerSearch(): (name: string, prefix: string) => string[] {
  const all = [...indexHeaders().constants];
  const headers = new Map(all);
  return (name, prefix) => {
    const header = headers.get(name)?.[0];
    return all
      .filter(([other, [first]]) => other.startsWith(prefix) && first === header)
      .map(([other]) => other);
  };
}
