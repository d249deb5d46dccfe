import {
  checkAddrs,
  checkDevice,
  checkDeviceName,
  checkNetnsName,
  familyNumber,
  parseDestination,
  parseIp,
  parsePrefix,
} from '../../../lib/common/check';

/** What was thrown: its kind and its words. */
function refusal(action: () => unknown): [kind: unknown, message: string] {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return [error.constructor, error.message];
  }
  throw new Error('it was taken');
}

const x = (count: number): string => 'x'.repeat(count);

describe('the name of a namespace', () => {
  test.each(['red', '...', '.red', 'red blue', 'a:b', '-x', 'ä', x(255), 'ä'.repeat(127)])('%p', (name) => {
    expect(() => checkNetnsName(name)).not.toThrow();
  });

  test.each([
    ['', 'name: a namespace name must not be empty, got ""'],
    ['.', `name: a namespace name must not be '.' or '..', got "."`],
    ['..', `name: a namespace name must not be '.' or '..', got ".."`],
    ['a/b', `name: a namespace name must not hold a '/', got "a/b"`],
    ['/', `name: a namespace name must not hold a '/', got "/"`],
    ['a\0b', 'name: a namespace name must not hold a NUL, got "a\\u0000b"'],
    [x(256), `name: a namespace name has at most 255 bytes, got "${x(200)}"…`],
    ['ä'.repeat(128), `name: a namespace name has at most 255 bytes, got "${'ä'.repeat(128)}"`],
  ])('not %p', (name, message) => {
    expect(refusal(() => checkNetnsName(name))).toEqual([RangeError, message]);
  });

  test.each([undefined, null, 1, {}, ['red']])('nor %p, which is no string', (name) => {
    const [kind, message] = refusal(() => checkNetnsName(name, 'to'));
    expect(kind).toBe(TypeError);
    expect(message).toMatch(/^to: a namespace name is a string, got /);
  });
});

describe('the name of a device', () => {
  test.each(['eth0', 'a', x(15), 'a.100', 'a-b_c', '...', '12', 'é', 'ééééééé', 'a\u2003b'])('%p', (name) => {
    expect(() => checkDeviceName(name, 'name')).not.toThrow();
    expect(() => checkDevice(name)).not.toThrow();
  });

  const SIGNS = "name: a device name must not hold '/', ':', blanks or NUL, got ";
  const PATTERN =
    "name: '%' in a device name is a pattern, for the kernel to fill in: only one '%d', at creation, got ";

  test.each([
    ['', 'name: a device name must not be empty, got ""'],
    [x(16), `name: a device name has at most 15 bytes, got "${x(16)}"`],
    ['é'.repeat(8), `name: a device name has at most 15 bytes, got "${'é'.repeat(8)}"`],
    ['.', `name: a device name must not be '.' or '..', got "."`],
    ['..', `name: a device name must not be '.' or '..', got ".."`],
    ['a/b', `${SIGNS}"a/b"`],
    ['a:b', `${SIGNS}"a:b"`],
    ['a b', `${SIGNS}"a b"`],
    ['a\tb', `${SIGNS}"a\\tb"`],
    ['a\nb', `${SIGNS}"a\\nb"`],
    ['a\vb', `${SIGNS}"a\\u000bb"`],
    ['a\u00a0b', `${SIGNS}"a\u00a0b"`],
    // its second byte is Latin-1's no-break space
    ['à', `${SIGNS}"à"`],
    ['a\0', `${SIGNS}"a\\u0000"`],
    ['veth%d', `${PATTERN}"veth%d"`],
    ['50%', `${PATTERN}"50%"`],
  ])('not %p', (name, message) => {
    expect(refusal(() => checkDeviceName(name, 'name'))).toEqual([RangeError, message]);
  });

  test('with one %d where it is created', () => {
    expect(() => checkDeviceName('veth%d', 'name', { pattern: true })).not.toThrow();
    expect(() => checkDeviceName('%dth', 'name', { pattern: true })).not.toThrow();
    for (const name of ['%', '%s', '50%', '%d%d', '%%d', '%d%', `${x(14)}%d`]) {
      const [kind] = refusal(() => checkDeviceName(name, 'name', { pattern: true }));
      expect(kind).toBe(RangeError);
    }
  });

  test.each([undefined, null, {}, true])('nor %p', (name) => {
    const [kind, message] = refusal(() => checkDevice(name, 'master'));
    expect(kind).toBe(TypeError);
    expect(message).toMatch(/^master: a device name is a string, got /);
  });
});

describe('an alternative name of a device', () => {
  test.each([x(16), x(127), 'ä'.repeat(63), 'a:b', '50%', 'veth%d', 'à', '\udcff'])('%p', (name) => {
    expect(() => checkDevice(name)).not.toThrow();
  });

  const LENGTHS = 'master: a device name has at most 15 bytes, an alternative name at most 127, got ';
  const SIGNS = "master: a device name must not hold '/', blanks or NUL, got ";

  test.each([
    ['', 'master: a device name must not be empty, got ""'],
    ['..', `master: a device name must not be '.' or '..', got ".."`],
    [x(128), `${LENGTHS}"${x(128)}"`],
    ['ä'.repeat(64), `${LENGTHS}"${'ä'.repeat(64)}"`],
    ['a/b', `${SIGNS}"a/b"`],
    [`${x(20)}\n`, `${SIGNS}"${x(20)}\\n"`],
    ['a\0', `${SIGNS}"a\\u0000"`],
  ])('not %p', (name, message) => {
    expect(refusal(() => checkDevice(name, 'master'))).toEqual([RangeError, message]);
  });
});

describe('the index of a device', () => {
  test.each([1, 2, 0x7fffffff])('%d', (index) => {
    expect(() => checkDevice(index)).not.toThrow();
  });

  test.each([0, -1, 1.5, NaN, Infinity, 0x80000000])('not %d', (index) => {
    expect(refusal(() => checkDevice(index, 'master'))).toEqual([
      RangeError,
      `master: a device index is an integer from 1 to 2147483647, got ${index}`,
    ]);
  });
});

describe('an address', () => {
  test.each([
    ['10.0.0.1', 4],
    ['0.0.0.0', 4],
    ['::', 6],
    ['fd00::1', 6],
    ['FD00::A', 6],
  ])('%s', (address, family) => {
    expect(parseIp(address, 'via')).toEqual({ family, address });
  });

  test.each([
    '',
    'abc',
    '10.0.0',
    '10.1',
    '0x7f.0.0.1',
    '010.0.0.1',
    '256.0.0.1',
    '10.0.0.1/24',
    ' 10.0.0.1',
    ':::',
  ])('not %p', (text) => {
    expect(refusal(() => parseIp(text, 'via'))).toEqual([
      RangeError,
      `via: expected an address like '10.0.1.1' or 'fd00::1', got ${JSON.stringify(text)}`,
    ]);
  });

  test('not one that needs a zone, as only sockets do', () => {
    expect(refusal(() => parseIp('fe80::1%eth0', 'via'))[0]).toBe(RangeError);
  });

  test.each(['::ffff:10.0.0.1', '::ffff:a00:1'])('not %s: which family would that be?', (text) => {
    expect(refusal(() => parseIp(text, 'via'))).toEqual([
      RangeError,
      `via: an IPv4-mapped address is ambiguous: write it as IPv4, got "${text}"`,
    ]);
  });

  test.each([undefined, null, 0x7f000001, {}])('nor %p', (value) => {
    const [kind, message] = refusal(() => parseIp(value, 'via'));
    expect(kind).toBe(TypeError);
    expect(message).toMatch(/^via: an address is a string, got /);
  });
});

describe('an address with its prefix length', () => {
  test.each([
    ['10.0.1.1/24', 4, '10.0.1.1', 24],
    ['10.0.1.1/0', 4, '10.0.1.1', 0],
    ['10.0.1.1/32', 4, '10.0.1.1', 32],
    ['fd00::1/64', 6, 'fd00::1', 64],
    ['::1/128', 6, '::1', 128],
  ])('%s', (text, family, address, length) => {
    expect(parsePrefix(text, 'addr')).toEqual({ family, address, length });
  });

  const EXAMPLE =
    "addr: expected an address with its prefix length, like '10.0.1.1/24' or 'fd00::1/64', got ";

  test.each([
    ['', `${EXAMPLE}""`],
    ['10.0.0.1', `${EXAMPLE}"10.0.0.1"`],
    ['10.0.0.1/', `${EXAMPLE}"10.0.0.1/"`],
    ['/24', `${EXAMPLE}"/24"`],
    ['10.0.0.1/24/24', `${EXAMPLE}"10.0.0.1/24/24"`],
    ['10.0.0.1/-1', `${EXAMPLE}"10.0.0.1/-1"`],
    ['10.0.0.1/+8', `${EXAMPLE}"10.0.0.1/+8"`],
    ['10.0.0.1/8.0', `${EXAMPLE}"10.0.0.1/8.0"`],
    ['10.0.0.1/024', `${EXAMPLE}"10.0.0.1/024"`],
    ['10.0.0.1/24 ', `${EXAMPLE}"10.0.0.1/24 "`],
    ['10.0.0.1/24\n', `${EXAMPLE}"10.0.0.1/24\\n"`],
    ['10.0.0.1/1000', `${EXAMPLE}"10.0.0.1/1000"`],
    ['10.0.0.1/255.0.0.0', `${EXAMPLE}"10.0.0.1/255.0.0.0"`],
    ['10.0.0.1/33', 'addr: the prefix of an IPv4 address has at most 32 bits, got "10.0.0.1/33"'],
    ['::1/129', 'addr: the prefix of an IPv6 address has at most 128 bits, got "::1/129"'],
    ['10.0.0/8', `addr: expected an address like '10.0.1.1' or 'fd00::1', got "10.0.0"`],
    ['abc/8', `addr: expected an address like '10.0.1.1' or 'fd00::1', got "abc"`],
    [
      '::ffff:10.0.0.1/120',
      'addr: an IPv4-mapped address is ambiguous: write it as IPv4, got "::ffff:10.0.0.1"',
    ],
  ])('not %p', (text, message) => {
    expect(refusal(() => parsePrefix(text, 'addr'))).toEqual([RangeError, message]);
  });

  test.each([undefined, null, 10, ['10.0.0.1/8']])('nor %p', (value) => {
    const [kind, message] = refusal(() => parsePrefix(value, 'addr'));
    expect(kind).toBe(TypeError);
    expect(message).toMatch(/^addr: an address with its prefix length is a string, got /);
  });

  test('bare, an address stands for itself', () => {
    expect(parsePrefix('10.0.0.1', 'peer', { bare: true })).toMatchObject({ length: 32 });
    expect(parsePrefix('::1', 'peer', { bare: true })).toMatchObject({ length: 128 });
    expect(refusal(() => parsePrefix('', 'peer', { bare: true }))[0]).toBe(RangeError);
  });

  test('one of several is told by its place', () => {
    expect(() => checkAddrs(['10.0.0.1/8', 'fd00::1/64'], 'addrs')).not.toThrow();
    expect(() => checkAddrs([], 'addrs')).not.toThrow();
    expect(refusal(() => checkAddrs(['10.0.0.1/8', '::1/129'], 'first.addrs'))).toEqual([
      RangeError,
      'first.addrs[1]: the prefix of an IPv6 address has at most 128 bits, got "::1/129"',
    ]);
    expect(refusal(() => checkAddrs('10.0.0.1/8', 'addrs'))[1]).toMatch(/^addrs: expected a list/);
  });

  test('one that is there already is refused by its place', () => {
    expect(() => checkAddrs(['10.0.0.1/8', '10.0.0.1/24'], 'addrs')).not.toThrow();
    expect(refusal(() => checkAddrs(['10.0.0.1/8', '10.0.0.1/8'], 'addrs'))).toEqual([
      RangeError,
      'addrs[1]: it is addrs[0] once more, got "10.0.0.1/8"',
    ]);
    expect(refusal(() => checkAddrs(['fd00::1/64', '::1/128', 'FD00:0::1/96'], 'addrs'))).toEqual([
      RangeError,
      'addrs[2]: it is addrs[0] once more, got "FD00:0::1/96"',
    ]);
  });
});

describe('a destination', () => {
  test('default', () => {
    expect(parseDestination('default', 'to')).toBe('default');
  });

  test.each([
    ['10.0.0.0/8', 4, '10.0.0.0', 8],
    ['10.128.0.0/9', 4, '10.128.0.0', 9],
    ['10.0.0.1', 4, '10.0.0.1', 32],
    ['0.0.0.0/0', 4, '0.0.0.0', 0],
    ['fd00::/8', 6, 'fd00::', 8],
    ['fd00:0:0:1::/64', 6, 'fd00:0:0:1::', 64],
    ['fd00::1', 6, 'fd00::1', 128],
    ['::/0', 6, '::', 0],
  ])('%s', (text, family, address, length) => {
    expect(parseDestination(text, 'to')).toEqual({ family, address, length });
  });

  test.each([
    ['10.0.0.1/8', '10.0.0.0/8'],
    ['10.128.0.0/8', '10.0.0.0/8'],
    ['10.0.0.1/31', '10.0.0.0/31'],
    ['10.0.0.1/0', '0.0.0.0/0'],
    ['fd00::1/64', 'fd00::/64'],
    ['fd00:0:0:1::/63', 'fd00::/63'],
    ['::1.2.3.4/90', '::/90'],
    ['::1.2.3.4/120', '::102:300/120'],
  ])('not %s, which has bits beyond its prefix', (text, network) => {
    expect(refusal(() => parseDestination(text, 'to'))).toEqual([
      RangeError,
      `to: address bits beyond the prefix length; the network is ${network}, got "${text}"`,
    ]);
  });

  test.each(['', 'abc', 'Default', '10.0.0/8', '10.0.0.0/33'])('not %p', (text) => {
    const [kind, message] = refusal(() => parseDestination(text, 'to'));
    expect(kind).toBe(RangeError);
    expect(message).toMatch(/^to: /);
  });

  test.each([undefined, null, 10])('nor %p', (value) => {
    expect(refusal(() => parseDestination(value, 'to'))[0]).toBe(TypeError);
  });
});

test('the number of a family', () => {
  expect([familyNumber(undefined), familyNumber(4), familyNumber(6)]).toEqual([0, 2, 10]);
  for (const family of [0, 5, 'toString'] as never[]) {
    expect(refusal(() => familyNumber(family))[0]).toBe(RangeError);
  }
});
