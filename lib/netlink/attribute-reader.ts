import { align, type Bytes, LITTLE } from './bytes';
import { bytes, type Codec, located, MalformedError, padding } from './codec';
import { choose, type RawAttribute, type Row, type Rows } from './rows';

export const NLA_TYPE_MASK = 0x3fff;
export const NLA_HDRLEN = 4;

// This module's own, because each use of an import looks it up.
const NATIVE = LITTLE;

/** Each attribute's type and the bounds of its content. */
export function walk(
  from: Bytes,
  start: number,
  end: number,
  visit: (type: number, start: number, end: number) => void,
): void {
  for (let at = start; at < end;) {
    const length = lengthAt(from, at, end);
    visit(from.view.getUint16(at + 2, LITTLE), at + NLA_HDRLEN, at + length);
    at += align(length);
  }
}

/** The length of the attribute that begins there, its header included. */
export function lengthAt(from: Bytes, at: number, end: number): number {
  if (end - at < NLA_HDRLEN) throw new MalformedError(`${end - at} bytes after the last attribute`);
  const length = from.view.getUint16(at, NATIVE);
  if (length < NLA_HDRLEN || at + length > end) {
    const type = from.view.getUint16(at + 2, LITTLE) & NLA_TYPE_MASK;
    throw new MalformedError(`attribute ${type} claims ${length} of ${end - at} bytes`);
  }
  return length;
}

/** Reads attributes into an object, which may hold a header's fields already. */
export type AttributeReader = (
  from: Bytes,
  start: number,
  end: number,
  value: Record<string, unknown>,
) => void;

interface Wanted {
  readonly name: string;
  readonly codec: Row[1];
}

/** A reader of all that a table knows; what it does not know is kept in `unknown`. */
export function wholeReader(rows: Rows): AttributeReader {
  return compile(rows, Object.keys(rows), keepUnknown);
}

/**
 * A reader of some attributes. All others are skipped by their length, whatever is in them. With 'unknown' among the names,
 * those that the table does not know are kept there.
 */
export function partialReader(rows: Rows, names: readonly string[]): AttributeReader {
  const needed = neededNames(rows, names);
  return compile(rows, needed, names.includes('unknown') ? keepUnlessIn(rows) : () => undefined);
}

/** The names of a table's attributes that have to be read for some of them: with those by which others are laid out. */
export function neededNames(rows: Rows, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (name === 'unknown') return [];
    const codec = Object.hasOwn(rows, name) ? rows[name]?.[1] : undefined;
    if (codec === undefined) throw new TypeError(`${name}: there is no such attribute`);
    return 'by' in codec ? [codec.by, name] : [name];
  });
}

type Other = (value: Record<string, unknown>, type: number, from: Bytes, start: number, end: number) => void;

function keepUnknown(value: Record<string, unknown>, type: number, from: Bytes, start: number, end: number) {
  const raw: RawAttribute = { type, data: bytes.read(from, start, end) };
  if (value['unknown'] === undefined) value['unknown'] = [raw];
  else (value['unknown'] as RawAttribute[]).push(raw);
}

function keepUnlessIn(rows: Rows): Other {
  const known = new Set(Object.values(rows).map(([type]) => type & NLA_TYPE_MASK));
  return (value, type, ...content) => {
    if (!known.has(type & NLA_TYPE_MASK)) keepUnknown(value, type, ...content);
  };
}

// The path of every attribute of every dump: one look into an array by the attribute's type, a loop without closures,
// and an object that is there already.
function compile(rows: Rows, names: readonly string[], other: Other): AttributeReader {
  let table: readonly (Wanted | undefined)[] | undefined;
  return (from, start, end, value) => {
    const wanted = (table ??= byType(rows, names));
    const count = wanted.length;
    let dependents: [wanted: Wanted, type: number, start: number, end: number][] | undefined;
    for (let at = start; at < end;) {
      const length = lengthAt(from, at, end);
      const type = from.view.getUint16(at + 2, LITTLE);
      const number = type & NLA_TYPE_MASK;
      const found = number < count ? wanted[number] : undefined;
      // The second of a name is as unknown to us as a number that no table has: neither may be lost.
      if (found?.codec === padding) {
        // nothing is kept of it, however often it comes
      } else if (found === undefined || value[found.name] !== undefined) {
        other(value, type, from, at + NLA_HDRLEN, at + length);
      } else if ('by' in found.codec) {
        (dependents ??= []).push([found, type, at + NLA_HDRLEN, at + length]);
      } else {
        value[found.name] = readField(found.name, found.codec, from, at + NLA_HDRLEN, at + length);
      }
      at += align(length);
    }
    for (const [{ name, codec }, type, from0, to0] of dependents ?? []) {
      if (value[name] !== undefined) other(value, type, from, from0, to0);
      else value[name] = readField(name, choose(codec, value), from, from0, to0);
    }
  };
}

function byType(rows: Rows, names: readonly string[]): readonly (Wanted | undefined)[] {
  const wanted: (Wanted | undefined)[] = [];
  for (const name of names) {
    const [type, codec] = rows[name] as Row;
    wanted[type & NLA_TYPE_MASK] = { name, codec };
  }
  // without holes, in which V8 looks for elements of the prototype
  return Array.from(wanted);
}

export function readField(
  name: string,
  codec: Pick<Codec<unknown>, 'read'>,
  from: Bytes,
  start: number,
  end: number,
): unknown {
  try {
    return codec.read(from, start, end);
  } catch (error) {
    throw located(error, name);
  }
}
