import { constants } from 'node:os';
import { NetlinkError, Netns, nft } from '../../../lib';
import { Sequence } from '../../../lib/netlink/sequence';
import { Bytes } from '../../../lib/netlink/bytes';
import { messages } from '../../../lib/netlink/message';
import { listConntrack } from '../../../lib/netfilter/conntrack';
import { encodeOperations } from '../../../lib/nft/objects/encode';
import { ack } from '../support/fake-kernel';

const { match, meta, ip, tcp, ether, not, addRule } = nft;

const table = { family: 'inet', name: 't' } as const;
const chain = { table, name: 'c' };
const set = { table, name: 's', key: ['ipv4_addr', 'inet_service'] } as const;
const map = { ...set, value: 'inet_service' } as const;

describe('arguments that mean nothing are refused by their names, before anything is sent', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a family', () => nft.addChain({ table: { family: 'ipx' as never, name: 't' }, name: 'c' }), /family/],
    [
      'a hook',
      () => nft.addChain({ ...chain, hook: 'nowhere' as never }),
      /hook: expected one of prerouting/,
    ],
    [
      'a hook of another family',
      () => nft.addChain({ table: { family: 'netdev', name: 't' }, name: 'c', hook: 'input' }),
      /hook: expected one of ingress, egress for family netdev/,
    ],
    ['a priority', () => nft.addChain({ ...chain, hook: 'input', priority: 'low' as never }), /priority: /],
    [
      'a policy without a hook',
      () => nft.addChain({ ...chain, policy: 'drop' }),
      /policy: only a chain with/,
    ],
    [
      'a comment',
      () => nft.addTable({ ...table, comment: 'x'.repeat(128) }),
      /comment: expected at most 127/,
    ],
    ['a name', () => nft.addTable({ ...table, name: 'x'.repeat(256) }), /name: .*longer than 255/],
    ['a type', () => nft.addSet({ ...set, key: 'ipv5_addr' as never }), /key: expected one of nf_proto/],
    [
      'an interval of names',
      () => nft.addSet({ ...set, key: 'ifname', flags: ['interval'] }),
      /flags: 'interval' takes addresses, protocols and ports, not ifname/,
    ],
    [
      'a map of intervals that are merged',
      () => nft.addSet({ ...map, key: 'ipv4_addr', flags: ['interval'], autoMerge: true }),
      /autoMerge: expected a set with the flag 'interval', one data type as key, and no value/,
    ],
    [
      'single values that are merged',
      () => nft.addElements({ ...set, key: 'ipv4_addr', autoMerge: true }, [{ key: '10.0.0.1' }]),
      /\(addElements\): autoMerge: expected a set with the flag 'interval'/,
    ],
    [
      'a bare key in place of an element',
      () => nft.addElements({ ...set, key: 'ipv4_addr' }, ['10.0.0.1' as never]),
      /^elements\[0\]: expected an element with its key, \{ key: … \}, got the key alone: "10\.0\.0\.1"/,
    ],
    [
      'a key with too few parts',
      () => nft.addElements(set, [{ key: ['10.0.0.1', 1] }, { key: '10.0.0.1' }]),
      /elements\[1\]\.key: expected ipv4_addr \. inet_service, got 1 values/,
    ],
    [
      'a port',
      () => nft.addElements(set, [{ key: ['10.0.0.1', 65_536] }]),
      /elements\[0\]\.key\[1\]: expected an integer from 0 to 65535/,
    ],
    [
      'an address of the other family',
      () => nft.addElements(set, [{ key: ['fd00::1', 1] }]),
      /elements\[0\]\.key\[0\]: expected an IPv4 address/,
    ],
    [
      'a range where there are none',
      () => nft.addElements(set, [{ key: ['10.0.0.1', { from: 1, to: 2 }] }]),
      /elements\[0\]\.key: a range, where the set has no flag 'interval'/,
    ],
    [
      'a range from high to low',
      () => nft.addElements({ ...set, flags: ['interval'] }, [{ key: ['10.0.0.1', { from: 2, to: 1 }] }]),
      /key\[1\]: expected a range from low to high, got 2-1/,
    ],
    [
      'a network with bits beyond its prefix',
      () => nft.addElements({ ...set, flags: ['interval'] }, [{ key: ['10.0.0.1/8', 1] }]),
      /the network is 10\.0\.0\.0\/8/,
    ],
    [
      'a map’s missing value',
      () => nft.addElements(map, [{ key: ['10.0.0.1', 1] }]),
      /value: a map has a value/,
    ],
    [
      'a set’s value',
      () => nft.addElements(set, [{ key: ['10.0.0.1', 1], value: 1 }]),
      /value: a set has no values, got 1/,
    ],
    [
      'a verdict',
      () => nft.addElements({ ...map, value: 'verdict' }, [{ key: ['10.0.0.1', 1], value: 'maybe' }]),
      /value: expected one of accept, drop/,
    ],
    [
      'a rule for IPv6 in a table of IPv4',
      () => rule('ip', [match(nft.ip6.saddr, 'fd00::1')]),
      /sees no packets of ip6/,
    ],
    ['a MAC', () => rule('inet', [match(ether.saddr, '02:00')]), /value: expected a MAC address/],
    ['a device', () => rule('inet', [match(meta.iifname, 'x'.repeat(16))]), /1 to 15 bytes/],
    ['a port by a name', () => rule('inet', [match(tcp.dport, 'http')]), /^value: expected an integer/],
    [
      'an end of a range',
      () => rule('inet', [match(tcp.dport, { from: 1, to: 'http' })]),
      /^value\.to: expected an integer/,
    ],
    [
      'one of several ports',
      () => rule('inet', [match(tcp.dport, [80, 'http'])]),
      /\(addRule\): value\[1\]: expected an integer/,
    ],
    ['one of several flags', () => rule('inet', [match(nft.ct.state, ['new', 'x'])]), /^value\[1\]: /],
    [
      'a key of a map of the rule',
      () => rule('inet', [nft.vmap(tcp.dport, [{ key: 'http', value: 'drop' }])]),
      /\(addRule\): map\[0\]\.key: expected an integer/,
    ],
    [
      'a set of other keys to be updated',
      () => rule('inet', [nft.updateSet(set, ip.saddr)]),
      /^what: the set s has keys of ipv4_addr \. inet_service, not ipv4_addr/,
    ],
    [
      'a map to be updated without values',
      () => nft.updateSet({ ...set, value: 'ipv4_addr' }, [ip.saddr, tcp.sport]),
      /^value: the map s needs one/,
    ],
    [
      'a set to be updated with values',
      () => nft.updateSet(set, [ip.saddr, tcp.sport], { value: ip.daddr }),
      /^value: the set s is no map/,
    ],
    [
      'a map of other values to be updated',
      () => nft.updateSet({ ...set, value: 'ipv4_addr' }, [ip.saddr, tcp.sport], { value: tcp.dport }),
      /^value: the map s has values of ipv4_addr, not inet_service/,
    ],
    [
      'a map of objects to be updated',
      () =>
        nft.updateSet({ ...set, value: { object: 'counter' } }, [ip.saddr, tcp.sport], { value: ip.daddr }),
      /^value: the map s has objects/,
    ],
    [
      'a map to be updated with what no packet has',
      () =>
        nft.updateSet({ ...set, value: ['ipv4_addr', 'mark'] }, [ip.saddr, tcp.sport], {
          value: [ip.daddr, 7 as never],
        }),
      /^value\[1\]: expected what a packet has/,
    ],
    ['all addresses', () => rule('inet', [match(ip.saddr, '0.0.0.0/0')]), /is everything/],
    ['nothing to compare with', () => rule('inet', [match(tcp.dport, [])]), /at least one value/],
    ['a list of no flags', () => rule('inet', [match(nft.ct.state, [])]), /at least one flag/],
    ['a flag', () => rule('inet', [match(nft.ct.state, 'fresh')]), /one of invalid, established/],
    [
      'a set of other keys',
      () => rule('inet', [match([ip.saddr, ip.daddr], set)]),
      /^value: the set s has keys of ipv4_addr \. inet_service/,
    ],
    [
      'several selectors and one value',
      () => rule('inet', [match([ip.saddr, tcp.dport], 80)]),
      /a set, or a list/,
    ],
    ['a range of names', () => rule('inet', [match(meta.iifname, not({ from: 'a', to: 'b' }))]), /no order/],
    ['what cannot be set', () => rule('inet', [nft.mangle(nft.fib.daddrType, 1)]), /can only be read/],
    ['a rate', () => rule('inet', [nft.limit({ rate: 0 })]), /rate: expected a positive integer, got 0/],
    ...[null, NaN, -1, 0.5, '12', '', {}, [], true, 2 ** 32].flatMap(
      (value): [string, () => unknown, RegExp][] => {
        const wrong = value as never;
        const made = { table: set.table, name: 'o' };
        const builders: [string, () => unknown][] = [
          ['burst', () => nft.limit({ rate: 5, burst: wrong })],
          ['burst', () => nft.addObject({ ...made, type: 'limit', rate: 5, burst: wrong })],
          ['count', () => nft.addObject({ ...made, type: 'ct count', count: wrong })],
          ['group', () => nft.log({ group: wrong })],
          ['snaplen', () => nft.log({ snaplen: wrong })],
          ['queueThreshold', () => nft.log({ queueThreshold: wrong })],
          ['size', () => nft.addSet({ ...set, size: wrong })],
          ['gcInterval', () => nft.addSet({ ...set, gcInterval: wrong })],
        ];
        return builders.map(([name, build]) => [
          `${name} ${JSON.stringify(value)}`,
          build,
          new RegExp(`^${name}: expected an integer from 0 to \\d+, got `),
        ]);
      },
    ),
    ...[null, NaN, -1, 0.5, '12', '', {}, [], true].flatMap((value): [string, () => unknown, RegExp][] => {
      const timeout = value as never;
      const message = /timeout: expected an integer from 0 to \d+, got /;
      return [
        ['a timeout of updates', () => nft.updateSet(set, ip.saddr, { timeout }), message],
        ['a timeout of a set', () => nft.addSet({ ...set, timeout }), message],
        ['a timeout of an element', () => nft.addElements(set, [{ key: '10.0.0.1', timeout }]), message],
      ];
    }),
    ...[null, '12', '', [], true].map((value): [string, () => unknown, RegExp] => [
      `the port ${JSON.stringify(value)}`,
      () => nft.redirect({ port: value as never }),
      /^port: expected a port, or \{ from, to \}, got /,
    ]),
    ...[null, 5, [], true].map((value): [string, () => unknown, RegExp] => [
      `the address ${JSON.stringify(value)}`,
      () => nft.dnat({ address: value as never }),
      /^address: expected an address like '10\.0\.0\.1', or \{ from, to \}, got /,
    ]),
    [
      'half of a surrogate pair',
      () => nft.addTable({ ...table, name: 'a\ud800' }),
      /name: half of a surrogate pair is no character, got "a\\ud800"$/,
    ],
    [
      'a unit of time',
      () => rule('inet', [nft.limit({ rate: 1, per: 'year' as never })]),
      /per: expected one of second/,
    ],
    [
      'a reason',
      () => rule('inet', [nft.reject({ icmp: 'because' as never })]),
      /reject: expected one of net-unreachable/,
    ],
    ['two logs at once', () => rule('inet', [nft.log({ group: 1, level: 'info' })]), /not both/],
    [
      'a map for NAT without addresses',
      () => rule('inet', [nft.dnat({ key: [ip.daddr, tcp.dport], map })]),
      /map: expected one to an address/,
    ],
    ['no operation', () => ({ op: 'paint' }), /operations\[0\]: expected an operation/],
    ['nothing', () => undefined, /operations\[0\]: expected an operation, got undefined/],
  ])('%s', (_, make, message) => {
    const attempt = () => encodeOperations([make() as nft.Operation]);
    expect(attempt).toThrow(message);
    let thrown: unknown;
    try {
      attempt();
    } catch (error) {
      thrown = error;
    }
    expect(thrown instanceof TypeError || thrown instanceof RangeError).toBe(true);
  });

  function rule(family: nft.NftFamily, statements: readonly nft.Statement[]): nft.Operation {
    return addRule({ table: { family, name: 't' }, name: 'c' }, statements);
  }
});

describe('operations that disagree about autoMerge are refused before anything is sent', () => {
  const plain = { table, name: 's', key: 'ipv4_addr', flags: ['interval'] } as const;
  const merged = { ...plain, autoMerge: true } as const;
  const elements = [{ key: '10.0.0.0/24' }];
  const silent = netnsWith(() => Promise.reject(new Error('sent')));

  test.each<[string, nft.Operation[], string]>([
    [
      'a set with it, elements without',
      [nft.addTable(table), nft.addSet(merged), nft.addElements(plain, elements)],
      'operations[2] (addElements): set.autoMerge: it is not here, and true in operations[1] (addSet)',
    ],
    [
      'a set without it, elements with',
      [nft.addSet({ ...plain, autoMerge: false }), nft.deleteElements(merged, ['10.0.0.1'])],
      'operations[1] (deleteElements): set.autoMerge: it is true here, and not in operations[0] (addSet)',
    ],
    [
      'elements of both ways',
      [nft.addElements(merged, elements), nft.deleteElements(plain, ['10.0.0.1'])],
      'operations[1] (deleteElements): set.autoMerge: it is not here, and true in operations[0] (addElements)',
    ],
  ])('%s', async (_, operations, message) => {
    const named = new TypeError(`${message}, of the same set inet t s`);
    await expect(nft.apply(silent, operations)).rejects.toThrow(named);
  });

  test.each<[string, nft.Operation[]]>([
    ['false is as good as nothing', [nft.addSet({ ...plain, autoMerge: false })]],
    ['another set', [nft.addSet({ ...merged, name: 'other' })]],
    ['a set that is made anew', [nft.addSet(merged), nft.deleteSet(merged)]],
    ['a table that is made anew', [nft.addSet(merged), nft.deleteTable(table), nft.addTable(table)]],
    ['all made anew', [nft.addSet(merged), nft.flushRuleset(), nft.addTable(table)]],
  ])('but not %s', async (_, before) => {
    const operations = [...before, nft.addSet(plain), nft.addElements(plain, elements)];
    await expect(nft.apply(silent, operations)).rejects.toThrow('sent');
  });
});

/** A namespace whose kernel is one function. */
function netnsWith(exchange: Netns['exchange']): Netns {
  const lend = async (_: unknown, work: () => Promise<unknown>) => work();
  const numbers = new Sequence();
  const own = { exchange, lend, numbers: () => numbers, toString: () => 'red' };
  return Object.assign(Object.create(Netns.prototype) as Netns, own);
}

async function refusal(attempt: Promise<unknown>): Promise<NetlinkError> {
  const error: unknown = await attempt.catch((reason: unknown) => reason);
  if (!(error instanceof NetlinkError)) throw new Error(`expected a NetlinkError, got ${String(error)}`);
  return error;
}

/** Answers the first message of a datagram with an error number, as nfnetlink refuses a subsystem. */
const refusing = (errno: number): Netns =>
  netnsWith((_, __, bytes) => {
    const [first] = messages(new Bytes(Buffer.from(bytes)));
    return Promise.resolve({ bytes: ack(first!, errno), errno: 0 });
  });

const failing = (code: string): Netns =>
  netnsWith(() => {
    const errno = constants.errno[code as keyof typeof constants.errno];
    return Promise.reject(Object.assign(new Error(code), { code, errno, syscall: 'socket' }));
  });

describe('a kernel that lacks a part', () => {
  const { EINVAL, EOPNOTSUPP, EPERM } = constants.errno;

  test('nf_tables', async () => {
    const applied = await refusal(nft.apply(refusing(EOPNOTSUPP), [nft.addTable(table)]));
    expect(applied).toMatchObject({ code: 'EOPNOTSUPP', index: -1 });
    expect(applied.message).toContain('this kernel has no nf_tables: CONFIG_NF_TABLES, module nf_tables');
    const listed = await refusal(nft.listRuleset(refusing(EINVAL)));
    expect(listed.message).toContain('module nf_tables');
  });

  test('a family, on a kernel that has taken the table', async () => {
    const answering = netnsWith((_, __, bytes) => {
      const [begin, message] = messages(new Bytes(Buffer.from(bytes)));
      return Promise.resolve({ bytes: ack(message ?? begin!, EOPNOTSUPP), errno: 0 });
    });
    const hooked = nft.addChain({ ...chain, type: 'nat', hook: 'prerouting', priority: 'dstnat' });
    const { message } = await refusal(nft.apply(answering, [hooked]));
    expect(message).toContain(
      'a chain of type nat cannot have this hook, or this kernel has no nf_tables for the family inet: CONFIG_NF_TABLES_INET',
    );
  });

  test('flags of tables', async () => {
    const answering = netnsWith((_, __, bytes) => {
      const [begin, message] = messages(new Bytes(Buffer.from(bytes)));
      return Promise.resolve({ bytes: ack(message ?? begin!, EINVAL), errno: 0 });
    });
    const { message } = await refusal(nft.apply(answering, [nft.addTable({ ...table, flags: ['owner'] })]));
    expect(message).toContain("the flag 'owner' takes Linux 5.12, 'persist' 6.9");
    const plain = await refusal(nft.apply(answering, [nft.addTable(table)]));
    expect(plain.message).not.toContain('owner');
  });

  test('conntrack over netlink', async () => {
    const error = await refusal(listConntrack(refusing(EINVAL)));
    expect(error.message).toContain('module nf_conntrack_netlink');
  });

  test('netlink for netfilter', async () => {
    const error = await refusal(nft.apply(failing('EPROTONOSUPPORT'), [nft.addTable(table)]));
    expect(error).toMatchObject({ code: 'EPROTONOSUPPORT', operation: 'apply nf_tables transaction' });
    expect(error.message).toContain('module nfnetlink');
  });

  test('the right to', async () => {
    const error = await refusal(nft.apply(refusing(EPERM), [nft.addTable(table)]));
    expect(error.message).toContain('CAP_NET_ADMIN is missing');
  });
});

test('a transaction too large for the socket says what to do', async () => {
  const error = await refusal(nft.apply(failing('EMSGSIZE'), [nft.addTable(table)]));
  expect(error).toMatchObject({ code: 'EMSGSIZE' });
  expect(error.message).toContain('net.core.wmem_max');
});
