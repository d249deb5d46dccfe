import { type Codec, located, MalformedError, type ValueOf } from './codec';

export interface StructCodec<T> extends Codec<T> {
  readonly size: number;
  readonly names: ReadonlySet<string>;
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
  const named = fields.filter((field) => typeof field !== 'number');
  const size = fields.reduce<number>((sum, field) => sum + (typeof field === 'number' ? field : field[2]), 0);
  return {
    get shape() {
      const fields = Object.fromEntries(named.map(([name, codec]) => [name, codec.shape]));
      return { kind: 'struct', fields } as const;
    },
    size,
    names: new Set(named.map(([name]) => name)),
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
      if (end - start < size) throw new MalformedError(`${end - start} bytes where ${size} belong`);
      const value: Record<string, unknown> = {};
      let offset = start;
      for (const field of fields) {
        if (typeof field === 'number') {
          offset += field;
        } else {
          const [name, codec, bytes] = field;
          value[name] = codec.read(from, offset, offset + bytes);
          offset += bytes;
        }
      }
      return value as Fields<F>;
    },
  };
}
