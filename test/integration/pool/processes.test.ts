// Pools that several processes share, and that some of them die over.
import { readFileSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { type AddressPool, openAddressPool } from '../../../lib';
import { background, run, until } from '../../support/ip';
import { partOfRuns } from '../../support/part';
import { eachInDirectory, indexes } from '../../support/pool';
import { type Ended, program, start } from '../../support/program';

let directory: string;

/** Runs them in processes of their own, which begin together, once all have said that they are ready. */
async function together(texts: readonly string[]): Promise<Ended[]> {
  const started = texts.map((text) => start(text));
  await Promise.all(started.map(async ({ child }) => once(child.stdout!, 'data')));
  for (const { child } of started) child.stdin!.write('go\n');
  return Promise.all(started.map(async ({ ended }) => ended));
}

/** What python thinks of it. */
async function python(source: string, ...args: string[]): Promise<unknown> {
  return JSON.parse(await run(undefined, 'python3', '-c', `import ipaddress, json, sys\n${source}`, ...args));
}

describe('openAddressPool, openSubnetPool', () => {
  eachInDirectory((path) => {
    directory = path;
  });

  test.each([
    ['10.200.0.0/16', '10.200.0.2', '10.200.31.65'],
    ['fd00::/64', 'fd00::2', 'fd00::1f41'],
  ])('8 processes that allocate 1,000 each of %s at once are given 8,000', async (subnet, first, last) => {
    const texts = indexes(8).map((i) =>
      program(
        async ({ rtnetns, tell }, { owner, ...options }) => {
          const pool = await rtnetns.openAddressPool(options);
          process.stdin.once('data', () => {
            const all = Array.from({ length: 1000 }, (_, key) => pool.allocate({ owner, key: String(key) }));
            void Promise.all(all).then(async (given) => {
              tell(given);
              await pool.close();
              process.stdin.destroy();
            });
          });
          tell('ready');
        },
        { directory, subnet, name: 'shared', owner: `process ${i}` },
      ),
    );
    const ended = await together(texts);
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      indexes(8).map(() => ({ code: 0, stderr: '' })),
    );
    const given = ended.flatMap(({ told }) => told[1] as string[]);
    const summary = await python(
      `given = [ipaddress.ip_interface(text) for text in sys.argv[1].split()]
addresses = sorted({one.ip for one in given})
print(json.dumps([len(given), len(addresses), str(addresses[0]), str(addresses[-1]), sorted({str(one.network) for one in given})]))`,
      given.join(' '),
    );
    expect(summary).toEqual([8000, 8000, first, last, [subnet]]);
    await using pool = await openAddressPool({ directory, subnet, name: 'shared' });
    const listed = await pool.list();
    expect(listed.map(({ address }) => address).sort()).toEqual(given.sort());
    expect(new Set(listed.map(({ owner }) => owner)).size).toBe(8);
  });

  test('what one process has, no other one is given until it is released', async () => {
    // 29 addresses, of which at most 24 are in use: each is given again and again
    const subnet = '10.0.0.0/27';
    const texts = indexes(8).map((i) =>
      program(
        async ({ rtnetns, fs, tell }, { owner, ...options }) => {
          const pool = await rtnetns.openAddressPool({ ...options, durable: false });
          const use = async (key: string) => {
            for (let turn = 0; turn < 30; turn++) {
              const address = await pool.allocate({ owner, key });
              const file = `${options.directory}/${address.replace('/', '-')}`;
              fs.writeFileSync(file, owner, { flag: 'wx' }); // fails where another one has it
              await new Promise(setImmediate);
              fs.unlinkSync(file);
              await pool.release(key === 'a' ? address : { owner, key });
            }
          };
          process.stdin.once('data', () => {
            void Promise.all(['a', 'b', 'c'].map(use)).then(async () => {
              await pool.close();
              process.stdin.destroy();
            });
          });
          tell('ready');
        },
        { directory, subnet, owner: `process ${i}` },
      ),
    );
    const ended = await together(texts);
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      indexes(8).map(() => ({ code: 0, stderr: '' })),
    );
    await using pool = await openAddressPool({ directory, subnet });
    expect(await pool.list()).toEqual([]);
  });

  test('a process that is killed at any moment leaves a pool that is whole, with all that it was given', async () => {
    const subnet = '10.200.0.0/16';
    await using pool = await openAddressPool({ directory, subnet });
    const held = new Map<string, string>();
    for (let round = 0; round < partOfRuns(20, 4); round++) {
      const { child, ended } = start(
        program(
          async ({ rtnetns, tell }, { round, ...options }) => {
            const shared = await rtnetns.openAddressPool(options);
            // many at a time, and half of them released: the file is written anew every few turns
            for (let turn = 0; ; turn++) {
              const owners = Array.from({ length: 50 }, (_, i) => `${round}.${turn}.${i}`);
              const given = await Promise.all(
                owners.map(async (owner) => [await shared.allocate({ owner }), owner] as const),
              );
              tell({ given });
              const back = owners.filter((_, i) => i % 2 === 0);
              tell({ back });
              await Promise.all(back.map((owner) => shared.release({ owner })));
            }
          },
          { directory, subnet, round },
        ),
      );
      await once(child.stdout!, 'data');
      const ours = await pool.allocate({ owner: `here ${round}` });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      child.kill('SIGKILL');
      const { signal, told } = await ended;
      expect(signal).toBe('SIGKILL');

      const mayBeBack = new Set<string>();
      for (const { given = [], back = [] } of told as { given?: [string, string][]; back?: string[] }[]) {
        for (const [address, owner] of given) {
          const before = held.get(address);
          // given to one at a time: who had it before has been asked to give it back
          expect(before === undefined || mayBeBack.has(before)).toBe(true);
          held.set(address, owner);
        }
        for (const owner of back) mayBeBack.add(owner);
      }
      held.set(ours, `here ${round}`);
      const listed = new Map((await pool.list()).map(({ address, owner }) => [address, owner]));
      for (const [address, owner] of held) {
        if (mayBeBack.has(owner)) held.delete(address);
        else expect(listed.get(address)).toBe(owner);
      }
      // what it was given and could not tell any more is known by its owner
      const known = new Set(held.values());
      const lost = [...listed.values()].filter((owner) => !known.has(owner));
      expect(lost.filter((owner) => !owner.startsWith(`${round}.`))).toEqual([]);
      await Promise.all(lost.map(async (owner) => pool.release({ owner })));
    }
    await using again = await openAddressPool({ directory, subnet });
    expect(await again.list()).toEqual(await pool.list());
  });

  describe('while another process has the lock', () => {
    const HOLD = `
import fcntl, sys, time
lock = open(sys.argv[1], 'r+')
fcntl.lockf(lock, fcntl.LOCK_EX)
print('locked', flush=True)
time.sleep(60)`;
    const subnet = '10.0.0.0/24';
    let pool: AddressPool;

    beforeEach(async () => {
      pool = await openAddressPool({ directory, subnet });
    });

    afterEach(async () => pool.close());

    const lock = () => join(directory, '10.0.0.0-24.lock');
    const holder = async () => background('python3', '-c', HOLD, lock());

    /** So many threads wait for it, as the kernel tells. */
    const waiting = async (count: number) => {
      const { ino } = statSync(lock());
      const line = new RegExp(`-> OFDLCK .*:${ino} `, 'g');
      await until(() => (readFileSync('/proc/locks', 'utf8').match(line) ?? []).length === count);
    };

    test('all wait, without holding up anything else, and go on when it is killed', async () => {
      let given = 0;
      const asked = [];
      {
        await using python = await holder();
        expect(python.output()).toMatch(/^locked/);
        for (const owner of ['red', 'blue']) asked.push(pool.allocate({ owner }).finally(() => given++));
        await waiting(1);
        await run(undefined, 'true');
        expect(given).toBe(0);
      }
      expect(await Promise.all(asked)).toEqual(['10.0.0.2/24', '10.0.0.3/24']);
    });

    test('a process that waits for it can exit, and a worker be terminated', async () => {
      await using python = await holder();
      expect(python.output()).toMatch(/^locked/);
      const { child, ended } = start(
        program(
          ({ rtnetns, threads }, options) => {
            const source = `
            const { workerData: { root, options } } = require('node:worker_threads');
            require(root).openAddressPool(options);`;
            void rtnetns.openAddressPool(options);
            const workerData = { root: process.cwd(), options };
            const worker = new threads.Worker(source, { eval: true, workerData });
            process.stdin.once('data', () => {
              void worker.terminate().then((code) => process.exit(code + 6));
            });
          },
          { directory, subnet },
        ),
      );
      await waiting(2);
      child.stdin!.write('go\n');
      expect(await ended).toMatchObject({ code: 7, signal: null, stderr: '' });
    });

    test('a process without room for signals that wait can exit, too', async () => {
      await using python = await holder();
      expect(python.output()).toMatch(/^locked/);
      const text = program(
        ({ rtnetns }, options) => {
          void rtnetns.openAddressPool(options);
          process.stdin.once('data', () => process.exit(7));
        },
        { directory, subnet },
      );
      const { child, ended } = start(text, { wrapper: ['prlimit', '--sigpending=0'] });
      await waiting(1);
      child.stdin!.write('go\n');
      expect(await ended).toMatchObject({ code: 7, signal: null, stderr: '' });
    });

    test.each(['before', 'during'])(
      'a process that handles the signal of the interruption, since %s the wait, can exit, too',
      async (since) => {
        await using python = await holder();
        expect(python.output()).toMatch(/^locked/);
        const text = program(
          ({ rtnetns }, { options, early }) => {
            const handle = () => process.on('SIGURG', () => undefined); // node's own handler has SA_RESTART
            if (early) handle();
            void rtnetns.openAddressPool(options);
            process.stdin.once('data', () => {
              handle();
              process.exit(7);
            });
          },
          { options: { directory, subnet }, early: since === 'before' },
        );
        const { child, ended } = start(text);
        await waiting(1);
        child.stdin!.write('go\n');
        expect(await ended).toMatchObject({ code: 7, signal: null, stderr: '' });
      },
    );

    test('workers that are terminated give up their own waits, at whatever point of them, and nobody else does', async () => {
      await using python = await holder();
      expect(python.output()).toMatch(/^locked/);
      const { child, ended } = start(
        program(
          async ({ rtnetns, fs, threads, tell, holdings }, options) => {
            const ours = rtnetns.openAddressPool(options);
            const source = `
            const { parentPort, workerData: { root, options } } = require('node:worker_threads');
            for (let i = 0; i < 5; i++) require(root).openAddressPool(options);
            parentPort.postMessage('asked');`;
            for (let round = 0; round < 10; round++) {
              const workerData = { root: process.cwd(), options };
              const worker = new threads.Worker(source, { eval: true, workerData });
              await new Promise((resolve) => worker.once('message', resolve));
              await new Promise((resolve) => setTimeout(resolve, round));
              await worker.terminate();
            }
            tell(holdings(fs).threads);
            // proc_pid_status(5): the signals with a handler, of which SIGURG (23) is none any more
            const caught = /^SigCgt:\t(\w+)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))![1]!;
            tell((BigInt(`0x${caught}`) >> 22n) & 1n ? 'handled' : 'not handled');
            await (await ours).close();
            tell('opened');
          },
          { directory, subnet },
        ),
      );
      await once(child.stdout!, 'data');
      await waiting(1);
      await python[Symbol.asyncDispose]();
      // the executor's thread, and the one that waits
      expect(await ended).toMatchObject({
        code: 0,
        signal: null,
        stderr: '',
        told: [2, 'not handled', 'opened'],
      });
    });
  });
});
