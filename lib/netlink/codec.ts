import { type Bytes, LITTLE, Writer } from './bytes';
import { fromBytes, toBytes } from '../common/byte-text';
import { ipBytes, ipFamily, ipv4Text, ipv6Text } from '../common/ip-text';
import { shown } from '../common/shown';

/**
 * How a value lies in bytes. `write` refuses a value that does not fit with a TypeError or RangeError, `read`
 * refuses bytes that do not fit with a MalformedError; both leave it to the tables to say where.
 */
export interface Codec<T> {
  /** What its values are, for tests that make them up. */
  readonly shape: Shape;
  write(to: Writer, value: T): void;
  read(from: Bytes, start: number, end: number): T;
}

/** A value in its bytes. */
export function written<T>(codec: Pick<Codec<T>, 'write'>, value: T): Buffer {
  const to = new Writer();
  codec.write(to, value);
  return to.take();
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export type Shape =
  | { kind: 'integer'; min: number; max: number }
  | { kind: 'text'; max: number }
  | { kind: 'choice'; names: Readonly<Record<string, number>>; max: number }
  | { kind: 'mac' | 'ip' | 'ipv4' | 'ipv6' | 'endpoint' | 'flag' | 'boolean' | 'bytes' | 'nothing' }
  | { kind: 'base64' | 'secret'; size: number }
  | { kind: 'struct'; fields: Readonly<Record<string, Shape>> }
  | { kind: 'list'; item: Shape }
  | { kind: 'either'; shapes: readonly Shape[] }
  | { kind: 'attributes'; rows: Readonly<Record<string, RowShape>> }
  | { kind: 'headed'; header: Shape; attributes: Shape };

export interface RowShape {
  type: number;
  /** Or by the value of another attribute, one of several: `by` names that. */
  shape: Shape | { kind: 'dependent'; by: string; shapes: Readonly<Record<string, Shape>> };
}

/** Received bytes that do not have the lengths or values that they should have. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  readonly code = 'ERR_NETLINK_MALFORMED';

  /** @hidden */
  constructor(
    readonly reason: string,
    /** The attribute, from the outermost inwards: ['info', 'data', 'maxAge']. */
    readonly path: readonly string[] = [],
  ) {
    super(path.length === 0 ? reason : `${path.join('.')}: ${reason}`);
  }
}

class LocatedRangeError extends RangeError {
  constructor(
    readonly reason: string,
    readonly option: string,
  ) {
    super(`${option}: ${reason}`);
  }
}

class LocatedTypeError extends TypeError {
  constructor(
    readonly reason: string,
    readonly option: string,
  ) {
    super(`${option}: ${reason}`);
  }
}

/** The error with the place where it happened. Each table that the error passes on its way out adds its part. */
export function located(error: unknown, name: string): unknown {
  if (error instanceof MalformedError) return new MalformedError(error.reason, [name, ...error.path]);
  const inner = error as { reason?: string; option?: string; message: string };
  const reason = inner.reason ?? inner.message;
  const option = inner.option === undefined ? name : `${name}.${inner.option}`;
  if (error instanceof RangeError) return new LocatedRangeError(reason, option);
  if (error instanceof TypeError) return new LocatedTypeError(reason, option);
  return error;
}

function expectLength(start: number, end: number, length: number): void {
  if (end - start !== length) {
    throw new MalformedError(`${end - start} bytes where ${length} belong`);
  }
}

/** An integer of so many bytes that fits a JavaScript number. */
export function integer(
  size: number,
  min: number,
  max: number,
  put: (to: Writer, value: number) => void,
  get: (view: DataView, at: number) => number,
): Codec<number> {
  return {
    shape: { kind: 'integer', min, max },
    write(to, value) {
      if (typeof value !== 'number') throw new TypeError(`expected a number, got ${shown(value)}`);
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new RangeError(`expected an integer from ${min} to ${max}, got ${value}`);
      }
      put(to, value);
    },
    read(from, start, end) {
      expectLength(start, end, size);
      return get(from.view, start);
    },
  };
}

// This module's own, because each use of an import looks it up.
const NATIVE = LITTLE;

export const u8 = integer(
  1,
  0,
  0xff,
  (to, value) => to.u8(value),
  (view, at) => view.getUint8(at),
);
export const u16 = integer(
  2,
  0,
  0xffff,
  (to, value) => to.u16(value),
  (view, at) => view.getUint16(at, NATIVE),
);
export const u32 = integer(
  4,
  0,
  0xffffffff,
  (to, value) => to.u32(value),
  (view, at) => view.getUint32(at, NATIVE),
);
export const s32 = integer(
  4,
  -0x80000000,
  0x7fffffff,
  (to, value) => to.u32(value >>> 0),
  (view, at) => view.getInt32(at, NATIVE),
);
/** Network byte order. */
export const be16 = integer(
  2,
  0,
  0xffff,
  (to, value) => to.u16(value, false),
  (view, at) => view.getUint16(at, false),
);

/**
 * 64 bits as a number. What the kernel counts stays far below 2^53, up to which numbers are exact, and JSON has them;
 * a number beyond is rounded when it is read.
 */
export const u64 = integer(
  8,
  0,
  Number.MAX_SAFE_INTEGER,
  (to, value) => to.u64(value),
  (view, at) => Number(view.getBigUint64(at, NATIVE)),
);

/** A u8 that is yes or no. */
export const bool8: Codec<boolean> = {
  shape: { kind: 'boolean' },
  write(to, value) {
    if (typeof value !== 'boolean') throw new TypeError(`expected true or false, got ${shown(value)}`);
    to.u8(value ? 1 : 0);
  },
  read: (from, start, end) => u8.read(from, start, end) !== 0,
};

/** An attribute without content: its presence is the value. */
export const flag: Codec<true> = {
  shape: { kind: 'flag' },
  write(_, value: unknown) {
    if (value !== true) throw new TypeError(`expected true, or nothing at all, got ${shown(value)}`);
  },
  read: () => true,
};

/** What the kernel puts between attributes of 64 bits on some machines (user-mode Linux). It is there more than once, and means nothing. */
export const padding: Codec<undefined> = {
  shape: { kind: 'nothing' },
  write: () => undefined,
  read: () => undefined,
};

function textual(max: number, end: '' | '\0'): Codec<string> {
  return {
    shape: { kind: 'text', max },
    write(to, value) {
      if (typeof value !== 'string') throw new TypeError(`expected a string, got ${shown(value)}`);
      if (value.includes('\0')) throw new RangeError(`${shown(value)} holds a NUL`);
      // a text that is refused is shown as it was given, without the end
      if (!value.isWellFormed()) toBytes(value);
      const data = toBytes(value + end);
      if (data.length - end.length > max) throw new RangeError(`${shown(value)} is longer than ${max} bytes`);
      to.bytes(data);
    },
    read(from, start, end) {
      const nul = from.buffer.indexOf(0, start);
      return fromBytes(from.buffer, start, nul === -1 || nul > end ? end : nul);
    },
  };
}

/** Text with a NUL at its end; `max` counts bytes without it. */
export const text = (max: number): Codec<string> => textual(max, '\0');

/** Text without a NUL, as `ip` sends some: the kernel counts one as part of an alias. Read either way. */
export const bareText = (max: number): Codec<string> => textual(max, '');

export const bytes: Codec<Uint8Array> = {
  shape: { kind: 'bytes' },
  write(to, value) {
    if (!(value instanceof Uint8Array)) throw new TypeError(`expected bytes, got ${shown(value)}`);
    to.bytes(value);
  },
  read: (from, start, end) => Buffer.from(from.buffer.subarray(start, end)),
};

const MOST_LISTED = 256;

/** A number with names; one that has no name stays a number. */
export function choice<N extends string>(
  codec: Codec<number>,
  numbers: Readonly<Record<N, number>>,
): Codec<N | number> {
  const names = new Map<number, N>();
  for (const name of Object.keys(numbers) as N[]) names.set(numbers[name], name);
  const { max } = codec.shape as { max: number };
  // for small numbers, because a look into a list takes less time than one into a Map
  let list: readonly (N | undefined)[] | undefined;
  const nameOf = (number: number): N | undefined => {
    if (number < 0 || number >= MOST_LISTED) return names.get(number);
    list ??= Array.from({ length: MOST_LISTED }, (_, i) => names.get(i));
    return list[number];
  };
  return {
    shape: {
      kind: 'choice',
      names: Object.fromEntries([...names].map(([number, name]) => [name, number])),
      max,
    },
    write(to, value) {
      if (typeof value === 'number') {
        codec.write(to, value);
        return;
      }
      if (!Object.hasOwn(numbers, value)) {
        throw new RangeError(`expected one of ${[...names.values()].join(', ')}; got ${shown(value)}`);
      }
      codec.write(to, numbers[value]);
    },
    read(from, start, end) {
      const value = codec.read(from, start, end);
      return nameOf(value) ?? value;
    },
  };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Six bytes in hexadecimal digits. */
export const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** A link-layer address: 'aa:bb:cc:dd:ee:ff'. Six bytes for Ethernet, other lengths for other media. */
export const mac: Codec<string> = {
  shape: { kind: 'mac' },
  write(to, value) {
    if (typeof value !== 'string') throw new TypeError(`expected a MAC address, got ${shown(value)}`);
    if (!MAC.test(value)) {
      throw new RangeError(`expected a MAC address like '02:00:00:00:00:01', got ${shown(value)}`);
    }
    to.bytes(Buffer.from(value.replaceAll(':', ''), 'hex'));
  },
  read(from, start, end) {
    let written = '';
    for (let at = start; at < end; at++) {
      written += (at === start ? '' : ':') + (HEX[from.buffer[at] ?? 0] ?? '');
    }
    return written;
  },
};

function readIp(from: Bytes, start: number, end: number): string {
  if (end - start === 4) return ipv4Text(from.buffer, start);
  if (end - start !== 16) throw new MalformedError(`${end - start} bytes where 4 or 16 belong`);
  return ipv6Text(from.buffer, start);
}

function address(kind: 'ip' | 'ipv4' | 'ipv6', family?: 4 | 6): Codec<string> {
  const size = family && { 4: 4, 6: 16 }[family];
  const wanted = { ip: 'an IP', ipv4: 'an IPv4', ipv6: 'an IPv6' }[kind];
  return {
    shape: { kind },
    write(to, value) {
      if (typeof value !== 'string') throw new TypeError(`expected ${wanted} address, got ${shown(value)}`);
      const found = ipFamily(value);
      if (found === undefined || found !== (family ?? found)) {
        throw new RangeError(`expected ${wanted} address, got ${shown(value)}`);
      }
      to.bytes(ipBytes(value));
    },
    read(from, start, end) {
      if (size !== undefined) expectLength(start, end, size);
      return readIp(from, start, end);
    },
  };
}

/** Four bytes or sixteen, by the family of the text. */
export const ip = address('ip');
export const ipv4 = address('ipv4', 4);
export const ipv6 = address('ipv6', 6);
