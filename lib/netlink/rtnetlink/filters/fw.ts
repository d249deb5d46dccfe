import { integerFrom } from '../../../common/options';
import { defined } from '../../../common/objects';
import { attributes } from '../../attributes';
import { bytes, text, u32, type ValueOf } from '../../codec';
import { actions } from '../actions';
import type { FilterKind } from './filter-kind';

const IFNAMSIZ = 16;

const codec = attributes({
  classId: [1, u32], // TCA_FW_CLASSID
  police: [2, bytes], // TCA_FW_POLICE
  device: [3, text(IFNAMSIZ - 1)], // TCA_FW_INDEV
  actions: [4, actions], // TCA_FW_ACT
  mask: [5, u32], // TCA_FW_MASK
});

/** Packets with a mark. */
export interface FwOptions {
  /** The mark, which is the handle of the filter. */
  mark: number;
  /** The bits of a packet's mark that are looked at; all by default. Filters of one priority have the same. */
  mask?: number;
}

export const fw: FilterKind<FwOptions, ValueOf<typeof codec>, { mask?: number }> = {
  codec,
  options: { mark: integerFrom(1, 0xffffffff), mask: integerFrom(1, 0xffffffff) },
  required: ['mark'],
  handle: 'mark',
  toData: ({ mask }) => defined({ mask }),
  toView: ({ mask }) => defined({ mask }),
};
