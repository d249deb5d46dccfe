import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setEnvironmentData, SHARE_ENV, Worker } from 'node:worker_threads';
import { createNetns, createWorker, currentNetns, type Netns, setLink, waitGone } from '../../../lib';
import { native } from '../../../lib/addon/native';
import { ROOT } from '../../support/cli';
import { failure, ip, node, run, until } from '../../support/ip';

// Workers whose thread lives in a namespace: what is there, and for how long.

const file = (name: string) => join(ROOT, 'test/support/worker', name);

async function room(): Promise<Netns> {
  const netns = await createNetns('worker');
  await setLink(netns, 'lo', { up: true });
  return netns;
}

/** The ports on which anything listens, as ss(8) tells. */
async function ports(where: Netns | undefined): Promise<string[]> {
  const lines = (await run(where, 'ss', '-Hltun')).trim().split('\n');
  return lines.flatMap((line) => /:(\d+)\s/.exec(line)?.[1] ?? []).sort();
}

/** The threads of this process that are in the namespace. */
function threadsIn({ ino }: Netns): string[] {
  return readdirSync('/proc/self/task').filter((thread) => {
    try {
      return readlinkSync(`/proc/self/task/${thread}/ns/net`) === `net:[${ino}]`;
    } catch {
      return false; // ended since
    }
  });
}

/** A thread that node has joined is in its namespace for a moment longer, because the kernel wakes who joins it first. */
async function noThreadIn(netns: Netns): Promise<void> {
  await until(() => threadsIn(netns).length === 0);
}

async function message<T = unknown>(worker: Worker): Promise<T> {
  return ((await once(worker, 'message')) as [T])[0];
}

/** Its exit code, whether there is an error before it or not. */
async function ended(worker: Worker): Promise<number> {
  return new Promise((resolve) => worker.once('exit', resolve));
}

const ASK = `fetch('http://127.0.0.1:8002').then(async (response) => console.log(await response.text()))`;
const SERVERS = file('servers.js');
const MODULE = file('servers.mjs');
const dataUrl = new URL(`data:text/javascript,${encodeURIComponent(readFileSync(MODULE, 'utf8'))}`);

describe('createWorker', () => {
  test.each(['bun', 'deno'])(
    '%s is refused, whose workers would run in the namespace of the process',
    async (runtime) => {
      const source = `
      Object.defineProperty(process.versions, '${runtime}', { value: '1.0.0' });
      say(await told(rtnetns.createWorker(await rtnetns.createNetns(), 'process.exit(7)', { eval: true })));`;
      expect(await node(source)).toMatchObject([{ name: 'NetnsError', code: 'ERR_UNSUPPORTED_RUNTIME' }]);
    },
  );

  test.each<[string, string | URL, object]>([
    ['CommonJS', SERVERS, {}],
    ['a module', MODULE, {}],
    ['a relative path', `./${relative(process.cwd(), SERVERS)}`, {}],
    ['a file: URL', pathToFileURL(MODULE), {}],
    ['a data: URL', dataUrl, {}],
    ['code', readFileSync(SERVERS, 'utf8'), { eval: true }],
    ['CommonJS, with the environment of the process', SERVERS, { env: SHARE_ENV }],
    ['a module, with an environment of its own', MODULE, { env: {} }],
  ])('each socket that it opens is in the namespace: %s', async (_, entry, options) => {
    await using netns = await room();
    const worker = await createWorker(netns, entry, options);
    expect(worker).toBeInstanceOf(Worker);
    expect(await message(worker)).toBe('ready');
    expect(await ports(netns)).toEqual(['8001', '8002', '8003']);
    expect((await ports(undefined)).filter((port) => port.startsWith('800'))).toEqual([]);
    expect(await run(netns, process.execPath, '-e', ASK)).toBe('hello\n');
    expect(threadsIn(netns)).toHaveLength(1);

    worker.postMessage('end');
    expect(await ended(worker)).toBe(0);
    await noThreadIn(netns);
    expect(await ports(netns)).toEqual([]);
  });

  test('no other thread follows it, not even those of the pool that it is the first to use', async () => {
    const told = await node(`
    const fs = require('node:fs');
    const places = () => {
      const threads = fs.readdirSync('/proc/self/task');
      return threads.map((thread) => fs.readlinkSync('/proc/self/task/' + thread + '/ns/net'));
    };
    const netns = await rtnetns.createNetns();
    const code = 'require("fs").readFile("/etc/passwd", () => require("worker_threads").parentPort.once("message", () => {}).postMessage(0))';
    const before = places().length;
    const worker = await rtnetns.createWorker(netns, code, { eval: true });
    await new Promise((resolve) => worker.once('message', resolve));
    const own = 'net:[' + netns.ino + ']';
    say({ before, inside: places().filter((place) => place === own).length, after: places().length });
    await worker.terminate();
    netns.close();`);
    const [counts] = told as [{ before: number; inside: number; after: number }];
    // its own, and at least the four of the pool
    expect(counts).toMatchObject({ inside: 1 });
    expect(counts.after - counts.before).toBeGreaterThanOrEqual(4);
  });

  describe('in the worker', () => {
    test('the library acts in its namespace, and makes others', async () => {
      await using netns = await room();
      const worker = await createWorker(netns, file('library.js'));
      const told = await message<Record<string, unknown>>(worker);
      expect(await ended(worker)).toBe(0);
      expect(told).toEqual({
        current: netns.ino,
        numbers: netns.ino,
        here: ['lo', 'br0', 'veth0'],
        other: ['lo', 'eth0'],
        received: 1,
        known: true,
        freed: true,
        still: netns.ino,
      });
      expect((await ip(netns, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'br0']);
    });

    test('workers and processes that it starts are there, too', async () => {
      await using netns = await room();
      const code = `
      const { parentPort, Worker } = require('node:worker_threads');
      const { execFileSync } = require('node:child_process');
      const { readlinkSync } = require('node:fs');
      const child = execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim();
      const own = readlinkSync('/proc/thread-self/ns/net');
      new Worker('require("worker_threads").parentPort.postMessage(require("fs").readlinkSync("/proc/thread-self/ns/net"))', { eval: true })
        .once('message', (inner) => parentPort.postMessage([own, child, inner]));`;
      const worker = await createWorker(netns, code, { eval: true });
      const place = `net:[${netns.ino}]`;
      expect(await message(worker)).toEqual([place, place, place]);
      expect(await ended(worker)).toBe(0);
    });

    test('names are resolved by its own sockets with a dns.Resolver', async () => {
      await using netns = await room();
      const code = `
      const { parentPort } = require('node:worker_threads');
      const { Resolver } = require('node:dns');
      const server = require('node:dgram').createSocket('udp4');
      const resolver = new Resolver();
      server.once('message', (query) => {
        parentPort.postMessage(query.includes('example'));
        resolver.cancel();
        server.close();
      });
      server.bind(5300, '127.0.0.1', () => {
        resolver.setServers(['127.0.0.1:5300']);
        resolver.resolve4('example.org', () => {});
      });`;
      const worker = await createWorker(netns, code, { eval: true });
      expect(await message(worker)).toBe(true);
      expect(await ended(worker)).toBe(0);
    });
  });

  describe('how it ends', () => {
    const freed = async (end: (worker: Worker) => unknown, entry = SERVERS) => {
      const netns = await createNetns();
      const worker = await createWorker(netns, entry);
      await message(worker);
      const gone = waitGone(netns);
      netns.close(); // its thread keeps the namespace
      expect(threadsIn(netns)).toHaveLength(1);
      const exit = ended(worker);
      await end(worker);
      const code = await exit;
      await gone;
      expect(threadsIn(netns)).toEqual([]);
      return code;
    };

    test('by itself', async () => {
      expect(await freed((worker) => worker.postMessage('end'))).toBe(0);
    });

    test('terminated', async () => {
      expect(await freed((worker) => worker.terminate())).toBe(1);
    });

    test('terminated before it was online', async () => {
      const netns = await createNetns();
      const worker = await createWorker(netns, SERVERS);
      await worker.terminate();
      const gone = waitGone(netns);
      netns.close();
      await gone;
    });

    test('many at once, half of them terminated', async () => {
      await using netns = await room();
      const entry = `require('node:worker_threads').parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self/ns/net'))`;
      const places = await Promise.all(
        Array.from({ length: 10 }, async (_, i) => {
          const worker = await createWorker(netns, entry, { eval: true });
          const exit = ended(worker);
          const place = i % 2 === 0 ? await message(worker) : void worker.terminate();
          await exit;
          return place;
        }),
      );
      expect(places).toEqual(
        Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? `net:[${netns.ino}]` : undefined)),
      );
      await noThreadIn(netns);
    });
  });

  describe('refused', () => {
    test('on the main thread', async () => {
      await using netns = await room();
      const before = readlinkSync('/proc/thread-self/ns/net');
      await netns.lend('enter', async ({ fd }) => {
        expect(() => native().enterNetns(fd)).toThrow('the main thread never enters a namespace');
        return Promise.resolve();
      });
      expect(readlinkSync('/proc/thread-self/ns/net')).toBe(before);
    });

    test('with a closed handle', async () => {
      const netns = await createNetns();
      netns.close();
      expect(await failure(createWorker(netns, SERVERS))).toMatchObject({
        name: 'NetnsError',
        code: 'ERR_NETNS_CLOSED',
        operation: 'create a worker in namespace',
      });
    });

    test('a file that is not there is its error event, as with any worker', async () => {
      await using netns = await room();
      for (const [entry, code] of [
        ['/nowhere/worker.js', 'MODULE_NOT_FOUND'],
        [new URL('file:///nowhere/worker.mjs'), 'MODULE_NOT_FOUND'],
        [new URL('data:text/javascript,import "file:///nowhere/worker.mjs"'), 'ERR_MODULE_NOT_FOUND'],
      ] as const) {
        const worker = await createWorker(netns, entry);
        const exit = ended(worker);
        const [error] = (await once(worker, 'error')) as [Error & { code: string }];
        expect(error.code).toBe(code);
        expect(error.message).toContain('/nowhere/worker.');
        expect(await exit).toBe(1);
      }
      await noThreadIn(netns);
    });

    test('arguments that cannot be', async () => {
      await using netns = await room();
      expect(await failure(createWorker(netns, 'worker.js'))).toMatchObject({ code: 'ERR_WORKER_PATH' });
      expect(await failure(createWorker(netns, 5 as never))).toMatchObject({
        name: 'TypeError',
        message: "file: expected a path, a URL, or code with the option 'eval', got 5",
      });
      expect(await failure(createWorker(netns, SERVERS, { env: 5 as never }))).toMatchObject({
        name: 'TypeError',
        message: 'env: expected an object or SHARE_ENV, got 5',
      });
      for (const [execArgv, message] of [
        [5, 'execArgv: expected a list, got 5'],
        ['--expose-gc', 'execArgv: expected a list, got "--expose-gc"'],
        [[5], 'execArgv[0]: expected a string, got 5'],
      ]) {
        const error = await failure(createWorker(netns, SERVERS, { execArgv: execArgv as never }));
        expect(error).toMatchObject({ name: 'TypeError', message });
      }
      expect(await failure(createWorker(netns, SERVERS, { execArgv: ['--expose-gc'] }))).toMatchObject({
        code: 'ERR_WORKER_INVALID_EXEC_ARGV',
      });
      const uncloneable = { workerData: () => undefined };
      expect((await failure(createWorker(netns, SERVERS, uncloneable))).name).toBe('DataCloneError');
    });

    test('without the right to enter', async () => {
      await using netns = await room();
      const [told] = await node(
        `say(await told(rtnetns.openNetns('worker').then((netns) => rtnetns.createWorker(netns, ${JSON.stringify(SERVERS)}))));`,
        ...['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'],
      );
      expect(told).toMatchObject({ name: 'NetnsError', code: 'EPERM' });
      expect((told as Error).message).toContain('CAP_SYS_ADMIN is missing');
      expect(netns.open).toBe(true);
    });

    test('inside, at last: nothing of the worker runs', async () => {
      const preload = join(ROOT, 'dist/worker-preload.js');
      setEnvironmentData('rtnetns:worker', { fd: 9999, netns: 'red', execArgv: [], nodeOptions: undefined });
      const worker = new Worker('process.exit(7)', { eval: true, execArgv: ['--require', preload] });
      setEnvironmentData('rtnetns:worker', undefined);
      const exit = ended(worker);
      const [error] = (await once(worker, 'error')) as [Error];
      expect(error).toMatchObject({ name: 'NetnsError', code: 'EBADF', netns: 'red' });
      expect(await exit).toBe(1);
    });
  });

  test("one's own namespace needs no right to enter", async () => {
    const [told] = await node(
      `const here = await rtnetns.currentNetns();
    const code = 'require("worker_threads").parentPort.postMessage(require("fs").readlinkSync("/proc/thread-self/ns/net"))';
    const worker = await rtnetns.createWorker(here, code, { eval: true });
    worker.once('message', say);`,
      ...['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'],
    );
    const here = await currentNetns();
    expect(told).toBe(`net:[${here.ino}]`);
    here.close();
  });
});
