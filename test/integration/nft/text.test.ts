import { createNetns, nft } from '../../../lib';
import { nftCaptures } from '../../golden/captures';
import { nftJson, nftSays } from '../../support/nft';
import { OPERATIONS } from '../../support/nft-commands';
import type { Json } from '../../support/ip';

// What is made by our operations, nft prints as it prints what its own commands made.

/** Those that build something up, in order; `list ruleset` stands behind them. */
function building(): string[] {
  const commands = nftCaptures().map(({ command }) => command);
  return commands.slice(0, commands.indexOf('list ruleset'));
}

/** Without the numbers that the kernel gives, the time that is left, and the order of a hash table. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    if (name === 'handle' || name === 'expires') return [name, 0];
    const sorted = (name === 'set' || name === 'elem') && Array.isArray(inner);
    const plain = comparable(inner);
    if (!sorted) return [name, plain];
    return [name, (plain as Json[]).map((one) => JSON.stringify(one)).sort()];
  });
  return Object.fromEntries(entries) as unknown;
}

/** Elements of hash tables come in any order: each line's braces are sorted. */
function lines(text: string): string[] {
  const joined = text.replace(/,\n\s+/g, ', ').replace(/ expires \S+/g, ' expires');
  return joined
    .split('\n')
    .map((line) =>
      line.replace(/\{ (.*) \}/, (_, inner: string) => `{ ${inner.split(', ').sort().join(', ')} }`),
    );
}

describe('nft.formatRule', () => {
  test('nft prints the ruleset as if it had made it, and takes back what it prints', async () => {
    await using theirs = await createNetns();
    await using ours = await createNetns();
    for (const command of building()) await nftSays(theirs, command);

    const operations = building().map((command) => OPERATIONS[command]!);
    // in one transaction, a table that is made twice would be dormant from the start
    for (const operation of operations) await nft.apply(ours, [operation]);

    const text = await nftSays(ours, 'list', 'ruleset');
    expect(lines(text)).toEqual(lines(await nftSays(theirs, 'list', 'ruleset')));
    expect(comparable(await nftJson(ours))).toEqual(comparable(await nftJson(theirs)));
    await nftSays(ours, '-c', `flush ruleset; ${text}`);
    // a process for each command
  });

  test('all of it in one transaction is the same', async () => {
    await using ours = await createNetns();
    await using other = await createNetns();
    const operations = building()
      .filter((command) => !command.includes('dormant') && !command.startsWith('delete'))
      .map((command) => OPERATIONS[command]!);
    await nft.apply(ours, operations);
    for (const operation of operations) await nft.apply(other, [operation]);
    expect(lines(await nftSays(ours, 'list', 'ruleset'))).toEqual(
      lines(await nftSays(other, 'list', 'ruleset')),
    );
  });
});
