import { addRule, createNetns, listRules, type Netns, removeRule, type RuleOptions } from '../../../lib';
import { failure, ip, run } from '../../support/ip';

/** The rules but for those that are there from the start, as `ip rule` has them. */
async function shown(netns: Netns, family: 4 | 6): Promise<unknown[]> {
  const list = await ip(netns, `-${family}`, 'rule');
  return list.filter(({ protocol }) => protocol !== 'kernel');
}

describe('addRule, removeRule, listRules', () => {
  test('what there is from the start', async () => {
    await using red = await createNetns('red');
    const list = async (family: 4 | 6) =>
      (await ip(red, `-${family}`, 'rule')).map(({ priority, table }) => ({
        priority,
        table,
        family,
        action: 'table',
        protocol: 'kernel',
      }));
    expect(await listRules(red)).toEqual([...(await list(4)), ...(await list(6))]);
    expect(await listRules(red, { family: 6 })).toEqual(await list(6));
  });

  test.each<[options: RuleOptions, ipShows: object]>([
    [
      { from: '10.0.1.0/24', table: 100, priority: 10 },
      { src: '10.0.1.0', srclen: 24, table: '100' },
    ],
    [
      { to: '10.0.2.1', priority: 10 },
      { src: 'all', dst: '10.0.2.1', table: 'main' },
    ],
    [
      { to: 'fd00::1', table: 1000, priority: 10 },
      { dst: 'fd00::1', table: '1000' },
    ],
    [
      { mark: 7, mask: 255, iif: 'lo', oif: 'lo', table: 100, priority: 10 },
      { fwmark: '0x7', fwmask: '0xff', iif: 'lo', oif: 'lo' },
    ],
    [
      { not: true, from: '10.0.1.1', table: 100, priority: 10 },
      { not: null, src: '10.0.1.1' },
    ],
    [
      { action: 'blackhole', tos: 16, priority: 10 },
      { action: 'blackhole', tos: '0x10' },
    ],
    [{ action: 'goto', goto: 32766, priority: 10 }, { goto: 32766 }],
    [
      { suppressPrefixLength: 0, suppressGroup: 7, table: 'main', priority: 10 },
      { suppress_prefixlen: 0, suppress_ifgroup: '7' },
    ],
    [
      { uid: 0, table: 100, priority: 10 },
      { uid_start: 0, uid_end: 0 },
    ],
    [
      {
        ipProtocol: 'tcp',
        sourcePort: 80,
        destinationPort: { from: 1000, to: 2000 },
        table: 100,
        priority: 10,
      },
      { ipproto: 'tcp', sport: 80, dport_start: 1000, dport_end: 2000 },
    ],
  ])('%p', async (options, ipShows) => {
    await using red = await createNetns('red');
    const family = options.to?.includes(':') === true ? 6 : 4;
    await addRule(red, options);
    expect(await shown(red, family)).toMatchObject([{ priority: 10, ...ipShows }]);
    const told = (await listRules(red, { family })).filter(({ protocol }) => protocol !== 'kernel');
    const { action = 'table', table = action === 'table' ? 'main' : undefined, ...rest } = options;
    expect(told).toEqual([
      { ...rest, action, ...(table !== undefined && { table }), family, protocol: 'unspec' },
    ]);
    expect(await failure(addRule(red, options))).toMatchObject({
      code: 'EEXIST',
      message: 'EEXIST: add rule 10 in namespace red: there is the same rule already',
    });
    await addRule(red, { ...options, ifExists: 'ignore' });
    // what was told can be given back
    const { protocol: _, ...rule } = told[0]!;
    await removeRule(red, rule);
    expect(await shown(red, family)).toEqual([]);
  });

  test('the first that is like it is removed; none is an error', async () => {
    await using red = await createNetns('red');
    await run(red, 'ip', 'rule', 'add', 'from', '10.0.0.0/24', 'table', '100', 'priority', '10');
    await run(red, 'ip', 'rule', 'add', 'from', '10.0.0.0/24', 'table', '101', 'priority', '11');
    await removeRule(red, { from: '10.0.0.0/24', table: 101 });
    expect(await shown(red, 4)).toMatchObject([{ priority: 10 }]);
    await removeRule(red, { from: '10.0.0.0/24' });
    expect(await shown(red, 4)).toEqual([]);
    expect(await failure(removeRule(red, { from: '10.0.0.0/24' }))).toMatchObject({
      code: 'ENOENT',
      message: 'ENOENT: remove rule in namespace red: there is no such rule',
    });
    await removeRule(red, { priority: 9, ifMissing: 'ignore' });
  });

  test('every rule that ip has added is removed as it was listed', async () => {
    await using red = await createNetns('red');
    for (const words of [
      ...['goto 32766', 'unreachable from 10.0.0.0/8', 'nop', 'from 10.0.0.0/8', 'table 7'],
      ...['from all l3mdev', 'table main suppress_prefixlength 200', 'table main suppress_ifgroup 7'],
    ]) {
      await run(red, 'ip', 'rule', 'add', ...words.split(' '), 'priority', '10');
      const [rule] = (await listRules(red)).filter(({ priority }) => priority === 10);
      await removeRule(red, rule!);
      expect(await shown(red, 4)).toEqual([]);
      if (words.includes('200')) continue;
      await addRule(red, rule!);
      expect((await listRules(red)).filter(({ priority }) => priority === 10)).toEqual([rule]);
      await removeRule(red, rule!);
    }
  });

  test('without a priority, a rule stands before all but that of the table local', async () => {
    await using red = await createNetns('red');
    for (const table of [100, 101]) await addRule(red, { from: '10.0.0.0/24', table });
    const priorities = (await ip(red, '-4', 'rule')).map(({ priority, table }) => [priority, table]);
    expect(priorities).toEqual([
      [0, 'local'],
      [32764, '101'],
      [32765, '100'],
      [32766, 'main'],
      [32767, 'default'],
    ]);
    expect((await listRules(red, { priority: 32765, family: 4 })).map(({ table }) => table)).toEqual([100]);
    await addRule(red, { from: '10.0.0.0/24', table: 102, priority: 32765 });
    const alike = await listRules(red, { priority: 32765, family: 4 });
    expect(alike.map(({ table }) => table)).toEqual([100, 102]);
  });

  test('what makes no sense to the kernel', async () => {
    await using red = await createNetns('red');
    const backwards = addRule(red, { action: 'goto', goto: 5, priority: 10 });
    expect(await failure(backwards)).toMatchObject({
      name: 'NetlinkError',
      code: 'EINVAL',
      extack: 'Backward goto not supported',
    });
  });
});
