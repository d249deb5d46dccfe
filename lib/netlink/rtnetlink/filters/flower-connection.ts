import { maskedFlags } from '../../../common/flags';
import { defined } from '../../../common/objects';
import { checkOptions, type OptionCheck, optionsOf, optionTable, trueOrFalse } from '../../../common/options';
import type { Values } from '../../attributes';
import { bytes, u16, u32 } from '../../codec';
import { isLabels } from '../actions/ct';
import { type FlowerPart, fromMasked, isMasked, type MaskedNumber, toBits, toMasked } from './flower-part';

// Keys of flower of the connection that a packet belongs to, which the action ct has told.

export const connectionRows = {
  ctState: [91, u16], // TCA_FLOWER_KEY_CT_STATE
  ctStateMask: [92, u16], // TCA_FLOWER_KEY_CT_STATE_MASK
  ctZone: [93, u16], // TCA_FLOWER_KEY_CT_ZONE
  ctZoneMask: [94, u16], // TCA_FLOWER_KEY_CT_ZONE_MASK
  ctMark: [95, u32], // TCA_FLOWER_KEY_CT_MARK
  ctMarkMask: [96, u32], // TCA_FLOWER_KEY_CT_MARK_MASK
  ctLabels: [97, bytes], // TCA_FLOWER_KEY_CT_LABELS
  ctLabelsMask: [98, bytes], // TCA_FLOWER_KEY_CT_LABELS_MASK
} as const;

type Data = Values<typeof connectionRows>;

/** linux/pkt_cls.h, TCA_FLOWER_KEY_CT_FLAGS_* */
const STATES = {
  new: 1, // TCA_FLOWER_KEY_CT_FLAGS_NEW
  established: 2, // TCA_FLOWER_KEY_CT_FLAGS_ESTABLISHED
  related: 4, // TCA_FLOWER_KEY_CT_FLAGS_RELATED
  tracked: 8, // TCA_FLOWER_KEY_CT_FLAGS_TRACKED
  invalid: 16, // TCA_FLOWER_KEY_CT_FLAGS_INVALID
  reply: 32, // TCA_FLOWER_KEY_CT_FLAGS_REPLY
} as const;

/**
 * What connection tracking says of a packet: each that is true has to be so, each that is false must not be so. `tracked` is a packet that
 * the action `ct` has given to it.
 *
 * @useDeclaredType
 */
export type FlowerCtState = { [K in keyof typeof STATES]?: boolean };

/** 16 bytes of labels, or certain bits of them. */
export type MaskedLabels = Uint8Array | { value: Uint8Array; mask: Uint8Array };

/** Keys of the connection that the packet belongs to. */
export interface FlowerConnection {
  /** The state of its connection: `{ tracked: true, new: false }`. */
  ctState?: FlowerCtState;
  /** The zone of its connection. */
  ctZone?: MaskedNumber;
  /** The mark of its connection. */
  ctMark?: MaskedNumber;
  /** The 16 bytes of its connection's labels. */
  ctLabels?: MaskedLabels;
}

const STATE = optionTable<FlowerCtState>({
  ...{ new: trueOrFalse, established: trueOrFalse, related: trueOrFalse },
  ...{ tracked: trueOrFalse, invalid: trueOrFalse, reply: trueOrFalse },
});
const LABELS = optionTable<{ value: Uint8Array; mask: Uint8Array }>({ value: isLabels, mask: isLabels }, [
  'value',
  'mask',
]);

const isMaskedLabels: OptionCheck = (value, path) => {
  const masked = typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
  if (masked) checkOptions(value, LABELS, { path });
  else isLabels(value, path);
};

const ALL_16 = 0xffff;
const ALL_32 = 0xffffffff;

function fromLabels(given: MaskedLabels | undefined): Data {
  if (given === undefined) return {};
  const { value, mask } =
    given instanceof Uint8Array ? { value: given, mask: new Uint8Array(16).fill(0xff) } : given;
  return { ctLabels: value, ctLabelsMask: mask };
}

function toLabels(value: Uint8Array | undefined, mask: Uint8Array | undefined): MaskedLabels | undefined {
  return value === undefined || mask?.some((byte) => byte !== 0xff) !== true ? value : { value, mask };
}

function fromState(given: FlowerCtState): Data {
  const { flags, mask } = maskedFlags(STATES, given);
  return { ctState: flags, ctStateMask: mask };
}

export const connection: FlowerPart<FlowerConnection, Data> = {
  options: {
    ctState: optionsOf(STATE),
    ctZone: isMasked(ALL_16),
    ctMark: isMasked(ALL_32),
    ctLabels: isMaskedLabels,
  },
  toData: ({ ctState, ctZone, ctMark, ctLabels }) => ({
    ...(ctState && fromState(ctState)),
    ...fromMasked('ctZone', ctZone, ALL_16),
    ...fromMasked('ctMark', ctMark, ALL_32),
    ...fromLabels(ctLabels),
  }),
  toView: (found) =>
    defined({
      ctState: toBits(STATES, found.ctState, found.ctStateMask),
      ctZone: toMasked(found.ctZone, found.ctZoneMask, ALL_16),
      ctMark: toMasked(found.ctMark, found.ctMarkMask, ALL_32),
      ctLabels: toLabels(found.ctLabels, found.ctLabelsMask),
    }),
};
