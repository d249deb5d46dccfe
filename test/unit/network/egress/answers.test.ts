import { type Answer, decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { type DnsQuery, isPlainName, readQuery, writeAnswer } from '../../../../lib/network/dns/wire';
import { withLimitedTtl } from '../../../../lib/network/dns/ttl';
import { answeredAddresses } from '../../../../lib/network/egress/answered-addresses';
import { isPublic } from '../../../../lib/network/egress/public-address';

const record = (type: 'A' | 'AAAA' | 'CNAME', name: string, data: string, ttl = 60): Answer => ({
  ...{ type, name, data, ttl },
});

const message = (answers: Answer[]): Buffer =>
  encode({
    type: 'response',
    id: 7,
    questions: [{ type: 'A', name: 'www.test' }],
    answers,
    authorities: [{ type: 'NS', name: 'test', data: 'ns.test', ttl: 100_000 }],
    additionals: [
      record('A', 'ns.test', '198.41.0.99'),
      {
        ...{ type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 1, flags: 0x8000 },
        ...{ flag_do: true, options: [] },
      },
    ],
  });

describe('answeredAddresses', () => {
  test.each<[string, Answer[], string[], number]>([
    ['itself', [record('A', 'WWW.test', '198.41.0.4', 30)], ['198.41.0.4'], 30],
    [
      'by aliases, in any order',
      [
        record('A', 'b.cdn', '198.41.0.4', 30),
        record('AAAA', 'b.cdn', '2606:4700:0:0:0:0:0:1', 20),
        record('CNAME', 'a.cdn', 'B.cdn', 10),
        record('CNAME', 'www.test', 'a.CDN', 40),
      ],
      ['198.41.0.4', '2606:4700::1'],
      10,
    ],
    [
      'nothing of others',
      [record('A', 'evil.test', '198.41.0.4'), record('CNAME', 'evil.test', 'www.test')],
      [],
      Infinity,
    ],
    ['a circle', [record('CNAME', 'www.test', 'a.test'), record('CNAME', 'a.test', 'www.test')], [], 60],
    ['a negative time', [record('A', 'www.test', '198.41.0.4', 2 ** 31)], ['198.41.0.4'], 0],
  ])('%s', (_, answers, addresses, ttl) => {
    expect(answeredAddresses(message(answers), 'www.test')).toEqual({ addresses, ttl });
  });

  test('nonsense is nothing, and ends nothing', () => {
    const valid = message([record('A', 'www.test', '198.41.0.4')]);
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (at, value, length) => {
        const bytes = Buffer.from(valid);
        bytes[at] = value;
        for (const one of [bytes, bytes.subarray(0, length)]) {
          answeredAddresses(one, 'www.test');
          withLimitedTtl(one, 10);
        }
      }),
    );
  });
});

describe('withLimitedTtl', () => {
  test('no record is kept for longer, and nothing else changes', () => {
    const before = message([
      record('A', 'www.test', '198.41.0.4', 30),
      record('A', 'www.test', '198.41.0.5', 7200),
    ]);
    const expected = decode(before);
    Object.assign(expected.answers![1]!, { ttl: 3600 });
    Object.assign(expected.authorities![0]!, { ttl: 3600 });
    expect(decode(withLimitedTtl(before, 3600)!)).toEqual(expected);
    expect(withLimitedTtl(before, 2 ** 31)!.equals(before)).toBe(true);
    expect(withLimitedTtl(before.subarray(0, -1), 3600)).toBeUndefined();
    expect(withLimitedTtl(before.subarray(0, 30), 3600)).toBeUndefined();
  });
});

test.each([
  ['198.41.0.4', true],
  ['2606:4700::1111', true],
  ['64:ff9b::c629:4', true],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['100.64.0.1', false],
  ['127.0.0.1', false],
  ['169.254.169.254', false],
  ['172.31.255.255', false],
  ['192.0.2.1', false],
  ['192.168.0.1', false],
  ['198.18.0.1', false],
  ['224.0.0.1', false],
  ['240.0.0.1', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::1', false],
  ['::ffff:198.41.0.4', false],
  ['::198.41.0.4', false],
  ['64:ff9b::a00:1', false],
  ['64:ff9b:1::c629:4', false],
  ['100::1', false],
  ['2001::1', false],
  ['2001:db8::1', false],
  ['2002:a00:1::', false],
  ['fc00::1', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['fec0::1', false],
  ['ff02::1', false],
])('the address %s is public: %s', (address, expected) => {
  expect(isPublic(address)).toBe(expected);
});

test('a name with a dot within a label is not the name that it looks like', () => {
  const query = (...labels: string[]): DnsQuery => {
    const name = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
    const header = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: '' }] }).subarray(0, 12);
    return readQuery(Buffer.concat([header, ...name, Buffer.from([0, 0, 1, 0, 1])])) as DnsQuery;
  };
  const [plain, odd] = [query('WWW', 'example', 'org'), query('www.example', 'org')];
  expect([plain.name, odd.name]).toEqual(['WWW.example.org', 'www.example.org']);
  expect([isPlainName(plain), isPlainName(odd)]).toEqual([true, false]);
});

test('an extended error goes to clients with EDNS alone', () => {
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 1232,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
  } as const;
  const questions = [{ type: 'A', name: 'www.test' } as const];
  const error = { code: 15, text: 'no' };
  const answered = (additionals: Answer[]) => {
    const query = readQuery(encode({ type: 'query', id: 1, questions, additionals })) as DnsQuery;
    return decode(writeAnswer(query, { rcode: 3, error }, 512)).additionals;
  };
  expect(answered([])).toEqual([]);
  expect(answered([{ ...opt, flag_do: false, options: [] }])).toMatchObject([
    { options: [{ code: 15, data: Buffer.from([0, 15, 0x6e, 0x6f]) }] },
  ]);
});
