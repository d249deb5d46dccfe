// Each thing that a rule can have, written by addRule and by ip, and read by both.
import {
  addRule,
  createNetns,
  flushRules,
  listRules,
  type Netns,
  removeRule,
  type Rule,
  type RuleFilter,
  type RuleOptions,
  watch,
} from '../../../lib';
import { dumped } from '../../support/dump';
import { failure, ip, type Json, run } from '../../support/ip';

interface Example {
  options: RuleOptions;
  words: string;
}

const EXAMPLES: readonly Example[] = [
  { options: { table: 100 }, words: 'table 100' },
  { options: { from: '10.0.1.0/24', to: '10.0.2.1' }, words: 'from 10.0.1.0/24 to 10.0.2.1 table main' },
  { options: { from: 'fd00::/64', table: 1000 }, words: 'from fd00::/64 table 1000' },
  { options: { not: true, to: 'fd00::1', table: 5 }, words: 'not to fd00::1 table 5' },
  { options: { iif: 'lo', oif: 'nosuch', table: 5 }, words: 'iif lo oif nosuch table 5' },
  { options: { mark: 7, mask: 0xff, table: 5 }, words: 'fwmark 7/0xff table 5' },
  { options: { mark: 0, mask: 0xff, table: 5 }, words: 'fwmark 0/0xff table 5' },
  { options: { mark: 0xffffffff, table: 5 }, words: 'fwmark 0xffffffff table 5' },
  { options: { mark: 0x1234, mask: 0, table: 5 }, words: 'fwmark 0x1234/0 table 5' },
  { options: { mark: 0x12345678, family: 6, table: 5 }, words: 'fwmark 0x12345678 table 5' },
  { options: { tos: 0x10, table: 5 }, words: 'tos 0x10 table 5' },
  { options: { tos: 0x10, family: 6, table: 5 }, words: 'tos 0x10 table 5' },
  { options: { uid: { from: 0, to: 1000 }, table: 5 }, words: 'uidrange 0-1000 table 5' },
  { options: { uid: 7, table: 5 }, words: 'uidrange 7-7 table 5' },
  { options: { ipProtocol: 'udp', table: 5 }, words: 'ipproto udp table 5' },
  { options: { ipProtocol: 'sctp', table: 5 }, words: 'ipproto sctp table 5' },
  { options: { ipProtocol: 47, table: 5 }, words: 'ipproto gre table 5' },
  { options: { sourcePort: 80, table: 5 }, words: 'sport 80 table 5' },
  { options: { destinationPort: { from: 80, to: 90 }, family: 6, table: 5 }, words: 'dport 80-90 table 5' },
  { options: { tunnelId: 42, table: 5 }, words: 'tun_id 42 table 5' },
  { options: { tunnelId: 0xffffffff, family: 6, table: 5 }, words: 'tun_id 4294967295 table 5' },
  { options: { realms: { from: 6, to: 7 }, table: 5 }, words: 'realms 6/7 table 5' },
  {
    options: { realms: { from: 0, to: 65535 }, from: '10.0.0.0/8' },
    words: 'from 10.0.0.0/8 realms 65535 table main',
  },
  { options: { l3mdev: true }, words: 'l3mdev' },
  { options: { l3mdev: true, protocol: 'kernel' }, words: 'l3mdev protocol kernel' },
  { options: { action: 'goto', goto: 32766 }, words: 'goto 32766' },
  { options: { action: 'goto', goto: 5000, from: '10.0.0.0/8' }, words: 'from 10.0.0.0/8 goto 5000' },
  { options: { action: 'nop' }, words: 'nop' },
  { options: { action: 'blackhole', from: '10.0.0.0/8' }, words: 'blackhole from 10.0.0.0/8' },
  { options: { action: 'unreachable', family: 6 }, words: 'unreachable' },
  { options: { action: 'prohibit', to: '10.0.0.0/8' }, words: 'prohibit to 10.0.0.0/8' },
  { options: { table: 'main', suppressPrefixLength: 0 }, words: 'table main suppress_prefixlength 0' },
  { options: { table: 'main', suppressGroup: 7 }, words: 'table main suppress_ifgroup 7' },
  { options: { table: 5, protocol: 'static' }, words: 'table 5 protocol static' },
  { options: { table: 5, protocol: 200 }, words: 'table 5 protocol 200' },
];

const familyOf = ({ family, from, to }: RuleOptions) => family ?? (`${from}${to}`.includes(':') ? 6 : 4);

const withLength = (address: unknown, length: unknown) => {
  if (address === undefined || address === 'all') return undefined;
  return length === undefined ? address : `${address as string}/${length as number}`;
};

const range = (first: unknown, last: unknown = first) => {
  if (first === undefined || first === last) return first;
  return { from: first, to: last };
};
/** What ip names, and this library does not. */
const IP_PROTOCOLS: Readonly<Record<string, number>> = { gre: 47 };
const flag = (shown: Json, name: string) => (name in shown ? true : undefined);
const number = (value: unknown) => (value === undefined ? undefined : Number(value));
const named = (value: unknown) => (/^\d+$/.test(String(value)) ? Number(value) : value);

/** What `ip -d -j rule` calls each property of a rule. A field that is not here is one that listRules does not return. */
const FIELDS: Readonly<Record<keyof Rule | 'other', (shown: Json) => unknown>> = {
  priority: ({ priority }) => priority,
  family: () => undefined,
  action: ({ action, goto, to_tbl, nop, ...shown }) =>
    action ??
    (goto !== undefined || to_tbl !== undefined
      ? 'goto'
      : 'nop' in shown || nop !== undefined
        ? 'nop'
        : 'table'),
  table: ({ table }) => (table === undefined ? undefined : named(table)),
  goto: ({ goto }) => goto,
  from: ({ src, srclen }) => withLength(src, srclen),
  to: ({ dst, dstlen }) => withLength(dst, dstlen),
  iif: ({ iif }) => iif,
  oif: ({ oif }) => oif,
  mark: ({ fwmark }) => number(fwmark),
  mask: ({ fwmask }) => number(fwmask),
  tos: ({ tos }) => number(tos),
  dscp: ({ dscp }) => number(dscp),
  uid: ({ uid_start, uid_end }) => range(uid_start, uid_end),
  ipProtocol: ({ ipproto }) => IP_PROTOCOLS[ipproto as string] ?? ipproto,
  sourcePort: ({ sport, sport_start, sport_end }) => range(sport ?? sport_start, sport_end),
  destinationPort: ({ dport, dport_start, dport_end }) => range(dport ?? dport_start, dport_end),
  tunnelId: ({ tun_id }) => tun_id,
  not: (shown) => flag(shown, 'not'),
  l3mdev: (shown) => flag(shown, 'l3mdev'),
  suppressPrefixLength: ({ suppress_prefixlen }) => suppress_prefixlen,
  suppressGroup: ({ suppress_ifgroup }) => number(suppress_ifgroup),
  realms: ({ flow_from, flow_to }) =>
    flow_from === undefined && flow_to === undefined
      ? undefined
      : { from: Number(flow_from ?? 0), to: Number(flow_to ?? 0) },
  unresolved: (shown) => flag(shown, 'unresolved'),
  iifDetached: (shown) => flag(shown, 'iif_detached'),
  oifDetached: (shown) => flag(shown, 'oif_detached'),
  protocol: ({ protocol }) => named(protocol),
  unknown: () => undefined,
  other: () => undefined,
};

const READ = new Set(
  (
    'priority action goto nop table src srclen dst dstlen iif oif fwmark fwmask tos dscp uid_start uid_end ipproto sport sport_start ' +
    'sport_end dport dport_start dport_end tun_id not l3mdev suppress_prefixlen suppress_ifgroup flow_from flow_to unresolved ' +
    'iif_detached oif_detached protocol'
  ).split(' '),
);

async function shown(netns: Netns, family: 4 | 6): Promise<Json[]> {
  const rules = await ip(netns, `-${family}`, 'rule');
  return rules.filter(({ priority }) => Number(priority) === 10);
}

/** A rule of `ip -d -j rule` in the words of listRules. */
function inOurWords(rule: Json, family: 4 | 6): Json {
  const unread = Object.keys(rule).filter((name) => !READ.has(name));
  expect(unread).toEqual([]);
  const found = Object.entries(FIELDS).map(([name, read]) => [name, read(rule)] as const);
  return Object.fromEntries([...found.filter(([, value]) => value !== undefined), ['family', family]]);
}

const listed = async (netns: Netns, family: 4 | 6) => listRules(netns, { family, priority: 10 });

describe('addRule, removeRule, listRules, flushRules', () => {
  test.each(EXAMPLES)('$words', async ({ options, words }) => {
    await using ours = await createNetns();
    await using theirs = await createNetns();
    const family = familyOf(options);
    await addRule(ours, { ...options, priority: 10 });
    await run(theirs, 'ip', `-${family}`, 'rule', 'add', ...words.split(' '), 'priority', '10');
    expect(await shown(ours, family)).toEqual(await shown(theirs, family));
    const [rule] = await listed(theirs, family);
    expect(await shown(theirs, family)).toHaveLength(1);
    expect([rule]).toEqual((await shown(theirs, family)).map((one) => inOurWords(one, family)));
    expect(await listed(ours, family)).toEqual([rule]);
    expect(rule).toMatchObject(options);
    // what was listed is found by each of its properties, added and removed
    expect(await listRules(ours, { ...options, priority: 10, family })).toEqual([rule]);
    await removeRule(ours, rule!);
    expect(await shown(ours, family)).toEqual([]);
    await addRule(ours, rule!);
    expect(await shown(ours, family)).toEqual(await shown(theirs, family));
    expect(await flushRules(ours, { ...options, family })).toBe(1);
    expect(await shown(ours, family)).toEqual([]);
  });

  test('the DSCP is what the kernel has, or is refused', async () => {
    await using red = await createNetns();
    const FRA_DSCP = '25';
    const options = { dscp: 46, table: 100, priority: 10 } as const;
    const before = await dumped(red, 'rule', 2);
    const error = await addRule(red, options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const theirs = await dumped(red, 'rule', 2);
    if (error !== undefined) {
      expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'dscp' });
      expect(await failure(removeRule(red, options))).toMatchObject({ code: 'EOPNOTSUPP', option: 'dscp' });
      expect(theirs).toEqual(before);
      return;
    }
    expect(theirs.flatMap((one) => one[FRA_DSCP] ?? [])).toEqual(['2e']);
    expect(await listRules(red, { dscp: 46 })).toEqual([
      { ...options, family: 4, action: 'table', protocol: 'unspec' },
    ]);
    await addRule(red, { ...options, family: 6 });
    expect(await flushRules(red, { dscp: 46 })).toBe(2);
    expect(await dumped(red, 'rule', 2)).toEqual(before);
  });

  test.each<[filter: RuleFilter, words: string]>([
    [{ table: 100, family: 4 }, 'table 100'],
    [{ protocol: 'static', family: 4 }, 'protocol static'],
    [{ from: '10.0.1.0/24' }, 'from 10.0.1.0/24'],
    [{ iif: 'eth0' }, 'iif eth0'],
    [{ mark: 7 }, 'fwmark 7'],
    [{ priority: 10, family: 4 }, 'priority 10'],
    [{ table: 'main', family: 4 }, 'table main'],
    [{ protocol: 'kernel', family: 4 }, 'protocol kernel'],
    [{ tos: 16 }, 'tos 0x10'],
    [{ not: true }, 'not'],
  ])('%j are flushed as ip flushes them', async (filter, words) => {
    const make = async () => {
      const netns = await createNetns();
      for (const rule of [
        'from 10.0.1.0/24 table 100 priority 10',
        'from 10.0.1.0/24 iif eth0 table 100 priority 10',
        'table 100 priority 10 protocol static',
        'fwmark 7 table main priority 11 protocol static',
        'not from 10.0.1.0/24 table 7 priority 12',
        'tos 0x10 table 7 priority 13',
      ]) {
        await run(netns, 'ip', 'rule', 'add', ...rule.split(' '));
      }
      await run(netns, 'ip', '-6', 'rule', 'add', 'from', 'fd00::1', 'table', '7', 'priority', '14');
      return netns;
    };
    await using ours = await make();
    await using theirs = await make();
    const before = (await ip(ours, 'rule')).length;
    const removed = await flushRules(ours, filter);
    await run(theirs, 'ip', 'rule', 'flush', ...words.split(' '));
    expect(await ip(ours, 'rule')).toEqual(await ip(theirs, 'rule'));
    expect(await ip(ours, '-6', 'rule')).toEqual(await ip(theirs, '-6', 'rule'));
    expect(before - (await ip(ours, 'rule')).length).toBe(removed);
    expect(removed).toBeGreaterThan(0);
  });

  test('the rule of priority 0 goes only where it is meant by that', async () => {
    await using red = await createNetns();
    expect(await flushRules(red, { table: 'local' })).toBe(0);
    expect((await ip(red, 'rule')).map(({ priority }) => priority)).toEqual([0, 32766, 32767]);
    expect(await flushRules(red, { table: 'local', priority: 0, family: 4 })).toBe(1);
    expect((await ip(red, 'rule')).map(({ priority }) => priority)).toEqual([32766, 32767]);
  });

  test('what devices make of a rule is no change of the rule', async () => {
    await using red = await createNetns();
    await addRule(red, { iif: 'eth0', table: 7, priority: 10 });
    await addRule(red, { action: 'goto', goto: 20, priority: 11 });
    const states = async () =>
      (await listRules(red, { family: 4 })).map(({ priority, unresolved, iifDetached }) => [
        priority,
        unresolved,
        iifDetached,
      ]);
    expect((await states()).slice(1, 3)).toEqual([
      [10, undefined, true],
      [11, true, undefined],
    ]);
    expect(await listRules(red, { iifDetached: true, unresolved: true })).toEqual([]);
    const seen: string[] = [];
    for await (const event of watch(red, { rules: true })) {
      if (event.kind === 'ready') {
        await run(red, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
        await addRule(red, { table: 7, priority: 20 });
        expect((await states()).slice(1, 3)).toEqual([
          [10, undefined, undefined],
          [11, undefined, undefined],
        ]);
        for (const priority of [10, 11, 20]) await removeRule(red, { priority });
      }
      if (event.kind !== 'rule' || event.change === 'present') continue;
      seen.push(`${event.change} ${event.rule.priority}`);
      if (seen.length === 4) break;
    }
    expect(seen).toEqual(['new 20', 'gone 10', 'gone 11', 'gone 20']);
  });
});
