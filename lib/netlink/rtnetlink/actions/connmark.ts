import { integerFrom } from '../../../common/options';
import { attributes } from '../../attributes';
import { s32, u16, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, isControl, times, toControl, type TrafficControl } from './control';

/** struct tc_connmark */
const parms = struct([
  ['index', u32, 4],
  4,
  ['control', s32, 4],
  ['references', s32, 4],
  ['bindings', s32, 4],
  ['zone', u16, 2],
  2,
]);

const codec = attributes({
  parms: [1, parms], // TCA_CONNMARK_PARMS
  times: [2, times], // TCA_CONNMARK_TM
});

type Data = ValueOf<typeof codec>;

/** A packet gets the mark of its connection. */
export interface ConnmarkOptions {
  /** The zone of the connection; 0 by default. */
  zone?: number;
  /** What becomes of it; 'pipe' by default. */
  control?: TrafficControl;
}

export const connmark: ActionKind<ConnmarkOptions, Data, ConnmarkOptions> = {
  codec,
  options: { zone: integerFrom(0, 0xffff), control: isControl },
  toData: ({ zone = 0, control = 'pipe' }) => ({
    parms: { control: controlNumber(control), zone } as ValueOf<typeof parms>,
  }),
  toView: ({ parms: found }) => ({ zone: found?.zone ?? 0, control: toControl(found?.control ?? 0) }),
};
