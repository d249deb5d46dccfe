import { type Codec, s32, u32, u8, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import { countedKeys } from '../counted-keys';
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
  3, // flags
]);

type Head = ValueOf<typeof head>;

export interface PeditSelector extends Omit<Head, 'count'> {
  keys: readonly ValueOf<typeof key>[];
}

export const selector: Codec<PeditSelector> = countedKeys(head, key);
