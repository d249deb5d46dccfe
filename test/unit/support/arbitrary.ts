import fc, { type Arbitrary } from 'fast-check';
import type { RowShape, Shape } from '../../../lib/netlink/codec';
import { Secret } from '../../../lib/netlink/secret';

// Values made up from what the tables say of themselves. All of them are as decoding writes them: addresses in their
// shortest form, names where a number has one.

type Value = Record<string, unknown>;

const NLA_TYPE_MASK = 0x3fff;

/** Names that an object has without being asked. */
const INHERITED = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];

const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((octets) => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':'));

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'));

// Zeros often, for '::' to appear; URL shortens as RFC 5952 says, by code that is not ours.
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'))
  .map((full) => new URL(`http://[${full}]/`).hostname.slice(1, -1));

const endpoint = fc
  .tuple(
    fc.oneof(
      ipv4,
      ipv6.map((address) => `[${address}]`),
      fc.tuple(ipv6, fc.integer({ min: 1, max: 0xffffffff })).map((parts) => `[${parts.join('%')}]`),
    ),
    fc.integer({ min: 0, max: 0xffff }),
  )
  .map((parts) => parts.join(':'));

const exactly = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

const rawBytes = fc.uint8Array({ maxLength: 40 }).map((data) => Buffer.from(data));

function text(max: number): Arbitrary<string> {
  const any = fc
    .string({ unit: 'binary', maxLength: Math.min(max, 40) })
    .map((value) => value.replaceAll('\0', ''))
    .filter((value) => Buffer.byteLength(value) <= max);
  return max > 0xff ? any : fc.oneof(any, fc.constantFrom('x'.repeat(max), ''));
}

function choice(names: Readonly<Record<string, number>>, max: number): Arbitrary<string | number> {
  const numbers = new Set(Object.values(names));
  const nameless = fc.integer({ min: 0, max }).filter((number) => !numbers.has(number));
  return fc.oneof(fc.constantFrom(...Object.keys(names)), nameless);
}

function unknown(rows: readonly RowShape[]): Arbitrary<unknown> {
  const known = new Set(rows.map(({ type }) => type & NLA_TYPE_MASK));
  const type = fc.integer({ min: 0, max: 0xffff }).filter((number) => !known.has(number & NLA_TYPE_MASK));
  return fc.array(fc.record({ type, data: rawBytes }), { minLength: 1, maxLength: 3 });
}

function attributes(rows: Readonly<Record<string, RowShape>>): Arbitrary<Value> {
  const plain: Record<string, Arbitrary<unknown>> = { unknown: unknown(Object.values(rows)) };
  const dependent: [name: string, by: string, shapes: Readonly<Record<string, Shape>>][] = [];
  for (const [name, { shape }] of Object.entries(rows)) {
    if (shape.kind === 'dependent') dependent.push([name, shape.by, shape.shapes]);
    else plain[name] = arbitrary(shape);
  }
  for (const [, by, shapes] of dependent) {
    const inherited = rows[by]?.shape.kind === 'text' ? INHERITED : [];
    plain[by] = fc.oneof(fc.constantFrom(...Object.keys(shapes), ...inherited), plain[by]!);
  }
  const complete = fc.record(plain, { requiredKeys: [] }).chain((value) => {
    const rest = dependent.map(([name, by, shapes]) => {
      const chosen = Object.entries(shapes).find(([kind]) => kind === value[by]);
      return [name, chosen === undefined ? rawBytes : arbitrary(chosen[1])] as const;
    });
    return fc.record(Object.fromEntries(rest), { requiredKeys: [] }).map((more) => ({ ...value, ...more }));
  });
  // in any order: the kernel does not promise one
  const names = Object.keys({ ...plain, ...rows });
  const order = fc.shuffledSubarray(names, { minLength: names.length, maxLength: names.length });
  return fc.tuple(complete, order).map(([value, keys]) => {
    const entries = keys.filter((key) => key in value).map((key) => [key, value[key]] as const);
    return Object.fromEntries(entries);
  });
}

function each(fields: Readonly<Record<string, Shape>>): Arbitrary<Value> {
  const all = Object.entries(fields).map(([name, shape]) => [name, arbitrary(shape)] as const);
  return fc.record(Object.fromEntries(all));
}

export function arbitrary(shape: Shape): Arbitrary<unknown> {
  switch (shape.kind) {
    case 'integer':
      return fc.integer({ min: shape.min, max: shape.max });
    case 'text':
      return text(shape.max);
    case 'choice':
      return choice(shape.names, shape.max);
    case 'mac':
      return mac;
    case 'ip':
      return fc.oneof(ipv4, ipv6);
    case 'ipv4':
      return ipv4;
    case 'ipv6':
      return ipv6;
    case 'endpoint':
      return endpoint;
    case 'base64':
      return exactly(shape.size).map((data) => Buffer.from(data).toString('base64'));
    case 'secret':
      return exactly(shape.size).map((data) => new Secret(data));
    case 'flag':
      return fc.constant(true);
    case 'boolean':
      return fc.boolean();
    case 'nothing':
      return fc.constant(undefined);
    case 'bytes':
      return rawBytes;
    case 'struct':
      return each(shape.fields);
    case 'list':
      return fc.array(arbitrary(shape.item), { maxLength: 4 });
    case 'either':
      return fc.oneof(...shape.shapes.map(arbitrary));
    case 'attributes':
      return attributes(shape.rows);
    case 'headed':
      return fc
        .tuple(arbitrary(shape.header), arbitrary(shape.attributes))
        .map(([header, rest]) => ({ ...(header as Value), ...(rest as Value) }));
  }
}
