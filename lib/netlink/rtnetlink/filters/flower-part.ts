import { defined, type Defined } from '../../../common/objects';
import { checkOptions, type OptionCheck, type OptionTable, optionTable } from '../../../common/options';
import { checkInteger } from '../../../common/check';

/** Some of the keys of flower: their options, how those lie in the attributes, and what is shown of them. */
export interface FlowerPart<Options extends object, Data> {
  readonly options: OptionTable<Options>;
  toData(options: Options): Data;
  toView(found: Data): Options;
}

/** A number, or those numbers that have certain bits. */
export type MaskedNumber = number | { value: number; mask: number };

/** A check of a number from 0 on, or of bits of one. */
export function isMasked(max: number): OptionCheck {
  const isValue: OptionCheck = (value, path) => checkInteger(path, value, 0, max);
  const table = optionTable<{ value: number; mask: number }>({ value: isValue, mask: isValue }, [
    'value',
    'mask',
  ]);
  return (value, path) => {
    if (typeof value === 'object' && value !== null) checkOptions(value, table, { path });
    else isValue(value, path);
  };
}

/** A number in the attribute of the name, and its mask in the one beside it. */
export function fromMasked(name: string, masked: MaskedNumber | undefined, all: number) {
  if (masked === undefined) return {};
  const { value, mask } = typeof masked === 'number' ? { value: masked, mask: all } : masked;
  return { [name]: value, [`${name}Mask`]: mask };
}

export function toMasked(
  value: number | undefined,
  mask: number | undefined,
  all: number,
): MaskedNumber | undefined {
  return value === undefined || mask === undefined || mask === all ? value : { value, mask };
}

type Bits<N extends string> = Readonly<Record<N, number>>;

/** Of the bits that are looked at, whether each has to be set. */
export function toBits<N extends string>(
  bits: Bits<N>,
  flags: number | undefined,
  mask: number | undefined,
): Partial<Record<N, boolean>> | undefined {
  if (flags === undefined || mask === undefined) return undefined;
  const names = (Object.keys(bits) as N[]).filter((name) => (mask & bits[name]) !== 0);
  return Object.fromEntries(names.map((name) => [name, (flags & bits[name]) !== 0])) as Partial<
    Record<N, boolean>
  >;
}

/** An object of what is defined, or none where nothing is. */
export function some<T extends object>(value: T): Defined<T> | undefined {
  const found = defined(value);
  return Object.keys(found).length === 0 ? undefined : found;
}
