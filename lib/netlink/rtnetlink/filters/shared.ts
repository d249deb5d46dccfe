import { toBytes } from '../../../common/byte-text';
import { IFNAMSIZ } from '../../../common/limits';
import { isText, oneOf, type OptionCheck } from '../../../common/options';

// What filters of several kinds have.

/** linux/pkt_cls.h, TCA_CLS_FLAGS_*: who does the work of a filter. */
const OFFLOADS = {
  never: 1, // TCA_CLS_FLAGS_SKIP_HW
  only: 2, // TCA_CLS_FLAGS_SKIP_SW
} as const;

/**
 * Whether the device does the work of a filter: 'never', or it 'only'.
 *
 * @useDeclaredType
 */
export type FilterOffload = keyof typeof OFFLOADS;

/** What filters of some kinds have: whether the device applies them, or the kernel. */
export interface OffloadOptions {
  /** Whether the device does its work: 'never', or it 'only', so that a device that cannot is refused; by default it does what it can. */
  offload?: FilterOffload;
}

export const OFFLOAD = { offload: oneOf(Object.keys(OFFLOADS)) } as const;

export const offloadFlags = (offload: FilterOffload | undefined) => offload && OFFLOADS[offload];

export function offloadOf(flags = 0): FilterOffload | undefined {
  const names = Object.keys(OFFLOADS) as FilterOffload[];
  return names.find((name) => (flags & OFFLOADS[name]) !== 0);
}

/** What filters of some kinds have: the device by which packets came. */
export interface InputOptions {
  /** The device that packets came in by, by its name. */
  inputDevice?: string;
}

const isName: OptionCheck = (value, path) => {
  isText(value, path);
  const { length } = toBytes(value as string);
  if (length > 0 && length < IFNAMSIZ) return;
  throw new RangeError(`${path}: expected a name of 1 to ${IFNAMSIZ - 1} bytes`);
};

export const INPUT = { inputDevice: isName } as const;
