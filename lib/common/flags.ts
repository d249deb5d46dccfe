import { shown } from './shown';

type Bits<N extends string> = Readonly<Record<N, number>>;

/** The bits that are to be set, and in `mask` those that are meant at all: what is undefined is not. */
export function maskedFlags<N extends string>(
  bits: Bits<N>,
  values: Readonly<Partial<Record<NoInfer<N>, boolean>>>,
): { flags: number; mask: number } {
  let flags = 0;
  let mask = 0;
  for (const name of Object.keys(bits) as N[]) {
    const value: unknown = values[name];
    if (value === undefined) continue;
    if (typeof value !== 'boolean') {
      throw new TypeError(`${name}: expected true or false, got ${shown(value)}`);
    }
    mask |= bits[name];
    if (value) flags |= bits[name];
  }
  return { flags, mask };
}

/** Whether each of the bits is set. */
export function flagValues<N extends string>(bits: Bits<N>, flags: number): Record<N, boolean> {
  const names = Object.keys(bits) as N[];
  return Object.fromEntries(names.map((name) => [name, (flags & bits[name]) !== 0])) as Record<N, boolean>;
}
