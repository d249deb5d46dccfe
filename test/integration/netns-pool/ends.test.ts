import { readdirSync, readlinkSync } from 'node:fs';
import {
  createBridge,
  createNetns,
  createNetnsPool,
  createVeth,
  type Netns,
  setLink,
  spawn,
} from '../../../lib';
import { once } from 'node:events';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, ip, names, run, until } from '../../support/ip';
import { runProgram, start } from '../../support/program';

const TABLES: Capability = 'nf_tables in the families ip, ip6 and inet';

/** The numbers of the namespaces that a process has open or lives in, as lsns(8) finds them. */
function heldNamespaces(pid: number | 'self' = 'self'): Set<string> {
  const entries = ['fd', 'ns'].flatMap((place) =>
    entriesOf(`/proc/${pid}/${place}`).map((entry) => targetOf(`/proc/${pid}/${place}/${entry}`)),
  );
  return new Set(entries.filter((target) => target.startsWith('net:[')));
}

function entriesOf(place: string): string[] {
  try {
    return readdirSync(place);
  } catch {
    return []; // it has ended since
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

const ports = async (host: Netns) =>
  (await ip(host, 'link', 'show', 'type', 'veth')).map(({ ifname }) => ifname as string);

/** A host with a bridge, and what joins the namespaces of a pool to it. */
async function bridged() {
  const host = await createNetns();
  await createBridge(host, 'br0');
  const prepare = async (netns: Netns, index: number) => {
    const outside = { netns: host, name: `pool${index}`, up: true, bridge: 'br0' };
    await createVeth(outside, { netns, name: 'eth0', up: true, addrs: [`10.9.0.${index + 2}/24`] });
  };
  return { host, prepare };
}

function signalled(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('createNetnsPool', () => {
  test('a process that is killed with a full pool leaves nothing', async () => {
    const { child, ended } = start(`
      const { createBridge, createNetnsPool, createVeth, currentNetns } = require(${JSON.stringify(process.cwd())});
      (async () => {
        const host = await currentNetns();
        await createBridge(host, 'brk');
        const pool = await createNetnsPool({ size: 12, prepare: (netns, i) =>
          createVeth({ netns: host, name: 'kill' + i, bridge: 'brk' }, { netns, name: 'eth0', addrs: ['10.9.0.' + (i + 2) + '/24'] }) });
        await pool.filled();
        await pool.acquire();
        await pool.filled();
        console.log('"full"');
        setInterval(() => 0, 1e6);
      })();`);
    await Promise.race([once(child.stdout!, 'data'), ended]);
    const own = await ip(undefined, 'link', 'show', 'type', 'veth');
    expect(own.filter(({ ifname }) => String(ifname).startsWith('kill'))).toHaveLength(13);
    expect(heldNamespaces(child.pid).size).toBeGreaterThanOrEqual(13);
    expect(await names()).toEqual([]);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    expect(await names()).toEqual([]);
    // who held a namespace would keep its pair as well
    await until(async () => (await ip(undefined, 'link', 'show', 'type', 'veth')).length === 0);
    await run(undefined, 'ip', 'link', 'del', 'brk');
  });

  test('refilling does not keep a process alive, and a waiting acquire does', async () => {
    const { code, told } = await runProgram(
      `const { createNetnsPool } = require(${JSON.stringify(process.cwd())});
      (async () => {
        const pool = await createNetnsPool({ size: 5000, max: 5000 });
        process.on('exit', () => console.log(JSON.stringify(['ready', pool.ready < 5000])));
        const held = [];
        while (pool.ready > 0) held.push(await pool.acquire());
        held.push(await pool.acquire()); // none is ready: this one waits for the next
        console.log(JSON.stringify(['given', held.length > 1]));
      })();`,
    );
    expect({ code, told }).toEqual({
      code: 0,
      told: [
        ['given', true],
        ['ready', true],
      ],
    });
  });

  test('the veth pairs of prepare go with their namespaces', async () => {
    const { host, prepare } = await bridged();
    const pool = await createNetnsPool({ size: 3, prepare });
    await pool.filled();
    expect(await ports(host)).toEqual(['pool0', 'pool1', 'pool2']);
    const netns = await pool.acquire();
    const inside = await ip(netns, '-4', 'addr', 'show', 'eth0');
    expect(inside[0]!['addr_info']).toMatchObject([{ local: '10.9.0.2', prefixlen: 24 }]);
    await pool.filled();
    await pool.release(netns);
    await until(async () => !(await ports(host)).includes('pool0'));
    await pool.close();
    await until(async () => (await ports(host)).length === 0);
    host.close();
  });

  test('close ends who waits, keeps what is in use, and may be called twice', async () => {
    const pool = await createNetnsPool({ size: 2, max: 2, name: 'p' });
    const held = [await pool.acquire(), await pool.acquire({ name: 'red' })];
    const waits = [
      failure(pool.acquire()),
      failure(pool.filled({ timeout: 60_000 }).then(() => pool.acquire())),
    ];
    await Promise.all([pool.close(), pool.close()]);
    for (const error of await Promise.all(waits)) {
      expect(error).toMatchObject({ name: 'NetnsPoolError', code: 'ERR_NETNS_POOL_CLOSED', pool: 'p' });
    }
    expect(await failure(pool.acquire())).toMatchObject({ code: 'ERR_NETNS_POOL_CLOSED' });
    expect(await failure(pool.filled())).toMatchObject({ code: 'ERR_NETNS_POOL_CLOSED' });
    expect([held.map(({ open }) => open), pool.ready, pool.inUse, await names()]).toEqual([
      ...[[true, true], 0, 2, ['red']],
    ]);
    for (const netns of held) await pool.release(netns);
    expect([held.map(({ open }) => open), pool.ready, pool.inUse, await names()]).toEqual([
      ...[[false, false], 0, 0, []],
    ]);
  });

  test('closing during prepare closes its handle, and waits until it has ended', async () => {
    let last: Netns | undefined;
    let ended = false;
    let begun: () => void;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const pool = await createNetnsPool({
      size: 2,
      async prepare(netns, index) {
        if (index === 0) return;
        last = netns;
        begun();
        try {
          for (;;) await setLink(netns, 'lo', { up: true });
        } finally {
          ended = true;
        }
      },
    });
    await hasBegun;
    await pool.close();
    expect([last!.open, ended, pool.failure, pool.ready]).toEqual([false, true, undefined, 0]);
  });

  test('acquire, release and close at once settle, and leave nothing', async () => {
    const before = heldNamespaces();
    for (let round = 0; round < 20; round++) {
      const pool = await createNetnsPool({ size: 3, max: 5, refill: { atOnce: 2 } });
      const users = Array.from({ length: 8 }, async (_, i) => {
        const controller = new AbortController();
        if (i === round % 8) setImmediate(() => controller.abort(new Error('aborted')));
        const whenEmpty = i % 4 === 0 ? 'make' : 'wait';
        const name = i % 2 === 0 ? { name: `u${i}` } : {};
        const netns = await pool.acquire({ ...name, whenEmpty, signal: controller.signal });
        await Promise.all([pool.release(netns), pool.release(netns)]);
        return 'released';
      });
      if (round % 3 === 0)
        await pool.release(await pool.acquire().catch(() => Promise.reject(new Error('no'))));
      await pool.close();
      const results = await Promise.allSettled(users);
      for (const result of results) {
        if (result.status === 'rejected') {
          expect((result.reason as Error).message).toMatch(/aborted|ERR_NETNS_POOL_CLOSED/);
        }
      }
      expect([pool.ready, pool.inUse, pool.waiting, await names()]).toEqual([0, 0, 0, []]);
    }
    expect([...heldNamespaces()].filter((one) => !before.has(one))).toEqual([]);
  });

  test('where the first cannot be prepared, there is no pool', async () => {
    const before = heldNamespaces();
    const wrong = new Error('no address is left');
    const attempt = createNetnsPool({ size: 2, prepare: () => Promise.reject(wrong) });
    expect(await failure(attempt)).toBe(wrong);
    const closing = await failure(createNetnsPool({ size: 1, prepare: (netns) => netns.close() }));
    expect(closing).toMatchObject({ code: 'ERR_NETNS_CLOSED', operation: 'prepare namespace' });
    expect([...heldNamespaces()].filter((one) => !before.has(one))).toEqual([]);
  });

  test('a later failure is given to who waits, and kept until another one is ready', async () => {
    const wrong = new Error('not now');
    let fails = false;
    const attempts: number[] = [];
    await using pool = await createNetnsPool({
      size: 1,
      prepare() {
        attempts.push(performance.now());
        if (fails) throw wrong;
      },
    });
    await pool.filled();
    fails = true;
    await using held = await pool.acquire();
    expect(held.open).toBe(true);
    const waits = [pool.acquire(), pool.acquire(), pool.filled()].map(failure);
    expect(await Promise.all(waits)).toEqual([wrong, wrong, wrong]);
    expect([pool.failure, pool.ready, pool.waiting]).toEqual([wrong, 0, 0]);
    const before = attempts.length;
    for (let i = 0; i < 2; i++) expect(await failure(pool.acquire())).toBe(wrong);
    // two attempts, each after its pause: 100 ms, then 200
    expect(attempts.length).toBe(before + 2);
    expect(attempts.at(-1)! - attempts.at(-2)!).toBeGreaterThan(190);
    fails = false;
    await using now = await pool.acquire({ whenEmpty: 'make' }); // which does not wait for the pause of 400 ms
    expect(attempts.at(-1)! - attempts.at(-2)!).toBeLessThan(390);
    expect([now.open, pool.failure]).toEqual([true, undefined]);
  });

  testWith(TABLES, 'reuse gives the same namespace by another handle, without connections', async () => {
    let undone = 0;
    const reuse = async (netns: Netns) => {
      undone++;
      await setLink(netns, 'lo', { up: false });
    };
    await using pool = await createNetnsPool({ size: 1, max: 1, reuse });
    const first = await pool.acquire({ name: 'red' });
    await run(
      first,
      ...([
        'sh',
        '-ec',
        'ip link set lo up; nft add table inet t; nft add chain inet t c "{ type filter hook input priority 0; }"',
      ] as const),
    );
    await run(first, 'nft', 'add', 'rule', 'inet', 't', 'c', 'ct', 'state', 'new', 'accept');
    await run(first, 'python3', '-c', 'import socket\nsocket.socket(2, 2).sendto(b"x", ("127.0.0.1", 9))');
    const tracked = async (netns: Netns) => (await run(netns, 'cat', '/proc/net/nf_conntrack')).trim();
    expect(await tracked(first)).toContain('udp');
    await pool.release(first);
    expect([first.open, await names()]).toEqual([false, []]);
    await using second = await pool.acquire();
    expect([second.ino, second.name, undone, pool.failure]).toEqual([first.ino, undefined, 1, undefined]);
    expect(await tracked(second)).toBe('');
    expect((await ip(second, 'link'))[0]!['flags']).not.toContain('UP');
    // what nobody has undone is there
    expect(await run(second, 'nft', 'list', 'tables')).toBe('table inet t\n');
  });

  test('a namespace in which a process lives is replaced', async () => {
    await using pool = await createNetnsPool({ size: 1, max: 1, reuse: true });
    const first = await pool.acquire();
    const child = spawn(first, 'sh', ['-c', 'echo ready; exec sleep 100']);
    await once(child.stdout, 'data');
    await first[Symbol.asyncDispose]();
    await using second = await pool.acquire();
    expect([second.ino === first.ino, pool.failure]).toEqual([false, undefined]);
    child.kill();
    await once(child, 'close');
  });

  test('with reuse: false, a released namespace is replaced', async () => {
    await using pool = await createNetnsPool({ size: 1, max: 1, reuse: false });
    const first = await pool.acquire();
    await pool.release(first);
    await using second = await pool.acquire();
    expect([first.open, second.ino === first.ino, pool.failure]).toEqual([false, false, undefined]);
  });

  test('where reuse fails, the namespace is replaced, and until then the failure is the pool’s', async () => {
    const wrong = new Error('it cannot be undone');
    const { promise, resolve } = signalled();
    const prepare = async (_: Netns, index: number): Promise<void> => (index > 0 ? promise : undefined);
    const reuse = (): Promise<never> => Promise.reject(wrong);
    await using pool = await createNetnsPool({ size: 1, max: 1, prepare, reuse });
    const first = await pool.acquire();
    await run(first, 'ip', 'link', 'add', 'mark', 'type', 'bridge');
    await pool.release(first);
    await until(() => pool.failure === wrong);
    const next = pool.acquire();
    resolve();
    await using second = await next;
    expect(pool.failure).toBeUndefined();
    expect(await ip(second, 'link', 'show', 'type', 'bridge')).toEqual([]);
  });
});
