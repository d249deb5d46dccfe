import { attributes, headed, list, NLA_F_NESTED, type RawAttribute } from '../../../lib/netlink/attributes';
import { Bytes, Writer } from '../../../lib/netlink/bytes';
import { type Codec, MalformedError, text, u16, u32 } from '../../../lib/netlink/codec';
import { encode } from '../../../lib/netlink/message';
import { pathAt } from '../../../lib/netlink/option-path';
import { struct } from '../../../lib/netlink/struct';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { captures } from '../../golden/captures';
import { expectBytes } from '../support/hex';

// The expected bytes are those of a little-endian machine, as are the captured ones.

const inner = attributes({ deep: [7, u32] });
const other = attributes({ flat: [7, u16] });
const table = attributes({
  number: [1, u32],
  short: [2, u16],
  word: [3, text(15)],
  nested: [4 | NLA_F_NESTED, inner],
  data: [5, { by: 'word', codecs: { one: inner, two: other } }],
  words: [6, list(9, text(15))],
});

function written<T>(codec: Codec<T>, value: T): Buffer {
  const to = new Writer();
  codec.write(to, value);
  return to.take();
}

function read<T>(codec: Codec<T>, bytes: Buffer | string): T {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes.replaceAll(' ', ''), 'hex') : bytes;
  return codec.read(new Bytes(buffer), 0, buffer.length);
}

function malformed(action: () => unknown): MalformedError {
  try {
    action();
  } catch (error) {
    if (error instanceof MalformedError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('writing', () => {
  test('in the order of the keys, each padded to four bytes', () => {
    const bytes = written(table, { short: 0x1234, number: 1, word: 'ab' });
    expectBytes(bytes, Buffer.from('0600020034120000' + '0800010001000000' + '0700030061620000', 'hex'));
  });

  test('what is undefined is left out', () => {
    // exactOptionalPropertyTypes is not everybody's
    expect(written(table, { number: undefined } as never)).toHaveLength(0);
  });

  test('nested ones are marked where the table says so', () => {
    expectBytes(written(table, { nested: { deep: 5 } }), Buffer.from('0c000480' + '0800070005000000', 'hex'));
  });

  test('items of a list, each with the number of the list', () => {
    expectBytes(
      written(table, { words: ['a', 'b'] }),
      Buffer.from('14000600' + '0600090061000000' + '0600090062000000', 'hex'),
    );
  });

  test.each(['nonsense', 'constructor', '__proto__', 'toString'])('a name that no row has: %s', (name) => {
    const value = Object.fromEntries([[name, 1]]);
    expect(() => written(table, value)).toThrow(new TypeError(`${name}: there is no such attribute`));
  });

  test('what does not fit an attribute is a RangeError that names it', () => {
    const unknown = [{ type: 99, data: new Uint8Array(0xfffc) }];
    expect(() => written(table, { nested: { unknown } })).toThrow(RangeError);
    expect(() => written(table, { nested: { unknown } })).toThrow(
      'nested: 65536 bytes do not fit an attribute',
    );
    expect(written(table, { unknown: [{ type: 99, data: new Uint8Array(0xfffb) }] })).toHaveLength(0x10000);
  });

  test('refusals tell the way to the option', () => {
    expect(() => written(table, { nested: { deep: -1 } })).toThrow(
      new RangeError('nested.deep: expected an integer from 0 to 4294967295, got -1'),
    );
    expect(() => written(table, { word: 'one', data: { deep: '1' } } as never)).toThrow(
      new TypeError('data.deep: expected a number, got "1"'),
    );
    const value = { info: { kind: 'veth', data: { peer: { mtu: -1 } } } } as const;
    expect(() => link.add(value as never, 0, { operation: 'test' })).toThrow(
      new RangeError('info.data.peer.mtu: expected an integer from 0 to 4294967295, got -1'),
    );
  });
});

describe('reading', () => {
  test('the flags above the number do not matter', () => {
    expect(read(table, '0c000400 0800070005000000')).toEqual({ nested: { deep: 5 } });
    expect(read(table, '08000180 05000000')).toEqual({ number: 5 });
    expect(read(table, '08000140 05000000')).toEqual({ number: 5 });
  });

  test('padding behind the last one may be missing', () => {
    expect(read(table, '06000200 3412')).toEqual({ short: 0x1234 });
  });

  test.each([
    ['before', '08000300 6f6e6500 0c000500 0800070005000000'],
    ['behind', '0c000500 0800070005000000 08000300 6f6e6500'],
  ])('the kind of data %s the data', (_, bytes) => {
    expect(read(table, bytes)).toEqual({ word: 'one', data: { deep: 5 } });
  });

  test.each(['three', 'constructor', '__proto__', 'toString'])(
    'data of a kind without a table: %s',
    (word) => {
      const data = Buffer.from('0800070005000000', 'hex');
      expect(read(table, written(table, { word, data }))).toEqual({ word, data });
    },
  );

  test('data of no kind', () => {
    const data = Buffer.from([1, 2, 3]);
    expect(read(table, written(table, { data }))).toEqual({ data });
  });

  test('what no table knows is kept, and written as it came', () => {
    const bytes = Buffer.from('0800630001020304' + '05006480ff000000' + '04006500', 'hex');
    const value = read(table, bytes);
    expect(value).toEqual({
      unknown: [
        { type: 0x63, data: Buffer.from([1, 2, 3, 4]) },
        { type: 0x8064, data: Buffer.from([0xff]) },
        { type: 0x65, data: Buffer.alloc(0) },
      ],
    });
    expectBytes(written(table, value), bytes);
  });

  test('what is kept is a copy', () => {
    const bytes = Buffer.from('0800630001020304', 'hex');
    const [raw] = read(table, bytes).unknown as RawAttribute[];
    bytes.fill(0);
    expect(raw?.data).toEqual(Buffer.from([1, 2, 3, 4]));
  });

  test('the second of a name is kept, too', () => {
    const bytes = Buffer.from('0800010001000000' + '0800010002000000', 'hex');
    const value = read(table, bytes);
    expect(value).toEqual({ number: 1, unknown: [{ type: 1, data: Buffer.from([2, 0, 0, 0]) }] });
    expectBytes(written(table, value), bytes);
  });

  test('and so is the second of one that lies as its kind says, with the flags of its number', () => {
    const bytes = Buffer.from(
      '080003006f6e6500' + '0c00050008000700' + '05000000' + '06000580ffff0000',
      'hex',
    );
    const value = read(table, bytes);
    expect(value).toEqual({
      word: 'one',
      data: { deep: 5 },
      unknown: [{ type: 0x8005, data: Buffer.from([0xff, 0xff]) }],
    });
    expectBytes(written(table, value), bytes);
  });

  test.each([
    ['a length below that of the header', '03000100 01000000', 'attribute 1 claims 3 of 8 bytes'],
    ['a length of 0', '00000100 01000000', 'attribute 1 claims 0 of 8 bytes'],
    ['a length beyond the end', '09000100 01000000', 'attribute 1 claims 9 of 8 bytes'],
    ['less than a header', '08000100 01000000 040001', '3 bytes after the last attribute'],
  ])('%s', (_, bytes, message) => {
    expect(malformed(() => read(table, bytes)).message).toBe(message);
  });

  test('the error has the path to the attribute', () => {
    const error = malformed(() => read(table, '0d000480 0900070005000000 00'));
    expect(error).toMatchObject({ path: ['nested', 'deep'], code: 'ERR_NETLINK_MALFORMED' });
    expect(error.message).toBe('nested.deep: 5 bytes where 4 belong');
  });

  test('of a whole link message, through the tables that its kind has chosen', () => {
    const odd = { kind: 'bridge', data: { unknown: [{ type: 3, data: new Uint8Array(5) }] } };
    const bytes = encode(16, 0, link.codec, { info: odd });
    const error = malformed(() => link.codec.read(new Bytes(bytes), 16, bytes.length));
    expect(error.path).toEqual(['info', 'data', 'maxAge']);
  });
});

describe('reading some of them', () => {
  const message = headed(struct([['family', u16, 2]]), table);
  const some = (names: Parameters<typeof message.reader>[0], bytes: Buffer) =>
    message.reader(names)(new Bytes(bytes), 0, bytes.length);

  test('is the header, and what was asked for, without what no table knows', () => {
    const unknown = [{ type: 99, data: new Uint8Array(4) }];
    const bytes = written(message, { family: 2, number: 1, short: 2, nested: { deep: 5 }, unknown });
    expect(some(['number', 'nested'], bytes)).toStrictEqual({ family: 2, number: 1, nested: { deep: 5 } });
    expect(some([], bytes)).toStrictEqual({ family: 2 });
    expect(some(['word'], bytes)).toStrictEqual({ family: 2 });
  });

  test('nested ones are read whole: what their table does not know is kept', () => {
    const nested = { deep: 5, unknown: [{ type: 99, data: Buffer.from([1]) }] };
    expect(some(['nested'], written(message, { family: 2, nested }))).toEqual({ family: 2, nested });
  });

  test('what is not asked for may be malformed, but for its length', () => {
    const bytes = Buffer.from('02000000' + '0600010001000000' + '0800020001000000', 'hex');
    expect(some(['word'], bytes)).toEqual({ family: 2 });
    expect(malformed(() => some(['number'], bytes)).message).toBe('number: 2 bytes where 4 belong');
    const cut = Buffer.from('02000000' + '0900010001000000', 'hex');
    expect(malformed(() => some([], cut)).message).toBe('attribute 1 claims 9 of 8 bytes');
  });

  test('of two of a name it is the first', () => {
    const bytes = Buffer.from('02000000' + '0800010001000000' + '0800010002000000', 'hex');
    expect(some(['number'], bytes)).toStrictEqual({ family: 2, number: 1 });
  });

  test('what the data depend on is read with them', () => {
    const bytes = written(message, { family: 2, data: { deep: 5 }, word: 'one' });
    expect(some(['data'], bytes)).toEqual({ family: 2, word: 'one', data: { deep: 5 } });
  });

  test('a name that no row has is refused', () => {
    expect(() => message.reader(['nonsense' as never])).toThrow(
      new TypeError('nonsense: there is no such attribute'),
    );
    expect(() => message.reader(['toString' as never])).toThrow(TypeError);
  });

  test.each(['link', 'bridge'] as const)('is what reading all of it gives of them: ip and %s', (noun) => {
    const names = ['name', 'mtu', 'info'] as const;
    const read = link.codec.reader(names);
    const replies = captures(noun).flatMap(({ reply }) => reply);
    const links = replies.filter((bytes) => bytes.readUInt16LE(4) === link.verbs.add);
    expect(links.length).toBeGreaterThan(0);
    for (const bytes of links) {
      const from = new Bytes(bytes);
      const whole = link.codec.read(from, 16, bytes.length);
      const wanted = [...link.codec.header.names, ...names];
      const expected = Object.fromEntries(Object.entries(whole).filter(([name]) => wanted.includes(name)));
      expect(read(from, 16, bytes.length)).toStrictEqual(expected);
    }
  });
});

describe('a struct in front', () => {
  const message = headed(struct([['family', u16, 2]]), table);

  test('is one flat object with the attributes, which begin at a multiple of four', () => {
    const bytes = written(message, { number: 1, family: 2 });
    expectBytes(bytes, Buffer.from('02000000' + '0800010001000000', 'hex'));
    expect(read(message, bytes)).toEqual({ family: 2, number: 1 });
  });

  test('alone, without the padding behind it', () => {
    expect(read(message, '0200')).toEqual({ family: 2 });
    expect(malformed(() => read(message, '02')).message).toBe('1 bytes where 2 belong');
  });
});

describe('where an offset points', () => {
  const at = (codec: Codec<unknown>, bytes: Buffer, offset: number) =>
    pathAt(codec, new Bytes(bytes), 0, bytes.length, offset);

  test('at an attribute’s header, or into its content', () => {
    const bytes = written(table, { number: 1, nested: { deep: 5 }, words: ['a'] });
    expect(at(table, bytes, 0)).toEqual(['number']);
    expect(at(table, bytes, 4)).toEqual(['number']);
    expect(at(table, bytes, 8)).toEqual(['nested']);
    expect(at(table, bytes, 12)).toEqual(['nested', 'deep']);
    expect(at(table, bytes, 19)).toEqual(['nested', 'deep']);
    expect(at(table, bytes, 20)).toEqual(['words']);
    expect(at(table, bytes, 24)).toEqual(['words', '0']);
  });

  test('nowhere: in a header, in padding, in what no table knows, at the end', () => {
    const message = headed(struct([['family', u32, 4]]), table);
    const bytes = written(message, { family: 0, short: 1, unknown: [{ type: 99, data: Buffer.alloc(4) }] });
    expect(at(message, bytes, 0)).toEqual([]);
    expect(at(message, bytes, 4)).toEqual(['short']);
    expect(at(message, bytes, 10)).toEqual([]);
    expect(at(message, bytes, 12)).toEqual([]);
    expect(at(message, bytes, bytes.length)).toEqual([]);
    expect(at(u32, bytes, 0)).toEqual([]);
  });

  // The tables of two kinds have the same numbers.
  test.each([
    ['one', { deep: 1 }, ['data', 'deep']],
    ['two', { flat: 1 }, ['data', 'flat']],
    ['three', Buffer.from('0800070005000000', 'hex'), ['data']],
  ])('in data of the kind %s', (word, data, path) => {
    const name = written(table, { word });
    expect(at(table, written(table, { word, data }), name.length + 4)).toEqual(path);
    expect(at(table, written(table, { data, word }), 4)).toEqual(path);
  });

  test('of a link: a bridge’s setting is not a veth’s peer', () => {
    const bytes = encode(16, 0, link.codec, { info: { kind: 'bridge', data: { forwardDelay: 1 } } });
    expect(pathAt(link.codec, new Bytes(bytes), 16, bytes.length, bytes.length - 8)).toEqual([
      'info',
      'data',
      'forwardDelay',
    ]);
    const peer = { index: 2, mtu: 1 };
    const pair = encode(16, 0, link.codec, { info: { kind: 'veth', data: { peer } } });
    expect(pathAt(link.codec, new Bytes(pair), 16, pair.length, pair.length - 8)).toEqual([
      'info',
      'data',
      'peer',
      'mtu',
    ]);
  });
});
