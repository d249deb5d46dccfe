import { attributes } from '../../attributes';
import { bytes, u32, type ValueOf } from '../../codec';
import { actions } from '../actions';
import type { FilterKind } from './filter-kind';

const codec = attributes({
  classId: [1, u32], // TCA_MATCHALL_CLASSID
  actions: [2, actions], // TCA_MATCHALL_ACT
  flags: [3, u32], // TCA_MATCHALL_FLAGS
  hits: [4, bytes], // TCA_MATCHALL_PCNT
});

/** Every packet of the protocol. It has no options of its own. */
export const matchall: FilterKind<object, ValueOf<typeof codec>, object> = {
  codec,
  options: {},
  toData: () => ({}),
  toView: () => ({}),
};
