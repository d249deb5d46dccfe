import { checkInteger } from '../../../common/check';
import { checkOptions, oneOf, type OptionCheck, optionTable } from '../../../common/options';
import { s32, u32, u64 } from '../../codec';
import { struct } from '../../struct';

/** linux/pkt_cls.h, TC_ACT_*: what becomes of a packet after an action. */
const CONTROLS = {
  continue: -1, // TC_ACT_UNSPEC
  pass: 0, // TC_ACT_OK
  reclassify: 1, // TC_ACT_RECLASSIFY
  drop: 2, // TC_ACT_SHOT
  pipe: 3, // TC_ACT_PIPE
  stolen: 4, // TC_ACT_STOLEN
  queued: 5, // TC_ACT_QUEUED
  repeat: 6, // TC_ACT_REPEAT
  redirect: 7, // TC_ACT_REDIRECT
  trap: 8, // TC_ACT_TRAP
} as const;

const JUMP = 0x10000000; // TC_ACT_JUMP
const GOTO_CHAIN = 0x20000000; // TC_ACT_GOTO_CHAIN
const LARGEST = 0xfffffff; // TC_ACT_EXT_VAL_MASK

/**
 * What becomes of a packet after an action: 'pass' ends with the packet let through, 'drop' with its loss, 'pipe' goes on to the next
 * action, 'continue' to the next filter, 'reclassify' begins with the filters again. `jump` leaves out so many actions, `chain` goes on
 * with the filters of that chain.
 *
 * @useDeclaredType
 */
export type TrafficControl = keyof typeof CONTROLS | { jump: number } | { chain: number };

const isWord = oneOf(Object.keys(CONTROLS));
const isNumber: OptionCheck = (value, path) => checkInteger(path, value, 0, LARGEST);
const JUMP_TABLE = optionTable<{ jump?: number; chain?: number }>({ jump: isNumber, chain: isNumber });

export const isControl: OptionCheck = (value, path) => {
  if (typeof value !== 'object' || value === null) {
    isWord(value, path);
    return;
  }
  checkOptions(value, JUMP_TABLE, { path });
  if (Object.keys(value).length !== 1)
    throw new TypeError(`${path}: either 'jump' or 'chain' has to be given`);
};

export function controlNumber(control: TrafficControl): number {
  if (typeof control === 'string') return CONTROLS[control];
  return 'jump' in control ? JUMP + control.jump : GOTO_CHAIN + control.chain;
}

const NAMES = new Map<number, keyof typeof CONTROLS>(
  Object.entries(CONTROLS).map(([name, number]) => [number, name as keyof typeof CONTROLS]),
);

/** A number that has no name is taken for what the kernel takes it for: to go on with the next filter. */
export function toControl(number: number): TrafficControl {
  const value = number & LARGEST;
  if (number - value === JUMP) return { jump: value };
  if (number - value === GOTO_CHAIN) return { chain: value };
  return NAMES.get(number) ?? 'continue';
}

/** What all actions begin with (tc_gen): `index` 0 makes a new one. */
export const GEN = [
  ['index', u32, 4],
  4,
  ['control', s32, 4],
  ['references', s32, 4],
  ['bindings', s32, 4],
] as const;

/** struct tcf_t: how long ago, in hundredths of a second. */
export const times = struct([
  ['installed', u64, 8],
  ['lastUsed', u64, 8],
  ['expires', u64, 8],
  ['firstUsed', u64, 8],
]);

interface ActionUsers {
  index: number;
  references: number;
  bindings: number;
}

/** What every action reports, whatever its kind. */
export interface ActionHead {
  times?: { installed: number; lastUsed: number };
  parms?: ActionUsers;
  /** Of pedit, where `tc` has made it the old way. */
  oldParms?: ActionUsers;
}
