import { defined } from '../../../common/objects';
import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, GEN, isControl, times, toControl, type TrafficControl } from './control';

/** struct tc_sample */
const parms = struct(GEN);

const codec = attributes({
  times: [1, times], // TCA_SAMPLE_TM
  parms: [2, parms], // TCA_SAMPLE_PARMS
  rate: [3, u32], // TCA_SAMPLE_RATE
  truncate: [4, u32], // TCA_SAMPLE_TRUNC_SIZE
  group: [5, u32], // TCA_SAMPLE_PSAMPLE_GROUP
});

type Data = ValueOf<typeof codec>;

/** Copies of some packets go to programs that listen to the family `psample` of generic netlink. */
export interface SampleOptions {
  /** One of so many packets, by chance. */
  rate: number;
  /** The number of the group that listens. */
  group: number;
  /** Bytes of a copy at most; all by default. */
  truncate?: number;
  /** What becomes of the packet; 'pipe' by default. */
  control?: TrafficControl;
}

export const sample: ActionKind<SampleOptions, Data, SampleOptions> = {
  codec,
  options: {
    rate: integerFrom(1, 0xffffffff),
    group: integerFrom(0, 0xffffffff),
    truncate: integerFrom(1, 0xffffffff),
    control: isControl,
  },
  required: ['rate', 'group'],
  toData: ({ control = 'pipe', ...own }) => ({
    parms: { control: controlNumber(control) } as ValueOf<typeof parms>,
    ...defined(own),
  }),
  toView: ({ parms: found, rate = 0, group = 0, truncate }) => ({
    ...{ rate, group },
    ...defined({ truncate }),
    control: toControl(found?.control ?? 0),
  }),
};
