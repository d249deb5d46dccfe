import fc from 'fast-check';
import { createNetns, type Netns, nft } from '../../../lib';
import { ipText } from '../../../lib/common/ip-text';
import { failure } from '../../support/ip';
import { nftJson, nftSays } from '../../support/nft';

const table = { family: 'inet', name: 't' } as const;
const { addElements, addSet, addTable, deleteElements } = nft;

/** The sets: one for each data type. */
const TYPES = { ipv4_addr: 4, ipv6_addr: 16, inet_service: 2 } as const;
type Type = keyof typeof TYPES;
const setOf = (type: Type) =>
  ({ table, name: 's', key: type, flags: ['interval'], autoMerge: true }) as const;

/** Values next to each other, counted from a base: at the lowest value, across two bytes, or up to the highest value. */
const COUNT = 24;
const BASES = {
  low: () => 0n,
  middle: () => 256n * 37n - 11n,
  high: (type: Type) => 2n ** BigInt(8 * TYPES[type]) - BigInt(COUNT),
};

interface Span {
  from: number;
  to: number;
}

interface Step {
  does: 'add' | 'delete' | 'add by nft';
  spans: Span[];
}

const span = fc
  .tuple(fc.nat(COUNT - 1), fc.oneof(fc.constant(0), fc.nat(9)))
  .map(([from, more]) => ({ from, to: Math.min(from + more, COUNT - 1) }));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constantFrom('add' as const, 'add by nft' as const),
    spans: fc.array(span, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ does: fc.constant('delete' as const), spans: span.map((one) => [one]) }),
);

interface Kind {
  type: Type;
  base: keyof typeof BASES;
}

function valueAt({ type, base }: Kind, at: number): nft.Scalar {
  const value = BASES[base](type) + BigInt(at);
  if (type === 'inet_service') return Number(value);
  return ipText(Buffer.from(value.toString(16).padStart(2 * TYPES[type], '0'), 'hex'));
}

/** One value, a prefix where the span is one, or a range. */
function keyOf(kind: Kind, { from, to }: Span): nft.Scalar | nft.Range {
  const [low, high] = [valueAt(kind, from), valueAt(kind, to)];
  const size = to - from + 1;
  if (size === 1) return low;
  const bits = Math.log2(size);
  const start = BASES[kind.base](kind.type) + BigInt(from);
  const isPrefix = Number.isInteger(bits) && start % BigInt(size) === 0n && kind.type !== 'inet_service';
  return isPrefix ? `${low}/${8 * TYPES[kind.type] - bits}` : { from: low, to: high };
}

function nftElements(kind: Kind, spans: readonly Span[]): string {
  const texts = spans.map((one) => {
    const key = keyOf(kind, one);
    return typeof key === 'object' ? `${key.from}-${key.to}` : String(key);
  });
  return `element inet t s { ${texts.join(', ')} }`;
}

/** The set as nft prints it, without the handle. */
async function shown(netns: Netns): Promise<unknown> {
  const { set } = (await nftJson(netns)).find((one) => 'set' in one) as { set: object };
  return { ...set, handle: 0 };
}

/** The values of a set between which none is missing, around a span; undefined where one of the span is missing. */
function around(held: ReadonlySet<number>, { from, to }: Span): Span | undefined {
  for (let at = from; at <= to; at++) if (!held.has(at)) return undefined;
  let [low, high] = [from, to];
  while (held.has(low - 1)) low--;
  while (held.has(high + 1)) high++;
  return { from: low, to: high };
}

/** Deletes a span by nft: all of the interval, and adds the rest, because nft 1.0.6 deletes no part of an interval. */
async function deleteByNft(netns: Netns, kind: Kind, whole: Span, { from, to }: Span): Promise<void> {
  const rest = [
    { from: whole.from, to: from - 1 },
    { from: to + 1, to: whole.to },
  ].filter((one) => one.from <= one.to);
  await nftSays(netns, `delete ${nftElements(kind, [whole])}`);
  if (rest.length > 0) await nftSays(netns, `add ${nftElements(kind, rest)}`);
}

describe('nft.addSet', () => {
  test('with autoMerge, adding and deleting in any order leaves what nft leaves', async () => {
    await using ours = await createNetns();
    await using theirs = await createNetns();
    const kinds = fc.record({
      type: fc.constantFrom(...(Object.keys(TYPES) as Type[])),
      base: fc.constantFrom(...(Object.keys(BASES) as (keyof typeof BASES)[])),
    });
    const steps = fc.array(step, { minLength: 2, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(kinds, steps, fc.boolean(), async (kind, list, atOnce) => {
        const set = setOf(kind.type);
        const flags = 'flags interval; auto-merge;';
        const make = `add table inet t; add set inet t s { type ${kind.type}; ${flags} }`;
        await nft.apply(ours, [nft.flushRuleset(), addTable(table), addSet(set)]);
        await nftSays(theirs, `flush ruleset; ${make}`);
        const held = new Set<number>();
        const together: nft.Operation[] = [];
        const apply = async (operation: nft.Operation) => {
          if (atOnce) together.push(operation);
          else await nft.apply(ours, [operation]);
        };
        for (const { does, spans } of list) {
          const elements = spans.map((one) => ({ key: keyOf(kind, one) }));
          if (does === 'delete') {
            const [one] = spans as [Span];
            const whole = around(held, one);
            const operation = deleteElements(set, [keyOf(kind, one)]);
            if (whole === undefined) {
              const refused = await failure(nft.apply(ours, [...together, operation]));
              expect(refused).toMatchObject({ code: 'ENOENT', index: together.length, option: 'keys[0]' });
              continue;
            }
            await Promise.all([apply(operation), deleteByNft(theirs, kind, whole, one)]);
            for (let at = one.from; at <= one.to; at++) held.delete(at);
            continue;
          }
          const command = `add ${nftElements(kind, spans)}`;
          const byNft = does === 'add by nft' && !atOnce;
          const added = byNft ? nftSays(ours, command) : apply(addElements(set, elements));
          await Promise.all([added, nftSays(theirs, command)]);
          for (const one of spans) for (let at = one.from; at <= one.to; at++) held.add(at);
        }
        await nft.apply(ours, together);
        expect(await shown(ours)).toEqual(await shown(theirs));
      }),
      { numRuns: 25, interruptAfterTimeLimit: 4000 },
    );
  });
});
