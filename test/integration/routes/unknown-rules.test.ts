import { addRule, createNetns, listRules, type Netns, removeRule, type Rule, watch } from '../../../lib';
import { addFlags } from '../../../lib/netlink/existence';
import { rule } from '../../../lib/netlink/rtnetlink/rule';
import { dumped } from '../../support/dump';
import { failure, ip } from '../../support/ip';

const marked = (rules: readonly Rule[]) => rules.filter(({ unknown }) => unknown !== undefined);

const FRA_FLOWLABEL = '26';
const AF_INET6 = 10;

/** What no option expresses: the flow label of IPv6. */
const flowLabel = (label: number) => ({
  ...{ family: AF_INET6, priority: 12, table8: 100, action: 'table' as const },
  flowLabel: Uint8Array.of(0, 0, 0, label),
  flowLabelMask: Uint8Array.of(0, 0x0f, 0xff, 0xff),
});
const ATTEMPT = { operation: 'add rule' };

/** Adds such a rule; a kernel before 6.13 takes no notice of it. */
async function addLabelled(netns: Netns, label: number): Promise<boolean> {
  await netns.request(rule.add(flowLabel(label), addFlags('fail'), ATTEMPT));
  return (await dumped(netns, 'rule', AF_INET6)).some((one) => FRA_FLOWLABEL in one);
}

describe('listRules', () => {
  test('a selector that a view cannot express is marked, and remove and add refuse the rule', async () => {
    await using netns = await createNetns();
    await addRule(netns, { sourcePort: 80, ipProtocol: 'tcp', table: 100, priority: 10 });
    await addRule(netns, { destinationPort: { from: 80, to: 90 }, tos: 16, table: 100, priority: 11 });
    await addRule(netns, { tunnelId: 5, realms: { from: 0, to: 7 }, table: 100, priority: 13 });
    expect(marked(await listRules(netns))).toEqual([]);
    const known = await addLabelled(netns, 5);
    const listed = await listRules(netns);
    const unknown = { flowLabel: '0x00000005', flowLabelMask: '0x000fffff' };
    expect(marked(listed).map((one) => [one.priority, one.unknown])).toEqual(known ? [[12, unknown]] : []);
    for (const attempt of [addRule, removeRule]) {
      const refusal = await failure(attempt(netns, { priority: 12, table: 100, family: 6, unknown }));
      expect(refusal).toBeInstanceOf(RangeError);
      expect(refusal.message).toMatch(/^unknown: the rule has attributes that no option expresses/);
    }
    expect(await listRules(netns)).toEqual(listed);
    await removeRule(netns, { priority: 12, family: 6 });
    const [four, six] = [await ip(netns, 'rule'), await ip(netns, '-6', 'rule')];
    expect(four.map(({ priority }) => priority)).toEqual([0, 10, 11, 13, 32766, 32767]);
    expect(six.map(({ priority }) => priority)).toEqual([0, 32766]);
  });

  test('watch does not take two such rules for one', async () => {
    await using netns = await createNetns();
    const seen: [string, unknown][] = [];
    let known = true;
    for await (const event of watch(netns, { rules: true })) {
      if (event.kind === 'ready') {
        known = await addLabelled(netns, 5);
        // a kernel that ignores the label has that rule already
        if (known) await addLabelled(netns, 6);
        await netns.request(rule.remove(flowLabel(5), ATTEMPT));
      }
      if (event.kind !== 'rule' || event.change === 'present') continue;
      seen.push([event.change, event.rule.unknown?.['flowLabel']]);
      if (event.change === 'gone') break;
    }
    const labelled = [
      ['new', '0x00000005'],
      ['new', '0x00000006'],
      ['gone', '0x00000005'],
    ];
    expect(seen).toEqual(
      known
        ? labelled
        : [
            ['new', undefined],
            ['gone', undefined],
          ],
    );
  });
});
