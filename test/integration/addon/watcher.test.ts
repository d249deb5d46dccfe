import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBridge, createNetns, type Netns, setLink } from '../../../lib';
import { type Datagram, native, type Received, type SocketSpec } from '../../../lib/addon/native';
import { echoRequest } from '../../../lib/packets/ping-echo';
import { sockaddr } from '../../../lib/sockets/inet/sockaddr';
import { ROOT } from '../../support/cli';
import { node, until } from '../../support/ip';

// The thread that reads sockets, with sockets that are watched for other reasons than a ping.

let netns: Netns;

const AF_NETLINK = 16;
const rawIcmp: SocketSpec = { domain: 2, type: 3, protocol: 1, options: [] };

/** An rtnetlink socket that is told of every change of a link. */
const linkEvents = (receiveBuffer: number): SocketSpec => ({
  domain: AF_NETLINK,
  type: 3,
  protocol: 0,
  options: [
    [1, 8, receiveBuffer, true], // SO_RCVBUF
    [270, 1, 1, true], // NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK
  ],
});

async function watch(spec: SocketSpec, onReceived: (received: Received[]) => void) {
  const socket = await netns.openSocket('watch', spec);
  const stop = native().watchSocket(socket, true, onReceived);
  return {
    socket,
    stop,
    [Symbol.dispose]() {
      stop();
      socket.close();
    },
  };
}

const bytesOf = (received: Received[]) =>
  received.reduce((sum, item) => sum + ('bytes' in item ? item.bytes.length : 0), 0);

describe('native', () => {
  beforeAll(async () => {
    netns = await createNetns();
    await setLink(netns, 'lo', { up: true });
  });

  afterAll(() => netns.close());

  test('a datagram comes with its sender, and with its time on both clocks', async () => {
    const got: Received[] = [];
    using watched = await watch(rawIcmp, (received) => got.push(...received));
    const to = sockaddr(4, '127.0.0.1');
    const request = echoRequest(4, { id: 1, sequence: 1, data: Buffer.from('x') });
    const day = Date.now();
    const { errno, time } = native().sendDatagram(watched.socket, request, to);
    expect(errno).toBe(0);
    await until(() => got.length === 2); // the request, as it comes in, and the reply
    const [first, second] = got as Datagram[];
    expect(first!.from).toEqual(to);
    expect(first!.bytes.subarray(20)).toEqual(request);
    expect(first).toMatchObject({ flags: 0, control: [] });
    expect(first!.time).toBeGreaterThan(time);
    expect(second!.time).toBeGreaterThanOrEqual(first!.time);
    expect(second!.time).toBeLessThan(Number(process.hrtime.bigint()) / 1e6);
    expect(Math.abs(Number(first!.epoch / 1_000_000n) - day)).toBeLessThan(1000);
  });

  test('that datagrams were lost is told, and the rest goes on coming', async () => {
    await createBridge(netns, 'br0');
    const socket = await netns.openSocket('watch', linkEvents(1));
    // the kernel spares a socket without a number what others are told; connecting gives it one
    const kernel = Buffer.alloc(12);
    kernel[0] = AF_NETLINK;
    expect(native().connectSocket(socket, kernel)).toBe(0);
    // nobody reads yet, and the buffer is as small as the kernel allows
    for (let mtu = 1000; mtu < 1010; mtu++) await setLink(netns, 'br0', { mtu });
    const got: Received[] = [];
    const stop = native().watchSocket(socket, true, (received) => got.push(...received));
    await until(() => got.some((item) => 'bytes' in item));
    expect(got.flatMap((item) => ('errno' in item ? item.errno : []))).toEqual([105]); // ENOBUFS
    const before = got.length;
    await setLink(netns, 'br0', { mtu: 1400 });
    await until(() => got.length > before);
    stop();
    socket.close();
  });

  test('while nobody takes it, what comes stays in the buffer of the socket; afterwards reading goes on', async () => {
    let most = 0;
    let total = 0;
    using watched = await watch(rawIcmp, (received) => {
      total += bytesOf(received);
      most = Math.max(most, total);
    });
    const to = sockaddr(4, '127.0.0.1');
    const request = echoRequest(4, { id: 1, sequence: 1, data: Buffer.alloc(8000) });
    const flood = 4000;
    for (let i = 0; i < flood; i++) native().sendDatagram(watched.socket, request, to);
    await until(() => total > 1e6);
    let before = -1;
    await until(() => before === (before = total));
    // each came in twice, as request and as reply; 4 MiB and the buffers are kept, the rest is gone
    expect(total).toBeLessThan(8 * 2 ** 20);
    native().sendDatagram(watched.socket, request, to);
    await until(() => total > before);
  });

  test('a listener may stop its own watch; a socket is watched once; a closed one cannot be', async () => {
    const socket = await netns.openSocket('watch', rawIcmp);
    let calls = 0;
    const stop = native().watchSocket(socket, true, () => {
      calls++;
      stop();
    });
    expect(() => native().watchSocket(socket, true, () => undefined)).toThrow('EEXIST');
    const request = echoRequest(4, { id: 1, sequence: 1, data: Buffer.alloc(0) });
    const to = sockaddr(4, '127.0.0.1');
    native().sendDatagram(socket, request, to);
    await until(() => calls === 1);
    native().sendDatagram(socket, request, to);
    stop();
    // again, and by another listener
    let again = 0;
    const stopAgain = native().watchSocket(socket, true, (received) => (again += received.length));
    await until(() => again >= 2);
    socket.close(); // the watch holds it open
    stopAgain();
    expect(calls).toBe(1);
    expect(() => native().watchSocket(socket, true, () => undefined)).toThrow('EBADF');
    expect(() => native().sendDatagram(socket, request, to)).toThrow('EBADF');
  });

  test('many come and go, while the thread ends and starts', async () => {
    const request = echoRequest(4, { id: 1, sequence: 1, data: Buffer.alloc(0) });
    const to = sockaddr(4, '127.0.0.1');
    const sockets = await Promise.all(Array.from({ length: 8 }, () => netns.openSocket('watch', rawIcmp)));
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    for (let round = 0; round < 100; round++) {
      let heard = 0;
      for (const socket of sockets) {
        const stop = native().watchSocket(socket, true, () => heard++);
        if (round % 4 === 0) {
          native().sendDatagram(socket, request, to);
          await until(() => heard > 0);
        }
        stop();
      }
      // a thread that had not heard that there is nothing left to do would keep its own
      await until(() => descriptors() === before);
    }
    for (const socket of sockets) socket.close();
  });

  test('a watch that is not to keep the process alive does not; a listener that throws harms nobody else', async () => {
    const told = await node(`
    const { native } = require(${JSON.stringify(join(ROOT, 'build/js/addon/native.js'))});
    const { echoRequest } = require(${JSON.stringify(join(ROOT, 'build/js/packets/ping-echo.js'))});
    const { sockaddr } = require(${JSON.stringify(join(ROOT, 'build/js/sockets/inet/sockaddr.js'))});
    const netns = await rtnetns.createNetns();
    await rtnetns.setLink(netns, 'lo', { up: true });
    const [bad, good] = await Promise.all([1, 2].map(() => netns.openSocket('watch', ${JSON.stringify(rawIcmp)})));
    process.on('uncaughtException', ({ message }) => say(message));
    process.on('exit', () => say('exit'));
    native().watchSocket(bad, false, () => { throw new Error('mine'); });
    const stop = native().watchSocket(good, true, () => { say('heard'); stop(); });
    const request = echoRequest(4, { id: 1, sequence: 1, data: Buffer.alloc(0) });
    native().sendDatagram(good, request, sockaddr(4, '127.0.0.1'));`);
    expect(told.at(-1)).toBe('exit');
    expect(told).toContain('heard');
    expect(told).toContain('mine');
  });

  test('what is sent to a watched netlink socket is answered there, between its events', async () => {
    await createBridge(netns, 'br1');
    const heard: string[] = [];
    const kernel = Buffer.alloc(12);
    kernel[0] = AF_NETLINK;
    using watched = await watch(linkEvents(1 << 20), (received) => {
      for (const item of received) {
        if ('bytes' in item) heard.push(item.bytes.readUInt16LE(4) === 2 ? 'answer' : 'event');
      }
    });
    native().connectSocket(watched.socket, kernel);
    const question = Buffer.alloc(16);
    question.writeUInt32LE(16, 0);
    question.writeUInt16LE(1, 4); // NLMSG_NOOP
    question.writeUInt16LE(5, 6); // NLM_F_REQUEST, NLM_F_ACK
    for (let i = 0; i < 3; i++) {
      await setLink(netns, 'br1', { mtu: 1300 + i });
      await native().sendRequest(watched.socket, question);
    }
    await until(() => heard.length === 6);
    expect(heard).toEqual(['event', 'answer', 'event', 'answer', 'event', 'answer']);
    watched.socket.close();
    expect(() => native().sendRequest(watched.socket, question)).toThrow('EBADF');
  });

  test('a file that changes is told of; what happens meanwhile takes no telling of its own', async () => {
    expect(() => native().watchFile('/nowhere', true, () => undefined)).toThrow('ENOENT');
    expect(() => native().watchFile('/etc/passwd', true, () => undefined)).toThrow('EPERM'); // of epoll_ctl
    const target = mkdtempSync(join(tmpdir(), 'watched-'));
    const mount = () => execFileSync('sh', ['-c', `mount -t tmpfs none ${target}; umount ${target}`]);
    let calls = 0;
    const stop = native().watchFile('/proc/self/mountinfo', true, () => calls++);
    for (let i = 0; i < 5; i++) mount(); // in which nobody can be called
    await until(() => calls > 0);
    expect(calls).toBeLessThanOrEqual(2);
    const before = calls;
    mount();
    await until(() => calls > before);
    stop();
    const last = calls;
    mount();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(last);
    rmdirSync(target);
  });
});
