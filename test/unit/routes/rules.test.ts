import { addRule, flushRules, listRules, removeRule } from '../../../lib/routes/rules';
import type { RuleOptions } from '../../../lib/routes/rule-request';
import { toRule } from '../../../lib/routes/rule-view';
import { rule } from '../../../lib/netlink/rtnetlink/rule';
import { fakeNetns, ipSaid, said } from '../support/fake-netns';

const ipSays = (command: string) => ipSaid('rule', command, rule.codec);

test.each<[command: string, options: RuleOptions]>([
  ['ip rule add from 10.0.1.0/24 table 100', { from: '10.0.1.0/24', table: 100 }],
  ['ip rule add to 10.0.2.1 lookup 1000 priority 10', { to: '10.0.2.1', table: 1000, priority: 10 }],
  [
    'ip -6 rule add from fd00:1::/64 to fd00:2::1 table main priority 11',
    { from: 'fd00:1::/64', to: 'fd00:2::1', priority: 11 },
  ],
  ['ip rule add fwmark 7/0xff table 100 priority 12', { mark: 7, mask: 255, table: 100, priority: 12 }],
  [
    'ip rule add not iif va oif vb table local priority 13',
    { not: true, iif: 'va', oif: 'vb', table: 'local', priority: 13 },
  ],
  [
    'ip rule add ipproto tcp sport 1000-2000 dport 443 table 100 priority 14',
    {
      ipProtocol: 'tcp',
      sourcePort: { from: 1000, to: 2000 },
      destinationPort: 443,
      table: 100,
      priority: 14,
    },
  ],
  [
    'ip rule add uidrange 1000-2000 tos 0x10 table 100 priority 15',
    { uid: { from: 1000, to: 2000 }, tos: 16, table: 100, priority: 15 },
  ],
  [
    'ip rule add prohibit from 10.0.3.0/24 priority 16',
    { action: 'prohibit', from: '10.0.3.0/24', priority: 16 },
  ],
  ['ip rule add priority 17 goto 32766', { action: 'goto', goto: 32766, priority: 17 }],
  ['ip rule add table main suppress_prefixlength 0 priority 18', { suppressPrefixLength: 0, priority: 18 }],
  ['ip rule add table main suppress_ifgroup 7 priority 19', { suppressGroup: 7, priority: 19 }],
])('%s', async (command, options) => {
  const { netns, asked } = fakeNetns();
  await addRule(netns, options);
  expect(asked().map((message) => said(message, rule.codec))).toEqual([ipSays(command)]);
});

test.each<[command: string, options: RuleOptions]>([['ip rule del priority 10', { priority: 10 }]])(
  '%s',
  async (command, options) => {
    const { netns, asked } = fakeNetns();
    await removeRule(netns, options);
    expect(asked().map((message) => said(message, rule.codec))).toEqual([ipSays(command)]);
  },
);

test.each<[options: unknown, message: string]>([
  [{ from: '10.0.1.1/24' }, 'from: address bits beyond the prefix length; the network is 10.0.1.0/24'],
  [{ from: '10.0.1.0/24', to: 'fd00::/64' }, 'from, to and family: expected all of one family'],
  [{ from: '10.0.1.0/24', family: 6 }, 'from, to and family: expected all of one family'],
  [{ mask: 15, table: 100 }, "mask: it needs the option 'mark', got 15"],
  [{ to: 'default' }, 'to: for any address it is left out'],
  [{ family: 5 }, 'family: expected 4 or 6, got 5'],
  [{ iif: 'a/b' }, "iif: a device name must not hold '/'"],
  [{ sourcePort: '80' }, 'sourcePort: expected a number, or a range { from, to }, got "80"'],
  [{ sourcePort: [80, 443] }, 'sourcePort: expected a number, or a range { from, to }, got [80,443]'],
  [{ sourcePort: { from: 80 } }, 'sourcePort.to: it has to be given'],
  [{ sourcePort: { from: 80, to: 79 } }, "sourcePort.to: expected at least 'from', 80, got 79"],
  [{ uid: -1 }, 'uid: expected an integer from 0 to 4294967295, got -1'],
  [{ ipProtocol: 'ip' }, 'ipProtocol: expected a number, or one of icmp, tcp, udp, icmpv6, sctp, got "ip"'],
  [{ ipProtocol: 256 }, 'ipProtocol: expected an integer from 0 to 255, got 256'],
  [
    { destinationPort: { from: 1, to: 70000 } },
    'destinationPort.to: expected an integer from 0 to 65535, got 70000',
  ],
  [{ priority: -1, table: 'main' }, 'priority: expected an integer from 0 to 4294967295, got -1'],
  [{ priority: Symbol('x') }, 'priority: expected an integer from 0 to 4294967295, got Symbol(x)'],
  [{ table: 'mine' }, 'table: expected default, main, local or a number'],
  [{ action: 'drop' }, 'action: expected a number, or one of'],
  [{ goto: 100 }, `goto: it needs the action 'goto', got the action "table"`],
  [{ goto: 100, from: '10.0.0.0/8' }, `goto: it needs the action 'goto', got the action "table"`],
  [{ goto: 5, action: 'blackhole' }, `goto: it needs the action 'goto', got the action "blackhole"`],
  [{ goto: 5, l3mdev: true }, `goto: it needs the action 'goto', got the action "table"`],
  ...['unreachable', 'nop', 'goto', 3].map((action): [unknown, string] => [
    { action, table: 7, from: '10.0.0.0/8' },
    `table: only a rule with the action 'table' has one, got the action ${JSON.stringify(action)}`,
  ]),
  ...[
    ...[{ not: false }, { l3mdev: false }, { tos: 0 }, { ipProtocol: 0 }, { mark: 5, mask: 0 }],
    ...[{ from: '0.0.0.0/0' }, { to: '::/0' }, { not: false, tos: 0, priority: 5 }],
  ].map((options): [unknown, string] => [options, 'options: a rule for all packets needs its table']),
  [{ suppressPrefixLength: 33 }, 'suppressPrefixLength: expected an integer from 0 to 32, got 33'],
  [
    { suppressPrefixLength: 129, family: 6 },
    'suppressPrefixLength: expected an integer from 0 to 128, got 129',
  ],
  [{ dscp: 64 }, 'dscp: expected an integer from 0 to 63, got 64'],
  [{ tunnelId: -1, table: 7 }, 'tunnelId: expected an integer from 0 to'],
  [{ tunnelId: 0 }, 'options: a rule for all packets needs its table'],
  [{ realms: { from: 1 }, table: 7 }, 'realms.to: it has to be given'],
  [{ realms: { from: 1, to: 65536 }, table: 7 }, 'realms.to: expected an integer from 0 to 65535'],
  [{ realms: { from: 1, to: 2 }, to: 'fd00::1' }, 'realms: IPv6 has none'],
  [{ unresolved: true }, 'options: a rule for all packets needs its table'],
  [{ suppressGroup: 0xffffffff }, 'suppressGroup: expected an integer from 0 to 4294967294, got 4294967295'],
])('%p is refused before anything is asked', async (options, message) => {
  const { netns, asked } = fakeNetns();
  await expect(addRule(netns, options as RuleOptions)).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});

test.each<[options: RuleOptions, message: string]>([
  ...[
    ...[{ not: false }, { l3mdev: false }, { tos: 0 }, { ipProtocol: 0 }, { mark: 5, mask: 0 }],
    ...[{ from: '0.0.0.0/0' }, { action: 'unspec' as const }, { protocol: 0 }, { family: 4 as const }],
  ].map((options): [RuleOptions, string] => [options, 'options: expected what the rule has']),
  [{ unresolved: true }, 'options: expected what the rule has'],
  [{ goto: 100 }, "goto: it needs the action 'goto'"],
])('removeRule refuses %p, by which it would find another rule', async (options, message) => {
  const { netns, asked } = fakeNetns();
  await expect(removeRule(netns, options)).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});

test.each<[command: string, options: RuleOptions]>([
  ['ip rule add priority 17 goto 32766', { action: 2, goto: 32766, priority: 17 }],
  ['ip rule add from 10.0.1.0/24 table 100', { from: '10.0.1.0/24', table: 100, action: 1, not: false }],
])('%s, by the number of the action', async (command, options) => {
  const { netns, asked } = fakeNetns();
  await addRule(netns, options);
  expect(asked().map((message) => said(message, rule.codec))).toEqual([ipSays(command)]);
});

test('the padding before attributes of 64 bits, which some machines have, is nothing of the rule', () => {
  const header = {
    family: 2,
    dstLength: 0,
    srcLength: 0,
    tos: 0,
    table8: 254,
    action: 'table',
    flags: 0,
  } as const;
  expect(toRule({ ...header, padding: Buffer.alloc(0) }).unknown).toBeUndefined();
  expect(toRule({ ...header, padding: Buffer.alloc(0), flowLabel: Buffer.alloc(4, 1) }).unknown).toEqual({
    flowLabel: '0x01010101',
  });
});

test.each<[filter: object, message: string]>([
  [{}, 'filter: expected what the rules have, such as their table'],
  [{ family: 4 }, 'filter: expected what the rules have'],
  [{ not: false, protocol: 0, iifDetached: false }, 'filter: expected what the rules have'],
  [{ table: 'mine' }, 'table: expected default, main, local or a number'],
  [{ from: '10.0.0.1/8' }, 'from: address bits beyond the prefix length'],
  [{ unknown: {} }, 'unknown: there is no such option'],
])('flushRules refuses %j', async (filter, message) => {
  const { netns, asked } = fakeNetns();
  await expect(flushRules(netns, filter)).rejects.toThrow(message);
  expect(asked()).toEqual([]);
});

test('listRules refuses what no rule has', async () => {
  const { netns, asked } = fakeNetns();
  await expect(listRules(netns, { goto: 5 })).rejects.toThrow("goto: it needs the action 'goto'");
  expect(asked()).toEqual([]);
});
