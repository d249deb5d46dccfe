import { createNetns, type Netns, nft } from '../../../lib';
import { failure } from '../../support/ip';
import { nftSays } from '../../support/nft';

const table = { family: 'inet', name: 't' } as const;
const set = { table, name: 's', key: 'inet_service', flags: ['interval'], autoMerge: true } as const;
const { addElements, addSet, addTable, deleteElements } = nft;

const elements = (...keys: nft.Key[]) => keys.map((key) => ({ key }));
const to = (from: number, last: number) => ({ from, to: last });

/** The elements as nft prints them. */
async function shown(netns: Netns): Promise<string> {
  const text = await nftSays(netns, 'list', 'set', 'inet', 't', 's');
  return /elements = \{ (.*) \}/s.exec(text)?.[1]?.replace(/\s+/g, ' ') ?? '';
}

async function netnsWith(...keys: nft.Key[]): Promise<Netns> {
  const netns = await createNetns();
  await nft.apply(netns, [addTable(table), addSet(set), addElements(set, elements(...keys))]);
  return netns;
}

describe('nft.addElements', () => {
  test('an operation sees what the operations before it have left, in one transaction', async () => {
    await using netns = await netnsWith(to(1, 10), to(100, 110));
    await nft.apply(netns, [
      deleteElements(set, [5]),
      addElements(set, elements(to(11, 20))),
      deleteElements(set, [to(15, 20), to(1, 2), 110]),
      addElements(set, elements(5)),
    ]);
    expect(await shown(netns)).toBe('3-14, 100-109');
    await nft.apply(netns, [nft.flushSet(set), addElements(set, elements(3)), deleteElements(set, [3])]);
    expect(await shown(netns)).toBe('');
    await nft.apply(netns, [addElements(set, elements(7)), nft.deleteSet(set), addSet(set)]);
    await nft.apply(netns, [addElements(set, elements(7)), nft.deleteTable(table)]);
    await nft.apply(netns, [addTable(table), addSet(set), addElements(set, elements(7, 8))]);
    await nft.apply(netns, [nft.flushRuleset(), addTable(table), addSet(set), addElements(set, elements(7))]);
    expect(await shown(netns)).toBe('7');
  });

  test('all intervals from the lowest to the highest value become one', async () => {
    await using netns = await netnsWith(to(0, 9), to(20, 65_535));
    await nft.apply(netns, [addElements(set, elements(to(5, 30)))]);
    expect(await nft.listElements(netns, set)).toEqual([{ key: to(0, 65_535) }]);
    await nft.apply(netns, [deleteElements(set, [0, 65_535])]);
    expect(await shown(netns)).toBe('1-65534');
  });

  test('the element at fault is named by its place in the list, merged or not', async () => {
    await using netns = await createNetns();
    await nft.apply(netns, [addTable(table), addSet({ ...set, size: 2 })]);
    const many = await failure(nft.apply(netns, [addElements(set, elements(1, 2, 10, 20, 21))]));
    expect(many).toMatchObject({ code: 'ENFILE', index: 0, option: 'elements[3]' });
    await nft.apply(netns, [addElements(set, elements(1, 2, 3))]);
    const missing = await failure(nft.apply(netns, [addTable(table), deleteElements(set, [1, 2, to(3, 4)])]));
    expect(missing).toBeInstanceOf(nft.NftError);
    expect(missing).toMatchObject({
      code: 'ENOENT',
      index: 1,
      option: 'keys[2]',
      operation: 'delete elements of set inet t s (operations[1])',
      failures: [{ index: 1, error: { code: 'ENOENT', option: 'keys[2]' } }],
    });
    expect(missing.message).toContain('no interval of the set includes all of it');
    const twice = await failure(nft.apply(netns, [deleteElements(set, [2, to(1, 2)])]));
    expect(twice).toMatchObject({ code: 'ENOENT', option: expect.stringMatching(/^keys/) as string });
    const fresh = addElements(set, elements(4, 3), { ifExists: 'fail' });
    expect(await failure(nft.apply(netns, [fresh]))).toMatchObject({ code: 'EEXIST', option: 'elements[1]' });
    expect(await shown(netns)).toBe('1-3');
    await nft.apply(netns, [addElements(set, elements(4, 5), { ifExists: 'fail' })]);
    await nft.apply(netns, [deleteElements(set, [to(0, 2), to(9, 12)], { ifMissing: 'ignore' })]);
    expect(await shown(netns)).toBe('3-5');
  });

  test('of many transactions at once, of this process and of nft, none is lost', async () => {
    await using netns = await netnsWith(1);
    const even = Array.from({ length: 30 }, (_, i) => 2 * i + 2);
    await Promise.all([
      ...even.map(async (port) => nft.apply(netns, [addElements(set, elements(port))])),
      ...[3, 9, 27].map(async (port) => nftSays(netns, 'add', 'element', 'inet', 't', 's', `{ ${port} }`)),
      nft.apply(netns, () => [addElements(set, elements(5))]),
    ]);
    const values = (await nft.listElements(netns, set)).flatMap(({ key }) => {
      const { from, to: last } = typeof key === 'number' ? to(key, key) : (key as ReturnType<typeof to>);
      return Array.from({ length: last - from + 1 }, (_, i) => from + i);
    });
    expect(values).toEqual([1, 3, 5, 9, 27, ...even].sort((a, b) => a - b));
  });

  test('an element that nobody holds any more is missing only where it stays so', async () => {
    await using netns = await netnsWith(to(1, 9));
    let calls = 0;
    await nft.apply(netns, async () => {
      const [held] = await nft.listElements(netns, set);
      if (++calls === 1) await nft.apply(netns, [deleteElements(set, [1])]);
      return [deleteElements(set, [held!.key])];
    });
    expect(calls).toBe(2);
    expect(await shown(netns)).toBe('');
  });

  test('an interval keeps its comment, its time and its counter where a part is deleted', async () => {
    await using netns = await createNetns();
    const timed = { ...set, flags: ['interval', 'timeout'], expressions: [{ name: 'counter' }] } as const;
    const packets = { name: 'counter', data: { packets: 5, bytes: 7 } } as const;
    const one = { key: to(1, 9), timeout: 3_600_000, comment: 'x', expressions: [packets] };
    await nft.apply(netns, [addTable(table), addSet(timed), addElements(timed, [one])]);
    await nft.apply(netns, [deleteElements(timed, [5]), addElements(timed, [{ key: 10, comment: 'y' }])]);
    const text = (await shown(netns)).replace(/ expires \w+/g, '');
    const rest = 'counter packets 5 bytes 7 timeout 1h comment "x"';
    expect(text).toBe(`1-4 ${rest}, 6-10 ${rest}`);
    const found = await nft.listElements(netns, timed);
    expect(found.map(({ expires = 0 }) => expires > 3_500_000 && expires < 3_600_000)).toEqual([true, true]);
  });

  test('a set of nft with auto-merge is listed with autoMerge, where that has an effect', async () => {
    await using netns = await createNetns();
    const add = async (rest: string) => nftSays(netns, `add set inet t ${rest}`);
    await nft.apply(netns, [addTable(table)]);
    await add('s { type inet_service; flags interval; auto-merge; comment "mine"; }');
    await add('plain { type inet_service; flags interval; }');
    await add('pairs { type ipv4_addr . inet_service; flags interval; auto-merge; }');
    const { sets } = await nft.listRuleset(netns);
    expect(sets.map(({ name, autoMerge }) => [name, autoMerge])).toEqual([
      ['s', true],
      ['plain', undefined],
      ['pairs', undefined],
    ]);
    const [listed] = sets;
    await nft.apply(netns, [nft.deleteSet(set), addSet(listed as nft.NftSet)]);
    expect(await nftSays(netns, 'list', 'set', 'inet', 't', 's')).toMatch(/auto-merge\n\s+comment "mine"/);
  });
});
