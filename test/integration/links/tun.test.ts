import { once } from 'node:events';
import type { StdioOptions } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import {
  addAddr,
  addAltName,
  addNeighbor,
  createLink,
  type CreateLinkOptions,
  createNetns,
  deleteLink,
  getLink,
  listLinks,
  type Netns,
  openTun,
  setLink,
  spawn,
  TunQueue,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, type Json, run } from '../../support/ip';
import { program, runProgram } from '../../support/program';

const testTun = (title: string, test: () => Promise<void>) => testWith('TUN and TAP devices', title, test);

type Own = Omit<Extract<CreateLinkOptions, { kind: 'tun'; mode: 'tun' | 'tap' }>, 'kind'>;

/** A device in our words, and in those of `ip tuntap add dev x0`. */
const EXAMPLES: readonly (readonly [own: Own, words: string])[] = [
  [{ mode: 'tun' }, 'mode tun'],
  [{ mode: 'tap' }, 'mode tap'],
  [{ mode: 'tap', uid: 54321 }, 'mode tap user 54321'],
  [{ mode: 'tun', gid: 54322 }, 'mode tun group 54322'],
  [{ mode: 'tun', uid: 0, gid: 0 }, 'mode tun user 0 group 0'],
  [{ mode: 'tun', packetInfo: true }, 'mode tun pi'],
  [{ mode: 'tap', vnetHeader: true }, 'mode tap vnet_hdr'],
  [{ mode: 'tap', multiQueue: true }, 'mode tap multi_queue'],
  [{ mode: 'tap', packetInfo: true, vnetHeader: true, multiQueue: true }, 'mode tap pi vnet_hdr multi_queue'],
];

type View = NonNullable<Awaited<ReturnType<typeof getLink>>['tun']>;

/** ip has the name of a user or group that has one. */
const nameOf = (file: string, id?: number) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , number]) => number === String(id))?.[0] ?? id;

/** What `ip -d -j link` calls what getLink returns. */
const SHOWN: Readonly<Record<string, (view: View) => unknown>> = {
  type: ({ mode }) => mode,
  pi: ({ packetInfo }) => packetInfo,
  vnet_hdr: ({ vnetHeader }) => vnetHeader,
  multi_queue: ({ multiQueue }) => multiQueue,
  persist: ({ persistent }) => persistent,
  numqueues: ({ queues }) => queues,
  numdisabled: ({ disabledQueues }) => disabledQueues,
  user: ({ uid }) => nameOf('/etc/passwd', uid),
  group: ({ gid }) => nameOf('/etc/group', gid),
};

async function infoOf(netns: Netns, name: string): Promise<Json> {
  const [shown] = await ip(netns, 'link', 'show', 'dev', name);
  return (shown!['linkinfo'] as { info_data: Json }).info_data;
}

/** ip reads /sys, which shows the namespace that it was mounted in. Its JSON has a fault where it lists processes (6.1). */
const TUNTAP = 'mount -t sysfs none /sys && ip -d tuntap';

const tuntap = async (netns: Netns) => run(netns, 'unshare', '--mount', 'sh', '-c', TUNTAP);

const named = async (netns: Netns) => (await listLinks(netns)).map(({ name }) => name).sort();

/** A device that is up, with 10.0.0.1/24. */
async function up(netns: Netns, name: string): Promise<void> {
  await setLink(netns, name, { up: true, addrGenMode: 'none' });
  await addAddr(netns, name, '10.0.0.1/24');
}

/** The checksum of RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** The reply to an echo request of ping(8), in a packet of IPv4; undefined for any other packet. */
function replyTo(packet: Buffer): Buffer | undefined {
  const [isIpv4, isIcmp] = [packet[0] === 0x45, packet[9] === 1];
  if (!isIpv4 || !isIcmp || packet[20] !== 8) return undefined;
  const reply = Buffer.from(packet);
  packet.copy(reply, 12, 16, 20);
  packet.copy(reply, 16, 12, 16);
  reply[20] = 0;
  reply.writeUInt16BE(0, 22);
  reply.writeUInt16BE(checksum(reply.subarray(20)), 22);
  return reply;
}

/** Answers echo requests until the queue is closed. */
async function answer(queue: TunQueue): Promise<number> {
  let answered = 0;
  for await (const packet of queue) {
    const reply = replyTo(packet);
    if (reply === undefined) continue;
    await queue.write(reply);
    answered++;
  }
  return answered;
}

describe('createLink, openTun', () => {
  testTun('devices are those that ip makes, and are read as ip shows them', async () => {
    await using ours = await createNetns();
    await using theirs = await createNetns();
    for (const [own, words] of EXAMPLES) {
      expect(await createLink(ours, { kind: 'tun', name: 'x0', ...own })).toMatchObject({ name: 'x0' });
      await run(theirs, 'ip', ...`tuntap add dev x0 ${words}`.split(' '));
      const [made, asMade] = [await ip(ours, 'link'), await ip(theirs, 'link')].map((links) => links.at(-1)!);
      for (const field of ['ifname', 'flags', 'mtu', 'link_type', 'linkinfo', 'num_tx_queues']) {
        expect([words, field, made![field]]).toEqual([words, field, asMade![field]]);
      }
      const shown = await tuntap(ours);
      expect(shown).toBe(await tuntap(theirs));
      expect(shown).toContain(`x0: ${own.mode} `);
      for (const netns of [ours, theirs]) {
        const { tun, kind } = await getLink(netns, 'x0');
        expect([kind, tun]).toEqual(['tun', expect.objectContaining({ ...own, persistent: true })]);
        for (const [field, value] of Object.entries(await infoOf(netns, 'x0'))) {
          expect([words, field, SHOWN[field]?.(tun!)]).toEqual([words, field, value]);
        }
      }
      const { tun } = await getLink(ours, 'x0');
      await deleteLink(ours, 'x0');
      await createLink(ours, { kind: 'tun', name: 'x0', ...tun } as CreateLinkOptions);
      expect([(await getLink(ours, 'x0')).tun, await tuntap(ours)]).toEqual([tun, shown]);
      await deleteLink(ours, 'x0');
      await run(theirs, 'ip', 'link', 'delete', 'x0');
      expect([await named(ours), await tuntap(ours)]).toEqual([['lo'], '']);
    }
  });

  testTun('names, and what all links have', async () => {
    await using red = await createNetns('red');
    const mac = '02:00:00:00:00:07';
    const options = {
      mtu: 1400,
      mac,
      alias: 'one',
      group: 7,
      txQueueLength: 5,
      addrGenMode: 'none',
    } as const;
    await createLink(red, { kind: 'tun', name: 'x0', mode: 'tap', ...options, up: true });
    expect((await ip(red, 'link', 'show', 'dev', 'x0'))[0]).toMatchObject({
      mtu: 1400,
      address: mac,
      ifalias: 'one',
      group: '7',
      txqlen: 5,
      flags: expect.arrayContaining(['UP']) as string[],
      inet6_addr_gen_mode: 'none',
    });
    expect(await createLink(red, { kind: 'tun', mode: 'tap' })).toMatchObject({ name: 'tap0' });
    expect(await createLink(red, { kind: 'tun', name: 'y%d', mode: 'tun' })).toMatchObject({ name: 'y0' });
    await addAltName(red, 'y0', 'other');
    for (const [name, words] of [
      ['x0', "a device named 'x0' exists already in namespace red"],
      ['lo', "a device named 'lo' exists already in namespace red"],
      ['other', "'other' is an alternative name of the device 'y0' in namespace red"],
    ] as const) {
      expect(await failure(createLink(red, { kind: 'tun', name, mode: 'tap' }))).toMatchObject({
        name: 'NetlinkError',
        message: `EEXIST: create tun ${name} in namespace red: ${words}`,
      });
    }
    expect(await named(red)).toEqual(['lo', 'tap0', 'x0', 'y0']);
  });

  testTun('what is refused leaves nothing', async () => {
    await using red = await createNetns('red');
    const tun = { kind: 'tun', name: 'x0', mode: 'tun' } as const;
    const small = await failure(createLink(red, { ...tun, mtu: 5 }));
    expect([small.code, small.message]).toEqual(['EINVAL', expect.stringContaining('create tun x0')]);
    for (const [options, message] of [
      [{ ...tun, mode: undefined }, 'mode: it has to be given'],
      [{ ...tun, mode: 'top' }, 'mode: expected one of tun, tap, got "top"'],
      [{ ...tun, uid: -1 }, 'uid: expected an integer from 0 to 4294967294, got -1'],
      [{ ...tun, link: 'lo' }, 'link: a tun device has no such option'],
    ] as const) {
      expect((await failure(createLink(red, options as CreateLinkOptions))).message).toContain(message);
    }
    const later = await failure(setLink(red, 'x0', { kind: 'tun', packetInfo: true } as never));
    expect(later.message).toBe('packetInfo: it can be given at creation only');
    expect(await named(red)).toEqual(['lo']);
  });

  testTun('a ping is answered through a queue', async () => {
    await using red = await createNetns();
    const queue = await openTun(red, 'tun0', { mode: 'tun' });
    await up(red, 'tun0');
    const answering = answer(queue);
    await run(red, 'ping', '-c', '3', '-i', '0.002', '-W', '5', '10.0.0.2');
    await queue.close();
    expect(await answering).toBe(3);
    expect(await named(red)).toEqual(['lo']);
  });

  testTun('frames of a persistent TAP device, with what precedes them', async () => {
    await using red = await createNetns();
    await createLink(red, { kind: 'tun', name: 'tap0', mode: 'tap', packetInfo: true, vnetHeader: true });
    await up(red, 'tap0');
    await addNeighbor(red, 'tap0', '10.0.0.2', { mac: '02:00:00:00:00:02' });
    {
      // as the device has it
      await using queue = await openTun(red, 'tap0');
      expect(await infoOf(red, 'tap0')).toMatchObject({ pi: true, vnet_hdr: true });
      await run(red, 'bash', '-c', 'printf one > /dev/udp/10.0.0.2/9');
      const frame = await queue.read();
      const [info, header] = [4, 10];
      expect(frame?.readUInt16BE(2)).toBe(0x0800);
      const ethernet = frame!.subarray(info + header);
      expect(ethernet.toString('hex', 0, 6)).toBe('020000000002');
      expect(ethernet.toString('latin1', 14 + 20 + 8)).toBe('one');
    }
    {
      await using queue = await openTun(red, 'tap0', { mode: 'tap', packetInfo: false, vnetHeader: false });
      expect(await infoOf(red, 'tap0')).toMatchObject({ pi: false, vnet_hdr: false, persist: true });
      await run(red, 'bash', '-c', 'printf two > /dev/udp/10.0.0.2/9');
      expect((await queue.read())?.toString('latin1', 14 + 20 + 8)).toBe('two');
    }
    expect(await named(red)).toEqual(['lo', 'tap0']);
  });

  testTun('several queues of a device, and one of another', async () => {
    await using red = await createNetns('red');
    const several = await Promise.all(
      [1, 2, 3].map(async () => openTun(red, 'tap0', { mode: 'tap', multiQueue: true })),
    );
    expect(await infoOf(red, 'tap0')).toMatchObject({ numqueues: 3, persist: false });
    expect((await getLink(red, 'tap0')).tun).toMatchObject({ queues: 3, disabledQueues: 0 });
    await using fourth = await openTun(red, 'tap0');
    for (const queue of several) await queue.close();
    expect((await getLink(red, 'tap0')).tun).toMatchObject({ queues: 1, multiQueue: true });
    await fourth.close();
    expect(await named(red)).toEqual(['lo']);

    await using only = await openTun(red, 'tun%d', { mode: 'tun' });
    expect(only.name).toBe('tun0');
    expect(await tuntap(red)).toMatch(new RegExp(`^tun0: tun.*\\(${process.pid}\\)`, 's'));
    expect(await failure(openTun(red, 'tun0'))).toMatchObject({
      name: 'NetlinkError',
      message:
        'EBUSY: open a queue of tun0 in namespace red: its queue is open already, here or in another process: a device with multiQueue has several',
    });
  });

  testTun('what cannot be opened', async () => {
    await using red = await createNetns('red');
    await createLink(red, { kind: 'tun', name: 'x0', mode: 'tun' });
    for (const [attempt, message] of [
      [
        openTun(red, 'nope'),
        "ENODEV: open a queue of nope in namespace red: there is no such device: with 'mode', one is made for as long as it is open",
      ],
      [
        openTun(red, 'lo'),
        'EINVAL: open a queue of lo in namespace red: it is no TUN or TAP device, but one without a kind',
      ],
      [
        openTun(red, 'x0', { mode: 'tap' }),
        "EINVAL: open a queue of x0 in namespace red: option 'mode': the device was made with tun",
      ],
      [
        openTun(red, 'x0', { multiQueue: true }),
        "EINVAL: open a queue of x0 in namespace red: option 'multiQueue': the device was made with false",
      ],
      [openTun(red, 'x0', { mode: 'top' as never }), 'mode: expected one of tun, tap, got "top"'],
      [openTun(red, 'a/b'), "name: a device name must not hold '/'"],
    ] as const) {
      expect((await failure(attempt)).message).toContain(message);
    }
  });

  testTun('no device is made in the place of one that is deleted meanwhile', async () => {
    await using red = await createNetns('red');
    for (let i = 0; i < 20; i++) {
      await createLink(red, { kind: 'tun', name: 'x0', mode: 'tun' });
      const opened = openTun(red, 'x0').then(
        (queue) => queue,
        (error: unknown) => error,
      );
      await deleteLink(red, 'x0');
      const result = await opened;
      expect(await named(red)).toEqual(['lo']);
      if (result instanceof TunQueue) await result.close();
      else expect(result).toMatchObject({ name: 'NetlinkError', code: 'ENODEV' });
    }
  });

  testTun('a user who may open a device, and nobody else', async () => {
    await using red = await createNetns('red');
    await createLink(red, { kind: 'tun', name: 'x0', mode: 'tap', uid: 54321 });
    const as = async (uid: number) => run(red, 'python3', '-c', OPEN_X0, String(uid));
    expect(await as(54321)).toBe('x0\n');
    expect((await failure(as(54322))).message).toContain('Operation not permitted');
  });

  testTun('a read ends with the queue, or with the device', async () => {
    await using red = await createNetns('red');
    const queue = await openTun(red, 'tun0', { mode: 'tun' });
    const reads = [queue.read(), queue.read()];
    await new Promise((resolve) => setImmediate(resolve));
    expect(() => queue.release()).toThrow(
      'EBUSY: release tun0 in namespace red: a read() waits for a packet: close() ends it',
    );
    await queue.close();
    expect([await Promise.all(reads), await queue.read(), queue.fd]).toEqual([
      [undefined, undefined],
      undefined,
      -1,
    ]);
    await queue.close();
    const closed = (operation: string) =>
      `EBADF: ${operation} tun0 in namespace red: the queue is closed, or its descriptor was released`;
    expect((await failure(queue.write(Buffer.alloc(28)))).message).toBe(closed('write to'));
    expect(() => queue.release()).toThrow(closed('release'));

    await createLink(red, { kind: 'tun', name: 'x0', mode: 'tun' });
    await using other = await openTun(red, 'x0');
    const words = (operation: string, code: string, reason: string) =>
      `${code}: ${operation} x0 in namespace red: ${reason}`;
    const packet = Buffer.from(`45${'00'.repeat(27)}`, 'hex');
    expect((await failure(other.write(packet))).message).toBe(words('write to', 'EIO', 'the device is down'));
    await up(red, 'x0');
    await other.write(packet);
    for (const none of [Buffer.alloc(28), Buffer.alloc(0)]) {
      expect((await failure(other.write(none))).message).toContain('EINVAL: write to x0');
    }
    await expect(other.write('one' as never)).rejects.toThrow(
      new TypeError('packet: expected bytes, got "one"'),
    );
    expect((await failure(other.write(Buffer.alloc(2 ** 26, 0x45)))).message).toBe(
      words('write to', 'ENOBUFS', 'the packet is too large, or the kernel has no memory for it'),
    );
    const read = failure(other.read());
    await deleteLink(red, 'x0');
    expect((await read).message).toBe(words('read from', 'EBADFD', 'the device was deleted'));
    expect((await failure(other.write(packet))).message).toContain('EBADFD: write to x0');
  });

  testTun('a descriptor for a child process, and for the caller', async () => {
    await using red = await createNetns();
    await using queue = await openTun(red, 'tun0', { mode: 'tun' });
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', queue.fd];
    const child = spawn(red, 'readlink', ['/proc/self/fd/3'], { stdio });
    const [printed] = (await once(child.stdout!, 'data')) as [Buffer];
    await once(child, 'close');
    expect(printed.toString()).toBe('/dev/net/tun\n');
    const fd = queue.release();
    expect([queue.fd, await queue.read()]).toEqual([-1, undefined]);
    expect(await named(red)).toEqual(['lo', 'tun0']);
    closeSync(fd);
    expect(await named(red)).toEqual(['lo']);
  });

  testTun('a child whose standard stream it is does not keep the event loop waiting', async () => {
    const { told } = await runProgram(
      program(async ({ rtnetns, tell }) => {
        const red = await rtnetns.createNetns();
        const queue = await rtnetns.openTun(red, 'tun0', { mode: 'tun' });
        // node takes O_NONBLOCK away from what becomes the standard input
        const child = rtnetns.spawn(red, 'sleep', ['60'], { stdio: [queue.fd, 'ignore', 'ignore'] });
        const read = queue.read();
        await new Promise((resolve) => setImmediate(resolve));
        child.kill('SIGKILL');
        await queue.close();
        tell((await read) ?? 'closed');
        red.close();
      }),
    );
    expect(told).toEqual(['closed']);
  });

  testTun('many packets do not keep the event loop from its work', async () => {
    await using red = await createNetns();
    await using queue = await openTun(red, 'tun0', { mode: 'tun' });
    await setLink(red, 'tun0', { txQueueLength: 1000 });
    await up(red, 'tun0');
    await run(red, 'bash', '-c', 'for i in {1..500}; do printf $i > /dev/udp/10.0.0.2/9; done');
    let turns = 0;
    const turn = () => {
      turns++;
      immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    for (let i = 1; i <= 500; i++) expect((await queue.read())?.toString('latin1', 28)).toBe(String(i));
    clearImmediate(immediate);
    expect(turns).toBeGreaterThan(5);
  });

  testTun('without the file of all devices', async () => {
    const hidden = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /dev/net && exec "$@"', 'sh'];
    const { told } = await runProgram(
      program(async ({ rtnetns, tell }) => {
        const red = await rtnetns.createNetns();
        const messages: string[] = [];
        for (const attempt of [
          () => rtnetns.createLink(red, { kind: 'tun', name: 'x0', mode: 'tap' }),
          () => rtnetns.openTun(red, 'x0', { mode: 'tap' }),
        ]) {
          await attempt().catch((error: unknown) => messages.push((error as Error).message));
        }
        tell(messages);
        red.close();
      }),
      { wrapper: hidden },
    );
    const [messages] = told as [string[]];
    expect(messages).toHaveLength(2);
    for (const message of messages) {
      expect(message).toMatch(
        /^ENOENT: (create tun|open a queue of) x0 in namespace .*: there is no \/dev\/net\/tun, by/,
      );
    }
  });
});

/** Opens the file, becomes a user, opens x0 by TUNSETIFF, and prints the name. */
const OPEN_X0 = `
import fcntl, os, struct, sys
with open('/dev/net/tun', 'r+b', buffering=0) as file:
    os.setgroups([])
    os.setresuid(*[int(sys.argv[1])] * 3)
    request = struct.pack('16sH22x', b'x0', 0x1002)
    print(fcntl.ioctl(file, 0x400454ca, request)[:16].rstrip(b'\\0').decode())
`;
