import { parseHosts, parseResolvConf } from '../../../../lib/sockets/dns/resolv-conf';

const DEFAULTS = {
  servers: ['127.0.0.1'],
  search: [],
  ndots: 1,
  timeout: 5000,
  attempts: 2,
  rotate: false,
  useVc: false,
  noAaaa: false,
};

test('nothing said: this host, and the domain of its name', () => {
  expect(parseResolvConf('', 'host')).toEqual(DEFAULTS);
  expect(parseResolvConf('', 'host.example.org')).toEqual({ ...DEFAULTS, search: ['example.org'] });
});

test('all that is heeded', () => {
  const text = `# a comment
; another
nameserver 10.0.0.1
nameserver	fe80::1%eth0
nameserver not-an-address
nameserver fe80::1%
nameserver 10.0.0.3
nameserver 10.0.0.4
search one.test two.test.
options ndots:2 timeout:7 attempts:3 rotate use-vc no-aaaa edns0 inet6 made-up:1
nonsense`;
  expect(parseResolvConf(text, 'host.example.org')).toEqual({
    servers: ['10.0.0.1', 'fe80::1%eth0', '10.0.0.3'],
    search: ['one.test', 'two.test.'],
    ndots: 2,
    timeout: 7000,
    attempts: 3,
    rotate: true,
    useVc: true,
    noAaaa: true,
  });
});

test.each([
  ['search a.test\ndomain b.test c.test', ['b.test']],
  ['domain b.test\nsearch a.test', ['a.test']],
  ['search .', []],
  ['search', []],
])('of search and domain the last counts: %j', (text, search) => {
  expect(parseResolvConf(text, 'host.example.org').search).toEqual(search);
});

test.each([
  ['ndots:99', { ndots: 15 }],
  ['timeout:99', { timeout: 30_000 }],
  ['timeout:0', { timeout: 1000 }],
  ['attempts:99', { attempts: 5 }],
  ['attempts:0', { attempts: 1 }],
  ['timeout:x', {}],
])('the limits of the C library: %s', (option, expected) => {
  expect(parseResolvConf(`options ${option}`, 'host')).toEqual({ ...DEFAULTS, ...expected });
});

test('hosts', () => {
  const text = '10.0.0.1 One two # three\n  fd00::1\tone\n# 10.0.0.2 one\nbad one\n10.0.0.3\n';
  expect(parseHosts(text, 'ONE')).toEqual(['10.0.0.1', 'fd00::1']);
  expect(parseHosts(text, 'two')).toEqual(['10.0.0.1']);
  expect(parseHosts(text, 'three')).toEqual([]);
  expect(parseHosts('', 'one')).toEqual([]);
});
