import { align } from '../../netlink/bytes';
import { shown } from '../../common/shown';
import type { ValueOf } from '../../netlink/codec';
import { type element, ELEMENT_F } from '../../netlink/nfnetlink/element';
import { VERDICTS } from '../../netlink/nfnetlink/data';
import type { Key, KeyPart, Range, Verdict } from './model';
import { DATATYPES, prefixRange, type Scalar, type TypeName } from './types';

// Keys of sets, and data of maps, as bytes. Each part of a concatenation is padded to a multiple of four bytes.

export type ElementMessage = ValueOf<typeof element>;
type VerdictMessage = NonNullable<NonNullable<ElementMessage['data']>['verdict']>;

/** The layout of a set's keys. */
export interface KeyLayout {
  types: readonly TypeName[];
  interval: boolean;
}

export function keyLength(types: readonly TypeName[]): number {
  if (types.length === 1 && types[0] !== undefined) return DATATYPES[types[0]].size;
  return types.reduce((sum, type) => sum + align(DATATYPES[type].size), 0);
}

function isRange(part: KeyPart | undefined): part is Range {
  return typeof part === 'object';
}

/** The two ends of a part, which are equal for a single value. */
function ends(type: TypeName, part: KeyPart, option: string): { from: Buffer; to: Buffer } {
  const datatype = DATATYPES[type];
  if (isRange(part)) {
    const from = datatype.write(part.from, `${option}.from`);
    const to = datatype.write(part.to, `${option}.to`);
    if (Buffer.compare(from, to) > 0) {
      throw new RangeError(`${option}: expected a range from low to high, got ${part.from}-${part.to}`);
    }
    return { from, to };
  }
  if ('prefixes' in datatype && typeof part === 'string' && part.includes('/')) {
    return prefixRange(type, part, option);
  }
  const value = datatype.write(part, option);
  return { from: value, to: value };
}

function partsOf(types: readonly TypeName[], key: Key, option: string): readonly KeyPart[] {
  const parts = Array.isArray(key) ? (key as readonly KeyPart[]) : [key as KeyPart];
  if (parts.length !== types.length) {
    throw new RangeError(`${option}: expected ${types.join(' . ')}, got ${parts.length} values`);
  }
  return parts;
}

function concatenated(parts: readonly Buffer[]): Buffer {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const whole = Buffer.alloc(parts.reduce((sum, part) => sum + align(part.length), 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += align(part.length);
  }
  return whole;
}

/** A key whose parts are all values, not ranges. */
export function exactKey(types: readonly TypeName[], key: Key, option: string): Buffer {
  const parts = partsOf(types, key, option);
  return concatenated(
    types.map((type, i) => {
      const part = parts[i];
      if (part === undefined || isRange(part)) {
        throw new RangeError(`${option}: a range, where the set has no flag 'interval'`);
      }
      return DATATYPES[type].write(part, parts.length === 1 ? option : `${option}[${i}]`);
    }),
  );
}

/** The first and the last value of a key. */
export function keyRange(types: readonly TypeName[], key: Key, option: string): { from: Buffer; to: Buffer } {
  const parts = partsOf(types, key, option);
  const both = types.map((type, i) => {
    const part = parts[i];
    return ends(type, part ?? '', parts.length === 1 ? option : `${option}[${i}]`);
  });
  return { from: concatenated(both.map(({ from }) => from)), to: concatenated(both.map(({ to }) => to)) };
}

/** The value after this one; undefined after the last. */
export function successor(bytes: Buffer): Buffer | undefined {
  const next = Buffer.from(bytes);
  for (let i = next.length - 1; i >= 0; i--) {
    const byte = ((next[i] ?? 0) + 1) & 0xff;
    next[i] = byte;
    if (byte !== 0) return next;
  }
  return undefined;
}

function predecessor(bytes: Buffer): Buffer {
  const before = Buffer.from(bytes);
  for (let i = before.length - 1; i >= 0; i--) {
    const byte = ((before[i] ?? 0) - 1) & 0xff;
    before[i] = byte;
    if (byte !== 0xff) break;
  }
  return before;
}

/**
 * The elements of a key. An interval of one part has two elements: its first value, and the value after its last one, which
 * is left out where there is none. An interval of several parts has one element with both ends.
 */
export function keyElements({ types, interval }: KeyLayout, key: Key, option: string): ElementMessage[] {
  if (key === '*') return [{ flags: ELEMENT_F.catchall }];
  if (!interval) return [{ key: { value: exactKey(types, key, option) } }];
  const { from, to } = keyRange(types, key, option);
  if (types.length > 1) return [{ key: { value: from }, keyEnd: { value: to } }];
  const end = successor(to);
  if (end === undefined) return [{ key: { value: from } }];
  return [{ key: { value: from } }, { flags: ELEMENT_F.intervalEnd, key: { value: end } }];
}

export function verdictMessage(verdict: Verdict): VerdictMessage {
  if (typeof verdict === 'string') return { code: verdict };
  if ('jump' in verdict) return { code: 'jump', chain: verdict.jump };
  return { code: 'goto', chain: verdict.goto };
}

const VERDICT_WORDS = ['accept', 'drop', 'continue', 'break', 'return'];

export function isVerdict(value: unknown): value is Verdict {
  if (typeof value === 'string') return VERDICT_WORDS.includes(value);
  return typeof value === 'object' && value !== null && ('jump' in value || 'goto' in value);
}

export function checkVerdict(value: unknown, option: string): Verdict {
  if (isVerdict(value)) return value;
  const rule = `expected one of ${VERDICT_WORDS.join(', ')}, { jump } or { goto }`;
  throw new TypeError(`${option}: ${rule}, got ${shown(value)}`);
}

/** linux/netfilter.h: above it are the number of a queue, or the error of a drop. */
const VERDICT_MASK = 0xff; // NF_VERDICT_MASK

const WORDS_BY_CODE = new Map<number, string>(Object.entries(VERDICTS).map(([word, code]) => [code, word]));

export function toVerdict({ code = 'continue', chain }: VerdictMessage): Verdict {
  if (code === 'jump') return { jump: chain ?? '' };
  if (code === 'goto') return { goto: chain ?? '' };
  const word = typeof code === 'string' ? code : WORDS_BY_CODE.get(code & VERDICT_MASK);
  return (word ?? String(code)) as Verdict;
}

/** Reads a key of the kernel's: a part is one value, a network where its ends are those of a prefix, or a range. */
export function readKey(types: readonly TypeName[], from: Buffer, to: Buffer): Key {
  const parts: KeyPart[] = [];
  let at = 0;
  for (const type of types) {
    const { size } = DATATYPES[type];
    parts.push(readPart(type, from.subarray(at, at + size), to.subarray(at, at + size)));
    at += align(size);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : parts;
}

function readPart(type: TypeName, from: Buffer, to: Buffer): KeyPart {
  const datatype = DATATYPES[type];
  const first = datatype.read(from);
  if (from.equals(to)) return first;
  const length = 'prefixes' in datatype ? sharedPrefix(from, to) : undefined;
  return length === undefined ? { from: first, to: datatype.read(to) } : `${first}/${length}`;
}

/** How many leading bits two ends share; undefined unless all other bits are 0 in the one and 1 in the other. */
function sharedPrefix(from: Buffer, to: Buffer): number | undefined {
  const bits = (bytes: Buffer) => Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const [low, high] = [bits(from), bits(to)];
  let length = 0;
  while (length < low.length && low[length] === high[length]) length++;
  return low.slice(length).includes('1') || high.slice(length).includes('0') ? undefined : length;
}

/** The last value of an interval that ends before this value. */
export function lastBefore(end: Buffer | undefined, size: number): Buffer {
  return end === undefined ? Buffer.alloc(size, 0xff) : predecessor(end);
}

export function readScalars(types: readonly TypeName[], bytes: Buffer): Scalar | readonly Scalar[] {
  return readKey(types, bytes, bytes) as Scalar | readonly Scalar[];
}
