import { bytes, type Codec, type ValueOf } from './codec';

/** An attribute that no table knows, kept as it came. */
export interface RawAttribute {
  /** The kernel's number for the attribute. */
  type: number;
  /** The bytes as they came. */
  data: Uint8Array;
}

/** The value of a sibling attribute, by which this one is laid out: IFLA_INFO_KIND for IFLA_INFO_DATA. */
export interface Dependent<C extends Record<string, Codec<unknown>> = Record<string, Codec<unknown>>> {
  by: string;
  codecs: C;
  /** The values of the sibling with which the kernel insists on NLA_F_NESTED. */
  nested?: readonly string[];
}

/** Attribute number (with NLA_F_NESTED where the kernel insists on it) and codec: one line per attribute. */
export type Row = readonly [type: number, codec: Codec<unknown> | Dependent];
export type Rows = Readonly<Record<string, Row>>;

type RowValue<R> = R extends readonly [number, Dependent<infer C>]
  ? ValueOf<C[keyof C]> | Uint8Array
  : R extends readonly [number, infer C]
    ? ValueOf<C>
    : never;

/** What a table's attributes are in TypeScript. All are optional, as on the wire. */
export type Values<R extends Rows> = { -readonly [K in keyof R]?: RowValue<R[K]> } & {
  unknown?: readonly RawAttribute[];
};

/** The codec of a row, where it depends on a sibling, by the values that were read or are to be written. */
export function choose(codec: Row[1], siblings: Readonly<Record<string, unknown>>): Codec<unknown> {
  if (!('by' in codec)) return codec;
  const value = siblings[codec.by];
  const known = typeof value === 'string' && Object.hasOwn(codec.codecs, value);
  return (known ? codec.codecs[value] : undefined) ?? bytes;
}
