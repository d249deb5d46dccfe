import { createNetns, listLinks, type Netns, nft } from '../../lib';
import { nftCaptures } from '../golden/captures';
import { nftSays } from '../support/nft';
import { firewall } from '../support/firewall';

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

test('rules of every kind', async () => {
  await using netns = await createNetns();
  const commands = nftCaptures().map(({ command }) => command);
  const building = commands.slice(0, commands.indexOf('list ruleset'));
  await nftSays(netns, building.join('\n'));
  const expected = await theirs(netns);
  expect(expected.size).toBeGreaterThan(60);
  expect(Object.fromEntries(await ours(netns))).toEqual(Object.fromEntries(expected));
});

test('rules of an ordinary firewall', async () => {
  await using netns = await createNetns();
  await nftSays(netns, firewall);
  const expected = await theirs(netns);
  expect(expected.size).toBeGreaterThan(40);
  expect(Object.fromEntries(await ours(netns))).toEqual(Object.fromEntries(expected));
});
