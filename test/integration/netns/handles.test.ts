// Handles that are closed: before a request, while it waits, while it is with the kernel; and forgotten ones.
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import * as rtnetns from '../../../lib';
import {
  addAddr,
  createBridge,
  createNetns,
  createVeth,
  getStats,
  moveLink,
  type Netns,
  openNetns,
} from '../../../lib';
import { failure, ip, names, node, run, script } from '../../support/ip';

const links = async (netns: Netns) => (await ip(netns, 'link')).map(({ ifname }) => ifname as string);
const addresses = async (netns: Netns, device: string) =>
  ((await ip(netns, 'addr', 'show', device))[0]!['addr_info'] as { local: string }[]).map(
    ({ local }) => local,
  );

/** 'done', or the code of the error. */
const ending = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );

/** Another handle of a namespace, closed at the end of the block whatever happens. */
const again = (netns: Netns) => openNetns(netns.name!);

const CALLS: [string, (closed: Netns, open: Netns) => Promise<unknown>][] = [
  ['getLink', (closed) => rtnetns.getLink(closed, 'lo')],
  ['listLinks', (closed) => rtnetns.listLinks(closed)],
  ['setLink', (closed) => rtnetns.setLink(closed, 'lo', { up: true })],
  ['renameLink', (closed) => rtnetns.renameLink(closed, 1, 'x')],
  ['moveLink from', (closed, open) => moveLink(closed, 'lo', open)],
  ['moveLink to', (closed, open) => moveLink(open, 'lo', closed)],
  ['moveLink to, by a name', (closed, open) => moveLink(open, 'lo', closed, { name: 'x' })],
  ['deleteLink', (closed) => rtnetns.deleteLink(closed, 'lo')],
  ['enslaveLink', (closed) => rtnetns.enslaveLink(closed, 'lo', 1)],
  ['releaseLink', (closed) => rtnetns.releaseLink(closed, 'lo')],
  ['createLink', (closed) => rtnetns.createLink(closed, { kind: 'bridge' })],
  ['createBridge', (closed) => createBridge(closed, 'br0')],
  ['setBridge', (closed) => rtnetns.setBridge(closed, 'br0', {})],
  ['listBridgePorts', (closed) => rtnetns.listBridgePorts(closed)],
  ['setBridgePort', (closed) => rtnetns.setBridgePort(closed, 'br0', {})],
  ['createVeth, first', (closed, open) => createVeth({ netns: closed }, { netns: open })],
  ['createVeth, second', (closed, open) => createVeth({ netns: open }, { netns: closed })],
  ['addAddr', (closed) => addAddr(closed, 'lo', '10.0.0.1/24')],
  ['removeAddr', (closed) => rtnetns.removeAddr(closed, 1, '10.0.0.1/24')],
  ['listAddrs', (closed) => rtnetns.listAddrs(closed)],
  ['addRoute', (closed) => rtnetns.addRoute(closed, { to: 'default', device: 'lo' })],
  ['removeRoute', (closed) => rtnetns.removeRoute(closed, { to: 'default' })],
  ['listRoutes', (closed) => rtnetns.listRoutes(closed)],
  ['getRoute', (closed) => rtnetns.getRoute(closed, '10.0.0.1')],
  ['getNsid', (closed, open) => rtnetns.getNsid(closed, open)],
  ['getNsid of', (closed, open) => rtnetns.getNsid(open, closed)],
  ['setNsid', (closed, open) => rtnetns.setNsid(closed, open)],
  ['setNsid of', (closed, open) => rtnetns.setNsid(open, closed)],
  ['attachNetns', (closed) => rtnetns.attachNetns('other', closed)],
  ['deleteNetns', (closed) => rtnetns.deleteNetns(closed)],
];

describe('Netns', () => {
  test('the requests over a socket have numbers of their own, which go on from call to call', async () => {
    await using red = await createNetns();
    await using blue = await createNetns();
    const first = new Map<string, number[]>();
    for (const [name, netns] of Object.entries({ red, blue })) {
      const numbers: number[] = [];
      const exchange = netns.exchange.bind(netns);
      jest.spyOn(netns, 'exchange').mockImplementation(async (asked, spec, bytes) => {
        numbers.push(Buffer.from(bytes).readUInt32LE(8));
        return exchange(asked, spec, bytes);
      });
      await rtnetns.nft.listRuleset(netns);
      await rtnetns.nft.listRuleset(netns);
      first.set(name, numbers);
    }
    expect(first.get('red')?.[0]).toBe(1);
    expect(new Set(first.get('red')).size).toBeGreaterThan(1);
    expect(first.get('blue')).toEqual(first.get('red'));
  });

  test.each(CALLS)('%s with a closed handle', async (_, call) => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const closed = await again(red);
    await rtnetns.listLinks(closed);
    closed.close();
    const before = [await ip(red, 'link'), await ip(blue, 'link'), getStats().jobs];
    expect(await failure(call(closed, blue))).toMatchObject({
      name: 'NetnsError',
      code: 'ERR_NETNS_CLOSED',
      netns: 'red',
      message: expect.stringMatching(/^ERR_NETNS_CLOSED: .* red: the handle was closed$/) as string,
    });
    expect([await ip(red, 'link'), await ip(blue, 'link'), getStats().jobs]).toEqual(before);
    expect(await names()).toEqual(['blue', 'red']);
  });

  test('closed in the same tick, before a hundred requests have left: all are rejected, none is carried out', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0');
    const { index } = await rtnetns.getLink(red, 'br0');
    for (const warm of [false, true]) {
      await using handle = await again(red);
      if (warm) await rtnetns.listLinks(handle);
      const { sends } = getStats();
      const all = Array.from({ length: 100 }, (_, i) => addAddr(handle, index, `10.0.${i}.1/24`));
      handle.close();
      const ended = await Promise.allSettled(all);
      for (const result of ended) {
        expect(result).toMatchObject({
          status: 'rejected',
          reason: { name: 'NetnsError', code: 'ERR_NETNS_CLOSED' },
        });
      }
      expect(getStats().sends).toBe(sends);
      expect(await addresses(red, 'br0')).toEqual([]);
    }
  });

  test('closed while some are with the kernel: those settle as ever, those that wait are rejected', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0');
    const { index } = await rtnetns.getLink(red, 'br0');
    await using handle = await again(red);
    await rtnetns.listLinks(handle);
    const early = Array.from({ length: 50 }, (_, i) => addAddr(handle, index, `10.0.${i}.1/24`));
    await new Promise(setImmediate); // they have left
    const late = Array.from({ length: 50 }, (_, i) => addAddr(handle, index, `10.1.${i}.1/24`));
    handle.close();
    expect((await Promise.allSettled(early)).map(({ status }) => status)).toEqual(
      Array(50).fill('fulfilled'),
    );
    for (const result of await Promise.allSettled(late)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_NETNS_CLOSED' } });
    }
    expect(await addresses(red, 'br0')).toEqual(Array.from({ length: 50 }, (_, i) => `10.0.${i}.1`));
  });

  test('closed while its socket is being opened: the request that waits for it is carried out', async () => {
    await using red = await createNetns('red');
    await using handle = await again(red);
    const listed = rtnetns.listLinks(handle);
    await new Promise((resolve) => process.nextTick(() => queueMicrotask(() => setImmediate(resolve))));
    handle.close();
    expect((await listed).map(({ name }) => name)).toEqual(['lo']);
  });

  // Right after the target is closed its number may be given to another file: to another namespace, even.
  test.each([undefined, 'eth9'])(
    'a move to a target that is closed in the same tick (name: %p)',
    async (name) => {
      await using red = await createNetns('red');
      await using blue = await createNetns('blue');
      await using decoy = await createNetns('decoy');
      await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1' });
      const target = await again(blue);
      const moving = ending(moveLink(red, 'eth0', target, name === undefined ? {} : { name }));
      target.close();
      const decoys = await Promise.all(Array.from({ length: 20 }, () => openNetns('decoy')));
      const ended = await moving;
      expect(await links(decoy)).toEqual(['lo']);
      // with a name, the target is asked for it first, and a closed handle cannot ask
      expect(ended).toBe(name === undefined ? 'done' : 'ERR_NETNS_CLOSED');
      expect(await links(blue)).toEqual(name === undefined ? ['lo', 'eth0'] : ['lo']);
      expect((await links(red)).length).toBe(name === undefined ? 2 : 3);
      for (const one of decoys) one.close();
    },
  );

  test('a pair whose second end’s handle is closed in the same tick', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await using decoy = await createNetns('decoy');
    const target = await again(blue);
    const making = ending(createVeth({ netns: red, name: 'a' }, { netns: target, name: 'b' }));
    target.close();
    const decoys = await Promise.all(Array.from({ length: 20 }, () => openNetns('decoy')));
    expect(await making).toBe('ERR_NETNS_CLOSED');
    for (const netns of [red, blue, decoy]) expect(await links(netns)).toEqual(['lo']);
    for (const one of decoys) one.close();
  });

  test('a number that is given in the same tick as its namespace’s handle is closed', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await using decoy = await createNetns('decoy');
    const target = await again(blue);
    const setting = rtnetns.setNsid(red, target, 7);
    target.close();
    const decoys = await Promise.all(Array.from({ length: 20 }, () => openNetns('decoy')));
    await setting;
    expect(await rtnetns.getNsid(red, decoy)).toBeUndefined();
    expect((await run(red, 'ip', 'netns', 'list-id')).trim()).toBe('nsid 7 (iproute2 netns name: blue)');
    for (const one of decoys) one.close();
  });

  test('no rejection is left unhandled, whenever the handles are closed', async () => {
    // node ends with an error where one is
    const said = await node(`
    for (let turns = 0; turns < 40; turns++) {
      const red = await rtnetns.createNetns();
      const blue = await rtnetns.createNetns();
      const addrs = Array.from({ length: 150 }, (_, i) => '10.0.' + i + '.1/24');
      const end = { up: true, addrs, addrGenMode: 'none', alias: 'x' };
      const work = Promise.allSettled([
        rtnetns.createVeth({ netns: red, ...end }, { netns: blue, ...end }),
        rtnetns.createBridge(red, 'br0', end),
        rtnetns.createVeth({ netns: blue, bridge: 'nosuch' }, { netns: red, bridge: 'br0' }),
        rtnetns.setLink(red, 'nosuch', { addrGenMode: 'none', mtu: 'x' }),
        rtnetns.setLink(red, 'nosuch', { addrGenMode: 'none', mtu: 1500 }),
        rtnetns.moveLink(red, 'br0', blue, { name: 'br1' }),
        rtnetns.addRoute(red, { to: 'default', nexthops: [{ device: 'a' }, { device: 'b' }] }),
        rtnetns.getRoute(red, '10.0.0.1', { inputDevice: 'a', outputDevice: 'b' }),
      ]);
      for (let i = 0; i < turns; i++) await (i % 3 === 0 ? new Promise(setImmediate) : undefined);
      (turns % 2 ? red : blue).close();
      if (turns % 4 > 1) (turns % 2 ? blue : red).close();
      await work;
      red.close();
      blue.close();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    say('through');`);
    expect(said).toEqual(['through']);
  });

  test('descriptors are not handed to programs that are run', async () => {
    await using red = await createNetns('red');
    await rtnetns.listLinks(red);
    const own = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    expect(own).toContain(`net:[${red.ino}]`);
    const inherited = execFileSync('sh', ['-c', 'for fd in /proc/self/fd/*; do readlink $fd; done || true'], {
      encoding: 'utf8',
    });
    expect(inherited).not.toContain('net:[');
    const sockets = own.filter((target) => target.startsWith('socket:'));
    for (const socket of sockets) expect(inherited).not.toContain(socket);
  });

  test('forgotten handles are closed', async () => {
    const child = script(
      `const { readdirSync } = require('node:fs');
    const count = () => readdirSync('/proc/self/fd').length;
    const use = async () => {
      const all = await Promise.all(Array.from({ length: 50 }, () => rtnetns.createNetns()));
      await Promise.all(all.map((netns) => rtnetns.listLinks(netns)));
      await Promise.all(all.map((netns) => rtnetns.getNsid(netns, all[0])));
      const opened = await Promise.all(all.map(() => rtnetns.currentNetns()));
      await Promise.all(opened.map((netns) => rtnetns.addAddr(netns, 'nosuch', '10.0.0.1/24').catch(() => 0)));
      return count();
    };
    const during = await use();
    for (let i = 0; i < 100 && count() > 40; i++) {
      gc();
      await new Promise(setImmediate);
    }
    say([during - count() >= 200, count() < 40]);`,
      '--expose-gc',
    );
    expect(JSON.parse(await run(undefined, ...child))).toEqual([true, true]);
  });

  test('a handle of another copy of the library is refused as one', async () => {
    await using red = await createNetns();
    await jest.isolateModulesAsync(async () => {
      const other = jest.requireActual<typeof rtnetns>('../../../lib');
      // here, because a module loads what it imports when something of it is first used
      await expect(other.listLinks(red)).rejects.toThrow(
        `netns: expected a handle of createNetns or openNetns, got net:[${red.ino}]; ` +
          'the handle is of another copy of the library, and only that copy can use it',
      );
    });
  });
});
