import { addRule, createNetns, listRules, removeRule, type Rule, watch } from '../../../lib';
import { failure, ip } from '../../support/ip';

const marked = (rules: readonly Rule[]) => rules.filter(({ unknown }) => unknown !== undefined);

describe('listRules', () => {
  test('a selector that a view cannot express is marked, and remove and add refuse the rule', async () => {
    await using netns = await createNetns();
    await addRule(netns, { sourcePorts: [80, 80], ipProtocol: 6, table: 100, priority: 10 });
    await addRule(netns, { destinationPorts: [80, 90], tos: 16, table: 100, priority: 11 });
    expect(marked(await listRules(netns))).toEqual([]);
    await ip(netns, 'rule', 'add', 'tun_id', '5', 'table', '100', 'pref', '12');
    await ip(netns, 'rule', 'add', 'realms', '7', 'table', '100', 'pref', '13');
    const listed = await listRules(netns);
    expect(marked(listed).map(({ priority, unknown }) => [priority, unknown])).toEqual([
      [12, { tunnelId: '0x0000000000000005' }],
      [13, { flow: 7 }],
    ]);
    for (const { priority, unknown } of marked(listed)) {
      for (const attempt of [addRule, removeRule]) {
        const refusal = await failure(attempt(netns, { priority, table: 100, unknown: unknown! }));
        expect(refusal).toBeInstanceOf(RangeError);
        expect(refusal.message).toMatch(/^unknown: the rule has attributes that no option expresses/);
      }
    }
    expect(await listRules(netns)).toEqual(listed);
    await removeRule(netns, { priority: 12 });
    const theirs = await ip(netns, 'rule');
    expect(theirs.map(({ priority }) => priority)).toEqual([0, 10, 11, 13, 32766, 32767]);
  });

  test('watch does not take two such rules for one', async () => {
    await using netns = await createNetns();
    const rule = (verb: string, id: string) =>
      ip(netns, 'rule', verb, 'tun_id', id, 'table', '100', 'pref', '12');
    const seen: [string, unknown][] = [];
    for await (const event of watch(netns, { rules: true })) {
      if (event.kind === 'ready') {
        for (const [verb, id] of [
          ['add', '5'],
          ['add', '6'],
          ['del', '5'],
        ] as const)
          await rule(verb, id);
      }
      if (event.kind !== 'rule' || event.change === 'present') continue;
      seen.push([event.change, event.rule.unknown?.['tunnelId']]);
      if (event.change === 'gone') break;
    }
    expect(seen).toEqual([
      ['new', '0x0000000000000005'],
      ['new', '0x0000000000000006'],
      ['gone', '0x0000000000000005'],
    ]);
  });
});
