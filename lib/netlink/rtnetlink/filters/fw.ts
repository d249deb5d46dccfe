import { integerFrom } from '../../../common/options';
import { defined } from '../../../common/objects';
import { attributes } from '../../attributes';
import { text, u32, type ValueOf } from '../../codec';
import { IFNAMSIZ } from '../../../common/limits';
import { actions } from '../actions';
import { police } from '../actions/police';
import type { FilterKind } from './filter-kind';
import { INPUT, type InputOptions } from './shared';

const codec = attributes({
  classId: [1, u32], // TCA_FW_CLASSID
  police: [2, police.codec], // TCA_FW_POLICE
  device: [3, text(IFNAMSIZ - 1)], // TCA_FW_INDEV
  actions: [4, actions], // TCA_FW_ACT
  mask: [5, u32], // TCA_FW_MASK
});

/** Packets with a mark. */
export interface FwOptions extends InputOptions {
  /** The mark, which is the handle of the filter. */
  mark: number;
  /** The bits of a packet's mark that are looked at; all by default. Filters of one priority have the same. */
  mask?: number;
}

export const fw: FilterKind<FwOptions, ValueOf<typeof codec>, Omit<FwOptions, 'mark'>> = {
  codec,
  options: { mark: integerFrom(1, 0xffffffff), mask: integerFrom(1, 0xffffffff), ...INPUT },
  required: ['mark'],
  handle: 'mark',
  toData: ({ mask, inputDevice }) => defined({ mask, device: inputDevice }),
  toView: ({ mask, device }) => defined({ mask, inputDevice: device }),
};
