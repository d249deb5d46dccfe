import { integerFrom } from '../../../common/options';
import { u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';

/** struct tc_skbprio_qopt */
const codec = struct([['limit', u32, 4]]);

/** A queue that, where it is full, drops the packet of the lowest priority. */
export interface SkbprioOptions {
  /** Packets that may wait; 64 by default. */
  limit?: number;
}

export const skbprio: TrafficKind<SkbprioOptions, ValueOf<typeof codec>, SkbprioOptions> = {
  codec,
  options: { limit: integerFrom(1, 0xffffffff) },
  toData: ({ limit }) => (limit === undefined ? undefined : { limit }),
  toView: ({ limit }) => ({ limit }),
};
