import { align } from '../../bytes';
import { type Codec, MalformedError, s32, u16, u8, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import { struct } from '../../struct';

/** struct tc_u32_key */
const key = struct([
  ['mask', be32, 4],
  ['value', be32, 4],
  ['offset', s32, 4],
  ['offsetMask', s32, 4],
]);

/** struct tc_u32_sel */
const head = struct([
  ['flags', u8, 1],
  ['offsetShift', u8, 1],
  ['count', u8, 1],
  1,
  ['offsetMask', u16, 2],
  ['offset', u16, 2],
  ['offsetOffset', u16, 2],
  ['hashOffset', u16, 2],
  ['hashMask', be32, 4],
]);

export interface Selector {
  flags: number;
  keys: readonly ValueOf<typeof key>[];
}

/** The keys follow the struct, which has their count. The hash of a table that another filter links to is left out. */
export const selector: Codec<Selector> = {
  get shape() {
    return {
      kind: 'struct',
      fields: { flags: { kind: 'integer', min: 0, max: 0xff }, keys: { kind: 'list', item: key.shape } },
    } as const;
  },
  write(to, { flags, keys }) {
    head.write(to, { flags, count: keys.length } as ValueOf<typeof head>);
    for (const one of keys) key.write(to, one);
  },
  read(from, start, end) {
    const { flags, count } = head.read(from, start, end);
    const first = start + align(head.size);
    const last = first + count * key.size;
    if (end < last) throw new MalformedError(`${end - start} bytes where ${last - start} belong`);
    const keys = Array.from({ length: count }, (_, i) => {
      const at = first + i * key.size;
      return key.read(from, at, at + key.size);
    });
    return { flags, keys };
  },
};
