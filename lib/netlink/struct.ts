import { type Codec, located, MalformedError, type ValueOf } from './codec';

export interface StructCodec<T> extends Codec<T> {
  readonly size: number;
  readonly names: ReadonlySet<string>;
  readonly layout: readonly Placed[];
}

/** A field, and where it begins and ends. */
export interface Placed {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly start: number;
  readonly end: number;
}

/** Name, codec, bytes; a number alone is that many bytes of padding. */
type Field = readonly [name: string, codec: Codec<unknown>, size: number];

type Fields<F extends readonly (Field | number)[]> = {
  [K in Exclude<F[number], number> as K[0]]: ValueOf<K[1]>;
};

/**
 * A C struct. What is left out when writing is 0. The kernel lets structs grow at their end, so more bytes
 * than we know are fine, fewer are not.
 */
export function struct<const F extends readonly (Field | number)[]>(fields: F): StructCodec<Fields<F>> {
  const layout: Placed[] = [];
  let size = 0;
  for (const field of fields) {
    const start = size;
    size += typeof field === 'number' ? field : field[2];
    if (typeof field !== 'number') layout.push({ name: field[0], codec: field[1], start, end: size });
  }
  return {
    get shape() {
      const fields = Object.fromEntries(layout.map(({ name, codec }) => [name, codec.shape]));
      return { kind: 'struct', fields } as const;
    },
    size,
    names: new Set(layout.map(({ name }) => name)),
    layout,
    write(to, value: Partial<Record<string, unknown>>) {
      for (const field of fields) {
        if (typeof field === 'number') {
          to.reserve(field);
          continue;
        }
        const [name, codec, bytes] = field;
        if (value[name] === undefined) {
          to.reserve(bytes);
          continue;
        }
        try {
          codec.write(to, value[name]);
        } catch (error) {
          throw located(error, name);
        }
      }
    },
    read(from, start, end) {
      expectStruct(start, end, size);
      const value: Record<string, unknown> = {};
      for (const { name, codec, start: at, end: to } of layout) {
        value[name] = codec.read(from, start + at, start + to);
      }
      return value as Fields<F>;
    },
  };
}

/** Refuses bytes that are fewer than the struct has. */
export function expectStruct(start: number, end: number, size: number): void {
  if (end - start < size) throw new MalformedError(`${end - start} bytes where ${size} belong`);
}
