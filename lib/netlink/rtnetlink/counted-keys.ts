import { type Codec, MalformedError, type Shape } from '../codec';

/** A struct of a known size. */
type SizedCodec<T> = Codec<T> & { readonly size: number };

/** Keys that follow a struct, which has their count. */
export function countedKeys<Head extends { count: number }, Key>(
  head: SizedCodec<Head>,
  key: SizedCodec<Key>,
): Codec<Omit<Head, 'count'> & { keys: readonly Key[] }> {
  return {
    get shape() {
      const { count: _, ...fields } = (head.shape as { fields: Readonly<Record<string, Shape>> }).fields;
      return { kind: 'struct', fields: { ...fields, keys: { kind: 'list', item: key.shape } } } as const;
    },
    write(to, { keys, ...rest }) {
      head.write(to, { ...rest, count: keys.length } as unknown as Head);
      for (const one of keys) key.write(to, one);
    },
    read(from, start, end) {
      const { count, ...rest } = head.read(from, start, end);
      const first = start + head.size;
      const last = first + count * key.size;
      if (end < last) throw new MalformedError(`${end - start} bytes where ${last - start} belong`);
      const keys = Array.from({ length: count }, (_, i) => {
        const at = first + i * key.size;
        return key.read(from, at, at + key.size);
      });
      return { ...rest, keys };
    },
  };
}
