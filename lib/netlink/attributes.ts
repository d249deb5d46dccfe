import { align, type Bytes, LITTLE, type Writer } from './bytes';
import { bytes, type Codec, located, MalformedError, type RowShape, type ValueOf } from './codec';
import type { StructCodec } from './struct';

export const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;
const NLA_HDRLEN = 4;

/** An attribute that no table knows, kept as it came. */
export interface RawAttribute {
  type: number;
  data: Uint8Array;
}

/** The value of a sibling attribute, which says how this one lies: IFLA_INFO_KIND for IFLA_INFO_DATA. */
export interface Dependent<C extends Record<string, Codec<unknown>> = Record<string, Codec<unknown>>> {
  by: string;
  codecs: C;
}

/** Attribute number (with NLA_F_NESTED where the kernel insists on it) and codec: one line per attribute. */
export type Row = readonly [type: number, codec: Codec<unknown> | Dependent];
export type Rows = Readonly<Record<string, Row>>;

type RowValue<R> = R extends readonly [number, Dependent<infer C>]
  ? ValueOf<C[keyof C]> | Uint8Array
  : R extends readonly [number, infer C]
    ? ValueOf<C>
    : never;

/** What a table's attributes are in TypeScript. All are optional, as on the wire. */
export type Values<R extends Rows> = { -readonly [K in keyof R]?: RowValue<R[K]> } & {
  unknown?: readonly RawAttribute[];
};

export interface AttributesCodec<T> extends Codec<T> {
  readonly rows: Rows;
  /** Adds what it reads to an object that may hold a header's fields: with `only`, just those, and nothing unknown. */
  readInto(
    from: Bytes,
    start: number,
    end: number,
    value: Record<string, unknown>,
    only?: ReadonlySet<string>,
  ): void;
}

/** One row per line makes encoder, decoder and type. Attributes are written in the order of the value's keys. */
export function attributes<const R extends Rows>(rows: R): AttributesCodec<Values<R>> {
  const byType: (readonly [name: string, row: Row])[] = [];
  for (const [name, row] of Object.entries(rows)) byType[row[0] & NLA_TYPE_MASK] = [name, row];

  return {
    rows,
    shape: { kind: 'attributes', rows: shapes(rows) },
    write(to, value) {
      writeAttributes(to, rows, value, Object.keys(value));
    },
    read(from, start, end) {
      const value = {};
      readAttributes(from, start, end, byType, value);
      return value;
    },
    readInto(from, start, end, value, only) {
      readAttributes(from, start, end, byType, value, only);
    },
  };
}

function shapes(rows: Rows): Record<string, RowShape> {
  const shape = (codec: Row[1]): RowShape['shape'] => {
    if (!('by' in codec)) return codec.shape;
    const inner = Object.entries(codec.codecs).map(([value, { shape }]) => [value, shape] as const);
    return { kind: 'dependent', by: codec.by, shapes: Object.fromEntries(inner) };
  };
  const entries = Object.entries(rows).map(
    ([name, [type, codec]]) => [name, { type, shape: shape(codec) }] as const,
  );
  return Object.fromEntries(entries);
}

type Loose = Record<string, unknown>;

function writeAttributes(to: Writer, rows: Rows, value: Loose, names: Iterable<string>): void {
  for (const name of names) {
    const field = value[name];
    if (field === undefined) continue;
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
    if (row !== undefined) {
      try {
        writeAttribute(to, row[0], choose(row[1], value), field);
      } catch (error) {
        throw located(error, name);
      }
    } else if (name === 'unknown') {
      for (const { type, data } of field as RawAttribute[]) {
        writeAttribute(to, type, bytes, data);
      }
    } else {
      throw new TypeError(`${name}: there is no such attribute`);
    }
  }
}

function writeAttribute<T>(to: Writer, type: number, codec: Codec<T>, value: T): void {
  const start = to.reserve(NLA_HDRLEN);
  codec.write(to, value);
  const length = to.length - start;
  if (length > 0xffff) throw new RangeError(`${length} bytes do not fit an attribute`);
  to.setU16(start, length);
  to.setU16(start + 2, type);
  to.align();
}

function choose(codec: Row[1], siblings: Loose): Codec<unknown> {
  if (!('by' in codec)) return codec;
  const value = siblings[codec.by];
  const known = typeof value === 'string' && Object.hasOwn(codec.codecs, value);
  return (known ? codec.codecs[value] : undefined) ?? bytes;
}

/** Each attribute's type and the bounds of its content. */
function walk(
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

function lengthAt(from: Bytes, at: number, end: number): number {
  if (end - at < NLA_HDRLEN) throw new MalformedError(`${end - at} bytes after the last attribute`);
  const length = from.view.getUint16(at, LITTLE);
  if (length < NLA_HDRLEN || at + length > end) {
    const type = from.view.getUint16(at + 2, LITTLE) & NLA_TYPE_MASK;
    throw new MalformedError(`attribute ${type} claims ${length} of ${end - at} bytes`);
  }
  return length;
}

type ByType = readonly (readonly [name: string, row: Row] | undefined)[];

// The path of every attribute of every dump: a loop without closures, into an object that is there already.
function readAttributes(
  from: Bytes,
  start: number,
  end: number,
  byType: ByType,
  value: Loose,
  only?: ReadonlySet<string>,
): void {
  let dependents: [type: number, name: string, row: Row, start: number, end: number][] | undefined;
  for (let at = start; at < end;) {
    const length = lengthAt(from, at, end);
    const type = from.view.getUint16(at + 2, LITTLE);
    const known = byType[type & NLA_TYPE_MASK];
    if (only !== undefined && (known === undefined || !only.has(known[0]))) {
      // not asked for
    } else if (known === undefined || value[known[0]] !== undefined) {
      // The second of a name is as unknown to us as a number that no table has: neither may be lost.
      keepUnknown(value, { type, data: bytes.read(from, at + NLA_HDRLEN, at + length) });
    } else if ('by' in known[1][1]) {
      (dependents ??= []).push([type, ...known, at + NLA_HDRLEN, at + length]);
    } else {
      value[known[0]] = readField(known[0], known[1][1], from, at + NLA_HDRLEN, at + length);
    }
    at += align(length);
  }
  for (const [type, name, row, from0, to0] of dependents ?? []) {
    if (value[name] !== undefined) keepUnknown(value, { type, data: bytes.read(from, from0, to0) });
    else value[name] = readField(name, choose(row[1], value), from, from0, to0);
  }
}

function readField(name: string, codec: Codec<unknown>, from: Bytes, start: number, end: number): unknown {
  try {
    return codec.read(from, start, end);
  } catch (error) {
    throw located(error, name);
  }
}

function keepUnknown(value: Loose, raw: RawAttribute): void {
  if (value['unknown'] === undefined) value['unknown'] = [raw];
  else (value['unknown'] as RawAttribute[]).push(raw);
}

export interface ListCodec<T> extends Codec<readonly T[]> {
  readonly item: Codec<T>;
}

/**
 * Items of one kind, each in an attribute of its own whose number says nothing: IFLA_PROP_LIST. Some programs count
 * there: `type` may be a function of the item's place.
 */
export function list<T>(type: number | ((index: number) => number), codec: Codec<T>): ListCodec<T> {
  const typeOf = typeof type === 'number' ? () => type : type;
  return {
    shape: { kind: 'list', item: codec.shape },
    item: codec,
    write(to, value) {
      value.forEach((item, i) => {
        try {
          writeAttribute(to, typeOf(i), codec, item);
        } catch (error) {
          throw located(error, String(i));
        }
      });
    },
    read(from, start, end) {
      const items: T[] = [];
      walk(from, start, end, (_, from0, to0) => {
        try {
          items.push(codec.read(from, from0, to0));
        } catch (error) {
          throw located(error, String(items.length));
        }
      });
      return items;
    },
  };
}

export interface HeadedCodec<H, A> extends Codec<Partial<H> & A> {
  readonly header: StructCodec<H>;
  readonly attributes: AttributesCodec<A>;
  read(from: Bytes, start: number, end: number, only?: ReadonlySet<string>): H & A;
}

/** A struct with attributes behind it, as one flat object: every rtnetlink message. */
export function headed<H, A extends object>(
  header: StructCodec<H>,
  content: AttributesCodec<A>,
): HeadedCodec<H, A> {
  return {
    header,
    attributes: content,
    shape: { kind: 'headed', header: header.shape, attributes: content.shape },
    write(to, value) {
      header.write(to, value as H);
      to.align();
      const names = Object.keys(value).filter((name) => !header.names.has(name));
      writeAttributes(to, content.rows, value, names);
    },
    read(from, start, end, only) {
      const value = header.read(from, start, end);
      content.readInto(from, start + align(header.size), end, value as Loose, only);
      return value as H & A;
    },
  };
}

/**
 * Which option lies at an offset, from the outermost table inwards: the kernel says of a refused request only
 * how many bytes into it the culprit begins. Empty where no table knows.
 */
export function pathAt(
  codec: Codec<unknown>,
  from: Bytes,
  start: number,
  end: number,
  offset: number,
): string[] {
  if ('item' in codec) return pathInList(codec as ListCodec<unknown>, from, start, end, offset);
  const { table, size } = layout(codec);
  if (table === undefined) return [];
  const begin = start + align(size);
  let path: string[] = [];
  walk(from, begin, end, (type, from0, to0) => {
    if (offset < from0 - NLA_HDRLEN || offset >= to0) return;
    const found = Object.entries(table.rows).find(
      ([, row]) => (row[0] & NLA_TYPE_MASK) === (type & NLA_TYPE_MASK),
    );
    if (found === undefined) return;
    const [name, row] = found;
    const inner = choose(row[1], table.read(from, begin, end) as Loose);
    path = [name, ...(offset < from0 ? [] : pathAt(inner, from, from0, to0, offset))];
  });
  return path;
}

/** An item is called by its place: ['expressions', '3']. */
function pathInList(
  { item }: ListCodec<unknown>,
  from: Bytes,
  start: number,
  end: number,
  offset: number,
): string[] {
  let index = 0;
  let path: string[] = [];
  walk(from, start, end, (_, from0, to0) => {
    if (offset >= from0 - NLA_HDRLEN && offset < to0) {
      path = [String(index), ...(offset < from0 ? [] : pathAt(item, from, from0, to0, offset))];
    }
    index++;
  });
  return path;
}

/** Where a codec's attributes begin, and what they are; of some other value nothing is known. */
function layout(codec: Codec<unknown>): { table?: AttributesCodec<unknown>; size: number } {
  if ('rows' in codec) return { table: codec as AttributesCodec<unknown>, size: 0 };
  if (!('attributes' in codec)) return { size: 0 };
  const { header, attributes: table } = codec as HeadedCodec<unknown, unknown>;
  return { table, size: header.size };
}
