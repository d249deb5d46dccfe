import { addressesIn, candidates } from '../../../../lib/sockets/dns/resolve';
import { parseResolvConf } from '../../../../lib/sockets/dns/resolv-conf';

const config = parseResolvConf('search one.test two.test.\noptions ndots:2', 'host');

test.each([
  ['short', ['short.one.test', 'short.two.test', 'short']],
  ['a.b', ['a.b.one.test', 'a.b.two.test', 'a.b']],
  ['a.b.c', ['a.b.c', 'a.b.c.one.test', 'a.b.c.two.test']],
  ['short.', ['short']],
])('what %s may stand for', (host, expected) => {
  expect(candidates(host, config)).toEqual(expected);
});

const question = { name: 'a.test', type: 'A' } as const;

test('along the aliases, whatever their order and case, and to nobody else', () => {
  const answers = [
    { type: 'A', name: 'C.test', data: '10.0.0.1' },
    { type: 'A', name: 'other.test', data: '10.0.0.2' },
    { type: 'AAAA', name: 'c.test', data: 'fd00::1' },
    { type: 'CNAME', name: 'B.test', data: 'c.test' },
    { type: 'CNAME', name: 'a.test', data: 'b.test' },
  ] as const;
  expect(addressesIn({ answers: [...answers] }, question)).toEqual(['10.0.0.1']);
  expect(addressesIn({}, question)).toEqual([]);
});

test('aliases that lead nowhere, or round and round', () => {
  const alias = (name: string, data: string) => ({ type: 'CNAME', name, data }) as const;
  expect(addressesIn({ answers: [alias('a.test', 'b.test')] }, question)).toEqual([]);
  const round = [alias('a.test', 'b.test'), alias('b.test', 'A.test')];
  expect(addressesIn({ answers: round }, question)).toEqual([]);
});
