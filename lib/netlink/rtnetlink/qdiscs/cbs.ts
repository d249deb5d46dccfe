import { integerFrom, type OptionCheck, trueOrFalse } from '../../../common/options';
import { shown } from '../../../common/shown';
import { attributes } from '../../attributes';
import { bool8, s32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { TrafficKind } from './qdisc-kind';

/** struct tc_cbs_qopt */
const parms = struct([
  ['offload', bool8, 1],
  3,
  ['highCredit', s32, 4],
  ['lowCredit', s32, 4],
  ['idleSlope', s32, 4],
  ['sendSlope', s32, 4],
]);

const codec = attributes({
  parms: [1, parms], // TCA_CBS_PARMS
});

/** A queue that sends while it has credit, as IEEE 802.1Q has it for sound and video: tc-cbs(8) computes the four numbers. */
export interface CbsOptions {
  /** Bytes of credit that it saves at most; 0 by default. */
  highCredit?: number;
  /** Bytes of credit that it owes at most, below 0; 0 by default. */
  lowCredit?: number;
  /** Bits a second at which it saves credit, in whole thousands; 0 by default. */
  idleSlope?: number;
  /** Bits a second at which it spends credit, below 0, in whole thousands; 0 by default. */
  sendSlope?: number;
  /** Whether the device does its work; off by default. */
  offload?: boolean;
}

const LARGEST_S32 = 0x7fffffff;
const isS32 = integerFrom(-LARGEST_S32 - 1, LARGEST_S32);

/** The kernel counts kilobits a second. */
const KILOBIT = 1000;
const isBits = integerFrom((-LARGEST_S32 - 1) * KILOBIT, LARGEST_S32 * KILOBIT);
const isSlope: OptionCheck = (value, path) => {
  isBits(value, path);
  if ((value as number) % KILOBIT !== 0) {
    throw new RangeError(`${path}: expected whole thousands of bits a second, got ${shown(value)}`);
  }
};

export const cbs: TrafficKind<CbsOptions, ValueOf<typeof codec>, CbsOptions> = {
  codec,
  options: {
    highCredit: isS32,
    lowCredit: isS32,
    idleSlope: isSlope,
    sendSlope: isSlope,
    offload: trueOrFalse,
  },
  toData: ({ highCredit = 0, lowCredit = 0, idleSlope = 0, sendSlope = 0, offload = false }) => ({
    parms: {
      ...{ offload, highCredit, lowCredit },
      idleSlope: idleSlope / KILOBIT,
      sendSlope: sendSlope / KILOBIT,
    },
  }),
  toView({ parms: found }) {
    if (found === undefined) return {};
    const { idleSlope, sendSlope, ...rest } = found;
    return { ...rest, idleSlope: idleSlope * KILOBIT, sendSlope: sendSlope * KILOBIT };
  },
};
