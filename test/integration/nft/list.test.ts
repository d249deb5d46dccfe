import { createNetns, DumpInterruptedError, type Netns, nft } from '../../../lib';
import { failure } from '../../support/ip';
import { nftSays } from '../../support/nft';

// What nft made is read back, typed.

const table = { family: 'inet', name: 't' } as const;

describe('nft.listRuleset', () => {
  test('tables and chains', async () => {
    await using netns = await createNetns();
    await nftSays(
      netns,
      `add table inet t { comment "hello" ; };
     add table ip x { flags dormant ; };
     add table netdev n;
     add chain inet t a { comment "no hook" ; };
     add chain inet t b { type nat hook postrouting priority srcnat + 5 ; policy drop ; };
     add chain netdev n i { type filter hook ingress device "lo" priority -500 ; }`,
    );
    const { tables, chains } = await nft.listRuleset(netns);
    expect(tables).toEqual([
      { ...table, comment: 'hello', handle: 1 },
      { family: 'ip', name: 'x', flags: ['dormant'], handle: 2 },
      { family: 'netdev', name: 'n', handle: 3 },
    ]);
    expect(chains).toEqual([
      { table, name: 'a', comment: 'no hook', handle: 1 },
      { table, name: 'b', type: 'nat', hook: 'postrouting', priority: 105, policy: 'drop', handle: 2 },
      {
        table: { family: 'netdev', name: 'n' },
        name: 'i',
        type: 'filter',
        hook: 'ingress',
        priority: -500,
        policy: 'accept',
        devices: ['lo'],
        handle: 1,
      },
    ]);
  });

  test('rules, with their expressions', async () => {
    await using netns = await createNetns();
    await nftSays(
      netns,
      `add table ip x; add chain ip x c;
     add rule ip x c iifname "eth0" counter packets 3 bytes 99 drop comment "why"`,
    );
    const { rules } = await nft.listRuleset(netns);
    const name = Buffer.alloc(16);
    name.write('eth0');
    expect(rules).toEqual([
      {
        chain: { table: { family: 'ip', name: 'x' }, name: 'c' },
        handle: 2,
        comment: 'why',
        expressions: [
          { name: 'meta', data: { key: 'iifname', dreg: 1 } },
          { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: name } } },
          { name: 'counter', data: { packets: 3, bytes: 99 } },
          { name: 'immediate', data: { dreg: 0, data: { verdict: { code: 'drop' } } } },
        ],
      },
    ]);
  });

  describe('sets', () => {
    test.each<[string, string, object]>([
      ['{ type ipv4_addr ; }', '{ 10.0.0.1 }', { key: ['ipv4_addr'], elements: [{ key: '10.0.0.1' }] }],
      [
        '{ type inet_service ; flags interval ; }',
        '{ 0-79, 80, 81-89, 65530-65535 }',
        {
          flags: ['interval'],
          elements: [
            { key: { from: 0, to: 79 } },
            { key: 80 },
            { key: { from: 81, to: 89 } },
            { key: { from: 65_530, to: 65_535 } },
          ],
        },
      ],
      [
        '{ type ipv6_addr ; flags interval ; }',
        '{ ::/1, fd00::/8, ff00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff }',
        { elements: [{ key: '::/1' }, { key: 'fd00::/8' }, { key: 'ff00::/8' }] },
      ],
      [
        '{ type ipv4_addr . inet_service ; flags interval ; }',
        '{ 10.0.0.1-10.0.0.5 . 80, 10.1.0.0/16 . 1000-2000 }',
        {
          key: ['ipv4_addr', 'inet_service'],
          elements: expect.arrayContaining([
            { key: [{ from: '10.0.0.1', to: '10.0.0.5' }, 80] },
            { key: ['10.1.0.0/16', { from: 1000, to: 2000 }] },
          ]) as unknown,
        },
      ],
      [
        '{ type ifname . mark ; comment "named" ; }',
        '{ "eth0" . 7 comment "one" }',
        { comment: 'named', elements: [{ key: ['eth0', 7], comment: 'one' }] },
      ],
      [
        '{ type ether_addr ; size 10 ; counter ; }',
        '{ 02:00:00:00:00:01 counter packets 2 bytes 5 }',
        {
          size: 10,
          elements: [
            {
              key: '02:00:00:00:00:01',
              expressions: [{ name: 'counter', data: { packets: 2, bytes: 5 } }],
            },
          ],
        },
      ],
      [
        '{ type ipv4_addr ; timeout 1h ; gc-interval 5m ; policy memory ; }',
        '{ 10.0.0.1 timeout 30m }',
        {
          timeout: 3_600_000,
          gcInterval: 300_000,
          policy: 'memory',
          flags: ['timeout'],
          elements: [{ key: '10.0.0.1', timeout: 1_800_000, expires: expect.any(Number) as number }],
        },
      ],
      [
        '{ type inet_service ; }',
        '{ 80, * }',
        { elements: expect.arrayContaining([{ key: '*' }]) as unknown },
      ],
    ])('%s %s', async (definition, elements, expected) => {
      await using netns = await createNetns();
      await nftSays(
        netns,
        `add table inet t; add set inet t s ${definition}; add element inet t s ${elements}`,
      );
      const { sets } = await nft.listRuleset(netns);
      expect(sets).toMatchObject([{ table, name: 's', anonymous: false, ...expected }]);
    });

    test('maps', async () => {
      await using netns = await createNetns();
      await nftSays(
        netns,
        `add table inet t; add chain inet t c; add counter inet t hits;
       add map inet t a { type inet_proto . inet_service : ipv4_addr . inet_service ; };
       add element inet t a { tcp . 80 : 10.0.0.1 . 8080 };
       add map inet t b { type ifname : verdict ; };
       add element inet t b { "x" : jump c, "y" : goto c, "z" : accept };
       add map inet t d { type ipv4_addr : counter ; };
       add element inet t d { 10.0.0.1 : "hits" }`,
      );
      const { sets, objects } = await nft.listRuleset(netns);
      expect(sets).toMatchObject([
        {
          name: 'a',
          key: ['inet_proto', 'inet_service'],
          value: ['ipv4_addr', 'inet_service'],
          elements: [{ key: ['tcp', 80], value: ['10.0.0.1', 8080] }],
        },
        {
          name: 'b',
          value: 'verdict',
          elements: expect.arrayContaining([
            { key: 'x', value: { jump: 'c' } },
            { key: 'y', value: { goto: 'c' } },
            { key: 'z', value: 'accept' },
          ]) as unknown,
        },
        { name: 'd', value: { object: 'counter' }, elements: [{ key: '10.0.0.1', value: 'hits' }] },
      ]);
      expect(objects).toEqual([
        {
          table,
          name: 'hits',
          type: 'counter',
          packets: 0,
          bytes: 0,
          handle: expect.any(Number) as number,
        },
      ]);
    });

    test('of a type that only nft knows: there, without keys', async () => {
      await using netns = await createNetns();
      await nftSays(
        netns,
        `add table inet t; add set inet t s { typeof vlan id ; }; add element inet t s { 5 };
       add chain inet t c; add rule inet t c ct label 5 drop`,
      );
      const { sets, rules } = await nft.listRuleset(netns);
      expect(sets[0]).toMatchObject({ name: 's' });
      expect(sets[0]).not.toHaveProperty('key');
      expect(sets[0]).not.toHaveProperty('elements');
      expect(rules).toHaveLength(1);
    });

    test('without their elements', async () => {
      await using netns = await createNetns();
      await nftSays(
        netns,
        'add table inet t; add set inet t s { type mark ; }; add element inet t s { 1 }; add table ip t;' +
          'add set ip t s { type mark ; }',
      );
      const { sets } = await nft.listRuleset(netns, { elements: false });
      expect(sets.map(({ elements }) => elements)).toEqual([undefined, undefined]);
      const [only] = (await nft.listRuleset(netns, { family: 'inet' })).sets;
      expect(only).toMatchObject({ table, elements: [{ key: 1 }] });
    });
  });

  test('objects', async () => {
    await using netns = await createNetns();
    await nftSays(
      netns,
      `add table inet t;
     add counter inet t c { packets 1 bytes 2 ; };
     add quota inet t q { over 5 kbytes used 1 kbytes ; };
     add limit inet t l { rate over 3 mbytes/minute burst 9 kbytes ; };
     add ct helper inet t h { type "ftp" protocol tcp ; l3proto ip ; }`,
    );
    const { objects } = await nft.listRuleset(netns);
    expect(objects).toMatchObject([
      { name: 'c', type: 'counter', packets: 1, bytes: 2 },
      { name: 'q', type: 'quota', bytes: 5120, consumed: 1024, over: true },
      {
        name: 'l',
        type: 'limit',
        rate: 3_145_728,
        per: 'minute',
        burst: 9216,
        unit: 'bytes',
        over: true,
      },
      { name: 'h', type: 'ct helper', helper: 'ftp', protocol: 'tcp', l3proto: 'ip' },
    ]);
  });

  test('one family, one table', async () => {
    await using netns = await createNetns();
    const each = (family: string, name: string) =>
      `add table ${family} ${name}; add chain ${family} ${name} c; add rule ${family} ${name} c drop;` +
      `add set ${family} ${name} s { type mark ; }; add counter ${family} ${name} o;`;
    await nftSays(netns, each('inet', 'a') + each('ip', 'a') + each('ip', 'b'));
    const names = async (options: nft.ListRulesetOptions) => {
      const { tables, chains, rules, sets, objects } = await nft.listRuleset(netns, options);
      const named = [...chains, ...sets, ...objects].map(({ table: of }) => of);
      return [...tables, ...named, ...rules.map(({ chain }) => chain.table)].map(
        ({ family, name }) => `${family} ${name}`,
      );
    };
    expect(await names({ family: 'ip', table: 'b' })).toEqual(Array<string>(5).fill('ip b'));
    const five = (name: string) => Array<string>(5).fill(name);
    expect((await names({ family: 'ip' })).sort()).toEqual([...five('ip a'), ...five('ip b')]);
    expect((await names({ table: 'a' })).sort()).toEqual([...five('inet a'), ...five('ip a')]);
    expect(await names({ table: 'none' })).toEqual([]);
    expect(await failure(nft.listRuleset(netns, { family: 'ipx' as never }))).toBeInstanceOf(RangeError);
  });

  describe('while others change it', () => {
    const chains = ['a', 'b'].map((name) => ({ table, name }));

    /** Each transaction adds a rule to both chains. */
    const change = async (netns: Netns) =>
      nft.apply(
        netns,
        chains.map((chain) => nft.addRule(chain, [nft.accept()])),
      );

    /** The namespace, where somebody else's transaction comes before each exchange, as long as there are some. */
    function restless(netns: Netns, changes: number): Netns {
      let left = changes;
      const exchange: Netns['exchange'] = async (...args) => {
        if (left-- > 0) await change(netns);
        return netns.exchange(...args);
      };
      return new Proxy(netns, {
        get(handle, name) {
          if (name === 'exchange') return exchange;
          const value: unknown = Reflect.get(handle, name, handle);
          return typeof value === 'function' ? (value.bind(handle) as unknown) : value;
        },
      });
    }

    test.each([1, 2, 3, 5, 8, 20])(
      '%i times, what is listed is what was there at one time',
      async (changes) => {
        await using netns = await createNetns();
        await nft.apply(netns, [nft.addTable(table), ...chains.map((chain) => nft.addChain(chain))]);
        const { generation: before } = await nft.listRuleset(netns);
        const { rules, generation } = await nft.listRuleset(restless(netns, changes));
        const [a, b] = ['a', 'b'].map((name) => rules.filter(({ chain }) => chain.name === name).length);
        expect(a).toBe(changes);
        expect(b).toBe(changes);
        expect(generation - before).toBe(changes);
      },
    );

    test('all the time, it gives up', async () => {
      await using netns = await createNetns();
      await nft.apply(netns, [nft.addTable(table), ...chains.map((chain) => nft.addChain(chain))]);
      const error = await failure(nft.listRuleset(restless(netns, Infinity)));
      expect(error).toBeInstanceOf(DumpInterruptedError);
      expect(error).toMatchObject({ code: 'EINTR', operation: 'list ruleset' });
      expect(error).toMatchObject({ partial: [{ tables: [{ name: 't' }] }] });
    });
  });
});
