import type dgram from 'node:dgram';
import { once } from 'node:events';
import { addAddr, addRoute, createNetns, createSocket, type DatagramOptions, type Netns } from '../../../lib';
import { failure, node, run, until } from '../../support/ip';
import { pair, plainNode, shape, ss } from '../../support/sockets';

let scene: Awaited<ReturnType<typeof pair>>;
let red: Netns;
let blue: Netns;

async function close(...sockets: dgram.Socket[]): Promise<void> {
  for (const socket of sockets) {
    socket.close();
    await once(socket, 'close');
  }
}

async function message(socket: dgram.Socket): Promise<[text: string, from: string]> {
  const [bytes, { address }] = (await once(socket, 'message')) as [Buffer, dgram.RemoteInfo];
  return [String(bytes), address];
}

describe('createSocket', () => {
  beforeAll(async () => {
    scene = await pair();
    ({ red, blue } = scene);
    for (const netns of [red, blue]) await addRoute(netns, { to: '239.0.0.0/8', device: 'eth0' });
  });

  afterAll(async () => scene[Symbol.asyncDispose]());

  test.each([
    ['udp4', '10.0.0.1', '10.0.0.2', '0.0.0.0'],
    ['udp6', 'fd00::1', 'fd00::2', '::'],
  ] as const)('%s: bound in the namespace, to one address and to all', async (type, mine, theirs, any) => {
    const server = await createSocket(blue, type, { port: 53, address: theirs });
    expect(server.address()).toMatchObject({ address: theirs, port: 53 });
    expect(await ss(blue, '-ul')).toEqual([expect.stringContaining(':53 ')]);
    const client = await createSocket(red, type);
    expect(client.address().address).toBe(any);
    expect(client.address().port).toBeGreaterThan(0);

    client.send('question', 53, theirs);
    expect(await message(server)).toEqual(['question', mine]);
    server.send('answer', client.address().port, mine);
    expect(await message(client)).toEqual(['answer', theirs]);
    await close(server, client);
  });

  test('a connected one; a name is resolved in the namespace', async () => {
    const server = await createSocket(red, 'udp4', { port: 53 });
    const client = await createSocket(red, 'udp4');
    client.connect(53, 'localhost');
    await once(client, 'connect');
    client.send('local');
    expect(await message(server)).toEqual(['local', '127.0.0.1']);
    await close(server, client);

    const lonely = await createSocket(red, 'udp4');
    lonely.send('x', 53, 'nowhere.test');
    const [error] = (await once(lonely, 'error')) as [Error];
    expect(error).toMatchObject({ code: 'EAI_AGAIN', hostname: 'nowhere.test' });
    await close(lonely);
  });

  test('multicast by the calls of node', async () => {
    const listener = await createSocket(blue, 'udp4', { port: 5353, reuseAddr: true });
    listener.addMembership('239.1.2.3', '10.0.0.2');
    expect(await run(blue, 'ip', 'maddr', 'show', 'dev', 'eth0')).toContain('239.1.2.3');
    const sender = await createSocket(red, 'udp4');
    sender.setMulticastTTL(3);
    sender.send('group', 5353, '239.1.2.3');
    expect(await message(listener)).toEqual(['group', '10.0.0.1']);
    listener.dropMembership('239.1.2.3', '10.0.0.2');
    expect(await run(blue, 'ip', 'maddr', 'show', 'dev', 'eth0')).not.toContain('239.1.2.3');
    await close(listener, sender);
  });

  test.each([
    ['udp4', '239.4.5.6', '10.0.0.1'],
    ['udp6', 'ff15::6', 'fd00::1'],
  ] as const)('%s multicast by the devices of the namespace', async (type, group, mine) => {
    const memberships = [{ group, device: 'eth0' }];
    const listener = await createSocket(blue, type, { port: 5353, memberships });
    expect(await run(blue, 'ip', 'maddr', 'show', 'dev', 'eth0')).toContain(group);
    const sender = await createSocket(red, type, { address: mine, multicastDevice: 'eth0' });
    sender.send('group', 5353, group);
    expect(await message(listener)).toEqual(['group', mine]);
    await close(listener, sender);
    expect(await run(blue, 'ip', 'maddr', 'show', 'dev', 'eth0')).not.toContain(group);
  });

  test('broadcast, buffers, sharing a port, one device', async () => {
    const first = await createSocket(blue, 'udp4', { port: 67, reuseAddr: true, recvBufferSize: 50_000 });
    const second = await createSocket(blue, 'udp4', { port: 67, reuseAddr: true, device: 'eth0' });
    expect(first.getRecvBufferSize()).toBe(100_000); // the kernel doubles it
    expect((await ss(blue, '-ul')).filter((line) => line.includes('%eth0:67'))).toHaveLength(1);
    const sender = await createSocket(red, 'udp4', { broadcast: true });
    sender.send('everyone', 67, '10.0.0.255');
    await Promise.all(
      [first, second].map(async (socket) => expect((await message(socket))[0]).toBe('everyone')),
    );
    await close(first, second, sender);

    const spread = [1, 2].map(async () => createSocket(blue, 'udp4', { port: 68, reusePort: true }));
    await close(...(await Promise.all(spread)));
    const both = await createSocket(blue, 'udp6', { port: 69 });
    expect(await failure(createSocket(blue, 'udp4', { port: 69 }))).toMatchObject({ code: 'EADDRINUSE' });
    await close(both);
    const six = await createSocket(blue, 'udp6', { port: 69, ipv6Only: true });
    await close(six, await createSocket(blue, 'udp4', { port: 69 }));
  });

  test("a datagram from a link-local address whose device node cannot name is an 'error'", async () => {
    for (const [netns, addr] of [
      [red, 'fe80::1/64'],
      [blue, 'fe80::2/64'],
    ] as const) {
      await addAddr(netns, 'eth0', addr);
    }
    // The kernel makes the local part of an IPv6 address a moment later, and drops what comes for the address before.
    await until(async () =>
      (await run(blue, 'ip', '-6', 'route', 'show', 'table', 'local')).includes('fe80::2 '),
    );
    const server = await createSocket(blue, 'udp6', { port: 53 });
    const client = await createSocket(red, 'udp6', { device: 'eth0' });
    client.send('x', 53, 'fe80::2');
    expect((await once(server, 'error'))[0]).toMatchObject({ code: 'ENXIO' });
    await close(server, client);
  });

  describe('what the system refuses is as node writes it', () => {
    test.each<['udp4' | 'udp6', DatagramOptions]>([
      ['udp4', { port: 53 }],
      ['udp4', { port: 54, address: '10.0.0.99' }],
      ['udp6', { port: 53 }],
      ['udp6', { port: 54, address: 'fd00::99' }],
    ])('%s %j', async (type, options) => {
      const other = await createSocket(red, 'udp6', { port: 53 });
      const { port, address } = options;
      const [expected] = await plainNode(
        red,
        `const socket = require('dgram').createSocket(${JSON.stringify(type)});
      socket.on('error', (error) => tell(shape(error))).bind(${JSON.stringify({ port, address })});`,
      );
      expect(shape(await failure(createSocket(red, type, options)))).toEqual(expected);
      await close(other);
    });

    test('a privileged port', async () => {
      const [said] = await node(
        `const shape = ${shape.toString()};
      const netns = await rtnetns.createNetns();
      await rtnetns.createSocket(netns, 'udp4', { port: 53 }).catch((error) => say(shape(error)));`,
        'setpriv',
        '--inh-caps=-net_bind_service',
        '--bounding-set=-net_bind_service',
      );
      expect(said).toEqual({
        message: 'bind EACCES 0.0.0.0:53',
        code: 'EACCES',
        errno: -13,
        syscall: 'bind',
        address: '0.0.0.0',
        port: 53,
      });
    });
  });

  test.each<[string, DatagramOptions, string]>([
    ['udp5', {}, `TypeError: type: expected 'udp4' or 'udp6', got "udp5"`],
    ['udp4', { port: -1 }, 'RangeError: port: expected an integer from 0 to 65535, got -1'],
    ['udp4', { address: 'fd00::1' }, 'RangeError: address: expected one of IPv4, got "fd00::1"'],
    ['udp4', { address: '10.0.0' }, 'RangeError: address: expected an address'],
    [
      'udp4',
      { memberships: [{ group: 'ff02::1', device: 'eth0' }] },
      'RangeError: memberships[0].group: expected one of IPv4',
    ],
    ['udp4', { device: 'eth7' }, 'ENODEV'],
    // two that fail: the second is no unhandled rejection
    ['udp4', { memberships: [{ group: 'x', device: 'eth0' }], multicastDevice: 'eth7' }, 'group: '],
    ['udp4', { memberships: [{ group: '10.0.0.1', device: 'eth0' }] }, 'EINVAL'],
  ])('%s with %j is refused', async (type, options, message) => {
    expect(String(await failure(createSocket(red, type as 'udp4', options)))).toContain(message);
  });

  test('a closed handle; a signal; a socket that outlives its handle', async () => {
    const netns = await createNetns();
    const socket = await createSocket(netns, 'udp4');
    netns.close();
    expect(socket.address().port).toBeGreaterThan(0);
    await close(socket);
    expect(await failure(createSocket(netns, 'udp4'))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });

    const reason = new Error('enough');
    expect(await failure(createSocket(red, 'udp4', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const early = new AbortController();
    const attempt = createSocket(red, 'udp4', { signal: early.signal });
    early.abort(reason);
    expect(await failure(attempt)).toBe(reason);
    const later = new AbortController();
    const open = await createSocket(red, 'udp4', { signal: later.signal });
    later.abort();
    await once(open, 'close');
  });
});
