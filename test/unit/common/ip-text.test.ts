import { execFileSync } from 'node:child_process';
import { isIP } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { ipBytes, ipFamily, ipv4Text, ipv6Text, isIpv4Mapped } from '../../../lib/common/ip-text';
import { partOfRuns } from '../../support/part';

/** Addresses as they are: many zero groups, now and then an IPv4-mapped one. */
const group = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  fc.integer({ min: 0, max: 0xff }),
  fc.integer({ min: 0, max: 0xffff }),
);
const sixteen = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => Buffer.from(groups.flatMap((number) => [number >> 8, number & 0xff])));
const mapped = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((four) => Buffer.from([...Array<number>(10).fill(0), 0xff, 0xff, ...four]));
const address = fc.oneof({ weight: 9, arbitrary: sixteen }, mapped);

const byLibrary = (bytes: Uint8Array) => new ipaddr.IPv6([...bytes]).toRFC5952String();

describe('text', () => {
  test('of IPv6, as ipaddr.js and as the URLs of node write it', () => {
    fc.assert(
      fc.property(address, (bytes) => {
        const text = ipv6Text(bytes, 0);
        expect(text).toBe(byLibrary(bytes));
        expect(`[${text}]`).toBe(new URL(`http://[${text}]`).hostname);
        expect(isIP(text)).toBe(6);
      }),
      { numRuns: partOfRuns(2000, 5) },
    );
  });

  test('of IPv6, as inet_ntop(3) writes it, which has IPv4 at the end of some', () => {
    const addresses = fc.sample(sixteen, 500);
    const program =
      'import socket, sys; [print(socket.inet_ntop(socket.AF_INET6, bytes.fromhex(a))) for a in sys.argv[1:]]';
    const lines = execFileSync('python3', ['-c', program, ...addresses.map((one) => one.toString('hex'))]);
    const theirs = lines.toString().trim().split('\n');
    const compared = addresses
      .map((bytes, i) => [ipv6Text(bytes, 0), theirs[i]!] as const)
      .filter(([, text]) => !text.includes('.'));
    expect(compared.length).toBeGreaterThan(300);
    for (const [ours, text] of compared) expect(ours).toBe(text);
  });

  test('of IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(ipv4Text(ipBytes(text), 0)).toBe(text);
      }),
    );
  });

  test('from within a buffer', () => {
    expect(ipv6Text(Buffer.from(`ffff${'00'.repeat(15)}01ffff`, 'hex'), 2)).toBe('::1');
    expect(ipv4Text(Buffer.from('ff0a0001feff', 'hex'), 1)).toBe('10.0.1.254');
  });

  test.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['00000001000000010000000100000001', '0:1:0:1:0:1:0:1'],
    ['00000000000100000000000000000001', '0:0:1::1'],
    ['00010002000300040005000600000000', '1:2:3:4:5:6::'],
    ['00000000000000000000ffff0a000001', '::ffff:a00:1'],
  ])('%s is %s', (hex, text) => {
    expect(ipv6Text(Buffer.from(hex, 'hex'), 0)).toBe(text);
  });
});

/** ipaddr.js takes '::10.0.0.1', which is IPv4-compatible, for the IPv4-mapped '::ffff:10.0.0.1'. */
const COMPATIBLE = /^::[\d.]+$/;

describe('family', () => {
  /** Texts that nearly are addresses, and addresses. */
  const part = fc.constantFrom(
    '',
    '0',
    '1',
    'f',
    'G',
    '00',
    '01',
    '10',
    '255',
    '256',
    '1234',
    '12345',
    'aBcD',
    '٣',
  );
  const nearly = fc
    .array(fc.tuple(part, fc.constantFrom(':', '::', '.', '.', ':')), { maxLength: 10 })
    .chain((parts) => fc.tuple(fc.constant(parts.flat().join('')), part))
    .map((texts) => texts.join(''));
  const changed = fc
    .tuple(
      fc.oneof(fc.ipV6(), fc.ipV4()),
      fc.nat(),
      fc.constantFrom('', ':', '.', '0', 'g', '%', ' ', '\n', '/'),
    )
    .map(([text, place, inserted]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + inserted + text.slice(inserted === '' ? at + 1 : at);
    });

  test('of any text, as node reads it, without zones', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, changed, fc.ipV6(), fc.ipV4()), (text) => {
        expect(ipFamily(text) ?? 0).toBe(text.includes('%') ? 0 : isIP(text));
      }),
      { numRuns: partOfRuns(20_000, 5) },
    );
  });

  test.each(['1:2:3:4:5:6:7::', '1::3:4:5:6:7:8', '1:2:3:4:5::1.2.3.4', '::', '1:2:3:4:5:6:1.2.3.4'])(
    '%s is one of IPv6',
    (text) => {
      expect(isIP(text)).toBe(6);
      expect(ipFamily(text)).toBe(6);
    },
  );

  test.each([
    '',
    ':',
    ':::',
    '1.2.3.4::',
    '::1.2.3.4:1',
    '1:2:3:4:5:6::1.2.3.4',
    '1::2::3',
    '::1\n',
    '1.2.3',
    '01.2.3.4',
    'fe80::1%lo',
  ])('%j is none', (text) => {
    expect(ipFamily(text)).toBeUndefined();
  });
});

describe('bytes', () => {
  test('of whatever spelling, as ipaddr.js and the URLs of node read it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.ipV4()), (text) => {
        const bytes = ipBytes(text);
        if (text.includes(':')) expect(`[${ipv6Text(bytes, 0)}]`).toBe(new URL(`http://[${text}]`).hostname);
        if (!COMPATIBLE.test(text)) expect([...bytes]).toEqual(ipaddr.parse(text).toByteArray());
      }),
      { numRuns: partOfRuns(2000, 5) },
    );
  });

  test('of its own text', () => {
    fc.assert(
      fc.property(address, (bytes) => {
        expect(Buffer.from(ipBytes(ipv6Text(bytes, 0)))).toEqual(bytes);
      }),
    );
  });

  test.each([
    '::',
    '::1',
    'fe80::',
    '1::8',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
  ])('of %s', (text) => {
    expect([...ipBytes(text)]).toEqual(ipaddr.parse(text).toByteArray());
  });
});

test.each([
  ['::ffff:10.0.0.1', true],
  ['::FFFF:a00:1', true],
  ['0:0:0:0:0:ffff:0:1', true],
  ['::fffe:a00:1', false],
  ['64:ff9b::10.0.0.1', false],
  ['::ffff:0:10.0.0.1', false],
  ['::10.0.0.1', false],
  ['10.0.0.1', false],
])('%s is IPv4-mapped: %s', (text, expected) => {
  expect(isIpv4Mapped(text)).toBe(expected);
});
