import { type Codec, MalformedError, s32, type Shape, u32, u8, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import { struct } from '../../struct';

/** struct tc_pedit_key: the mask has the bits that stay. */
const key = struct([
  ['mask', be32, 4],
  ['value', be32, 4],
  ['offset', s32, 4],
  ['at', u32, 4],
  ['atMask', u32, 4],
  ['atShift', u32, 4],
]);

/** struct tc_pedit_sel */
const head = struct([
  ['index', u32, 4],
  4,
  ['control', s32, 4],
  ['references', s32, 4],
  ['bindings', s32, 4],
  ['count', u8, 1],
  ['flags', u8, 1],
  2,
]);

type Head = ValueOf<typeof head>;

export interface PeditSelector extends Omit<Head, 'count' | 'flags'> {
  keys: readonly ValueOf<typeof key>[];
}

/** The keys follow the struct, which has their count. */
export const selector: Codec<PeditSelector> = {
  get shape() {
    const {
      count: _,
      flags: __,
      ...fields
    } = (head.shape as { fields: Readonly<Record<string, Shape>> }).fields;
    return { kind: 'struct', fields: { ...fields, keys: { kind: 'list', item: key.shape } } } as const;
  },
  write(to, { keys, ...rest }) {
    head.write(to, { ...rest, count: keys.length } as Head);
    for (const one of keys) key.write(to, one);
  },
  read(from, start, end) {
    const { count, flags: _, ...rest } = head.read(from, start, end);
    const first = start + head.size;
    const last = first + count * key.size;
    if (end < last) throw new MalformedError(`${end - start} bytes where ${last - start} belong`);
    const keys = Array.from({ length: count }, (_, i) => {
      const at = first + i * key.size;
      return key.read(from, at, at + key.size);
    });
    return { ...rest, keys };
  },
};
