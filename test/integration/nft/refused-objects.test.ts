// Which object is missing, is there already, or is in use: the kernel answers with a number alone.
import { createNetns, type Netns, nft, openNetns } from '../../../lib';
import { failure } from '../../support/ip';

const { accept, addElements, addRule, jump, match, tcp } = nft;

const table = { family: 'inet', name: 't' } as const;
const nowhere = { family: 'inet', name: 'no' } as const;
const named = (name: string) => ({ table, name });
const chain = named('c');
const addresses = { table, name: 's', key: 'ipv4_addr' } as const;
const networks = { table, name: 'i', key: 'ipv4_addr', flags: ['interval'] } as const;
const verdicts = { table, name: 'v', key: 'inet_service', value: 'verdict' } as const;
const marks = { table, name: 'm', key: 'inet_service', value: 'mark' } as const;
const full = { table, name: 'full', key: 'ipv4_addr', size: 1 } as const;
const hits = { table, name: 'o', type: 'counter' } as const;
const key = '10.0.0.1';

async function lab(): Promise<Netns> {
  const red = await createNetns('red');
  await nft.apply(red, [
    nft.addTable(table),
    ...['c', 'jumped', 'mapped', 'plain'].map((name) => nft.addChain(named(name))),
    ...[addresses, networks, verdicts, marks, full].map((set) => nft.addSet(set)),
    nft.addObject(hits),
    addElements(addresses, [{ key }]),
    addElements(networks, [{ key: '10.0.0.0/24' }]),
    addElements(verdicts, [{ key: 80, value: { jump: 'mapped' } }]),
    addElements(marks, [{ key: 80, value: 1 }]),
    addElements(full, [{ key }]),
    addRule(chain, [match(nft.ip.saddr, addresses), nft.vmap(tcp.dport, verdicts)]),
    addRule(chain, [nft.useObject('counter', 'o'), jump('jumped')]),
  ]);
  return red;
}

const IN_MAP = 'there is no such chain, or no such object, as the value of the element names';
const OTHER = 'there is one of this name already, which is another one than this';

describe('nft.apply', () => {
  test.each<[operation: nft.Operation, code: string, words: string]>([
    [nft.addChain({ table: nowhere, name: 'c' }), 'ENOENT', "option 'table': there is no table inet no"],
    [nft.addSet({ ...addresses, table: nowhere }), 'ENOENT', "option 'table': there is no table inet no"],
    [addElements({ ...addresses, name: 'no' }, [{ key }]), 'ENOENT', "'set': there is no set inet t no"],
    [nft.deleteElements({ ...addresses, name: 'no' }, [key]), 'ENOENT', "'set': there is no set inet t no"],
    [nft.flushSet(named('no')), 'ENOENT', "'set': there is no set inet t no"],
    [nft.flushChain(named('no')), 'ENOENT', "'chain': there is no chain inet t no"],
    [addRule(named('no'), [accept()]), 'ENOENT', "'chain': there is no chain inet t no"],
    [nft.deleteTable(nowhere), 'ENOENT', "'name': there is no table inet no"],
    [nft.deleteChain(named('no')), 'ENOENT', "'name': there is no chain inet t no"],
    [nft.deleteSet(named('no')), 'ENOENT', "'name': there is no set inet t no"],
    [nft.deleteObject({ ...hits, name: 'no' }), 'ENOENT', "'name': there is no object inet t no"],
    [nft.deleteRule({ chain, handle: 999 }), 'ENOENT', 'the chain has no rule with the handle 999'],
    [
      addRule(chain, [accept()], { after: 999 }),
      'ENOENT',
      "'after': the chain has no rule with the handle 999",
    ],
    [
      addRule(chain, [accept()], { before: 999 }),
      'ENOENT',
      "'before': the chain has no rule with the handle",
    ],
    [addElements(verdicts, [{ key: 81, value: { jump: 'no' } }]), 'ENOENT', `'elements[0]': ${IN_MAP}`],
    [nft.deleteSet(addresses), 'EBUSY', "'name': a rule refers to the set"],
    [nft.deleteChain(named('jumped')), 'EBUSY', "'name': a rule, or an element of a map, jumps to the chain"],
    [nft.deleteChain(named('mapped')), 'EBUSY', "'name': a rule, or an element of a map, jumps to the chain"],
    [nft.deleteObject(hits), 'EBUSY', "'name': a rule, or an element of a map, uses the object"],
    [nft.addTable(table, { ifExists: 'fail' }), 'EEXIST', "'name': there is one of this name already"],
    [nft.addChain(chain, { ifExists: 'fail' }), 'EEXIST', "'name': there is one of this name already"],
    [nft.addObject(hits, { ifExists: 'fail' }), 'EEXIST', "'name': there is one of this name already"],
    [nft.addChain({ ...named('plain'), hook: 'input' }), 'EEXIST', OTHER],
    [
      addElements(addresses, [{ key: '10.0.0.9' }, { key }], { ifExists: 'fail' }),
      'EEXIST',
      "'elements[1]': the set has this element already, or an interval that overlaps it",
    ],
    [addElements(marks, [{ key: 80, value: 2 }]), 'EEXIST', 'the map has another value for this key'],
    [
      addElements(networks, [{ key: '10.0.0.0/25' }]),
      'EEXIST',
      'the set has an interval that overlaps this one',
    ],
    [
      addElements(addresses, [{ key: '10.0.0.9', timeout: 5 }]),
      'EINVAL',
      "'elements[0]': the set takes no such element: a timeout needs the set's flag 'timeout'",
    ],
    [addElements(full, [{ key: '10.0.0.9' }]), 'ENFILE', "'elements[0]': the set is full"],
  ])('%j', async (operation, code, words) => {
    await using red = await lab();
    const error = await failure(nft.apply(red, [operation]));
    expect(error).toMatchObject({ code, index: 0 });
    expect(error.message).toContain(words);
  });

  test('a table that has an owner, and a set that is to be listed and is not there', async () => {
    await using red = await lab();
    await using other = await openNetns('red');
    const owned = { family: 'inet', name: 'owned', flags: ['owner'] } as const;
    await nft.apply(red, [nft.addTable(owned)]);
    for (const operation of [nft.addChain({ table: owned, name: 'c' }), nft.deleteTable(owned)]) {
      const error = await failure(nft.apply(other, [operation]));
      expect(error).toMatchObject({ code: 'EPERM' });
      expect(error.message).toContain("the table has the flag 'owner', so only the program that made it");
    }
    expect((await failure(nft.listElements(red, { ...addresses, name: 'no' }))).message).toBe(
      "ENOENT: list elements of set inet t no in namespace red: option 'set': there is no such set, or no such table",
    );
  });
});
