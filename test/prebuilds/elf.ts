import { execFileSync } from 'node:child_process';

/** What an ELF file asks of others. */
export interface Elf {
  /** The libraries that it links. */
  needed: string[];
  /** The versions of symbols that it asks for: 'GLIBC_2.28'. */
  versions: string[];
  isProgramWithLoader: boolean;
}

export function readElf(path: string): Elf {
  const headers = objdump('-p', path);
  return {
    needed: all(headers, /^ +NEEDED +(\S+)$/gm),
    versions: all(headers, /^ +0x[0-9a-f]+ 0x[0-9a-f]+ \d+ (\S+)$/gm),
    isProgramWithLoader: /^ +INTERP /m.test(headers),
  };
}

/** The symbols that somebody else must have. */
export function wantedBy(path: string): string[] {
  return readSymbols(path).flatMap(({ name, isDefined, isWeak }) => (isDefined || isWeak ? [] : name));
}

/** The symbols that a library has for others. */
export function definedBy(path: string): Set<string> {
  return new Set(readSymbols(path).flatMap(({ name, isDefined }) => (isDefined ? name : [])));
}

/** The symbols that the loader looks for, in other files first where they have one of the name. */
export function lookedUpBy(path: string): string[] {
  return all(objdump('-R', path), /^[0-9a-f]+ (?:R_\w+|UNKNOWN) +(\w+)(?:@\S+)?$/gm);
}

/** Of the dynamic symbols, the second of the seven flags says whether the file can do without. */
function readSymbols(path: string) {
  const lines = objdump('-T', path).matchAll(/^[0-9a-f]+ (.{7}) (\S+)\t[0-9a-f]+ +(?:\S+ +)?(\S+)$/gm);
  return [...lines].map(([, flags, section, name]) => ({
    name: name!,
    isDefined: section !== '*UND*',
    isWeak: flags![1] === 'w',
  }));
}

function objdump(what: string, path: string): string {
  return execFileSync('objdump', [what, path], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found!);
}
