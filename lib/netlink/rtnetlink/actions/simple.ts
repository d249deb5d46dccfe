import { isText, type OptionCheck } from '../../../common/options';
import { toBytes } from '../../../common/byte-text';
import { attributes } from '../../attributes';
import { text, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, GEN, isControl, times, toControl, type TrafficControl } from './control';

/** The kernel's own length for a text, but for the NUL at its end. */
const LONGEST = 31;

/** struct tc_defact */
const parms = struct(GEN);

const codec = attributes({
  times: [1, times], // TCA_DEF_TM
  parms: [2, parms], // TCA_DEF_PARMS
  text: [3, text(LONGEST)], // TCA_DEF_DATA
});

type Data = ValueOf<typeof codec>;

/** The kernel prints a text to its log for each packet. */
export interface SimpleOptions {
  /** The text, of up to 31 bytes. */
  text: string;
  /** What becomes of the packet; 'pipe' by default. */
  control?: TrafficControl;
}

const isShortText: OptionCheck = (value, path) => {
  isText(value, path);
  const { length } = toBytes(value as string, path);
  if (length > LONGEST) throw new RangeError(`${path}: expected at most ${LONGEST} bytes, got ${length}`);
};

export const simple: ActionKind<SimpleOptions, Data, SimpleOptions> = {
  codec,
  options: { text: isShortText, control: isControl },
  required: ['text'],
  toData: ({ text: given, control = 'pipe' }) => ({
    parms: { control: controlNumber(control) } as ValueOf<typeof parms>,
    text: given,
  }),
  toView: ({ parms: found, text: given = '' }) => ({ text: given, control: toControl(found?.control ?? 0) }),
};
