import { toGrants, grantElements } from '../../../../lib/network/egress/grants';
import { checkEgress, type EgressOptions, toOptions } from '../../../../lib/network/egress/options';
import { means } from '../../../../lib/network/egress/patterns';

const NETWORK = {
  name: 'shop',
  subnets: [],
  mtu: undefined,
  ...{ nat: true, isolated: true, internal: false, icc: true, allowOverlap: false },
};

const check = (options: unknown) => checkEgress(options as EgressOptions, NETWORK);

const refusal = (options: unknown): string => {
  try {
    check(options);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'none';
};

test.each([
  [{}, /^TypeError: domains: it has to be given/],
  [{ domains: 'api.example.com' }, /^TypeError: domains: expected a list/],
  [{ domains: [undefined] }, /^TypeError: domains\[0\]: expected a name like 'api\.example\.com'/],
  [{ domains: [''] }, /^RangeError: domains\[0\]: expected a name/],
  [{ domains: ['*'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['*.'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['a.test', 'a.*.test'] }, /^RangeError: domains\[1\]/],
  [{ domains: ['*a.test'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['*.*.test'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['a..test'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['.test'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['a b.test'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['10.0.0.1'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['*.10.0.0.1'] }, /^RangeError: domains\[0\]/],
  [{ domains: ['https://a.test'] }, /^RangeError: domains\[0\]/],
  [{ domains: [`${'a'.repeat(64)}.test`] }, /^RangeError: domains\[0\]/],
  [{ domains: [`${'a.'.repeat(62)}test`] }, /^RangeError: domains\[0\]: a name has at most 127 characters/],
  [{ domains: ['bücher.example'] }, /write it as it is asked for, "xn--bcher-kva\.example"/],
  [{ domains: [], ports: [] }, /^RangeError: ports: expected a port at least/],
  [{ domains: [], ports: 443 }, /^TypeError: ports: expected a list/],
  [{ domains: [], ports: [0] }, /^RangeError: ports\[0\]: expected an integer from 1 to 65535/],
  [{ domains: [], ports: [443, 65536] }, /^RangeError: ports\[1\]/],
  [{ domains: [], ports: ['443'] }, /^TypeError: ports\[0\]/],
  [{ domains: [], ports: [{}] }, /^TypeError: ports\[0\]\.port: it has to be given/],
  [{ domains: [], ports: [{ port: 443, protocol: 'quic' }] }, /^RangeError: ports\[0\]\.protocol/],
  [
    { domains: [], ports: [{ port: 443, prot: 'udp' }] },
    /^TypeError: ports\[0\]\.prot: there is no such option/,
  ],
  [{ domains: [], privateAddresses: 1 }, /^TypeError: privateAddresses: expected true or false/],
  [{ domain: ['a.test'] }, /^TypeError: domain: there is no such option.*domains/],
])('%j is refused', (options, words) => {
  expect(refusal(options)).toMatch(words);
});

test('an internal network has no way out', () => {
  const attempt = () => checkEgress({ domains: [] }, { ...NETWORK, internal: true });
  expect(attempt).toThrow('ERR_NETWORK_INTERNAL: allow in network shop');
});

test('the same options are the same grant, in whatever order and spelling', () => {
  const grant = check({
    domains: ['*.Example.org', 'api.example.com.'],
    ports: [443, { port: 53, protocol: 'udp' }],
  });
  expect(grant).toEqual({
    id: grant.id,
    domains: ['*.example.org', 'api.example.com'],
    ports: [
      { port: 443, protocol: 'tcp' },
      { port: 53, protocol: 'udp' },
    ],
    privateAddresses: false,
  });
  const domains = ['api.example.com', '*.example.org', '*.example.org'];
  const ports = [{ port: 53, protocol: 'udp' }, { port: 443 }, 443];
  expect(check({ domains, ports, privateAddresses: false })).toEqual(grant);
  expect(check({ domains }).id).not.toBe(grant.id);
  expect(check({ domains, ports, privateAddresses: true }).id).not.toBe(grant.id);
});

test('a grant is read from its elements', () => {
  const all = [
    check({ domains: ['b.test', 'a.test', '*.test'], ports: [80, 443, { port: 443, protocol: 'udp' }] }),
    check({ domains: ['c.test'], privateAddresses: true }),
    check({ domains: [] }),
  ];
  const elements = all.flatMap((grant) => grantElements('veth0', grant)).reverse();
  const found = toGrants(elements);
  expect(found.map((grant) => check(toOptions(grant)))).toEqual(all.sort((one, other) => one.id - other.id));
});

test.each([
  ['api.example.com', 'api.example.com', true],
  ['api.example.com', 'xapi.example.com', false],
  ['api.example.com', 'x.api.example.com', false],
  ['*.example.org', 'example.org', false],
  ['*.example.org', '.example.org', false],
  ['*.example.org', 'www.example.org', true],
  ['*.example.org', 'a.b.example.org', true],
  ['*.example.org', 'wwwexample.org', false],
  ['*.example.org', 'www.example.org.evil', false],
])('%s, and %s: %s', (pattern, name, expected) => {
  expect(means(pattern, name)).toBe(expected);
});
