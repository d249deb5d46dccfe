import { type AttributeReader, NLA_HDRLEN, partialReader, walk, wholeReader } from './attribute-reader';
import { align, type Bytes, type Writer } from './bytes';
import { bytes, type Codec, located, type RowShape } from './codec';
import { viewReader } from './message-view';
import { choose, type RawAttribute, type Row, type Rows, type Values } from './rows';
import type { StructCodec } from './struct';

export type { RawAttribute, Row, Values } from './rows';

export const NLA_F_NESTED = 0x8000;

export interface AttributesCodec<T> extends Codec<T> {
  readonly rows: Rows;
  /** Reads all of them, and what the table does not know, into an object. */
  readonly readInto: AttributeReader;
}

/** One row per line makes encoder, decoder and type. Attributes are written in the order of the value's keys. */
export function attributes<const R extends Rows>(rows: R): AttributesCodec<Values<R>> {
  const readInto = wholeReader(rows);
  return {
    rows,
    get shape() {
      return { kind: 'attributes', rows: shapes(rows) } as const;
    },
    write(to, value) {
      writeAttributes(to, rows, value, Object.keys(value));
    },
    read(from, start, end) {
      const value = {};
      readInto(from, start, end, value);
      return value;
    },
    readInto,
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
        writeAttribute(to, typeOf(row, value), choose(row[1], value), field);
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

/** The number of an attribute, with the flag where the kernel insists on it for what a sibling says. */
function typeOf([type, codec]: Row, siblings: Loose): number {
  if (!('by' in codec) || codec.nested === undefined) return type;
  return codec.nested.includes(siblings[codec.by] as string) ? type | NLA_F_NESTED : type;
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

export interface ListCodec<T> extends Codec<readonly T[]> {
  readonly item: Codec<T>;
}

/**
 * Items of one kind, each in an attribute of its own whose number has no meaning: IFLA_PROP_LIST. Some programs count
 * there: `type` may be a function of the item's place.
 */
export function list<T>(type: number | ((index: number) => number), codec: Codec<T>): ListCodec<T> {
  const typeOf = typeof type === 'number' ? () => type : type;
  return {
    get shape() {
      return { kind: 'list', item: codec.shape } as const;
    },
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

/**
 * Attributes of several types, each of which may be there more than once, in an order that counts: an object for each, with
 * this attribute alone.
 */
export function occurrences<T>(table: AttributesCodec<T>): Codec<readonly T[]> {
  return {
    get shape() {
      return { kind: 'list', item: table.shape } as const;
    },
    write(to, value) {
      for (const item of value) table.write(to, item);
    },
    read(from, start, end) {
      const items: T[] = [];
      walk(from, start, end, (_, from0, to0) => items.push(table.read(from, from0 - NLA_HDRLEN, to0)));
      return items;
    },
  };
}

/** The names of a table's attributes, and 'unknown' for those that it does not have. */
export type NameOf<A> = keyof A & string;

export interface HeadedCodec<H, A> extends Codec<Partial<H> & A> {
  readonly header: StructCodec<H>;
  readonly attributes: AttributesCodec<A>;
  read(from: Bytes, start: number, end: number): H & A;
  /** A reader of the header and of these attributes alone: to be made once, and used for many messages. */
  reader<N extends NameOf<A>>(
    names: readonly N[],
  ): (from: Bytes, start: number, end: number) => H & Pick<A, N>;
  /**
   * The same for long lists: it returns the same object for each message, with accessors instead of properties. So it is to be
   * used by its names, and before the next message is read.
   */
  viewer<N extends NameOf<A>>(
    names: readonly N[],
  ): (from: Bytes, start: number, end: number) => H & Pick<A, N>;
}

/** A struct with attributes behind it, as one flat object: every rtnetlink message. */
export function headed<H, A extends object>(
  header: StructCodec<H>,
  content: AttributesCodec<A>,
): HeadedCodec<H, A> {
  const begin = align(header.size);
  const read = (from: Bytes, start: number, end: number, readInto: AttributeReader) => {
    const value = header.read(from, start, end);
    readInto(from, start + begin, end, value as Record<string, unknown>);
    return value;
  };
  return {
    header,
    attributes: content,
    get shape() {
      return { kind: 'headed', header: header.shape, attributes: content.shape } as const;
    },
    write(to, value) {
      header.write(to, value as H);
      to.align();
      const names = Object.keys(value).filter((name) => !header.names.has(name));
      writeAttributes(to, content.rows, value, names);
    },
    read: (from, start, end) => read(from, start, end, content.readInto) as H & A,
    reader<N extends NameOf<A>>(names: readonly N[]) {
      const readInto = partialReader(content.rows, names);
      return (from, start, end) => read(from, start, end, readInto) as H & Pick<A, N>;
    },
    viewer<N extends NameOf<A>>(names: readonly N[]) {
      const read = viewReader(header, content.rows, names);
      return (from, start, end) => read(from, start, end) as H & Pick<A, N>;
    },
  };
}
