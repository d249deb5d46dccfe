import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addAddr,
  createNetns,
  createVeth,
  deleteNetns,
  getLink,
  getStats,
  listNetns,
  type Netns,
  setLink,
} from '../../../lib';
import { backlogDone } from '../../support/backlog';
import { ip } from '../../support/ip';
import { program, runProgram } from '../../support/program';

/** How many datagrams the addon sent meanwhile. */
async function sendsOf(work: () => Promise<unknown>): Promise<number> {
  const before = getStats().sends;
  await work();
  return getStats().sends - before;
}

async function addresses(netns: Netns, device: string): Promise<string[]> {
  const [link] = await ip(netns, '-4', 'addr', 'show', device);
  return ((link?.['addr_info'] ?? []) as { local: string }[]).map(({ local }) => local);
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('getStats', () => {
  describe('in a namespace with a pair', () => {
    let netns: Netns;
    let index: number;

    beforeEach(async () => {
      netns = await createNetns();
      const [end] = await createVeth({ netns, name: 'eth0', up: true }, { netns, name: 'eth1', up: true });
      index = end.index;
    });

    afterEach(() => netns.close());

    test('what is asked for in one tick leaves in one datagram', async () => {
      const calls = () => numbered(50).map((i) => addAddr(netns, index, `10.0.${i}.1/24`));
      expect(await sendsOf(() => Promise.all(calls()))).toBe(1);
      expect(await addresses(netns, 'eth0')).toHaveLength(50);
    });

    test('what is asked for while a datagram is in flight leaves together in the next', async () => {
      const first = addAddr(netns, index, '10.0.0.1/24');
      const sends = await sendsOf(async () => {
        await new Promise(setImmediate);
        await Promise.all([first, ...numbered(50).map((i) => addAddr(netns, index, `10.1.${i}.1/24`))]);
      });
      expect(sends).toBeLessThanOrEqual(2);
    });

    test('different requests, of devices named by name, too', async () => {
      // one datagram finds eth0 once for all of them, the next carries what they ask for
      const sends = await sendsOf(() =>
        Promise.all([
          addAddr(netns, 'eth0', '10.0.0.1/24'),
          setLink(netns, 'eth0', { mtu: 1400 }),
          addAddr(netns, 'eth0', 'fd00::1/64'),
          getLink(netns, 'eth1'),
        ]),
      );
      expect(sends).toBeLessThanOrEqual(2);
      expect(await getLink(netns, 'eth0')).toMatchObject({ mtu: 1400 });
    });

    test('the middle one of three can fail alone', async () => {
      await addAddr(netns, index, '10.0.1.1/24');
      let results: PromiseSettledResult<void>[] = [];
      const sends = await sendsOf(async () => {
        results = await Promise.allSettled([
          addAddr(netns, index, '10.0.0.1/24'),
          addAddr(netns, index, '10.0.1.1/24'),
          addAddr(netns, index, '10.0.2.1/24'),
        ]);
      });
      expect(sends).toBe(1);
      expect(results).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code: 'EEXIST', device: index } },
        { status: 'fulfilled' },
      ]);
      expect(await addresses(netns, 'eth0')).toEqual(['10.0.1.1', '10.0.0.1', '10.0.2.1']);
    });

    test('300 requests at once on one handle', async () => {
      const adding = () => numbered(300).map((i) => addAddr(netns, index, `10.${i >> 8}.${i & 255}.1/24`));
      const sends = await sendsOf(() => Promise.all(adding()));
      // as many as have room for their answers: 128 in a pack
      expect(sends).toBe(3);
      expect(await addresses(netns, 'eth0')).toHaveLength(300);

      const links = await Promise.all(
        numbered(300).map((i) => getLink(netns, i % 2 === 0 ? 'eth0' : 'eth1')),
      );
      expect(links.map(({ name }) => name)).toEqual(
        numbered(300).map((i) => (i % 2 === 0 ? 'eth0' : 'eth1')),
      );
    });
  });

  describe('200 namespaces at once', () => {
    afterAll(backlogDone);

    test('all are made, by two threads, in bounded memory', async () => {
      const { code, stderr, told } = await runProgram(
        program(async ({ rtnetns, fs, tell, holdings }) => {
          const memory = () =>
            Number(/VmRSS:\s*(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1]);
          await rtnetns.createNetns();
          const before = memory();
          let threads = 0;
          let peak = 0;
          const watch = setInterval(() => {
            threads = Math.max(threads, holdings(fs).threads);
            peak = Math.max(peak, memory());
          }, 1);
          const names = Array.from({ length: 200 }, (_, i) => `n${i}`);
          const made = await Promise.all(names.map((name) => rtnetns.createNetns(name)));
          clearInterval(watch);
          peak = Math.max(peak, memory());
          tell({ threads, kilobytes: peak - before, inodes: new Set(made.map(({ ino }) => ino)).size });
        }),
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const [{ threads, kilobytes, inodes }] = told as [
        { threads: number; kilobytes: number; inodes: number },
      ];
      expect(inodes).toBe(200);
      expect(threads).toBeLessThanOrEqual(2);
      expect(kilobytes).toBeLessThan(64 * 1024);

      const named = await listNetns();
      expect(named).toHaveLength(200);
      await Promise.all(named.map(({ name }) => deleteNetns(name)));
      expect(await listNetns()).toEqual([]);
    });
  });

  describe('seen by strace', () => {
    const trace = join(tmpdir(), `rtnetns-${process.pid}.strace`);
    afterEach(() => {
      rmSync(trace, { force: true });
    });

    /** The system calls on sockets, by all threads, for adding that many addresses at once. */
    async function calls(count: number): Promise<string[]> {
      const ended = await runProgram(
        program(async ({ rtnetns, fs }, many) => {
          const netns = await rtnetns.createNetns();
          const bridge = await rtnetns.createBridge(netns, 'br0');
          const addrs = Array.from({ length: many }, (_, i) => `10.${i >> 8}.${i & 255}.1/24`);
          // what the first use costs alone
          await rtnetns.addAddr(netns, bridge.index, '10.2.0.1/24');
          fs.existsSync('/begin');
          await Promise.all(addrs.map((addr) => rtnetns.addAddr(netns, bridge.index, addr)));
          fs.existsSync('/end');
        }, count),
        { wrapper: ['strace', '-f', '-qq', '-s', '0', '-e', 'trace=%network,%file', '-o', trace] },
      );
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      const lines = readFileSync(trace, 'utf8').split('\n');
      const mark = (path: string) => lines.findIndex((line) => line.includes(`"${path}"`));
      return lines
        .slice(mark('/begin') + 1, mark('/end'))
        .flatMap((line) => /^\d+\s+((?:send|recv)\w*)\(/.exec(line)?.[1] ?? []);
    }

    test.each([
      [1, 1, 2],
      [100, 1, 5],
      [128, 1, 5],
      [300, 3, 13],
    ])('%d requests are %d sendto(2), and as few recvmmsg(2) as can be', async (count, sends, receives) => {
      const seen = await calls(count);
      expect(seen.filter((name) => name === 'sendto')).toHaveLength(sends);
      expect(seen.filter((name) => name === 'recvmmsg').length).toBeLessThanOrEqual(receives);
      expect(new Set(seen)).toEqual(new Set(['sendto', 'recvmmsg']));
    });
  });
});
