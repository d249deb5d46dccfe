import { integerFrom, oneOf, optionsOf, optionTable } from '../../../common/options';
import { attributes } from '../../attributes';
import { choice, s32, u16, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, GEN, isControl, times, toControl, type TrafficControl } from './control';

/** linux/tc_act/tc_gact.h, PGACT_* */
const RANDOM = {
  random: 1, // PGACT_NETRAND
  every: 2, // PGACT_DETERM
} as const;

/** struct tc_gact */
const parms = struct(GEN);

/** struct tc_gact_p */
const chance = struct([
  ['type', choice(u16, RANDOM), 2],
  ['value', u16, 2],
  ['control', s32, 4],
]);

const codec = attributes({
  times: [1, times], // TCA_GACT_TM
  parms: [2, parms], // TCA_GACT_PARMS
  chance: [3, chance], // TCA_GACT_PROB
});

type Data = ValueOf<typeof codec>;

/** What becomes of some packets, in the place of what becomes of the others. */
export interface ActionChance {
  /** 'every': each n-th packet; 'random': one in n, by chance. */
  type: keyof typeof RANDOM;
  /** n, from 1 to 10000. */
  value: number;
  /** What becomes of it. */
  control: TrafficControl;
}

/** The packet is dropped, or passes, or goes on. */
export interface GactOptions {
  /** 'drop', 'pass', …: what becomes of the packet. */
  control: TrafficControl;
  /** What becomes of some packets instead; the kernel may be built without. */
  chance?: ActionChance;
}

const CHANCE = optionTable<ActionChance>(
  { type: oneOf(Object.keys(RANDOM)), value: integerFrom(1, 10_000), control: isControl },
  ['type', 'value', 'control'],
);

export const gact: ActionKind<GactOptions, Data, GactOptions> = {
  codec,
  options: { control: isControl, chance: optionsOf(CHANCE) },
  required: ['control'],
  toData: ({ control, chance: given }) => ({
    parms: { control: controlNumber(control) } as ValueOf<typeof parms>,
    ...(given && { chance: { ...given, control: controlNumber(given.control) } }),
  }),
  toView: ({ parms: found, chance: some }) => ({
    control: toControl(found?.control ?? 0),
    ...(some !== undefined &&
      typeof some.type === 'string' && {
        chance: { type: some.type, value: some.value, control: toControl(some.control) },
      }),
  }),
};
