import {
  createNetnsPool,
  deleteNetns,
  listLinks,
  type Netns,
  type NetnsPoolOptions,
  setLink,
} from '../../../lib';
import { failure, ip, names, run } from '../../support/ip';

// What `ip` and /proc say of namespaces that a pool has given.

const up = async (netns: Netns) => setLink(netns, 'lo', { up: true });

/** Whether lo is up there, as `ip` has it. */
const isUp = async (netns: Netns) => ((await ip(netns, 'link'))[0]!['flags'] as string[]).includes('UP');

/** The number of the namespace that a program finds itself in. */
const inode = async (netns: Netns) => (await run(netns, 'readlink', '/proc/self/ns/net')).trim();

async function filledPool(options: NetnsPoolOptions) {
  const pool = await createNetnsPool(options);
  await pool.filled();
  return pool;
}

describe('createNetnsPool', () => {
  test('hands out namespaces that prepare has set up, each once, with a number of its own', async () => {
    const indexes: number[] = [];
    const prepare = async (netns: Netns, index: number) => {
      indexes.push(index);
      await up(netns);
    };
    await using pool = await filledPool({ size: 3, prepare });
    expect({ size: pool.size, ready: pool.ready, inUse: pool.inUse, waiting: pool.waiting }).toEqual({
      ...{ size: 3, ready: 3, inUse: 0, waiting: 0 },
    });
    const given = [await pool.acquire(), await pool.acquire(), await pool.acquire()];
    expect(pool.inUse).toBe(3);
    const found = await Promise.all(given.map(inode));
    expect(new Set(found).size).toBe(3);
    expect(found).toEqual(given.map(({ ino }) => `net:[${ino}]`));
    expect(found).not.toContain((await run(undefined, 'readlink', '/proc/self/ns/net')).trim());
    expect(await Promise.all(given.map(isUp))).toEqual([true, true, true]);
    expect(given.map(({ name }) => name)).toEqual([undefined, undefined, undefined]);
    expect(await names()).toEqual([]);
    await Promise.all(given.map(async (netns) => pool.release(netns)));
    await pool.filled();
    expect(pool.ready).toBe(3);
    expect(indexes).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('answers from what is ready without asking anything of the kernel', async () => {
    await using pool = await filledPool({ size: 2, refill: { after: 60_000 } });
    let turns = 0;
    const turn = setImmediate(() => turns++);
    const [one, two] = [await pool.acquire(), await pool.acquire()];
    clearImmediate(turn);
    expect([turns, pool.ready]).toEqual([0, 0]);
    for (const netns of [one, two]) await pool.release(netns);
  });

  test('gives a name only then, and the handle has it', async () => {
    await using pool = await filledPool({ size: 2, prepare: up });
    const red = await pool.acquire({ name: 'red' });
    expect(await names()).toEqual(['red']);
    const named = (await run(undefined, 'stat', '-c', '%i', '/run/netns/red')).trim();
    expect([red.name, String(red), Number(named)]).toEqual(['red', 'red', red.ino]);
    expect(await failure(setLink(red, 'nothing', { up: true }))).toMatchObject({ netns: 'red' });
    expect((await listLinks(red)).map(({ name }) => name)).toEqual(['lo']);
    await pool.release(red);
    expect(await names()).toEqual([]);
  });

  test('where the name is taken, the namespace is ready again', async () => {
    await using pool = await filledPool({ size: 1 });
    const red = await pool.acquire({ name: 'red' });
    await pool.filled();
    expect(await failure(pool.acquire({ name: 'red' }))).toMatchObject({
      name: 'NetnsError',
      code: 'EEXIST',
    });
    expect([pool.ready, pool.inUse]).toEqual([1, 1]);
    expect(await names()).toEqual(['red']);
    await pool.release(red);
  });

  test.each([
    [
      'release',
      async (netns: Netns, pool: { release: (netns: Netns) => Promise<void> }) => pool.release(netns),
    ],
    ['await using', async (netns: Netns) => netns[Symbol.asyncDispose]()],
    ['deleteNetns', async (netns: Netns) => deleteNetns(netns)],
  ])('%s ends it: the name goes, the handle is closed, another one is made', async (_, ends) => {
    await using pool = await filledPool({ size: 1, max: 1 });
    for (const name of ['red', undefined]) {
      const netns = await pool.acquire(name === undefined ? {} : { name });
      expect(pool.inUse).toBe(1);
      await ends(netns, pool);
      expect([netns.open, pool.inUse, await names()]).toEqual([false, 0, []]);
      await ends(netns, pool).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
      });
      await pool.filled();
      expect(pool.ready).toBe(1);
    }
  });

  test('closing the handle frees its place, and a name stays, as with createNetns', async () => {
    await using pool = await filledPool({ size: 1, max: 1 });
    const red = await pool.acquire({ name: 'red' });
    red.close();
    expect(pool.inUse).toBe(0);
    await pool.filled();
    expect(await names()).toEqual(['red']);
    await deleteNetns('red');
  });

  test('waits in order where there may be no more, and names what was missing when the time is up', async () => {
    await using pool = await createNetnsPool({ size: 1, max: 2, name: 'sandboxes' });
    const held = [await pool.acquire(), await pool.acquire()];
    expect(await failure(pool.acquire({ timeout: 1 }))).toMatchObject({
      name: 'NetnsPoolError',
      code: 'ETIMEDOUT',
      operation: 'acquire from',
      pool: 'sandboxes',
      message:
        'ETIMEDOUT: acquire from namespace pool sandboxes: after 1 ms all that there may be (max) are in use, 2',
    });
    const order: string[] = [];
    const waits = ['first', 'second', 'third'].map(async (who) => {
      await using netns = await pool.acquire({ whenEmpty: who === 'third' ? 'make' : 'wait' });
      order.push(`${who} ${netns.open}`);
    });
    expect(pool.waiting).toBe(3);
    await pool.release(held[1]!);
    await Promise.all(waits);
    expect(order).toEqual(['first true', 'second true', 'third true']);
    expect(pool.inUse).toBe(1);
    await pool.release(held[0]!);
  });

  test('an aborted wait ends with the reason, and leaves its place to the next', async () => {
    await using pool = await createNetnsPool({ size: 1, max: 1 });
    const held = await pool.acquire();
    const controller = new AbortController();
    const aborted = failure(pool.acquire({ signal: controller.signal }));
    const next = pool.acquire();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    expect(pool.waiting).toBe(1);
    await pool.release(held);
    await pool.release(await next);
    expect(await failure(pool.acquire({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test("whenEmpty: 'make' makes one besides those that are being made", async () => {
    const gates: (() => void)[] = [];
    const prepare = async (_: Netns, index: number) => {
      if (index === 1) await new Promise<void>((open) => gates.push(open));
    };
    await using pool = await createNetnsPool({ size: 1, prepare });
    await using ready = await pool.acquire(); // the next is the one that does not come
    const patient = pool.acquire();
    const impatient = pool.acquire({ whenEmpty: 'make' });
    const first = await patient; // who came first is served first
    expect(pool.waiting).toBe(1);
    for (const open of gates) open();
    const second = await impatient;
    expect(new Set([ready.ino, first.ino, second.ino]).size).toBe(3);
    for (const netns of [first, second]) await pool.release(netns);
  });

  test('no more are made at a time than atOnce, and never more than max exist', async () => {
    let now = 0;
    let most = 0;
    const prepare = async (netns: Netns) => {
      most = Math.max(most, ++now);
      await up(netns);
      now--;
    };
    await using pool = await createNetnsPool({ size: 4, max: 6, prepare, refill: { atOnce: 2 } });
    let used = 0;
    let mostUsed = 0;
    const users = Array.from({ length: 30 }, async (_, i) => {
      const netns = await pool.acquire(i % 3 === 0 ? { name: `u${i}` } : {});
      mostUsed = Math.max(mostUsed, ++used);
      expect(pool.inUse + pool.ready).toBeLessThanOrEqual(6);
      expect(await isUp(netns)).toBe(true);
      used--;
      await pool.release(netns);
    });
    await Promise.all(users);
    expect(most).toBe(2);
    expect(mostUsed).toBeLessThanOrEqual(6);
    expect([pool.inUse, pool.waiting, await names()]).toEqual([0, 0, []]);
  });

  test.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ['no size', {}, TypeError, /^size: it has to be given/],
    ['size 0', { size: 0 }, RangeError, /^size: expected an integer from 1 to 65536, got 0/],
    ['max below size', { size: 2, max: 1 }, RangeError, /^max: expected an integer from 2/],
    ['prepare', { size: 1, prepare: 'x' }, TypeError, /^prepare: expected a function/],
    ['atOnce', { size: 1, refill: { atOnce: 65 } }, RangeError, /^refill.atOnce: .* from 1 to 64, got 65/],
    ['after', { size: 1, refill: { after: -1 } }, RangeError, /^refill.after: expected milliseconds/],
    ['reuse', { size: 1, reuse: 1 }, TypeError, /^reuse: expected true, false or a function/],
    ['name', { size: 1, name: 1 }, TypeError, /^name: expected a string/],
  ])('refuses %s', async (_, options, type, message) => {
    const error = await failure(createNetnsPool(options as NetnsPoolOptions));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
  });

  test('acquire, filled and release refuse what cannot be', async () => {
    await using pool = await createNetnsPool({ size: 1 });
    await using other = await createNetnsPool({ size: 1 });
    await using foreign = await other.acquire();
    expect((await failure(pool.acquire({ name: 'a/b' }))).message).toMatch(/^name: a namespace name/);
    expect((await failure(pool.acquire({ timeout: -1 }))).message).toMatch(/^timeout: expected milliseconds/);
    expect((await failure(pool.acquire({ whenEmpty: 'x' as 'wait' }))).message).toMatch(/^whenEmpty: /);
    expect((await failure(pool.filled({ name: 'x' } as object))).message).toMatch(/^name: there is no such/);
    expect((await failure(pool.release('red' as never))).message).toMatch(
      /^netns: expected a handle that acq/,
    );
    expect(await failure(pool.release(foreign))).toBeInstanceOf(TypeError);
    expect([foreign.open, pool.ready]).toEqual([true, 1]);
  });
});
