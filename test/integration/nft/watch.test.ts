import { createNetns, type Netns, nft, setLink } from '../../../lib';
import { failure, ip, run } from '../../support/ip';
import { nftSays } from '../../support/nft';

const table = { family: 'inet', name: 't' } as const;
const chain = { table, name: 'c' } as const;

async function next<T>(events: AsyncIterator<T, undefined>): Promise<T> {
  const result = await events.next();
  if (result.done === true) throw new Error('the events have ended');
  return result.value;
}

describe('nft.watchRuleset, nft.watchTrace', () => {
  describe('watchRuleset', () => {
    test('first what is there, then what nft does, transaction by transaction', async () => {
      await using netns = await createNetns();
      await nft.apply(netns, [nft.addTable(table)]);
      await using events = nft.watchRuleset(netns);
      const first = await next(events);
      expect(first).toMatchObject({ kind: 'ruleset', ruleset: { tables: [{ name: 't' }], chains: [] } });
      const { generation } = (first as nft.RulesetEvent & { kind: 'ruleset' }).ruleset;

      await nftSays(
        netns,
        `add chain inet t c; add set inet t s { type ipv4_addr ; flags interval ; };
       add element inet t s { 10.0.0.0/8 comment "x" }; add rule inet t c counter;
       add counter inet t hits`,
      );
      expect(await next(events)).toEqual({
        kind: 'transaction',
        generation: generation + 1,
        pid: expect.any(Number) as number,
        process: 'nft',
        changes: expect.arrayContaining([
          { change: 'added', chain: { ...chain, handle: expect.any(Number) as number } },
          expect.objectContaining({
            change: 'added',
            set: expect.objectContaining({ name: 's' }) as unknown,
          }),
          {
            change: 'added',
            of: { table, name: 's' },
            elements: expect.anything() as unknown,
          },
          expect.objectContaining({ change: 'added', rule: expect.objectContaining({ chain }) as unknown }),
          expect.objectContaining({
            change: 'added',
            object: expect.objectContaining({ name: 'hits', type: 'counter' }) as unknown,
          }),
        ]) as unknown,
      });

      await nftSays(netns, 'delete', 'table', 'inet', 't');
      const last = await next(events);
      expect(last).toMatchObject({ kind: 'transaction', generation: generation + 2 });
      const { changes } = last as nft.RulesetEvent & { kind: 'transaction' };
      const kinds = changes.map((one) => Object.keys(one).find((name) => name !== 'change'));
      expect(new Set(changes.map(({ change }) => change))).toEqual(new Set(['deleted']));
      expect(kinds).toEqual(expect.arrayContaining(['table', 'chain', 'rule', 'set', 'object']));
    });

    test('the elements of a map are told by their types', async () => {
      await using netns = await createNetns();
      const map = { table, name: 'm', key: ['inet_proto', 'inet_service'], value: 'ipv4_addr' } as const;
      await nft.apply(netns, [nft.addTable(table), nft.addSet(map)]);
      await using events = nft.watchRuleset(netns);
      await next(events);
      await nftSays(netns, 'add', 'element', 'inet', 't', 'm', '{ tcp . 80 : 10.0.0.1 }');
      expect(await next(events)).toMatchObject({
        changes: [
          { change: 'added', of: { name: 'm' }, elements: [{ key: ['tcp', 80], value: '10.0.0.1' }] },
        ],
      });
      await nft.apply(netns, [nft.deleteElements(map, [['tcp', 80]])]);
      expect(await next(events)).toMatchObject({
        process: 'rtnetns',
        changes: [{ change: 'deleted', elements: [{ key: ['tcp', 80] }] }],
      });
    });

    test('none is lost while the ruleset is read, and none told twice', async () => {
      await using netns = await createNetns();
      await nft.apply(netns, [nft.addTable(table), nft.addChain(chain)]);
      await using events = nft.watchRuleset(netns);
      const beginning = next(events);
      const COUNT = 40;
      for (let i = 0; i < COUNT; i++) await nft.apply(netns, [nft.addRule(chain, [nft.accept()])]);
      const first = (await beginning) as nft.RulesetEvent & { kind: 'ruleset' };
      let rules = first.ruleset.rules.length;
      let { generation } = first.ruleset;
      while (rules < COUNT) {
        const event = (await next(events)) as nft.RulesetEvent & { kind: 'transaction' };
        expect(event.generation).toBe(++generation);
        rules += event.changes.length;
      }
      expect(rules).toBe(COUNT);
    });

    test('where events are lost, the ruleset is read again', async () => {
      await using netns = await createNetns();
      await nft.apply(netns, [nft.addTable(table), nft.addChain(chain)]);
      await using events = nft.watchRuleset(netns);
      await next(events);
      // more than fits the socket's buffer, before JavaScript has its turn to take any
      const many = Array.from({ length: 400 }, () => nft.addRule(chain, [nft.counter(), nft.accept()]));
      const before = (await nft.listRuleset(netns)).generation;
      const applied = Array.from({ length: 30 }, async () => nft.apply(netns, many));
      await Promise.all(applied);
      let last: nft.RulesetEvent;
      let rules = 0;
      do {
        last = await next(events);
        if (last.kind === 'ruleset') rules = last.ruleset.rules.length;
        else rules += last.changes.length;
      } while ((last.kind === 'ruleset' ? last.ruleset : last).generation < before + applied.length);
      expect(rules).toBe(400 * 30);
    });

    test('the loop ends with the signal, and with the handle', async () => {
      await using netns = await createNetns();
      const controller = new AbortController();
      const events = nft.watchRuleset(netns, { signal: controller.signal });
      await next(events);
      const waiting = next(events);
      controller.abort(new Error('enough'));
      expect(await failure(waiting)).toMatchObject({ message: 'enough' });
      expect(await events.next()).toEqual({ done: true, value: undefined });

      const others = nft.watchRuleset(netns);
      await next(others);
      const pending = next(others);
      netns.close();
      expect(await failure(pending)).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
    });

    test('leaving the loop closes the socket', async () => {
      await using netns = await createNetns();
      for await (const event of nft.watchRuleset(netns)) {
        expect(event.kind).toBe('ruleset');
        break;
      }
    });
  });

  describe('watchTrace', () => {
    async function traced(netns: Netns): Promise<number> {
      const input = { table, name: 'in', hook: 'input', policy: 'drop' } as const;
      const [, , , , rule = 0] = await nft.apply(
        netns,
        [
          nft.addTable(table),
          nft.addChain(input),
          nft.addChain({ table, name: 'more' }),
          nft.addRule(input, [nft.match(nft.icmp.type, 'echo-request'), nft.trace()]),
          nft.addRule(input, [nft.match(nft.icmp.type, 'echo-request'), nft.jump('more')]),
          nft.addRule({ table, name: 'more' }, [nft.match(nft.ip.daddr, '127.0.0.2'), nft.accept()]),
        ],
        { handles: true },
      );
      return rule;
    }

    test('the way of a packet, rule by rule, as nft tells it', async () => {
      await using netns = await createNetns();
      await setLink(netns, 'lo', { up: true });
      const jump = await traced(netns);
      await using events = nft.watchTrace(netns);
      expect(await next(events)).toEqual({ kind: 'ready' });

      await run(netns, 'ping', '-c1', '-W1', '127.0.0.2').catch(() => 'the answer is dropped');
      const steps: nft.TraceStep[] = [];
      while (steps.at(-1)?.verdict !== 'accept') steps.push((await next(events)) as nft.TraceStep);
      const [lo] = await ip(netns, 'link', 'show', 'lo');
      expect(steps).toMatchObject([
        { type: 'rule', table, chain: 'in', verdict: 'continue', iif: lo?.['ifindex'] },
        { type: 'rule', chain: 'in', rule: jump, verdict: { jump: 'more' } },
        { type: 'rule', chain: 'more', verdict: 'accept' },
      ]);
      expect(new Set(steps.map(({ id }) => id)).size).toBe(1);
      // IPv4 of ICMP
      const header = steps[0]?.networkHeader;
      expect([header?.[0], header?.[9]]).toEqual([0x45, 1]);
      expect(steps[0]?.transportHeader?.[0]).toBe(8);
    });

    test('a policy that decides', async () => {
      await using netns = await createNetns();
      await setLink(netns, 'lo', { up: true });
      await traced(netns);
      await using events = nft.watchTrace(netns);
      await next(events);
      await run(netns, 'ping', '-c1', '-W1', '127.0.0.3').catch(() => 'it is dropped');
      const steps: nft.TraceStep[] = [];
      while (steps.at(-1)?.type !== 'policy') steps.push((await next(events)) as nft.TraceStep);
      expect(steps.slice(1)).toMatchObject([
        { type: 'rule', chain: 'in', verdict: { jump: 'more' } },
        { type: 'end', chain: 'more', verdict: 'continue' },
        { type: 'end', chain: 'in', verdict: 'continue' },
        { type: 'policy', chain: 'in', verdict: 'drop' },
      ]);
    });
  });
});
