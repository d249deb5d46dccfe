// Names and comments that are not UTF-8, as the kernel and nft take them.
import { createNetns, nft } from '../../../lib';
import { bashBytes } from '../../support/ip';

const { accept, addChain, addElements, addRule, addSet, addTable, formatRule, listRuleset, match, meta } =
  nft;

const NAME = '\udcff\udcfe';

describe('nft.listRuleset', () => {
  test('bytes that are not UTF-8 are written for nft, and read as they were written', async () => {
    await using red = await createNetns();
    const table = { family: 'inet', name: 't' } as const;
    const chain = { table, name: 'c', type: 'filter', hook: 'input' } as const;
    const set = { table, name: 's', key: 'ifname', comment: 'of\udcc3' } as const;
    await nft.apply(red, [
      addTable(table),
      addChain(chain),
      addSet(set),
      addElements(set, [{ key: NAME }]),
      addRule(chain, [match(meta.iifname, NAME), accept()], { comment: 'a\udc80' }),
      addRule(chain, [match(meta.iifname, `${NAME}*`), accept()]),
    ]);
    const shown = await bashBytes(red, 'nft list ruleset');
    expect(shown).toContain('comment "of\xc3"');
    expect(shown).toContain('elements = { "\xff\xfe" }');
    expect(shown).toContain('iifname "\xff\xfe" accept comment "a\x80"');
    expect(shown).toContain('iifname "\xff\xfe*" accept');

    const { rules, sets } = await listRuleset(red, { table: 't' });
    expect(sets).toMatchObject([{ comment: 'of\udcc3', elements: [{ key: NAME }] }]);
    expect(rules.map(({ comment }) => comment)).toEqual(['a\udc80', undefined]);
    expect(rules.map((rule) => formatRule(rule))).toEqual([
      'iifname "\\udcff\\udcfe" accept comment "a\\udc80"',
      'iifname "\\udcff\\udcfe*" accept',
    ]);
  });
});
