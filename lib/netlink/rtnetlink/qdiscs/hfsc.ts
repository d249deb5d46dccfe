import { defined } from '../../../common/objects';
import { optionsOf, optionTable } from '../../../common/options';
import { attributes } from '../../attributes';
import { u16, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { isMinor } from './minor';
import type { TrafficKind } from './qdisc-kind';
import {
  fromMicroseconds,
  isMicroTime,
  isSmallRateOrNone,
  toBitsPerSecond,
  toBytesPerSecond,
  toMicroseconds,
} from './units';

/** struct tc_hfsc_qopt */
const codec = struct([['defaultClass', u16, 2]]);

/** A tree of classes, which are promised a rate, and a delay apart from the rate. */
export interface HfscOptions {
  /** The second number, in hexadecimal, of the class of packets that no filter sends to another. Without one they are dropped. */
  defaultClass?: string;
}

export const hfsc: TrafficKind<HfscOptions, ValueOf<typeof codec>, HfscOptions> = {
  codec,
  options: { defaultClass: isMinor },
  toData: ({ defaultClass = '0' }) => ({ defaultClass: Number.parseInt(defaultClass, 16) }),
  toView: ({ defaultClass }) => (defaultClass === 0 ? {} : { defaultClass: defaultClass.toString(16) }),
};

/** struct tc_service_curve: `m1` and `m2` are bytes a second, `d` is microseconds. */
const curve = struct([
  ['m1', u32, 4],
  ['d', u32, 4],
  ['m2', u32, 4],
]);

const classCodec = attributes({
  realTime: [1, curve], // TCA_HFSC_RSC
  linkShare: [2, curve], // TCA_HFSC_FSC
  upperLimit: [3, curve], // TCA_HFSC_USC
});

/** A rate over time: one for the beginning, and one from then on. */
export interface HfscCurve {
  /** Bits a second from then on, rounded to whole bytes, up to 34 Gbit/s. */
  rate: number;
  /** Bits a second at the beginning; 0 by default. */
  firstRate?: number;
  /** Milliseconds that the beginning lasts; 0 by default. */
  firstTime?: number;
}

const CURVE = optionsOf(
  optionTable<HfscCurve>({ rate: isSmallRateOrNone, firstRate: isSmallRateOrNone, firstTime: isMicroTime }, [
    'rate',
  ]),
);

/** A class of an hfsc. */
export interface HfscClassOptions {
  /** What it is promised. Either this or `linkShare` has to be given. */
  realTime?: HfscCurve;
  /** Its share of what is left. */
  linkShare?: HfscCurve;
  /** What it gets at most, of its share. */
  upperLimit?: HfscCurve;
}

const toCurve = ({ rate, firstRate = 0, firstTime = 0 }: HfscCurve) => ({
  m1: toBytesPerSecond(firstRate),
  d: toMicroseconds(firstTime),
  m2: toBytesPerSecond(rate),
});

const fromCurve = ({ m1, d, m2 }: ValueOf<typeof curve>): HfscCurve => ({
  rate: toBitsPerSecond(m2),
  firstRate: toBitsPerSecond(m1),
  firstTime: fromMicroseconds(d),
});

export const hfscClass: TrafficKind<HfscClassOptions, ValueOf<typeof classCodec>, HfscClassOptions> = {
  codec: classCodec,
  options: { realTime: CURVE, linkShare: CURVE, upperLimit: CURVE },
  check({ realTime, linkShare, upperLimit }) {
    if (realTime === undefined && linkShare === undefined) {
      throw new TypeError("realTime: either 'realTime' or 'linkShare' has to be given");
    }
    if (upperLimit !== undefined && linkShare === undefined) {
      throw new TypeError("upperLimit: it takes 'linkShare'");
    }
  },
  toData: ({ realTime, linkShare, upperLimit }) =>
    defined({
      realTime: realTime && toCurve(realTime),
      linkShare: linkShare && toCurve(linkShare),
      upperLimit: upperLimit && toCurve(upperLimit),
    }),
  toView: ({ realTime, linkShare, upperLimit }) =>
    defined({
      realTime: realTime && fromCurve(realTime),
      linkShare: linkShare && fromCurve(linkShare),
      upperLimit: upperLimit && fromCurve(upperLimit),
    }),
};
