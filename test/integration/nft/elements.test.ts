import { createNetns, nft } from '../../../lib';
import { failure } from '../../support/ip';

const table = { family: 'inet', name: 't' } as const;

describe('nft.apply', () => {
  test('an element that is refused is named by its place in the list', async () => {
    await using netns = await createNetns();
    const set = { table, name: 's', key: 'ipv4_addr', flags: ['interval'] } as const;
    await nft.apply(netns, [nft.addTable(table), nft.addSet(set)]);
    await nft.apply(netns, [nft.addElements(set, [{ key: '10.0.2.0/24' }])]);
    const keys = ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.128/25', '10.0.3.0/24'];
    const added = await failure(
      nft.apply(netns, [
        nft.addElements(
          set,
          keys.map((key) => ({ key })),
        ),
      ]),
    );
    expect(added).toMatchObject({ code: 'EEXIST', index: 0, option: 'elements[2]' });
    const deleted = await failure(
      nft.apply(netns, [nft.deleteElements(set, ['10.0.2.0/24', '10.0.9.0/24'])]),
    );
    expect(deleted).toMatchObject({ code: 'ENOENT', index: 0, option: 'keys[1]' });
    const part = await failure(nft.apply(netns, [nft.deleteElements(set, ['10.0.2.0/25'])]));
    expect(part).toMatchObject({ code: 'ENOENT', option: 'keys[0]' });
    expect(part.message).toContain('a part of an interval only with autoMerge');
    expect(await nft.listElements(netns, set)).toEqual([{ key: '10.0.2.0/24' }]);
  });
});
