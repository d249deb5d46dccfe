import { getEventListeners } from 'node:events';
import { createNetns, createVeth, getStats, type Netns, ping, setLink, waitForLink } from '../../../lib';
import { type Datagram, native } from '../../../lib/addon/native';
import {
  checksum,
  echoRequest,
  readEcho,
  replyFilter,
  withoutIpHeader,
} from '../../../lib/packets/ping-echo';
import { failure, run, until } from '../../support/ip';
import { linked } from '../../support/namespaces';

// What happens while a ping is under way: aborts, others' pings, forged answers, a busy event loop.

let red: Netns;
let blue: Netns;

const AF_INET = 2;
const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;
const rawSocket = { domain: AF_INET, type: SOCK_RAW, protocol: IPPROTO_ICMP, options: [] };

interface Asked {
  id: number;
  sequence: number;
  data: Buffer;
  answer: (changes?: { id?: number; sequence?: number; data?: Buffer }) => void;
}

/** A host in blue that is told of each request, and answers if it likes to. */
async function host(onRequest: (asked: Asked) => void) {
  const socket = await blue.openSocket('listen', rawSocket);
  const asked: Asked[] = [];
  const stop = native().watchSocket(socket, true, (received) => {
    for (const { bytes, from } of received as Datagram[]) {
      const echo = readEcho(4, 'request', withoutIpHeader(bytes));
      if (echo === undefined) continue;
      const request: Asked = {
        ...echo,
        answer: (changes = {}) => {
          const reply = echoRequest(4, { ...echo, ...changes });
          reply[0] = 0; // of another type, so with another checksum
          reply.writeUInt16BE(0, 2);
          reply.writeUInt16BE(checksum(reply), 2);
          expect(native().sendDatagram(socket, reply, from)).toMatchObject({ errno: 0 });
        },
      };
      asked.push(request);
      onRequest(request);
    }
  });
  return {
    asked,
    [Symbol.dispose]() {
      stop();
      socket.close();
    },
  };
}

function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('ping', () => {
  beforeAll(async () => {
    ({ red, blue } = await linked({ names: ['ping-red', 'ping-blue'] }));
    await setLink(red, 'lo', { up: true }); // the errors that red sends itself come by it
    await until(async () => (await ping(red, 'fd00::2', { timeout: 50 })).received === 1);
    await run(red, 'sysctl', '-qw', 'net.ipv4.neigh.eth0.retrans_time_ms=50');
    // nobody answers there but who the tests let do it
    await run(blue, 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1');
  });

  afterAll(async () => {
    await red[Symbol.asyncDispose]();
    await blue[Symbol.asyncDispose]();
  });

  describe('the signal', () => {
    const reason = new Error('enough');

    test('aborted before: no system call', async () => {
      const before = getStats();
      expect(await failure(ping(red, '10.0.1.2', { signal: AbortSignal.abort(reason) }))).toBe(reason);
      expect(getStats()).toEqual(before);
      const wrong = ping(red, 'x', { signal: AbortSignal.abort(reason) });
      expect(await failure(wrong)).toBeInstanceOf(RangeError);
    });

    test('aborted while the socket is being opened', async () => {
      const controller = new AbortController();
      using listening = await host(() => undefined);
      const error = failure(ping(red, '10.0.1.2', { signal: controller.signal }));
      controller.abort(reason);
      expect(await error).toBe(reason);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(listening.asked).toEqual([]);
    });

    test('aborted on the way: at once, and nothing is left', async () => {
      const controller = new AbortController();
      const { signal } = controller;
      let at = 0;
      using listening = await host(() => {
        at = performance.now();
        controller.abort(reason);
      });
      expect(await failure(ping(red, '10.0.1.2', { count: 5, timeout: 60_000, signal }))).toBe(reason);
      expect(performance.now() - at).toBeLessThan(20);
      expect(listening.asked).toHaveLength(1);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    test('a timeout of the whole, and a signal that is not used', async () => {
      const error = await failure(
        ping(red, '10.0.1.2', { timeout: 60_000, signal: AbortSignal.timeout(50) }),
      );
      expect(error.name).toBe('TimeoutError');
      const { signal } = new AbortController();
      expect((await ping(red, 'fd00::2', { signal })).received).toBe(1);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });
  });

  test('a closed handle; and one that is closed on the way', async () => {
    const closing = jest.spyOn(native(), 'sendDatagram');
    const netns = await createNetns();
    await setLink(netns, 'lo', { up: true });
    const result = ping(netns, '127.0.0.1', { count: 3, interval: 20 });
    await until(() => closing.mock.calls.length > 0);
    closing.mockRestore();
    netns.close();
    expect((await result).received).toBe(3);
    expect(await failure(ping(netns, '127.0.0.1'))).toMatchObject({
      name: 'NetnsError',
      code: 'ERR_NETNS_CLOSED',
    });
  });

  test('answers are told apart by identifier, sequence number and data', async () => {
    using answering = await host(({ id, sequence, data, answer }) => {
      if (sequence === 1) {
        answer({ id: id ^ 1 });
        answer({ sequence: 77 });
        answer({ data: Buffer.concat([data, Buffer.of(0)]) });
        answer({ data: data.subarray(1) });
        answer({ data: Buffer.from(data).fill(0) });
      } else {
        for (let i = 0; i < 3; i++) answer();
        // to the one before, late
        answer({ sequence: sequence - 1 });
      }
    });
    const result = await ping(red, '10.0.1.2', { count: 3, interval: 60, timeout: 50 });
    expect(result.packets.map(({ status }) => status)).toEqual(['timeout', 'reply', 'reply']);
    expect(result).toMatchObject({ sent: 3, received: 2, loss: 1 / 3 });
    expect(answering.asked).toHaveLength(3);
    expect(new Set(answering.asked.map(({ id }) => id)).size).toBe(1);
  });

  test('answers in another order than the requests', async () => {
    using answering = await host(({ sequence }) => {
      if (sequence === 4) for (const { answer } of [...answering.asked].reverse()) answer();
    });
    const { packets } = await ping(red, '10.0.1.2', { count: 4, interval: 10 });
    expect(packets.map(({ sequence, status }) => `${sequence} ${status}`)).toEqual(
      [1, 2, 3, 4].map((sequence) => `${sequence} reply`),
    );
    const rtts = packets.map(({ rtt }) => rtt!);
    expect(rtts).toEqual([...rtts].sort((a, b) => b - a));
  });

  test('a link that fails on the way', async () => {
    await using left = await createNetns();
    await using right = await createNetns();
    await createVeth(
      { netns: left, name: 'eth0', up: true, addrs: ['10.9.0.1/24'] },
      { netns: right, name: 'eth0', up: true, addrs: ['10.9.0.2/24'] },
    );
    // until then the kernel drops what is sent, and on a busy machine that may be longer than all of the pings
    await Promise.all([left, right].map(async (netns) => waitForLink(netns, 'eth0', { carrier: true })));
    const socket = await right.openSocket('listen', rawSocket);
    const down = new Promise<void>((resolve, reject) => {
      const stop = native().watchSocket(socket, true, (received) => {
        // the kernel has answered it before we hear of it
        const last = received.some(
          (datagram) =>
            'bytes' in datagram && readEcho(4, 'request', withoutIpHeader(datagram.bytes))?.sequence === 3,
        );
        if (!last) return;
        stop();
        setLink(right, 'eth0', { up: false }).then(resolve, reject);
      });
    });
    const result = await ping(left, '10.9.0.2', { count: 6, interval: 300, timeout: 350 });
    await down;
    socket.close();
    expect(result).toMatchObject({ sent: 6, received: 3, loss: 0.5 });
    expect(result.packets.map(({ status }) => status === 'reply')).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  describe('a busy event loop', () => {
    test.each(['10.0.1.2', 'fd00::2'])(
      'does not lengthen round trips to %s, nor lose replies',
      async (address) => {
        await run(blue, 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=0');
        const send = native().sendDatagram.bind(native());
        // right after sending: when we come to look, the reply is long there, and its time is over
        const sending = jest.spyOn(native(), 'sendDatagram').mockImplementation((...args) => {
          const sent = send(...args);
          busy(50);
          return sent;
        });
        const { rtt, received } = await ping(red, address, { count: 5, interval: 10, timeout: 20 });
        expect(sending).toHaveBeenCalledTimes(5);
        sending.mockRestore();
        await run(blue, 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1');
        expect(received).toBe(5);
        expect(rtt!.max).toBeLessThan(20);
        expect(rtt!.min).toBeLessThan(1);
      },
    );
  });

  describe('many at once, in one namespace', () => {
    const MANY = 200;

    test('two with the same target do not take replies from each other', async () => {
      // the first to ask gets answers, the second does not
      using answering = await host(({ id, answer }) => {
        if (id === answering.asked[0]!.id) answer();
      });
      const options = { count: 5, interval: 10, timeout: 100 };
      const results = await Promise.all([ping(red, '10.0.1.2', options), ping(red, '10.0.1.2', options)]);
      expect(new Set(answering.asked.map(({ id }) => id)).size).toBe(2);
      expect(results.map(({ received }) => received).sort()).toEqual([0, 5]);
    });

    test('each is answered', async () => {
      const threads = getStats().threads;
      const results = await Promise.all(
        Array.from({ length: MANY }, () => ping(red, 'fd00::2', { count: 2, interval: 20 })),
      );
      expect(results.filter(({ received }) => received === 2)).toHaveLength(MANY);
      // one that reads; those that open sockets are replaced as they leave their namespace for good
      expect(getStats().threads - threads).toBeLessThan(MANY);
    });

    test('each of those that cannot be reached is told so', async () => {
      // the kernel sends itself fifty errors at once, and then a thousand in a second; older ones have no such setting in a namespace
      await run(red, 'sysctl', '-eqw', 'net.ipv4.icmp_msgs_burst=1000');
      const addresses = Array.from({ length: MANY }, (_, i) => `10.0.1.${i + 10}`);
      const results = await Promise.all(addresses.map((address) => ping(red, address)));
      const wrong = results.filter(({ packets }) => packets[0]!.code !== 'EHOSTUNREACH');
      expect(wrong.map(({ address, packets }) => [address, packets[0]])).toEqual([]);
    });

    test('the kernel keeps the replies to others away from a raw socket', async () => {
      const listen = async (filter: Buffer | undefined) => {
        const socket = await red.openSocket('listen', { ...rawSocket, ...(filter && { filter }) });
        let heard = 0;
        const stop = native().watchSocket(socket, true, (received) => (heard += received.length));
        return () => {
          stop();
          socket.close();
          return heard;
        };
      };
      using answering = await host(({ answer }) => {
        answer({ id: 0x1234 });
        answer();
      });
      const all = await listen(undefined);
      const one = await listen(replyFilter(4, 0x1234));
      expect((await ping(red, '10.0.1.2', { count: 3, interval: 10 })).received).toBe(3);
      expect(all()).toBe(6);
      expect(one()).toBe(answering.asked.length);
    });
  });
});
