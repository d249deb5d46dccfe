import { Bytes, Writer } from '../../../lib/netlink/bytes';
import {
  bareText,
  be16,
  bool8,
  bytes,
  choice,
  type Codec,
  flag,
  ip,
  ipv4,
  ipv6,
  located,
  mac,
  MalformedError,
  s32,
  text,
  u16,
  u32,
  u64,
  u8,
} from '../../../lib/netlink/codec';

function hex(codec: Codec<unknown>, value: unknown): string {
  const to = new Writer();
  codec.write(to, value);
  return to.take().toString('hex');
}

/** Read from the middle of other bytes, which must not matter. */
function read<T>(codec: Codec<T>, content: string): T {
  const data = Buffer.from(content, 'hex');
  const around = Buffer.concat([Buffer.from('ffff', 'hex'), data, Buffer.from('aaaa', 'hex')]);
  return codec.read(new Bytes(around), 2, 2 + data.length);
}

describe.each<[name: string, codec: Codec<number>, cases: [number, string][], refused: number[]]>([
  [
    'u8',
    u8,
    [
      [0, '00'],
      [255, 'ff'],
    ],
    [-1, 256],
  ],
  [
    'u16',
    u16,
    [
      [0, '0000'],
      [0x1234, '3412'],
      [0xffff, 'ffff'],
    ],
    [-1, 0x10000],
  ],
  [
    'be16',
    be16,
    [
      [0x1234, '1234'],
      [0x88a8, '88a8'],
    ],
    [-1, 0x10000],
  ],
  [
    'u32',
    u32,
    [
      [1, '01000000'],
      [0xffffffff, 'ffffffff'],
    ],
    [-1, 0x100000000],
  ],
  [
    's32',
    s32,
    [
      [-1, 'ffffffff'],
      [-0x80000000, '00000080'],
      [0x7fffffff, 'ffffff7f'],
    ],
    [-0x80000001, 0x80000000],
  ],
])('%s', (_, codec, cases, refused) => {
  test.each(cases)('%d is %s', (value, content) => {
    expect(hex(codec, value)).toBe(content);
    expect(read(codec, content)).toBe(value);
  });

  test.each([...refused, 1.5, NaN, Infinity])('%d does not fit', (value) => {
    expect(() => hex(codec, value)).toThrow(RangeError);
    expect(() => hex(codec, value)).toThrow(/^expected an integer from -?\d+ to \d+, got /);
  });

  test.each(['1', 1n, null, true, {}])('%p is no number', (value) => {
    expect(() => hex(codec, value)).toThrow(TypeError);
  });
});

describe('u64', () => {
  test('both ends', () => {
    expect(hex(u64, 1)).toBe('0100000000000000');
    expect(read(u64, 'ffffffffffff1f00')).toBe(Number.MAX_SAFE_INTEGER);
    expect(hex(u64, Number.MAX_SAFE_INTEGER)).toBe('ffffffffffff1f00');
  });

  test('a number of more than 53 bits is rounded', () => {
    expect(read(u64, 'ffffffffffffffff')).toBe(2 ** 64);
  });

  test('what is none', () => {
    expect(() => hex(u64, -1)).toThrow(RangeError);
    expect(() => hex(u64, 2 ** 53)).toThrow(RangeError);
    expect(() => hex(u64, 1n)).toThrow(TypeError);
    expect(() => read(u64, '00000000')).toThrow(MalformedError);
  });
});

test('yes and no', () => {
  expect([hex(bool8, true), hex(bool8, false)]).toEqual(['01', '00']);
  expect([read(bool8, '01'), read(bool8, '00'), read(bool8, '02')]).toEqual([true, false, true]);
  expect(() => hex(bool8, 1)).toThrow(new TypeError('expected true or false, got 1'));
  expect(() => read(bool8, '0100')).toThrow(MalformedError);
});

test('a flag is there or not; false would be there', () => {
  expect(hex(flag, true)).toBe('');
  expect(read(flag, '')).toBe(true);
  expect(() => hex(flag, false)).toThrow(TypeError);
});

describe('text', () => {
  test('ends with a NUL, or is bare', () => {
    expect(hex(text(15), 'eth0')).toBe('6574683000');
    expect(hex(bareText(15), 'eth0')).toBe('65746830');
    expect([hex(text(15), ''), hex(bareText(15), '')]).toEqual(['00', '']);
  });

  test.each([text(15), bareText(15)])('is read with a NUL and without', (codec) => {
    expect(read(codec, '6574683000')).toBe('eth0');
    expect(read(codec, '65746830')).toBe('eth0');
    expect(read(codec, '657400683000')).toBe('et');
    expect([read(codec, ''), read(codec, '00')]).toEqual(['', '']);
  });

  test.each([text(5), bareText(5)])('has a length in bytes', (codec) => {
    expect(hex(codec, 'abcde')).toMatch(/^6162636465/);
    expect(() => hex(codec, 'abcdef')).toThrow(new RangeError('"abcdef" is longer than 5 bytes'));
    expect(hex(codec, 'äää'.slice(0, 2))).toMatch(/^c3a4c3a4/);
    expect(() => hex(codec, 'äää')).toThrow(RangeError);
  });

  test.each([text(15), bareText(15)])('holds no NUL, and is text', (codec) => {
    expect(() => hex(codec, 'a\0b')).toThrow(/holds a NUL$/);
    expect(() => hex(codec, 'a\0')).toThrow(RangeError);
    expect(() => hex(codec, 1)).toThrow(new TypeError('expected a string, got 1'));
  });
});

test('bytes are bytes', () => {
  expect(hex(bytes, new Uint8Array([1, 2]))).toBe('0102');
  expect(read(bytes, '0102')).toEqual(Buffer.from([1, 2]));
  expect(() => hex(bytes, '0102')).toThrow(new TypeError('expected bytes, got "0102"'));
});

describe('a choice', () => {
  const colour = choice(u8, { red: 1, green: 2, rouge: 1 });

  test('of names, or of numbers that have none', () => {
    expect([hex(colour, 'green'), hex(colour, 2), hex(colour, 7)]).toEqual(['02', '02', '07']);
    expect([read(colour, '02'), read(colour, '07')]).toEqual(['green', 7]);
  });

  test('two names of one number are both taken', () => {
    expect([hex(colour, 'red'), hex(colour, 'rouge')]).toEqual(['01', '01']);
    expect(['red', 'rouge']).toContain(read(colour, '01'));
  });

  test.each(['blue', '', 'toString', '__proto__'])('%p is no choice', (value) => {
    expect(() => hex(colour, value)).toThrow(RangeError);
    expect(() => hex(colour, value)).toThrow(/green; got /);
  });

  test('numbers have to fit', () => {
    expect(() => hex(colour, 256)).toThrow(RangeError);
    expect(() => read(colour, '0100')).toThrow(MalformedError);
  });
});

describe('a MAC address', () => {
  test('six bytes; others are read as well', () => {
    expect(hex(mac, '02:00:00:AB:cd:ef')).toBe('020000abcdef');
    expect(read(mac, '020000abcdef')).toBe('02:00:00:ab:cd:ef');
    expect(read(mac, '0a000001')).toBe('0a:00:00:01');
    expect(read(mac, '')).toBe('');
  });

  test.each([
    '',
    '02:00:00:00:00',
    '02:00:00:00:00:00:00',
    '2:0:0:0:0:1',
    '02-00-00-00-00-01',
    '02:00:00:00:00:0g',
  ])('%p is none', (value) => {
    expect(() => hex(mac, value)).toThrow(RangeError);
  });

  test('a number is none', () => {
    expect(() => hex(mac, 2)).toThrow(TypeError);
  });
});

describe('an address', () => {
  test('four bytes or sixteen', () => {
    expect(hex(ip, '10.0.1.254')).toBe('0a0001fe');
    expect(hex(ip, 'fd00::1')).toBe('fd000000000000000000000000000001');
    expect(hex(ip, 'FD00:0::0001')).toBe('fd000000000000000000000000000001');
    expect(read(ip, '0a0001fe')).toBe('10.0.1.254');
    expect(read(ip, 'fd000000000000000000000000000001')).toBe('fd00::1');
    expect(read(ip, '00000000000000000000000000000000')).toBe('::');
    // RFC 5952: the longest run of zeros, the first of two, never a single one
    expect(read(ip, '20010db8000000000001000000000001')).toBe('2001:db8::1:0:0:1');
    expect(read(ip, '20010db8000000010001000100010001')).toBe('2001:db8:0:1:1:1:1:1');
  });

  test.each([
    '',
    'abc',
    '10.0.1',
    '10.1',
    '0x7f.1',
    '010.0.0.1',
    '10.0.0.256',
    '10.0.0.1/24',
    'fd00::1%eth0',
    ':::',
  ])('%p is none', (value) => {
    expect(() => hex(ip, value)).toThrow(RangeError);
    expect(() => hex(ip, value)).toThrow(`expected an IP address, got ${JSON.stringify(value)}`);
  });

  test('a number is none', () => {
    expect(() => hex(ip, 0x7f000001)).toThrow(TypeError);
  });

  test('of one family only', () => {
    expect(() => hex(ipv4, '::1')).toThrow('expected an IPv4 address, got "::1"');
    expect(() => hex(ipv6, '10.0.0.1')).toThrow('expected an IPv6 address, got "10.0.0.1"');
    expect(() => read(ipv4, '00000000000000000000000000000001')).toThrow(MalformedError);
    expect(() => read(ipv6, '7f000001')).toThrow(MalformedError);
    expect(() => read(ip, '7f00000100')).toThrow('5 bytes where 4 or 16 belong');
  });
});

describe('where it happened', () => {
  test('is told from the inside out, in the error’s own kind', () => {
    const malformed = located(located(new MalformedError('3 bytes'), 'mtu'), 'peer');
    expect(malformed).toBeInstanceOf(MalformedError);
    expect(malformed).toMatchObject({
      message: 'peer.mtu: 3 bytes',
      path: ['peer', 'mtu'],
      reason: '3 bytes',
    });
    for (const Kind of [RangeError, TypeError]) {
      const error = located(located(new Kind('too much'), 'mtu'), 'peer');
      expect(error).toBeInstanceOf(Kind);
      expect(error).toMatchObject({ message: 'peer.mtu: too much' });
    }
  });

  test('of any other error nothing is known', () => {
    const other = new Error('other');
    expect(located(other, 'mtu')).toBe(other);
  });
});
