import { NLA_HDRLEN, NLA_TYPE_MASK, walk } from './attribute-reader';
import type { AttributesCodec, HeadedCodec, ListCodec } from './attributes';
import { align, type Bytes } from './bytes';
import type { Codec } from './codec';
import { choose } from './rows';

/**
 * Which option lies at an offset, from the outermost table inwards: of a refused request the kernel reports only
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
    const inner = choose(row[1], table.read(from, begin, end) as Record<string, unknown>);
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
