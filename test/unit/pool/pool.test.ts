import fc from 'fast-check';
import { Pool } from '../../../lib/pool/pool';
import { addressSpace, subnetSpace } from '../../../lib/pool/space';
import { PoolState } from '../../../lib/pool/state';
import { memoryStore } from '../../../lib/pool/store';

/** What a pool has to be, in the simplest words: what is free, in the order in which it is to be given. */
class Model {
  readonly taken = new Map<string, bigint>();
  constructor(readonly free: bigint[]) {}

  allocate(owner: string, place?: bigint): bigint | string {
    const has = this.taken.get(owner);
    if (has !== undefined) return place === undefined || place === has ? has : 'EEXIST';
    if (place !== undefined && [...this.taken.values()].includes(place)) return 'EADDRINUSE';
    const given = place ?? this.free[0];
    if (given === undefined) return 'ERR_POOL_EXHAUSTED';
    this.free.splice(this.free.indexOf(given), 1);
    this.taken.set(owner, given);
    return given;
  }

  release(owner: string): bigint[] {
    const place = this.taken.get(owner);
    if (place === undefined) return [];
    this.taken.delete(owner);
    this.free.push(place);
    return [place];
  }
}

type Command =
  { kind: 'allocate'; owner: string; place?: bigint | undefined } | { kind: 'release'; owner: string };

const owner = fc.integer({ min: 0, max: 19 }).map(String);
// 2 to 14: of 10.0.0.0/28, without its ends and the gateway
const place = fc.bigInt({ min: 2n, max: 14n });
const command: fc.Arbitrary<Command> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('allocate' as const), owner }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('allocate' as const), owner, place }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('release' as const), owner }), weight: 3 },
);

const outcome = async (attempt: Promise<bigint>) =>
  attempt.catch((error: unknown) => (error as { code: string }).code);

const numbers = (first: bigint, last: bigint) =>
  Array.from({ length: Number(last - first) + 1 }, (_, i) => first + BigInt(i));

test('it gives what was never given, in order, then what has been free for the longest time, and nothing twice', async () => {
  const { space } = addressSpace({ subnet: '10.0.0.0/28' });
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 120 }), fc.boolean(), async (commands, together) => {
      const pool = new Pool(space, memoryStore());
      const model = new Model(numbers(2n, 14n));
      const expected: unknown[] = [];
      const results: Promise<unknown>[] = [];
      for (const one of commands) {
        if (one.kind === 'allocate') {
          expected.push(model.allocate(one.owner, one.place));
          results.push(outcome(pool.allocate({ ...one, key: '' })));
        } else {
          expected.push(model.release(one.owner));
          results.push(pool.release(one).then((released) => released.map((allocation) => allocation.place)));
        }
        if (!together) await results.at(-1);
      }
      expect(await Promise.all(results)).toEqual(expected);
      const listed = (await pool.list()).map((one): [string, bigint] => [one.owner, one.place]);
      expect(new Map(listed)).toEqual(model.taken);
      await pool.close();
    }),
  );
});

test('a pool gives all that it has before it is exhausted, whatever is excluded', async () => {
  const last = fc.bigInt({ min: 0n, max: 63n });
  const excluded = fc.array(
    last.map((at) => `10.0.0.${at}`),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(excluded, last, last, async (exclude, a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const allowed = numbers(from, to).filter(
        (at) => at !== 0n && at !== 63n && at !== 7n && !exclude.includes(`10.0.0.${at}`),
      );
      fc.pre(allowed.length > 0);
      const range = { from: `10.0.0.${from}`, to: `10.0.0.${to}` };
      const { space } = addressSpace({ subnet: '10.0.0.0/26', gateway: '10.0.0.7', range, exclude });
      const pool = new Pool(space, memoryStore());
      const all = await Promise.all(
        allowed.map(async (_, i) => pool.allocate({ owner: 'one', key: String(i) })),
      );
      expect(all).toEqual(allowed);
      await expect(pool.allocate({ owner: 'another', key: '' })).rejects.toMatchObject({
        code: 'ERR_POOL_EXHAUSTED',
      });
    }),
  );
});

test('of a pool with more released ones than are remembered, still each is given once in a round', async () => {
  const { space } = addressSpace({ subnet: '10.0.0.0/24' });
  const pool = new Pool(space, memoryStore(new PoolState(100)));
  const round = async (owner: string, count: number) =>
    Promise.all(Array.from({ length: count }, async (_, i) => pool.allocate({ owner, key: String(i) })));
  const more = async () => outcome(pool.allocate({ owner: 'more', key: '' }));
  expect(await round('first', 253)).toEqual(numbers(2n, 254n));
  expect(await more()).toBe('ERR_POOL_EXHAUSTED');
  // the last ones first, and one kept
  const released = numbers(2n, 254n).reverse();
  released.splice(10, 1);
  await Promise.all(released.map(async (at) => pool.release({ place: at })));
  const again = await round('second', 252);
  // of 252, four times 50 were forgotten: they are given first, and those that are remembered as they were released
  expect(again).toEqual([...released.slice(0, 200).sort((a, b) => Number(a - b)), ...released.slice(200)]);
  expect(await more()).toBe('ERR_POOL_EXHAUSTED');
});

test('a /64 with addresses far apart costs what they are many', async () => {
  const { space } = addressSpace({ subnet: 'fd00::/64', exclude: ['fd00::/65'] });
  const pool = new Pool(space, memoryStore());
  const far = 1n << 63n;
  expect(await pool.allocate({ owner: 'a', key: '' })).toBe(far);
  expect(await pool.allocate({ owner: 'b', key: '', place: (1n << 64n) - 1n })).toBe((1n << 64n) - 1n);
  expect(await pool.allocate({ owner: 'c', key: '' })).toBe(far + 1n);
  await pool.release({ owner: 'a' });
  expect(await pool.allocate({ owner: 'd', key: '' })).toBe(far + 2n);
});

test('subnets', async () => {
  const space = subnetSpace({ base: '10.0.0.0/22', prefixLength: 24, exclude: ['10.0.1.7'] });
  const pool = new Pool(space, memoryStore());
  const all = ['a', 'b', 'c'].map(async (name) => pool.allocate({ owner: name, key: '' }));
  expect(await Promise.all(all)).toEqual([0n, 2n, 3n]);
  await expect(pool.allocate({ owner: 'd', key: '' })).rejects.toMatchObject({
    name: 'PoolError',
    message: 'ERR_POOL_EXHAUSTED: allocate from pool 10.0.0.0/22: all that it may give is given, 3 in all',
  });
});

test('a store that fails gives nothing, and those who ask later start afresh', async () => {
  const { space } = addressSpace({ subnet: '10.0.0.0/28' });
  const store = memoryStore();
  let failing = true;
  const pool = new Pool(space, {
    transact: async (work) => (failing ? Promise.reject(new Error('of the store')) : store.transact(work)),
    close: () => undefined,
  });
  const both = ['a', 'b'].map(async (name) => pool.allocate({ owner: name, key: '' }));
  expect(await Promise.allSettled(both)).toEqual(
    [1, 2].map(() => ({ status: 'rejected', reason: new Error('of the store') })),
  );
  failing = false;
  expect(await pool.allocate({ owner: 'c', key: '' })).toBe(2n);
});
