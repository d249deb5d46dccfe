import { checkInteger, refuse } from '../common/check';
import { checkOptions, integerFrom, optionTable, orOptions } from '../common/options';

/** VLANs in a row, the last included. */
export interface VlanRange {
  /** The first VLAN, from 1 on. */
  from: number;
  /** The last VLAN, at most 4094. */
  to: number;
}

const RANGE = optionTable<VlanRange>({ from: integerFrom(1, 4094), to: integerFrom(1, 4094) }, [
  'from',
  'to',
]);

/** The check of a VLAN, or of several in a row. */
export const isVlan = orOptions(RANGE, { type: 'number', expected: 'a number, or a range' });

/** @internal */
export function rangeOf(vlan: unknown): VlanRange {
  return boundsOf(vlan, 'vlan', RANGE, [1, 4094]);
}

/** @internal A number, or a range of them, as a range. */
export function boundsOf(
  value: unknown,
  option: string,
  table: Parameters<typeof checkOptions>[1],
  [min, max]: readonly [number, number],
): { from: number; to: number } {
  if (typeof value === 'number') {
    checkInteger(option, value, min, max);
    return { from: value, to: value };
  }
  if (typeof value !== 'object') {
    refuse(option, `expected a number from ${min} to ${max}, or a range { from, to }`, value);
  }
  checkOptions(value, table, { whole: option });
  const { from, to } = value as { from: number; to: number };
  if (to < from) throw new RangeError(`to: a range ends at or behind its first number, ${from}, got ${to}`);
  return { from, to };
}

/** @internal */
export const inWords = ({ from, to }: VlanRange) => (from === to ? String(from) : `${from}-${to}`);

/** @internal As it is listed: a number where it is one alone. */
export const vlanOrRange = (from: number, to = from): number | VlanRange =>
  from === to ? from : { from, to };
