// Kernels before 6.3 have no NFT_MSG_DESTROY*. This one seems to be such a kernel: test/support/old-kernel.c.
import { createNetns } from '../../../lib';
import { nftSays } from '../../support/nft';
import { onOldKernel } from '../../support/old-kernel';
import { program, runProgram, type Tools } from '../../support/program';

/** In `red`, deletes things that are there and things that are not. Each result is 'done', or what was refused. */
async function remove({ rtnetns: { nft, openNetns }, tell }: Tools) {
  const red = await openNetns('red');
  const table = { family: 'inet', name: 't' } as const;
  const [chain, absent] = [
    { table, name: 'c' },
    { table: { family: 'inet', name: 'absent' } as const, name: 'c' },
  ];
  const nets = { table, name: 'nets', key: 'ipv4_addr', flags: ['interval'] } as const;
  const hits = { table, name: 'hits', type: 'counter' } as const;
  const gone = { ifMissing: 'ignore' } as const;
  await nft.apply(red, [nft.addTable(table), nft.addChain(chain), nft.addSet(nets), nft.addObject(hits)]);
  await nft.apply(red, [
    nft.addElements(nets, [{ key: '10.0.0.0/30' }, { key: '10.0.1.0/24' }, { key: '10.0.2.1' }]),
  ]);
  const [handle = 0] = await nft.apply(red, [nft.addRule(chain, [nft.accept()])], { handles: true });

  const keys = ['10.9.0.1', '10.0.0.0/30', '10.9.1.0/24', '10.0.2.1'];
  const transactions = [
    [nft.deleteTable(absent.table, gone)],
    [nft.deleteElements(nets, keys, gone), nft.deleteRule({ chain, handle }, gone)],
    [nft.deleteElements(nets, keys, gone), nft.deleteRule({ chain, handle }, gone)],
    // what follows from a missing thing, and what is refused all the same
    [nft.deleteObject(hits, gone), nft.deleteObject(hits, gone), nft.addObject(hits)],
    [nft.deleteTable(absent.table, gone), nft.deleteChain(absent, gone), nft.deleteSet(nets)],
    [nft.deleteTable(absent.table, gone), nft.deleteSet(nets), nft.addSet({ ...nets, key: 'ipv6_addr' })],
    [nft.deleteSet({ ...nets, name: 'absent' }, gone), nft.deleteChain({ ...chain, name: 'absent' }, gone)],
  ];
  for (const transaction of transactions) {
    const refused = ({ code, index, option }: Record<string, unknown>) => ({ code, index, option });
    tell(await nft.apply(red, transaction).then(() => 'done', refused));
  }
}

/** Deletes tables while others are added. */
async function race({ rtnetns: { nft, openNetns } }: Tools) {
  const red = await openNetns('red');
  const tables = Array.from({ length: 10 }, (_, i) => ({ family: 'inet', name: `t${i % 3}` }) as const);
  const deletions = tables.map((table) => nft.deleteTable(table, { ifMissing: 'ignore' }));
  await Promise.all(
    tables.map(async (table, i) => nft.apply(red, [nft.addTable(table), ...deletions.slice(i)])),
  );
  await nft.apply(red, deletions);
}

/** Adds an element that the set does not take. */
async function addWrongElement({ rtnetns: { nft, openNetns }, tell }: Tools) {
  const red = await openNetns('red');
  const table = { family: 'inet', name: 't' } as const;
  const set = { table, name: 's', key: 'ipv4_addr' } as const;
  const elements = nft.addElements(set, [{ key: '10.0.0.1', timeout: 1000 }]);
  await nft.apply(red, [nft.addTable(table), nft.addSet(set), elements]).catch((error: unknown) => {
    const { code, index, option, message } = error as Record<string, string>;
    tell({ code, index, option, message });
  });
}

describe('nft.apply', () => {
  test('explains a refused element where the kernel does not point at it', async () => {
    await using red = await createNetns('red');
    const { told, stderr } = await onOldKernel(program(addWrongElement), 'RTNETNS_LACKS=offsets');
    expect(stderr).toBe('');
    const message = expect.stringContaining(
      "the set takes no such element: a timeout needs the set's flag",
    ) as string;
    expect(told).toEqual([{ code: 'EINVAL', index: 2, message }]);
    expect(await nftSays(red, 'list', 'ruleset')).toBe('');
  });

  test('deletes what need not be there as later kernels do', async () => {
    const results: unknown[] = [];
    for (const run of [onOldKernel, runProgram]) {
      await using red = await createNetns('red');
      const { told, stderr } = await run(program(remove));
      expect(stderr).toBe('');
      results.push({ told, left: await nftSays(red, 'list', 'ruleset') });
    }
    const [old, recent] = results;
    expect(old).toEqual(recent);
    const refused = { code: 'ENOENT', index: 1, option: 'table' };
    expect(old).toMatchObject({ told: ['done', 'done', 'done', 'done', refused, 'done', 'done'] });
  });

  test('sends plain deletions, however many change the ruleset at once', async () => {
    await using red = await createNetns('red');
    const { code, stderr } = await onOldKernel(program(race), 'NODE_DEBUG=rtnetns');
    expect(code).toBe(0);
    const sent = [...stderr.matchAll(/→ NFT_MSG_(DE\w+TABLE) /g)].map(([, type]) => type);
    // each of the first ten asks the kernel, because they are on their way at once
    expect(sent.lastIndexOf('DESTROYTABLE')).toBe(9);
    expect(sent.filter((type) => type === 'DELTABLE').length).toBeGreaterThan(10);
    expect(await nftSays(red, 'list', 'ruleset')).toBe('');
  });
});
