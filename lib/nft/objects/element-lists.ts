import { shown } from '../../common/shown';
import { Writer } from '../../netlink/bytes';
import { element, ELEMENT_F } from '../../netlink/nfnetlink/element';
import type { ElementMessage } from '../language/key';
import type { SetReference } from '../language/model';

// The elements of one set, as messages have them.

/**
 * @internal The elements of an interval set as nft sends them: sorted, and with an interval end at 0 unless an interval
 * begins there.
 */
export function boundedElements({ key, flags }: SetReference, list: ElementMessage[]): ElementMessage[] {
  if (flags?.includes('interval') !== true || (typeof key !== 'string' && key.length > 1)) return list;
  const start = ({ key: one }: ElementMessage) => Buffer.from(one?.value ?? []);
  const sorted = [...list].sort((a, b) => Buffer.compare(start(a), start(b)));
  const [lowest] = sorted.map(start);
  const value = Buffer.alloc(lowest?.length ?? 0);
  if (lowest?.equals(value) === true) return sorted;
  return [{ flags: ELEMENT_F.intervalEnd, key: { value } }, ...sorted];
}

// All elements of a message are in one attribute, whose length has 16 bits.
const LIST_BYTES = 0xffff - 4;

/** @internal Splits elements into lists that fit into one message each. */
export function splitElements(list: readonly ElementMessage[]): ElementMessage[][] {
  const parts: ElementMessage[][] = [[]];
  let measure = new Writer();
  let room = LIST_BYTES;
  list.forEach((one, i) => {
    const before = measure.length;
    element.write(measure, one);
    measure.align();
    const bytes = measure.length - before + 4;
    if (measure.length > LIST_BYTES) measure = new Writer();
    if (bytes > LIST_BYTES) throw new RangeError(`elements[${i}]: too large: ${shown(bytes)} bytes`);
    if (bytes > room) {
      parts.push([]);
      room = LIST_BYTES;
    }
    room -= bytes;
    parts[parts.length - 1]?.push(one);
  });
  return parts.filter((part) => part.length > 0);
}
