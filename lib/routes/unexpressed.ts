import { shown } from '../common/shown';
import { NLA_TYPE_MASK } from '../netlink/attribute-reader';
import type { RawAttribute } from '../netlink/rows';

/**
 * What an object has in the kernel beside the properties of its view: each attribute by its name, or by its number
 * where the name is not known here, with its value. Bytes are in hexadecimal: `{ tunnelId: '0x0000000000000005' }`.
 */
export type UnknownAttributes = Readonly<Record<string, unknown>>;

/**
 * What of a message a view does not express; undefined if that is nothing. `expressed` are the names that the view has or
 * leaves out on purpose. A number that is 0 is no difference, because the kernel reports some attributes that nobody set.
 */
export function unexpressed(message: object, expressed: ReadonlySet<string>): UnknownAttributes | undefined {
  let found: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(message)) {
    if (name === 'unknown') {
      for (const { type, data } of (value ?? []) as readonly RawAttribute[]) {
        (found ??= {})[String(type & NLA_TYPE_MASK)] = plain(data);
      }
    } else if (!expressed.has(name) && value !== undefined && value !== 0)
      (found ??= {})[name] = plain(value);
  }
  return found;
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : value;
}

/** Refuses an object that was listed with more than the options can say, because another one may be taken for it. */
export function refuseUnknown(unknown: UnknownAttributes | undefined, what: string): void {
  const names = Object.keys(unknown ?? {});
  if (names.length === 0) return;
  throw new RangeError(
    `unknown: the ${what} has attributes that no option expresses (${names.map(shown).join(', ')}): use ip-${what}(8)`,
  );
}
