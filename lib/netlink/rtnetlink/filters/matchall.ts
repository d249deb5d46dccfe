import { attributes } from '../../attributes';
import { defined } from '../../../common/objects';
import { bytes, u32, type ValueOf } from '../../codec';
import { actions } from '../actions';
import type { FilterKind } from './filter-kind';
import { OFFLOAD, offloadFlags, offloadOf, type OffloadOptions } from './shared';

const codec = attributes({
  classId: [1, u32], // TCA_MATCHALL_CLASSID
  actions: [2, actions], // TCA_MATCHALL_ACT
  flags: [3, u32], // TCA_MATCHALL_FLAGS
  hits: [4, bytes], // TCA_MATCHALL_PCNT
});

/** Every packet of the protocol. */
export const matchall: FilterKind<OffloadOptions, ValueOf<typeof codec>, OffloadOptions> = {
  codec,
  options: OFFLOAD,
  toData: ({ offload }) => defined({ flags: offloadFlags(offload) }),
  toView: ({ flags }) => defined({ offload: offloadOf(flags) }),
};
