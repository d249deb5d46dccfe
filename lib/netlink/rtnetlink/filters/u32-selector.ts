import { LITTLE } from '../../bytes';
import { be16, type Codec, integer, s32, u16, u8, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import { countedKeys } from '../counted-keys';
import { struct } from '../../struct';

const s16 = integer(
  2,
  -0x8000,
  0x7fff,
  (to, value) => to.u16(value & 0xffff),
  (view, at) => view.getInt16(at, LITTLE),
);

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
  ['offsetMask', be16, 2],
  ['offset', u16, 2],
  ['offsetAt', s16, 2],
  ['hashOffset', s16, 2],
  ['hashMask', be32, 4],
]);

type Head = ValueOf<typeof head>;

/** What is looked at, and the bytes by which a bucket of the table that a filter links to is chosen. */
export interface Selector extends Partial<Omit<Head, 'count'>> {
  keys: readonly ValueOf<typeof key>[];
}

export const selector: Codec<Selector> = countedKeys(head, key);
