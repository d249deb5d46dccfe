import { defined } from '../../../common/objects';
import { optionsOf, optionTable } from '../../../common/options';
import { attributes } from '../../attributes';
import { u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { isPercent, toParts, toPercent } from './units';

/** struct tc_netem_gimodel */
const gimodel = struct([
  ['p13', u32, 4],
  ['p31', u32, 4],
  ['p32', u32, 4],
  ['p14', u32, 4],
  ['p23', u32, 4],
]);

/** struct tc_netem_gemodel: `h` is the chance that a packet passes in the bad state, `k1` that one is lost in the good state. */
const gemodel = struct([
  ['p', u32, 4],
  ['r', u32, 4],
  ['h', u32, 4],
  ['k1', u32, 4],
]);

/** TCA_NETEM_LOSS */
export const lossModel = attributes({
  fourStates: [1, gimodel], // NETEM_LOSS_GI
  gilbert: [2, gemodel], // NETEM_LOSS_GE
});

/** The model of Gilbert and Elliott: packets are lost in a bad state more than in a good one. All are percent. */
export interface NetemGilbert {
  /** The chance that the state turns bad (p). */
  toBad: number;
  /** The chance that it turns good again (r); 100 less `toBad` by default. */
  toGood?: number;
  /** The chance that a packet is lost in the bad state (1-h); 100 by default. */
  lossInBad?: number;
  /** The chance that a packet is lost in the good state (1-k); 0 by default. */
  lossInGood?: number;
}

/**
 * A chain of states: 1 is good, 3 loses packets in a burst, 2 is good within a burst, and 4 loses a single packet. All are the
 * percentage with which one state follows another.
 */
export interface NetemFourStates {
  /** From state 1 to 3. */
  p13: number;
  /** From state 3 to 1; 100 less `p13` by default. */
  p31?: number;
  /** From state 3 to 2; 0 by default. */
  p32?: number;
  /** From state 2 to 3; 100 by default. */
  p23?: number;
  /** From state 1 to 4; 0 by default. */
  p14?: number;
}

export const gilbert = optionsOf(
  optionTable<NetemGilbert>(
    { toBad: isPercent, toGood: isPercent, lossInBad: isPercent, lossInGood: isPercent },
    ['toBad'],
  ),
);

export const fourStates = optionsOf(
  optionTable<NetemFourStates>(
    { p13: isPercent, p31: isPercent, p32: isPercent, p23: isPercent, p14: isPercent },
    ['p13'],
  ),
);

interface Models {
  gilbert?: NetemGilbert;
  fourStates?: NetemFourStates;
}

/** Both ways between the options and the attribute; undefined is a loss without a model. */
export const toLoss = {
  data({ gilbert, fourStates }: Models): ValueOf<typeof lossModel> | undefined {
    if (gilbert !== undefined) {
      const { toBad, toGood = 100 - toBad, lossInBad = 100, lossInGood = 0 } = gilbert;
      const [p, r, h, k1] = [toBad, toGood, 100 - lossInBad, lossInGood].map(toParts) as Four;
      return { gilbert: { p, r, h, k1 } };
    }
    if (fourStates === undefined) return undefined;
    const { p13, p31 = 100 - p13, p32 = 0, p23 = 100, p14 = 0 } = fourStates;
    return {
      fourStates: {
        p13: toParts(p13),
        p31: toParts(p31),
        p32: toParts(p32),
        p14: toParts(p14),
        p23: toParts(p23),
      },
    };
  },
  view({ gilbert, fourStates }: ValueOf<typeof lossModel> = {}): Models {
    return defined({
      gilbert: gilbert && {
        toBad: toPercent(gilbert.p),
        toGood: toPercent(gilbert.r),
        lossInBad: toPercent(0xffffffff - gilbert.h),
        lossInGood: toPercent(gilbert.k1),
      },
      fourStates: fourStates && {
        p13: toPercent(fourStates.p13),
        p31: toPercent(fourStates.p31),
        p32: toPercent(fourStates.p32),
        p23: toPercent(fourStates.p23),
        p14: toPercent(fourStates.p14),
      },
    });
  },
};

type Four = [number, number, number, number];
