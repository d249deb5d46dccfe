import { lengthAt, neededNames, NLA_HDRLEN, NLA_TYPE_MASK, readField } from './attribute-reader';
import { align, type Bytes, LITTLE } from './bytes';
import { bytes, type Codec, padding } from './codec';
import { choose, type RawAttribute, type Row, type Rows } from './rows';
import { expectStruct, type Placed, type StructCodec } from './struct';

type Read = (from: Bytes, start: number, end: number) => object;

/**
 * A reader for long lists: of the header and of some attributes, which it reads as `partialReader` does. It returns one and
 * the same object for all messages, which is of use until the next message is read. That object has accessors instead of
 * properties: it has one shape, whichever attributes a message has, and V8 compiles whoever uses it to loads from known
 * places. Attributes are read at once, and a field of a struct when it is asked for.
 */
export function viewReader(header: StructCodec<unknown>, rows: Rows, names: readonly string[]): Read {
  const needed = [...new Set(neededNames(rows, names))];
  let read: Read | undefined;
  return (from, start, end) => (read ??= compile(header, rows, needed, names))(from, start, end);
}

/** What becomes of an attribute that has no place among the values. */
const SKIPPED = -1;
const UNKNOWN = -2;

function compile(
  header: StructCodec<unknown>,
  rows: Rows,
  needed: readonly string[],
  names: readonly string[],
): Read {
  const begin = align(header.size);
  const view = newView(header.layout, [...needed, 'unknown']);
  const { values } = view;
  const unknownAt = needed.length;
  const codecs = needed.map((name) => (rows[name] as Row)[1]);
  const readers = codecs.map((codec) => ('by' in codec ? undefined : viewed(codec)));
  const places = placesByType(rows, needed);
  const beyond = names.includes('unknown') ? UNKNOWN : SKIPPED;
  // its own, because each use of an import looks it up
  const [little, headerLength, typeMask] = [LITTLE, NLA_HDRLEN, NLA_TYPE_MASK];
  const [lengthOf, aligned, readOne, expect, { size }] = [lengthAt, align, readField, expectStruct, header];

  return (from, start, end) => {
    expect(start, end, size);
    // for so few, faster than fill()
    for (let place = 0; place <= unknownAt; place++) values[place] = undefined;
    view.move(from, start);
    let dependents: [place: number, start: number, end: number][] | undefined;
    for (let at = start + begin; at < end;) {
      const to = at + lengthOf(from, at, end);
      const type = from.view.getUint16(at + 2, little);
      const number = type & typeMask;
      const place = number < places.length ? (places[number] as number) : UNKNOWN;
      if (place >= 0) {
        const reader = readers[place];
        if (reader === undefined) (dependents ??= []).push([place, at + headerLength, to]);
        else if (values[place] === undefined)
          values[place] = readOne(needed[place] as string, reader, from, at + headerLength, to);
      } else if (place === UNKNOWN && beyond === UNKNOWN) {
        const raw: RawAttribute = { type, data: bytes.read(from, at + headerLength, to) };
        ((values[unknownAt] ??= []) as RawAttribute[]).push(raw);
      }
      at += aligned(to - at);
    }
    if (dependents !== undefined) {
      for (const [place, from0, to0] of dependents) {
        if (values[place] !== undefined) continue;
        const codec = choose(codecs[place] as Row[1], view.object as Record<string, unknown>);
        values[place] = readField(needed[place] as string, codec, from, from0, to0);
      }
    }
    return view.object;
  };
}

/** By an attribute's number, its place among the values. */
function placesByType(rows: Rows, needed: readonly string[]): readonly number[] {
  const numbers = Object.values(rows).map(([type]) => type & NLA_TYPE_MASK);
  const places = Array.from({ length: Math.max(-1, ...numbers) + 1 }, () => UNKNOWN);
  for (const number of numbers) places[number] = SKIPPED;
  needed.forEach((name, place) => {
    const [type, codec] = rows[name] as Row;
    if (codec !== padding) places[type & NLA_TYPE_MASK] = place;
  });
  return places;
}

type Reader = Pick<Codec<unknown>, 'read'>;

/** The reader of an attribute: where it is a struct, of which often one field is wanted, a view of that. */
function viewed(codec: Codec<unknown>): Reader {
  if (!('layout' in codec)) return codec;
  const { layout, size } = codec as StructCodec<unknown>;
  const view = newView(layout, []);
  return {
    read(from, start, end) {
      expectStruct(start, end, size);
      view.move(from, start);
      return view.object;
    },
  };
}

interface View {
  readonly object: object;
  readonly values: unknown[];
  readonly move: (from: Bytes, start: number) => void;
}

/** An object with the fields of a struct, wherever that lies, and with values by their names. */
function newView(layout: readonly Placed[], names: readonly string[]): View {
  const values = names.map((): unknown => undefined);
  const object = {};
  let bytesOf: Bytes;
  let begin = 0;
  const accessor = (name: string, get: () => unknown) =>
    Object.defineProperty(object, name, { get, enumerable: true });
  for (const { name, codec, start, end } of layout) {
    accessor(name, () => codec.read(bytesOf, begin + start, begin + end));
  }
  names.forEach((name, place) => accessor(name, () => values[place]));
  const move = (from: Bytes, start: number) => {
    bytesOf = from;
    begin = start;
  };
  return { object, values, move };
}
