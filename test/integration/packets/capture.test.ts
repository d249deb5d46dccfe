import { getEventListeners } from 'node:events';
import {
  Capture,
  capture,
  createNetns,
  createVeth,
  deleteLink,
  type Netns,
  type Packet,
  ping,
  setLink,
} from '../../../lib';
import { native } from '../../../lib/addon/native';
import { echoRequest } from '../../../lib/packets/ping-echo';
import { sockaddr } from '../../../lib/sockets/inet/sockaddr';
import { failure, ip, node, run, until } from '../../support/ip';
import { linked } from '../../support/namespaces';
import { compiled } from '../../support/packets';

// Captures: how they begin and end, what is lost and how one knows.

let red: Netns;
let blue: Netns;

/** How many packet sockets there are in the namespace, by the kernel's own list. */
async function sockets(netns: Netns): Promise<number> {
  const lines = (await run(netns, 'cat', '/proc/net/packet')).trim().split('\n');
  return lines.length - 1;
}

async function listening(...args: Parameters<typeof capture>): Promise<Capture> {
  const packets = capture(...args);
  await packets.ready;
  return packets;
}

async function all(packets: Capture): Promise<Packet[]> {
  const list: Packet[] = [];
  for await (const packet of packets) list.push(packet);
  return list;
}

const icmp = compiled('icmp');
const once = async () => ping(red, '10.0.1.2');

describe('capture', () => {
  beforeAll(async () => {
    ({ red, blue } = await linked({ names: ['capture-red'], addrs: ['10.0.1.#/24'], addrGenMode: 'none' }));
  });

  afterAll(async () => {
    await red[Symbol.asyncDispose]();
    blue.close();
  });

  describe('it ends, and its socket is closed', () => {
    afterEach(async () => {
      await until(async () => (await sockets(red)) === 0);
    });

    test('by count', async () => {
      const packets = await listening(red, 'eth0', { count: 3, filter: icmp });
      expect(await sockets(red)).toBe(1);
      await ping(red, '10.0.1.2', { count: 5, interval: 1 });
      expect((await all(packets)).map(({ direction }) => direction)).toEqual([
        'outgoing',
        'host',
        'outgoing',
      ]);
      expect(packets.counts()).toEqual(packets.counts());
    });

    test('by leaving the loop', async () => {
      const packets = await listening(red, 'eth0', { filter: icmp });
      await once();
      for await (const { length } of packets) {
        expect(length).toBe(98);
        break;
      }
      expect(await packets.next()).toEqual({ done: true, value: undefined });
    });

    test('by an error in the loop', async () => {
      const packets = await listening(red, 'eth0', { filter: icmp });
      await once();
      const loop = async () => {
        for await (const { length } of packets) throw new Error(`mine: ${length}`);
      };
      expect((await failure(loop())).message).toBe('mine: 98');
    });

    test('by its duration', async () => {
      const started = performance.now();
      const packets = await listening(red, 'eth0', { duration: 500, filter: icmp });
      await once();
      expect(await all(packets)).toHaveLength(2);
      expect(performance.now() - started).toBeGreaterThanOrEqual(499); // timers may go off early
    });

    test('by close(), after the packets of before', async () => {
      const packets = await listening(red, 'eth0', { filter: icmp });
      await ping(red, '10.0.1.2', { count: 500, interval: 0 });
      packets.close();
      packets.close();
      await once();
      expect(await all(packets)).toHaveLength(1000);
      expect(packets.counts().dropped).toBe(0);
    });

    test('by close(), while somebody waits; by close() before it has begun', async () => {
      const packets = await listening(red, 'eth0', { filter: icmp });
      const waiting = packets.next();
      packets.close();
      expect(await waiting).toEqual({ done: true, value: undefined });
      await using early = capture(red, 'eth0');
      early.close();
      expect(await early.next()).toEqual({ done: true, value: undefined });
    });

    test('by return(), while somebody waits, and where nobody has ever', async () => {
      const packets = await listening(red, 'eth0', { filter: icmp });
      const waiting = packets.next();
      expect(await packets.return()).toEqual({ done: true, value: undefined });
      expect(await waiting).toEqual({ done: true, value: undefined });
      await using early = capture(red, 'eth0');
      await early.return();
      expect(await early.next()).toEqual({ done: true, value: undefined });
    });

    test('at the end of its block, when it is closed at once', async () => {
      {
        await using packets = await listening(red, 'eth0', { filter: icmp });
        expect(packets).toBeInstanceOf(Capture);
        expect(await sockets(red)).toBe(1);
      }
      expect(await sockets(red)).toBe(0);
      await capture(red, 'eth0')[Symbol.asyncDispose]();
      expect(await sockets(red)).toBe(0);
    });

    describe('by the signal', () => {
      const reason = new Error('enough');

      test('aborted before', async () => {
        const packets = capture(red, 'eth0', { signal: AbortSignal.abort(reason) });
        expect(await failure(packets.next())).toBe(reason);
        expect(await failure(packets.ready)).toBe(reason);
        expect(await sockets(red)).toBe(0);
      });

      test('aborted while it begins', async () => {
        const controller = new AbortController();
        await using packets = capture(red, 'eth0', { signal: controller.signal });
        const waiting = failure(packets.next());
        controller.abort(reason);
        expect(await waiting).toBe(reason);
        expect(await failure(packets.ready)).toBe(reason);
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      });

      test('aborted while somebody waits', async () => {
        const controller = new AbortController();
        const packets = await listening(red, 'eth0', { signal: controller.signal, filter: icmp });
        const waiting = failure(packets.next());
        controller.abort(reason);
        expect(await waiting).toBe(reason);
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
        expect(await packets.next()).toEqual({ done: true, value: undefined });
      });

      test('a signal that is not used', async () => {
        const { signal } = new AbortController();
        const packets = await listening(red, 'eth0', { signal, count: 1, filter: icmp });
        await once();
        await all(packets);
        expect(getEventListeners(signal, 'abort')).toEqual([]);
      });
    });
  });

  describe('losses', () => {
    /** Sends so many datagrams to blue, which nobody takes. */
    async function flood(count: number): Promise<void> {
      const socket = await red.openSocket('send', { domain: 2, type: 3, protocol: 1, options: [] });
      const request = echoRequest(4, { id: 1, sequence: 1, data: Buffer.alloc(1000) });
      for (let i = 0; i < count; i++) {
        expect(native().sendDatagram(socket, request, sockaddr(4, '10.0.1.2')).errno).toBe(0);
        // for the interface to take it
        if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
      }
      socket.close();
    }

    const requests = compiled('icmp[icmptype] == icmp-echo');

    test('there are none while somebody takes them', async () => {
      await using packets = await listening(red, 'eth0', { filter: requests, count: 5000 });
      const flooding = flood(5000);
      expect(await all(packets)).toHaveLength(5000);
      await flooding;
      expect(packets.counts()).toEqual({ received: 5000, dropped: 0 });
    });

    test('what nobody takes waits, here and in the kernel, and what is lost is counted', async () => {
      await using packets = await listening(red, 'eth0', { filter: requests, buffer: 256 * 1024 });
      const count = 20_000;
      await flood(count);
      const { received, dropped } = packets.counts();
      expect(received + dropped).toBe(count);
      expect(dropped).toBeGreaterThan(0);
      packets.close();
      expect(await all(packets)).toHaveLength(received);
      expect(packets.counts()).toEqual({ received, dropped });
    });
  });

  describe('the device', () => {
    const promiscuity = async () =>
      ((await ip(red, 'link', 'show', 'eth0')) as [{ promiscuity: number }])[0].promiscuity;

    test('is promiscuous only where it is asked for, and as long as it is captured on', async () => {
      {
        await using packets = await listening(red, 'eth0');
        expect([await promiscuity(), packets.counts().dropped]).toEqual([0, 0]);
      }
      {
        await using packets = await listening(red, 'eth0', { promiscuous: true });
        expect([await promiscuity(), packets.counts().dropped]).toEqual([1, 0]);
      }
      expect(await promiscuity()).toBe(0);
    });

    const pair = async (up: boolean) =>
      createVeth(
        { netns: red, name: 'end0', up, addrs: ['10.0.9.1/24'] },
        { netns: blue, name: 'end0', up: true, addrs: ['10.0.9.2/24'] },
      );
    const down = { name: 'NetnsError', code: 'ENETDOWN', netns: 'capture-red' };

    test('vanishes: after the packets of before, that is an error', async () => {
      await pair(true);
      const packets = await listening(red, 'end0', { filter: icmp });
      await ping(red, '10.0.9.2', { count: 100, interval: 0 });
      await deleteLink(red, 'end0');
      let seen = 0;
      const loop = async () => {
        for await (const { length } of packets) seen += length / 98;
      };
      expect(await failure(loop())).toMatchObject({
        ...down,
        message: expect.stringContaining(
          'capture on end0 in namespace capture-red: the device went down, or is gone',
        ) as string,
      });
      expect(seen).toBe(200);
      await until(async () => (await sockets(red)) === 0);
    });

    test('goes down while somebody waits', async () => {
      await pair(true);
      const packets = await listening(red, 'end0', { filter: icmp });
      const waiting = failure(packets.next());
      await setLink(red, 'end0', { up: false });
      expect(await waiting).toMatchObject(down);
      await deleteLink(red, 'end0');
    });

    test('is down', async () => {
      await pair(false);
      await using packets = capture(red, 'end0');
      expect(await failure(packets.ready)).toMatchObject({
        ...down,
        message: expect.stringContaining('the device is down') as string,
      });
      expect(await failure(packets.next())).toMatchObject(down);
      // of all devices, one hears it come up
      await using all = await listening(red, undefined, { count: 1 });
      await setLink(red, 'end0', { up: true });
      const { index } = (await ip(red, 'link', 'show', 'end0').then(([link]) => ({
        index: link!['ifindex'],
      }))) as { index: number };
      expect((await all.next()).value).toMatchObject({ device: index });
      await deleteLink(red, 'end0');
    });

    test('is not there, by name and by index', async () => {
      expect(await failure(capture(red, 'eth7').next())).toMatchObject({
        name: 'NetlinkError',
        code: 'ENODEV',
        device: 'eth7',
      });
      expect(await failure(capture(red, 4711).next())).toMatchObject({
        name: 'NetlinkError',
        code: 'ENODEV',
        device: 4711,
      });
    });
  });

  test('it goes on when the handle is closed, and holds the namespace', async () => {
    const netns = await createNetns();
    const here = { netns: blue, name: 'pair', up: true, addrs: ['10.0.8.2/24'] };
    await createVeth({ netns, name: 'eth0', up: true }, here);
    {
      await using packets = await listening(netns, 'eth0', { filter: compiled('arp') });
      netns.close();
      await ping(blue, '10.0.8.1', { timeout: 0 });
      expect((await packets.next()).value).toMatchObject({ direction: 'broadcast', protocol: 0x0806 });
    }
    await until(async () => !(await run(blue, 'ip', 'link')).includes('pair'));
  });

  test('a process ends when its capture does; one that ends in the midst of it ends at once', async () => {
    const script = (end: string) => `
    const red = await rtnetns.openNetns('capture-red');
    const packets = rtnetns.capture(red, 'eth0', { duration: 50 });
    process.on('exit', () => say('exit'));
    await packets.ready;
    say('ready');
    ${end}
    for await (const _ of packets);
    say('end');`;
    expect(await node(script(''))).toEqual(['ready', 'end', 'exit']);
    expect(await node(script('process.exit()'))).toEqual(['ready', 'exit']);
  });
});
