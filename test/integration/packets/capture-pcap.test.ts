import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Capture, capture, type Netns, type Packet, ping } from '../../../lib';
import { type Descriptor, native } from '../../../lib/addon/native';
import { LINKTYPE, packetSocket } from '../../../lib/packets/packet-socket';
import { ROOT } from '../../support/cli';
import { failure, ip, run, until } from '../../support/ip';
import { linked } from '../../support/namespaces';
import { compiled, dumpcap, type Frame, frames } from '../../support/packets';

// The files of captures: what tshark reads in them must be what it reads in those of dumpcap, which captures beside us.

let red: Netns;
let blue: Netns;
let stamping: Descriptor;
const directory = mkdtempSync(join(ROOT, 'build', 'capture-'));
const file = join(directory, 'ours.pcap');

/** A frame from blue, as it is. */
async function sendFrame(frame: Buffer): Promise<void> {
  const device = Number(/^(\d+): eth0/m.exec(await run(blue, 'ip', '-o', 'link'))?.[1]);
  const linkType = LINKTYPE.ethernet;
  const spec = packetSocket({
    device,
    linkType,
    filter: [[6, 0, 0, 0]],
    snaplen: 1,
    promiscuous: false,
    buffer: 1,
  });
  const socket = await blue.openSocket('send', spec);
  expect(native().sendDatagram(socket, frame, spec.bind!)).toMatchObject({ errno: 0 });
  await native().closeSocket(socket);
}

/** The frames, the earliest first: frames of two processors may come to two sockets in different orders. */
const inTime = (list: Frame[]) =>
  [...list].sort((one, other) => (one.time + one.bytes < other.time + other.bytes ? -1 : 1));

/** What dumpcap has seen from the earliest of our frames to the latest, in time; what passed before and after is left out. */
async function atThatTime(ours: Frame[], theirs: Dumpcap): Promise<Frame[]> {
  const times = ours.map(({ time }) => time).sort();
  const other = await seenBy(theirs, ...times.map(pcapngTime));
  return inTime(other.filter(({ time }) => time >= times[0]! && time <= times.at(-1)!));
}

/** What dumpcap has seen from our first frame on, as many frames as we have. */
async function fromTheFirst(ours: Frame[], theirs: Dumpcap): Promise<Frame[]> {
  const other = await seenBy(theirs, hex(ours.at(-1)!.bytes));
  const at = other.findIndex(({ bytes }) => bytes === ours[0]!.bytes);
  return other.slice(at, at + ours.length);
}

type Dumpcap = Awaited<ReturnType<typeof dumpcap>>;

/** The frames of dumpcap's file once it contains all that. */
async function seenBy(theirs: Dumpcap, ...parts: Buffer[]): Promise<Frame[]> {
  const other = join(directory, 'theirs.pcapng');
  writeFileSync(other, await theirs.file(...parts));
  return frames(other);
}

/** As it lies in a pcapng file: the upper half, then the lower. */
function pcapngTime(time: string): Buffer {
  const nanoseconds = BigInt(time.replace('.', ''));
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(Number(nanoseconds >> 32n), 0);
  bytes.writeUInt32LE(Number(nanoseconds & 0xffffffffn), 4);
  return bytes;
}

/** SKF_AD_OFF + SKF_AD_PROTOCOL: what the kernel calls the protocol, wherever the packet begins. */
const PROTOCOL = 0xfffff000;

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

const pings = async () => {
  expect((await ping(red, '10.0.1.2', { size: 1000 })).received).toBe(1);
  expect((await ping(red, 'fd00::2')).received).toBe(1);
};

const http = `
  const server = require('http').createServer((_, response) => response.end('x'.repeat(100000)));
  server.listen(80, '127.0.0.1', async () => {
    await (await fetch('http://127.0.0.1')).text();
    server.close();
  });`;

describe('capture', () => {
  beforeAll(async () => {
    ({ red, blue } = await linked({ names: ['capture-red'], lo: true }));
    // nothing but what the tests cause: the devices have said all they say by themselves when they came up
    await run(red, 'ping', '-c', '1', 'fd00::2');
    // From a moment after the first socket asked for it, the kernel notes the time of each packet (6.18): until
    // then it is that of reading. While this one is open, it goes on doing so.
    stamping = await red.openSocket('stamp', {
      domain: 2,
      type: 2,
      protocol: 0,
      options: [[1, 35, 1, true]],
    });
    const before = readdirSync('/proc/self/fd').length;
    await until(async () => {
      await using one = capture(red, 'eth0', { count: 1 });
      await using other = capture(red, 'eth0', { count: 1 });
      await Promise.all([one.ready, other.ready]);
      await ping(red, '10.0.1.2');
      const [first, second] = await Promise.all([one.next(), other.next()]);
      return first.value?.time === second.value?.time;
    });
    await until(() => readdirSync('/proc/self/fd').length === before); // the thread that reads has ended
  });

  afterAll(async () => {
    stamping.close();
    await red[Symbol.asyncDispose]();
    blue.close();
    rmSync(directory, { recursive: true });
  });

  test.each<
    [string, string | undefined, Parameters<typeof capture>[2] & object, string[], () => Promise<unknown>]
  >([
    ['of a device', 'eth0', {}, [], pings],
    ['cut', 'eth0', { snaplen: 50 }, ['-s', '50'], pings],
    ['filtered', 'eth0', { filter: compiled('icmp6') }, ['-f', 'icmp6'], pings],
    [
      'filtered and cut',
      'eth0',
      { filter: compiled('icmp'), snaplen: 50 },
      ['-s', '50', '-f', 'icmp'],
      pings,
    ],
    ['of all devices', undefined, {}, [], async () => Promise.all([pings(), ping(red, '127.0.0.1')])],
    ['of all devices, filtered', undefined, { filter: compiled('icmp', 'RAW') }, ['-f', 'icmp'], pings],
    [
      'with a VLAN tag',
      'eth0',
      {},
      [],
      async () => sendFrame(hex('ffffffffffff 020000000001 8100 2007 88b5 00112233')),
    ],
    [
      'with two tags',
      'eth0',
      { snaplen: 20 },
      ['-s', '20'],
      async () => sendFrame(hex('ffffffffffff 020000000001 88a8 0007 8100 0008 88b5 00112233')),
    ],
  ])(
    '%s: the same frames, with the same times, as dumpcap sees',
    async (_, device, options, args, traffic) => {
      const name = device === undefined ? ['-i', 'any', '-y', 'LINUX_SLL2'] : ['-i', device];
      await using theirs = await dumpcap(red, ...name, ...args);
      const ours = capture(red, device, options);
      const writing = ours.toPcap(file);
      await ours.ready;
      await traffic();
      ours.close();
      const { received, dropped } = await writing;
      const seen = frames(file);
      expect(await atThatTime(seen, theirs)).toEqual(inTime(seen));
      expect(dropped).toBe(0);
      expect(received).toBeGreaterThan(0);
    },
  );

  test('of lo, where each packet passes twice: each is there once', async () => {
    await using theirs = await dumpcap(red, '-i', 'lo');
    const ours = capture(red, 'lo');
    const writing = ours.toPcap(file);
    await ours.ready;
    await run(red, process.execPath, '-e', http);
    ours.close();
    await writing;
    // 6.18 gives each capture on lo a time of its own
    const timeless = (list: Frame[]) => list.map((frame) => ({ ...frame, time: '' }));
    const seen = frames(file);
    expect(timeless(await fromTheFirst(seen, theirs))).toEqual(timeless(seen));
    expect(seen.length).toBeGreaterThan(10);
  });

  test('tshark reads what the iterator hands on', async () => {
    const packets: Packet[] = [];
    await using listed = capture(red, 'eth0', { snaplen: 90, filter: compiled('icmp or icmp6') });
    await using written = capture(red, 'eth0', { snaplen: 90, filter: compiled('icmp or icmp6') });
    const writing = written.toPcap(file);
    await Promise.all([listed.ready, written.ready]);
    await pings();
    listed.close();
    written.close();
    await writing;
    for await (const packet of listed) packets.push(packet);
    const expected = packets.map(({ time, length, data }) => ({
      time: `${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`,
      length,
      captured: data.length,
      bytes: data.toString('hex'),
      protocols: expect.stringMatching(/^eth:ethertype:ipv?6?:icmp/) as string,
    }));
    expect(frames(file)).toEqual(expected);
    const echoes = packets.filter(({ length }) => length === 1042);
    expect(echoes.map(({ direction, data, protocol }) => [direction, data.length, protocol])).toEqual([
      ['outgoing', 90, 0x0800],
      ['host', 90, 0x0800],
    ]);
  });

  test('whom a packet is for, whose it is, and by which device it came', async () => {
    const [eth0] = (await ip(red, 'link', 'show', 'eth0')) as [{ address: string; ifindex: number }];
    await using packets = capture(red, undefined, {
      count: 4,
      filter: [
        [0x28, 0, 0, PROTOCOL],
        [0x15, 0, 1, 0x88b5],
        [6, 0, 0, 9],
        [6, 0, 0, 0],
      ],
    });
    await packets.ready;
    const source = '020000000001';
    const own = eth0.address.replaceAll(':', '');
    const targets = [own, 'ffffffffffff', '333300000001', '020000000002'];
    for (const target of targets) await sendFrame(hex(`${target} ${source} 88b5 00112233445566778899`));
    const seen: Packet[] = [];
    for await (const packet of packets) seen.push(packet);
    expect(seen).toEqual(
      ['host', 'broadcast', 'multicast', 'otherhost'].map((direction) => ({
        time: expect.any(BigInt) as bigint,
        direction,
        device: eth0.ifindex,
        protocol: 0x88b5,
        data: hex('001122334455667788'),
        length: 10,
        hardware: 1,
        source: hex(source),
      })),
    );
  });

  describe('where it writes to', () => {
    test('a stream', async () => {
      const child = spawn('sh', ['-c', 'cat | tshark -n -r -'], { stdio: ['pipe', 'pipe', 'ignore'] });
      const output = text(child.stdout);
      const packets = capture(red, 'eth0', { count: 2, filter: compiled('icmp') });
      const writing = packets.toPcap(child.stdin);
      await packets.ready;
      await pings();
      expect(await writing).toEqual({ received: 2, dropped: 0 });
      expect(await output).toMatch(/Echo \(ping\) request .*\n.*Echo \(ping\) reply /);
    });

    test('nowhere: a file that cannot be written ends the capture', async () => {
      const packets = capture(red, 'eth0');
      const nowhere = join(directory, 'no', 'where.pcap');
      expect(await failure(packets.toPcap(nowhere))).toMatchObject({ code: 'ENOENT', path: nowhere });
      expect(await packets.next()).toEqual({ done: true, value: undefined });
      expect(await failure(capture(red, 'eth0').toPcap('/dev/full'))).toMatchObject({ code: 'ENOSPC' });
    });

    test('a capture that cannot begin makes no file', async () => {
      const unmade = join(directory, 'unmade.pcap');
      expect(await failure(capture(red, 'eth7').toPcap(unmade))).toMatchObject({ code: 'ENODEV' });
      expect(existsSync(unmade)).toBe(false);
    });
  });

  test.each<[string, (packets: Capture, controller: AbortController) => unknown, string | undefined]>([
    ['close()', (packets) => packets.close(), undefined],
    ['the signal', (_, controller) => controller.abort(new Error('enough')), 'enough'],
  ])('what came before %s is in the file', async (_, end, reason) => {
    const controller = new AbortController();
    const packets = capture(red, 'eth0', { signal: controller.signal, filter: compiled('icmp') });
    const writing = packets.toPcap(file);
    await packets.ready;
    const { received } = await ping(red, '10.0.1.2', { count: 20, interval: 1 });
    end(packets, controller);
    const result = await writing.catch((error: unknown) => (error as Error).message);
    expect(result).toEqual(reason ?? { received: 40, dropped: 0 });
    expect([received, frames(file).length]).toEqual([20, 40]);
  });
});
