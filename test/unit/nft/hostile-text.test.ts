import fc from 'fast-check';
import { nft } from '../../../lib';
import { Bytes } from '../../../lib/netlink/bytes';
import { type Codec, written } from '../../../lib/netlink/codec';
import { element } from '../../../lib/netlink/nfnetlink/element';
import { expressions } from '../../../lib/netlink/nfnetlink/expressions';
import { set, type SetMessage } from '../../../lib/netlink/nfnetlink/set';
import { keyLength, toVerdict } from '../../../lib/nft/language/key';
import { DATATYPES, type TypeName, typeNumber } from '../../../lib/nft/language/types';
import { toElements } from '../../../lib/nft/objects/element';
import { isReadable, type ListedSetWithElements } from '../../../lib/nft/objects/ruleset';
import { toSet } from '../../../lib/nft/objects/set';
import { bounded } from '../../support/bounded';
import { arbitrary } from '../support/arbitrary';
import { partOfRuns } from '../../support/part';

// Whatever a tenant stores in the kernel, is printed in bounded time.

const table = { family: 'inet', name: 't' } as const;
const chain = { table, name: 'c' } as const;
const printed = (expressions: readonly nft.Expression[], sets: readonly ListedSetWithElements[] = []) =>
  bounded(() => nft.formatRule({ chain, handle: 1, expressions }, { sets }));

const lookUp = (sreg: number, dreg: number | undefined, of: string): nft.Expression => ({
  name: 'lookup',
  data: { sreg, set: of, ...(dreg !== undefined && { dreg }) },
});
const mark: nft.Expression = { name: 'meta', data: { key: 'mark', dreg: 1 } };

const NAMES = ['a', 'b', '__set0'] as const;
type Data = Record<string, unknown>;

/** Any value of a table, as it is read from its bytes. */
function anyOf<T>(codec: Codec<T>): fc.Arbitrary<T> {
  return arbitrary(codec.shape).map((value) => {
    const bytes = written(codec, value as T);
    return codec.read(new Bytes(bytes), 0, bytes.length);
  });
}

/** Any expressions, whose registers and sets are few, so that expressions use what others load. */
const anyRule = fc.array(
  fc
    .constantFrom(...(Object.keys(expressions) as (keyof typeof expressions)[]))
    .chain((name) =>
      fc
        .tuple(anyOf(expressions[name] as Codec<Data>), fc.constantFrom(...NAMES))
        .map(([data, of]) => ({ name, data: connected(data, of) }) as nft.Expression),
    ),
  { minLength: 1, maxLength: 24 },
);

const REGISTERS = [
  'sreg',
  'dreg',
  'keyRegister',
  'dataRegister',
  'addressMin',
  'addressMax',
  'portMin',
  'portMax',
];

function connected(data: Data, of: string): Data {
  const entries = Object.entries(data).map(([name, value]) => {
    if (REGISTERS.includes(name)) return [name, Number(value) % 24];
    return [name, name === 'set' ? of : value];
  });
  return Object.fromEntries(entries) as Data;
}

/** Any set that the kernel may list, with elements of the lengths that the set has. */
function anySet(name: string): fc.Arbitrary<ListedSetWithElements> {
  const types = fc.array(fc.constantFrom(...(Object.keys(DATATYPES) as TypeName[])), {
    minLength: 1,
    maxLength: 3,
  });
  return fc
    .tuple(
      anyOf(set.codec),
      types,
      fc.option(types),
      fc.array(anyOf(element), { maxLength: 4 }),
      fc.infiniteStream(fc.nat(255)),
    )
    .map(([message, key, value, messages, noise]) => {
      const listed = toSet({
        ...{
          ...message,
          family: 'inet',
          table: 't',
          name,
          keyType: typeNumber(key),
          keyLength: keyLength(key),
        },
        ...(value !== null && { dataType: typeNumber(value), dataLength: keyLength(value) }),
      } as SetMessage);
      if (!isReadable(listed)) return listed;
      const bytes = (length: number) =>
        Buffer.from(Array.from({ length }, () => noise.next().value as number));
      const held = messages.map((one) => ({
        ...one,
        key: { value: bytes(keyLength(key)) },
        ...(one.keyEnd !== undefined && { keyEnd: { value: bytes(keyLength(key)) } }),
        ...(one.data?.value !== undefined && { data: { value: bytes(keyLength(value ?? [])) } }),
      }));
      return { ...listed, elements: bounded(() => toElements(listed, held)) };
    });
}

describe('nft.formatRule', () => {
  test('what a map gives is looked up in a set that is not known', () => {
    expect(printed([mark, lookUp(1, 1, 'm'), lookUp(1, undefined, 's')])).toBe('meta mark map @m @s');
    const known = { table, name: 'm', key: ['mark'], value: ['mark'], flags: [], anonymous: false } as const;
    expect(printed([mark, lookUp(1, 1, 'm'), lookUp(1, 8, 's')], [known])).toBe('');
  });

  test('a text that would double with each expression is given up', () => {
    const registers = Array.from({ length: 16 }, (_, i) => 8 + i);
    const known = { table, name: 'm', value: ['mark'], flags: [], anonymous: false } as const;
    const loads = registers.map((dreg): nft.Expression => ({ name: 'meta', data: { key: 'mark', dreg } }));
    const lookUps = Array.from({ length: 112 }, (_, i) => lookUp(8, 8 + (i % 16), 'm'));
    const text = printed([...loads, ...lookUps, lookUp(8, undefined, 's')], [known]);
    expect(text).toMatch(/^\[ meta .* \[ lookup \{"sreg":8,"set":"s"\} \]$/);
  });

  test('a register number or a length at the end of its range', () => {
    const all = 0xffffffff;
    const load: nft.Expression = {
      name: 'payload',
      data: { base: 'network', offset: all, length: all, dreg: 1 },
    };
    expect(printed([load, mark, lookUp(1, undefined, 's')])).toBe('meta mark @s');
    expect(printed([load, lookUp(1, undefined, 's')])).toMatch(/^@nh,\d+,\d+ @s$/);
    expect(printed([{ name: 'meta', data: { key: 'mark', dreg: all } }, lookUp(all, undefined, 's')])).toBe(
      'meta mark @s',
    );
  });

  test('elements that this library would not write are sorted and printed', () => {
    const names = ['', 'x'.repeat(16), '\ufffd'.repeat(6), 'eth0'];
    const listed = {
      ...({ table, name: '__set0', key: ['ifname'], flags: [], anonymous: true } as const),
      elements: names.map((key) => ({ key })),
    };
    const load: nft.Expression = { name: 'meta', data: { key: 'iifname', dreg: 1 } };
    const text = printed([load, lookUp(1, undefined, '__set0')], [listed]);
    for (const name of names) expect(text).toContain(`"${name}"`);
  });

  test('a verdict with the number of a queue or an error, and one without a word', () => {
    const verdicts = [0x10003, 0x8003, 0x20000, 0x77].map((code) => toVerdict({ code }));
    expect(verdicts).toEqual(['queue', 'queue', 'drop', '119']);
    const data = { dreg: 0, data: { verdict: { code: 0x10003 } } };
    expect(printed([{ name: 'immediate', data }])).toBe('queue');
  });

  test('any rule with any sets and elements', () => {
    fc.assert(
      fc.property(anyRule, fc.tuple(...NAMES.map(anySet)), (expressions, sets) => {
        expect(typeof printed(expressions, sets)).toBe('string');
      }),
      { numRuns: partOfRuns(80, 4) },
    );
  });
});
