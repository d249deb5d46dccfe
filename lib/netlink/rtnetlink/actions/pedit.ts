import { checkInteger } from '../../../common/check';
import {
  checkOptions,
  integerFrom,
  listOf,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  wordOrInteger,
} from '../../../common/options';
import { attributes, list, NLA_F_NESTED } from '../../attributes';
import { choice, u16, type ValueOf } from '../../codec';
import type { ActionKind } from './action-kind';
import { controlNumber, isControl, times, toControl, type TrafficControl } from './control';
import {
  checkField,
  FIELD_NAMES,
  fieldAt,
  fieldWords,
  headerOf,
  HEADERS,
  isByte,
  type PeditFieldName,
  type PeditHeader,
} from './pedit-fields';
import { selector } from './pedit-selector';

/** linux/tc_act/tc_pedit.h, TCA_PEDIT_KEY_EX_CMD_* */
const COMMANDS = {
  set: 0, // TCA_PEDIT_KEY_EX_CMD_SET
  add: 1, // TCA_PEDIT_KEY_EX_CMD_ADD
} as const;

const extended = attributes({
  header: [1, choice(u16, HEADERS)], // TCA_PEDIT_KEY_EX_HTYPE
  command: [2, choice(u16, COMMANDS)], // TCA_PEDIT_KEY_EX_CMD
});

const KEY_EX = 6; // TCA_PEDIT_KEY_EX

const codec = attributes({
  times: [1, times], // TCA_PEDIT_TM
  oldParms: [2, selector], // TCA_PEDIT_PARMS
  parms: [4, selector], // TCA_PEDIT_PARMS_EX
  extended: [5 | NLA_F_NESTED, list(KEY_EX | NLA_F_NESTED, extended)], // TCA_PEDIT_KEYS_EX
});

type Data = ValueOf<typeof codec>;
type Key = Data extends { parms?: { keys: readonly (infer K)[] } } ? K : never;
type Extended = ValueOf<typeof extended>;

/** A field of a header. What is computed of it stays as it was: the action csum computes the checksums again. */
export interface PeditField {
  /** The field, as tc calls it: 'ip src', 'ip ttl', 'tcp dport', 'eth dst'. */
  field: PeditFieldName;
  /** Its new value: an address, or a number. Either this or `add` has to be given. */
  set?: string | number;
  /** What is added to it, where the field is one byte; 255 takes 1 away. */
  add?: number;
}

/** Where an offset of a packet begins that the packet itself says: the byte at `at`, its bits, and how far they are shifted. */
export interface PeditStart {
  /** The byte that says it, from the same header. */
  at: number;
  /** The bits of the byte that say it. */
  mask: number;
  /** By how many bits they are shifted to the right. */
  shift?: number;
}

/** Four bytes of a packet. */
export interface PeditKey {
  /** The header from whose first byte the offset counts; 'network' by default. */
  header?: PeditHeader | number;
  /** Where they begin, a multiple of 4; it may be negative. */
  offset: number;
  /** The bits that are changed, the first byte as the highest; tc shows the others. */
  mask: number;
  /** What they become. Bits outside of the mask are inverted. */
  value: number;
  /** Whether the value is added, which the kernel does in the machine's order of bytes; off by default. */
  add?: true;
  /** What comes to the offset. */
  start?: PeditStart;
}

/** Bytes of a packet are changed. */
export interface PeditOptions {
  /** What is changed, one after another. */
  edits: readonly (PeditField | PeditKey)[];
  /** What becomes of it; 'pipe' by default, where `tc` has 'pass'. */
  control?: TrafficControl;
}

const FIELD = optionTable<PeditField>({ field: oneOf(FIELD_NAMES), set: true, add: integerFrom(0, 0xff) }, [
  'field',
]);
const START = optionTable<PeditStart>(
  { at: integerFrom(0, 0xffffffff), mask: integerFrom(1, 0xff), shift: integerFrom(0, 7) },
  ['at', 'mask'],
);
const isWord = integerFrom(0, 0xffffffff);
const KEY = optionTable<PeditKey>(
  {
    header: wordOrInteger(Object.keys(HEADERS), 0, 0xffff),
    offset: (value, path) => {
      checkInteger(path, value, -0x80000000, 0x7fffffff);
      if (value % 4 !== 0) throw new RangeError(`${path}: expected a multiple of 4, got ${value}`);
    },
    ...{ mask: isWord, value: isWord },
    add: (value, path) => {
      if (value !== true) throw new TypeError(`${path}: expected true, or nothing at all`);
    },
    start: optionsOf(START),
  },
  ['offset', 'mask', 'value'],
);

const isEdit: OptionCheck = (value, path) => {
  if (!('field' in Object(value))) {
    checkOptions(value, KEY, { path });
    return;
  }
  checkOptions(value, FIELD, { path });
  const { field, set, add } = value as PeditField;
  if ((set === undefined) === (add === undefined))
    throw new TypeError(`${path}: either 'set' or 'add' has to be given`);
  if (set !== undefined) checkField(field, set, `${path}.set`);
  if (add !== undefined && !isByte(field)) {
    throw new TypeError(
      `${path}.add: '${field}' is no single byte, and the kernel would lose what is carried`,
    );
  }
};

/** The kernel counts them in a byte. */
const MOST_KEYS = 255;

function keysOf(edit: PeditField | PeditKey): (Key & Extended)[] {
  if (!('field' in edit)) {
    const { header = 'network', offset, mask, value, add, start } = edit;
    const { at = 0, mask: atMask = 0, shift: atShift = 0 } = start ?? {};
    const where = { offset, at, atMask, atShift, header };
    return [{ mask: ~mask >>> 0, value, ...where, command: add === true ? 'add' : 'set' }];
  }
  const { field, set, add = 0 } = edit;
  return fieldWords(field, set ?? add).map(({ offset, mask, value }) => ({
    ...{ offset, value, mask: ~mask >>> 0, at: 0, atMask: 0, atShift: 0 },
    ...{ header: headerOf(field), command: set === undefined ? 'add' : 'set' },
  }));
}

function toEdits(keys: readonly (Key & Extended)[]): (PeditField | PeditKey)[] {
  const edits: (PeditField | PeditKey)[] = [];
  for (let i = 0; i < keys.length;) {
    const {
      header = 'network',
      command,
      offset,
      mask,
      value,
      at,
      atMask,
      atShift,
    } = keys[i] as Key & Extended;
    const alike = keys.slice(i).map((one) => ({
      ...{ offset: one.offset, value: one.value },
      mask: one.command === command && one.header === header && one.atMask === 0 ? ~one.mask >>> 0 : 0,
    }));
    const found = fieldAt(header, alike);
    if (found !== undefined && (command !== 'add' || isByte(found.field))) {
      edits.push({ field: found.field, [command === 'add' ? 'add' : 'set']: found.value });
      i += found.length;
      continue;
    }
    edits.push({
      ...{ header, offset, mask: ~mask >>> 0, value },
      ...(command === 'add' && { add: true }),
      ...(atMask !== 0 && { start: { at, mask: atMask, shift: atShift } }),
    });
    i++;
  }
  return edits;
}

export const pedit: ActionKind<PeditOptions, Data, PeditOptions> = {
  codec,
  options: { edits: listOf(isEdit), control: isControl },
  required: ['edits'],
  check({ edits }, path) {
    const { length } = edits.flatMap(keysOf);
    if (length > 0 && length <= MOST_KEYS) return;
    throw new RangeError(
      `${path}.edits: expected some of up to ${MOST_KEYS} times four bytes, got ${length}`,
    );
  },
  toData({ edits, control = 'pipe' }) {
    const keys = edits.flatMap(keysOf);
    return {
      parms: { index: 0, references: 0, bindings: 0, control: controlNumber(control), keys },
      extended: keys.map(({ header, command }) => ({ header, command })) as Extended[],
    };
  },
  toView({ parms, oldParms, extended: more = [] }) {
    const found = parms ?? oldParms;
    const keys = found?.keys.map((key, i) => ({ ...key, ...more[i] })) ?? [];
    return { edits: toEdits(keys), control: toControl(found?.control ?? 0) };
  },
};
