import { createNetns, NetlinkError, type Netns, nft } from '../../../lib';
import { failure } from '../../support/ip';
import { nftJson, nftSays } from '../../support/nft';

const { meta, tcp, ip, match, counter, accept, addRule } = nft;

const table = { family: 'inet', name: 't' } as const;
const forward = { table, name: 'forward', hook: 'forward' } as const;
const base = [nft.addTable(table), nft.addChain(forward)];

async function refused(attempt: Promise<unknown>): Promise<nft.NftError> {
  const error = await failure(attempt);
  if (!(error instanceof nft.NftError)) throw error;
  return error;
}

async function withTable(netns: Netns): Promise<void> {
  await nft.apply(netns, base);
}

describe('nft.apply', () => {
  test('the handles of what is added are those that nft shows', async () => {
    await using netns = await createNetns();
    const handles = await nft.apply(
      netns,
      [
        ...base,
        addRule(forward, [match(tcp.dport, [80, 443]), accept()]),
        nft.addObject({ table, name: 'hits', type: 'counter' }),
        nft.addSet({ table, name: 'nets', key: 'ipv4_addr' }),
        nft.addElements({ table, name: 'nets', key: 'ipv4_addr' }, [{ key: '10.0.0.1' }]),
      ],
      { handles: true },
    );
    const shown = await nftJson(netns);
    const handle = (kind: string) =>
      (shown.find((one) => kind in one)?.[kind] as { handle: number } | undefined)?.handle;
    expect(handles).toEqual([
      handle('table'),
      handle('chain'),
      handle('rule'),
      handle('counter'),
      handle('set'),
      undefined,
    ]);
    expect(handles.slice(0, 5)).toEqual(handles.slice(0, 5).map(() => expect.any(Number) as number));
  });

  test('rules are placed, replaced and deleted by their handles', async () => {
    await using netns = await createNetns();
    const rule = (port: number) => [match(tcp.dport, port), accept()];
    const [, , one = 0, three = 0] = await nft.apply(
      netns,
      [...base, addRule(forward, rule(1)), addRule(forward, rule(3))],
      { handles: true },
    );
    await nft.apply(netns, [
      addRule(forward, rule(2), { before: three }),
      addRule(forward, rule(0), { first: true }),
      addRule(forward, rule(4), { after: three }),
      nft.replaceRule({ chain: forward, handle: one }, [match(tcp.dport, 11), counter()], { comment: 'new' }),
    ]);
    const ports = async () =>
      [...(await nftSays(netns, 'list', 'ruleset')).matchAll(/dport (\d+)/g)].map(([, port]) => Number(port));
    expect(await ports()).toEqual([0, 11, 2, 3, 4]);
    expect(await nftSays(netns, 'list', 'ruleset')).toContain(
      'tcp dport 11 counter packets 0 bytes 0 comment "new"',
    );
    await nft.apply(netns, [nft.deleteRule({ chain: forward, handle: three })]);
    expect(await ports()).toEqual([0, 11, 2, 4]);
  });

  test('a rule that was listed can be added again', async () => {
    await using netns = await createNetns();
    await withTable(netns);
    const wanted = [match(meta.iifname, 'eth0'), match(ip.saddr, '10.0.0.0/8'), counter(), accept()];
    await nft.apply(netns, [addRule(forward, wanted)]);
    const { rules } = await nft.listRuleset(netns);
    const copy = { table, name: 'copy' };
    await nft.apply(netns, [nft.addChain(copy), addRule(copy, [nft.raw(...rules[0]!.expressions)])]);
    const text = await nftSays(netns, 'list', 'ruleset');
    const rule = /iifname "eth0" ip saddr 10\.0\.0\.0\/8 counter packets 0 bytes 0 accept/g;
    expect(text.match(rule)).toHaveLength(2);
  });

  test('an operation that is refused is named, and nothing of the transaction happens', async () => {
    await using netns = await createNetns('red');
    const error = await refused(
      nft.apply(netns, [
        ...base,
        addRule(forward, [accept()]),
        addRule({ table, name: 'nowhere' }, [accept()]),
      ]),
    );
    expect(error).toBeInstanceOf(NetlinkError);
    expect(error).toMatchObject({
      code: 'ENOENT',
      operation: 'add rule to chain inet t nowhere (operations[3])',
      index: 3,
      option: 'chain',
      netns: 'red',
    });
    expect(error.message).toContain('in namespace red');
    expect(await nftSays(netns, 'list', 'ruleset')).toBe('');
  });

  test('all refusals are told, in order', async () => {
    await using netns = await createNetns();
    const error = await refused(
      nft.apply(netns, [
        nft.addTable(table),
        addRule({ table, name: 'a' }, []),
        addRule({ table, name: 'b' }, []),
        nft.deleteTable({ family: 'ip', name: 'x' }),
      ]),
    );
    expect(error.failures.map(({ index, error: { code } }) => [index, code])).toEqual([
      [1, 'ENOENT'],
      [2, 'ENOENT'],
      [3, 'ENOENT'],
    ]);
  });

  describe('what is wrong is said', () => {
    const missing = { table, name: 'missing', key: 'ipv4_addr' } as const;
    const bridge = { family: 'bridge', name: 'b' } as const;
    const bridged = { table: bridge, name: 'c', hook: 'input' } as const;

    test.each<[string, nft.Operation[], object, RegExp]>([
      [
        'a set that is not there',
        [...base, addRule(forward, [counter(), match(ip.saddr, missing)])],
        { code: 'ENOENT', option: 'expressions.4' },
        /expression 'lookup': there is no such set/,
      ],
      [
        'a chain that is not there',
        [...base, addRule(forward, [nft.jump('nowhere')])],
        { code: 'ENOENT', option: 'expressions.0' },
        /expression 'immediate': there is no such chain/,
      ],
      [
        'an object that is not there',
        [...base, addRule(forward, [nft.useObject('counter', 'nothing')])],
        { code: 'ENOENT', option: 'expressions.0' },
        /expression 'objref': there is no such object/,
      ],
      [
        // not built into the kernel that the tests run on
        'an expression that the kernel lacks',
        [...base, addRule(forward, [nft.raw({ name: 'nonesuch' })])],
        { code: 'ENOENT', option: 'expressions.0' },
        /this kernel has no expression 'nonesuch' for this family: module nft_nonesuch/,
      ],
      [
        'an expression that is not for the hook',
        [...base, addRule(forward, [nft.masquerade()])],
        { code: 'EOPNOTSUPP' },
        /not for a chain of this type or at this hook: masq/,
      ],
      [
        'a chain of a type that the hook has not',
        [nft.addTable(table), nft.addChain({ table, name: 'x', type: 'nat', hook: 'forward' })],
        { code: 'EOPNOTSUPP' },
        /add chain inet t x/,
      ],
      [
        'an address for an interval that overlaps',
        [
          nft.addTable(table),
          nft.addSet({ ...missing, flags: ['interval'] }),
          nft.addElements({ ...missing, flags: ['interval'] }, [{ key: '10.0.0.0/8' }]),
          nft.addElements({ ...missing, flags: ['interval'] }, [{ key: '10.1.0.0/16' }]),
        ],
        { code: 'EEXIST', index: 3 },
        /add elements to set inet t missing/,
      ],
      [
        'a loop of jumps',
        [
          ...base,
          nft.addChain({ table, name: 'a' }),
          addRule(forward, [nft.jump('a')]),
          addRule({ table, name: 'a' }, [nft.jump('a')]),
        ],
        { code: expect.stringMatching(/^E(MLINK|LOOP)$/) as string },
        /add rule to chain inet t a/,
      ],
      [
        'a table that is there already',
        [nft.addTable(table), nft.addTable(table, { ifExists: 'fail' })],
        { code: 'EEXIST', index: 1 },
        /add table inet t/,
      ],
      [
        'a table that is not there',
        [nft.deleteTable(bridge)],
        { code: 'ENOENT', option: 'name' },
        /delete table bridge b/,
      ],
      [
        'an expression that the family has not',
        [
          nft.addTable(bridge),
          nft.addChain(bridged),
          addRule(bridged, [nft.raw({ name: 'masq', data: {} })]),
        ],
        { code: 'ENOENT', option: 'expressions.0' },
        /this kernel has no expression 'masq' for this family: module nft_masq/,
      ],
    ])('%s', async (_, operations, details, message) => {
      await using netns = await createNetns();
      const error = await refused(nft.apply(netns, operations));
      expect(error).toMatchObject(details);
      expect(error.message).toMatch(message);
      expect(await nftSays(netns, 'list', 'ruleset')).toBe('');
    });
  });

  test('what need not be there is deleted where it is', async () => {
    await using netns = await createNetns();
    const nets = { table, name: 'nets', key: 'ipv4_addr' } as const;
    const hits = { table, name: 'hits', type: 'counter' } as const;
    const gone = { ifMissing: 'ignore' } as const;
    const removal = [
      nft.deleteElements(nets, ['10.0.0.1'], gone),
      nft.deleteSet(nets, gone),
      nft.deleteObject(hits, gone),
      nft.deleteChain(forward, gone),
      nft.deleteTable(table, gone),
    ];
    await nft.apply(netns, [
      ...base,
      nft.addSet(nets),
      nft.addObject(hits),
      nft.addElements(nets, [{ key: '10.0.0.1' }]),
    ]);
    await nft.apply(netns, removal);
    expect(await nftSays(netns, 'list', 'ruleset')).toBe('');
    // of elements, the set has to be there
    await nft.apply(netns, [nft.addTable(table), ...removal.slice(1)]);
    await nft.apply(netns, [nft.deleteTable(table, gone)]);
  });

  test('flushing takes out what is in it', async () => {
    await using netns = await createNetns();
    const nets = { table, name: 'nets', key: 'ipv4_addr' } as const;
    const other = { family: 'ip', name: 'x' } as const;
    await nft.apply(netns, [
      ...base,
      nft.addTable(other),
      addRule(forward, [accept()]),
      nft.addSet(nets),
      nft.addElements(nets, [{ key: '10.0.0.1' }]),
    ]);
    await nft.apply(netns, [nft.flushChain(forward), nft.flushSet(nets)]);
    const text = await nftSays(netns, 'list', 'ruleset');
    expect(text).toContain('chain forward');
    expect(text).not.toContain('accept\n\t\taccept');
    expect(text).not.toContain('elements');
    await nft.apply(netns, [nft.flushRuleset('inet')]);
    expect(await nftSays(netns, 'list', 'tables')).toBe('table ip x\n');
    await nft.apply(netns, [nft.flushRuleset()]);
    expect(await nftSays(netns, 'list', 'tables')).toBe('');
  });

  test('a transaction of nothing does nothing', async () => {
    await using netns = await createNetns();
    expect(await nft.apply(netns, [])).toEqual([]);
    expect((await nft.listRuleset(netns)).tables).toEqual([]);
  });

  test('two that read and change at once: each sees what the other did', async () => {
    await using netns = await createNetns();
    const chain = { table, name: 'list' };
    await nft.apply(netns, [nft.addTable(table), nft.addChain(chain)]);
    let calls = 0;
    // each adds a rule whose comment is how many there are
    const add = async () =>
      nft.apply(netns, async () => {
        calls++;
        const { rules } = await nft.listRuleset(netns);
        return [addRule(chain, [accept()], { comment: String(rules.length) })];
      });
    await Promise.all([add(), add(), add(), add(), add()]);
    const { rules } = await nft.listRuleset(netns);
    expect(rules.map(({ comment }) => comment)).toEqual(['0', '1', '2', '3', '4']);
    expect(calls).toBeGreaterThan(5);
  });

  test('where somebody else always comes between, it gives up', async () => {
    await using netns = await createNetns();
    let calls = 0;
    const error = await refused(
      nft.apply(netns, async () => {
        calls++;
        await nft.apply(netns, [nft.addTable({ family: 'ip', name: `t${calls}` })]);
        return [nft.addTable(table)];
      }),
    );
    expect(error).toMatchObject({ code: 'ERESTART', index: -1 });
    expect(error.message).toContain('somebody else changed the ruleset meanwhile');
    expect(calls).toBe(20);
    expect(await nftSays(netns, 'list', 'ruleset')).not.toContain('table inet t');
  });

  test('elements by the thousand are one transaction', async () => {
    await using netns = await createNetns();
    const map = {
      table,
      name: 'ports',
      key: ['ipv4_addr', 'inet_proto', 'inet_service'],
      value: ['ipv4_addr', 'inet_service'],
    } as const;
    const COUNT = 5000;
    const elements = Array.from({ length: COUNT }, (_, i) => ({
      key: ['10.0.0.1', 'tcp', i + 1],
      value: [`10.1.${i >> 8}.${i & 0xff}`, 80],
    }));
    await nft.apply(netns, [nft.addTable(table), nft.addSet(map), nft.addElements(map, elements)]);
    const [set] = (await nftJson(netns)).flatMap(({ map: found }) => found ?? []) as { elem: unknown[] }[];
    expect(set?.elem).toHaveLength(COUNT);
    expect(new Set((await nft.listElements(netns, map)).map((one) => JSON.stringify(one)))).toEqual(
      new Set(elements.map((one) => JSON.stringify(one))),
    );

    const twice = await refused(
      nft.apply(netns, [
        nft.addElements(
          map,
          elements.map(({ key }) => ({ key: [key[0]!, 'udp', key[2]!], value: ['10.2.0.1', 80] })),
        ),
        nft.addElements(map, [{ key: ['10.0.0.1', 'tcp', COUNT], value: ['10.2.0.1', 80] }], {
          ifExists: 'fail',
        }),
      ]),
    );
    expect(twice).toMatchObject({ code: 'EEXIST', index: 1 });
    expect(await nft.listElements(netns, map)).toHaveLength(COUNT);
    await nft.apply(netns, [
      nft.deleteElements(
        map,
        elements.map(({ key }) => key),
      ),
    ]);
    expect(await nft.listElements(netns, map)).toEqual([]);
  });

  test('a handle that was closed is refused', async () => {
    await using netns = await createNetns();
    netns.close();
    expect(await failure(nft.apply(netns, base))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
    expect(await failure(nft.listRuleset(netns))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
  });

  test('closing the handle lets go of the socket, once what is under way has settled', async () => {
    await using netns = await createNetns();
    const applied = nft.apply(netns, base);
    netns.close();
    await expect(applied).resolves.toEqual([undefined, undefined]);
  });
});
