import { createNetns, listLinks, type Netns, nft } from '../../../lib';
import { nftCaptures } from '../../golden/captures';
import { nftSays } from '../../support/nft';
import { FIREWALL, UNWORDED } from '../../support/firewall';

// Our text of a rule is nft's own.

/** Of each rule, by its table and handle. */
async function theirs(netns: Netns): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let table = '';
  for (const line of (await nftSays(netns, '-a', 'list', 'ruleset')).replace(/,\n\s+/g, ', ').split('\n')) {
    table = /^table (.*) \{ # handle \d+$/.exec(line)?.[1] ?? table;
    const [, text = '', handle = ''] = /^\t\t(\S.*) # handle (\d+)$/.exec(line) ?? [];
    if (handle !== '') found.set(`${table} ${handle}`, text);
  }
  return found;
}

async function ours(netns: Netns): Promise<Map<string, string>> {
  const { rules, sets } = await nft.listRuleset(netns);
  const devices = new Map((await listLinks(netns)).map(({ index, name }) => [index, name]));
  return new Map(
    rules.map((rule) => {
      const { family, name } = rule.chain.table;
      return [`${family} ${name} ${rule.handle}`, nft.formatRule(rule, { sets, devices })];
    }),
  );
}

describe('nft.formatRule', () => {
  test('rules of every kind', async () => {
    await using netns = await createNetns();
    const commands = nftCaptures().map(({ command }) => command);
    const building = commands.slice(0, commands.indexOf('list ruleset'));
    for (const command of building) await nftSays(netns, command);
    const expected = await theirs(netns);
    expect(expected.size).toBeGreaterThan(60);
    expect(Object.fromEntries(await ours(netns))).toEqual(Object.fromEntries(expected));
    // a process for each command
  });

  test('rules of an ordinary firewall', async () => {
    await using netns = await createNetns();
    await nftSays(netns, FIREWALL);
    const expected = await theirs(netns);
    expect(expected.size).toBeGreaterThan(40);
    expect(Object.fromEntries(await ours(netns))).toEqual(Object.fromEntries(expected));
  });

  test('what there are no words for is told all the same', async () => {
    for (const [rule, text] of Object.entries(UNWORDED)) {
      await using netns = await createNetns();
      await nftSays(netns, `table inet t { chain c {\n${rule}\n}\n}`);
      const [found = ''] = (await ours(netns)).values();
      if (typeof text === 'string') expect(found).toBe(text);
      else expect(found).toMatch(text);
    }
  });

  test('a rule alone, without its sets and devices, and one of iptables', async () => {
    await using netns = await createNetns();
    await nftSays(netns, 'table inet t { chain c { iif lo tcp dport { 80, 443 } accept comment "web"\n}\n}');
    const { rules } = await nft.listRuleset(netns);
    expect(rules.map((rule) => nft.formatRule(rule))).toEqual([
      'iif 1 tcp dport @__set0 accept comment "web"',
    ]);
    const name = Buffer.from('conntrack\0');
    const attribute = Buffer.concat([Buffer.from([name.length + 4, 0, 1, 0]), name]);
    const imported = {
      ...rules[0]!,
      expressions: [{ name: 'match', data: attribute }, ...nft.accept().expressions],
    };
    expect(nft.formatRule(imported)).toBe('xt match "conntrack" accept comment "web"');
  });
});
