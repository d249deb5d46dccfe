import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { text } from 'node:stream/consumers';
import {
  addAddr,
  connect,
  type ConnectOptions,
  createNetns,
  createSocket,
  currentNetns,
  deleteNetns,
  listen,
  type Netns,
  resolve,
  waitForPort,
  getLink,
} from '../../../lib';
import { bashBytes, failure, run, until } from '../../support/ip';
import { certificate, pair, plainNode, shape, ss } from '../../support/sockets';
import { silenceAddress, silencePort } from '../../support/silence';

let scene: Awaited<ReturnType<typeof pair>>;
let red: Netns;
let blue: Netns;
let server: net.Server;

describe('connect', () => {
  beforeAll(async () => {
    scene = await pair();
    ({ red, blue } = scene);
    server = net.createServer((socket) => {
      // those who go before they have read it all
      socket.on('error', () => undefined);
      socket.end(`hello ${socket.remoteAddress}`);
    });
    await listen(blue, server, { port: 80 });
    // nobody answers here
    await silencePort(blue, 7);
    await silenceAddress(red, 'eth0', 'fd00::77');
  });

  afterAll(async () => {
    server.close();
    await once(server, 'close');
    await scene[Symbol.asyncDispose]();
  });

  test('a socket of node, connected from inside the namespace', async () => {
    const socket = await connect(red, { host: '10.0.0.2', port: 80 });
    expect(socket).toBeInstanceOf(net.Socket);
    const { remoteAddress, remotePort, localAddress, localPort, connecting, pending } = socket;
    expect({ remoteAddress, remotePort, localAddress, connecting, pending }).toEqual({
      remoteAddress: '10.0.0.2',
      remotePort: 80,
      localAddress: '10.0.0.1',
      connecting: false,
      pending: false,
    });
    const lines = await ss(red, '-tn');
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`10\\.0\\.0\\.1:${localPort}\\s+10\\.0\\.0\\.2:80`)),
    ]);
    expect(await text(socket)).toBe('hello ::ffff:10.0.0.1');
  });

  test('by IPv6, by name, from an address and port, by a device, to an abstract name', async () => {
    expect(await text(await connect(red, { host: 'fd00::2', port: 80 }))).toBe('hello fd00::1');
    expect(await text(await connect(blue, { port: 80 }))).toMatch(/^hello (::1|::ffff:127\.0\.0\.1)$/);

    await addAddr(red, 'eth0', '10.0.0.3/24');
    const from = { localAddress: '10.0.0.3', localPort: 4242 };
    const socket = await connect(red, { host: '10.0.0.2', port: 80, ...from });
    expect([socket.localAddress, socket.localPort]).toEqual(['10.0.0.3', 4242]);
    expect(await text(socket)).toBe('hello ::ffff:10.0.0.3');
    const other = await connect(red, { host: '10.0.0.2', port: 80, localAddress: '10.0.0.3' });
    expect(await text(other)).toBe('hello ::ffff:10.0.0.3');
    const third = await connect(red, { host: '10.0.0.2', port: 80, localPort: 4243 });
    expect(third.localPort).toBe(4243);
    await text(third);

    await text(await connect(red, { host: '10.0.0.2', port: 80, device: 'eth0' }));
    expect(
      await failure(connect(red, { host: '10.0.0.2', port: 80, device: 'lo', timeout: 50 })),
    ).toMatchObject({ code: 'ETIMEDOUT' });

    const path = '\0abstract';
    const unix = await listen(
      red,
      net.createServer((end) => end.end('unix')),
      { path },
    );
    expect(await text(await connect(red, { path }))).toBe('unix');
    expect(shape(await failure(connect(blue, { path })))).toEqual({
      message: `connect ECONNREFUSED ${path.replace('\0', '\\x00')}`,
      code: 'ECONNREFUSED',
      errno: -111,
      syscall: 'connect',
      address: path,
    });
    unix.close();
    await once(unix, 'close');
  });

  test('a link-local address is behind a device of the namespace', async () => {
    await addAddr(red, 'eth0', 'fe80::1/64');
    await addAddr(blue, 'eth0', 'fe80::2/64');
    const greeter = await listen(
      blue,
      net.createServer((end) => end.end('hello')),
      { port: 82 },
    );
    for (const zone of ['eth0', String((await getLink(red, 'eth0')).index)]) {
      const socket = await connect(red, { host: `fe80::2%${zone}`, port: 82 });
      // node looks for the device of a peer's address in the namespace of the process
      expect(() => socket.remoteAddress).toThrow('ENXIO');
      expect(await text(socket)).toBe('hello');
    }
    // an alternative name may be any bytes
    await bashBytes(red, `ip link property add dev eth0 altname $'a_%\\xff'`);
    const zone = 'a_%\udcff';
    expect(await text(await connect(red, { host: `fe80::2%${zone}`, port: 82 }))).toBe('hello');
    await waitForPort(red, `fe80::2%${zone}`, 82);
    const refused = await failure(connect(red, { host: `fe80::2%${zone}`, port: 83 }));
    expect(refused).toMatchObject({
      message: `connect ECONNREFUSED fe80::2%${zone.replace('\udcff', '\\udcff')}:83`,
      address: `fe80::2%${zone}`,
    });
    const local = `fe80::1%${zone}`;
    const server = await listen(red, net.createServer(), { host: local, port: 84 });
    const datagrams = await createSocket(red, 'udp6', { address: local, port: 84 });
    const bound = await ss(red, '-lntu');
    expect(bound.filter((line) => line.includes('[fe80::1]%eth0:84'))).toHaveLength(2);
    server.close();
    datagrams.close();
    await Promise.all([once(server, 'close'), once(datagrams, 'close')]);
    expect(await resolve(red, local)).toEqual([{ address: local, family: 6 }]);
    greeter.close();
    await once(greeter, 'close');
    expect(await failure(connect(red, { host: 'fe80::2%eth7', port: 80 }))).toMatchObject({ code: 'ENODEV' });
  });

  test.each([
    ['fe80::2%', 'host: zone: a device name must not be empty, got ""'],
    ['fe80::2%a/b', 'host: zone: a device name must not hold \'/\', blanks or NUL, got "a/b"'],
    ['fe80::2%0', 'host: zone: a device index is an integer from 1 to 2147483647, got 0'],
    ['fe80::2%\ud800', 'host: zone: half of a surrogate pair is no character, got "\\ud800"'],
    ['10.0.0.2%eth0', 'host: neither an address nor a host\'s name, got "10.0.0.2%eth0"'],
  ])('a zone that no device may be called is refused: %j', async (host, message) => {
    expect(await failure(connect(red, { host, port: 80 }))).toMatchObject({ name: 'RangeError', message });
  });

  test('the namespace of the process itself', async () => {
    await using here = await currentNetns();
    await run(undefined, 'ip', 'link', 'set', 'lo', 'up');
    const local = await listen(
      here,
      net.createServer((end) => end.end('here')),
    );
    const { port } = local.address() as net.AddressInfo;
    expect(await text(await connect(here, { port }))).toBe('here');
    expect(await text(net.connect(port, '127.0.0.1'))).toBe('here');
    local.close();
    await once(local, 'close');
    expect(await failure(connect(here, { host: '127.0.0.1', port }))).toMatchObject({ code: 'ECONNREFUSED' });
    await run(undefined, 'ip', 'link', 'set', 'lo', 'down');
  });

  test('TLS over the socket', async () => {
    const { key, cert } = certificate();
    const secure = await listen(
      red,
      tls.createServer({ key, cert }, (end) => end.end('secret')),
      { port: 443 },
    );
    const socket = await connect(blue, { host: '10.0.0.1', port: 443 });
    const secured = tls.connect({ socket, servername: 'red.test', ca: cert });
    expect(await text(secured)).toBe('secret');
    expect(secured.authorized).toBe(true);
    secure.close();
    await once(secure, 'close');
  });

  test('keepAlive is set, as ss sees', async () => {
    const quiet = await listen(blue, net.createServer(), { port: 81 });
    const accepted = once(quiet, 'connection') as Promise<[net.Socket]>;
    const options = { keepAlive: true, keepAliveInitialDelay: 60_000 };
    const socket = await connect(red, { host: '10.0.0.2', port: 81, ...options });
    expect(await ss(red, '-tno')).toEqual([expect.stringMatching(/timer:\(keepalive,(59|60|1min)/)]);
    socket.destroy();
    (await accepted)[0].destroy();
    quiet.close();
    await once(quiet, 'close');
  });

  describe('what the system refuses is as node writes it', () => {
    test.each<[string, ConnectOptions]>([
      ['nobody listens', { host: '10.0.0.2', port: 89 }],
      ['nobody listens, IPv6', { host: 'fd00::2', port: 89 }],
      [
        'nobody listens, from here',
        { host: '10.0.0.2', port: 89, localAddress: '10.0.0.1', localPort: 4244 },
      ],
      ['nobody listens, from an address', { host: '10.0.0.2', port: 89, localAddress: '10.0.0.1' }],
      ['nobody listens on this host', { host: '127.0.0.1', port: 89 }],
      ['no route', { host: '192.0.2.1', port: 80 }],
      ['no route, IPv6', { host: '2001:db8::1', port: 80 }],
      ['from an address of another host', { host: '10.0.0.2', port: 80, localAddress: '10.0.0.99' }],
      ['from a port there', { host: '10.0.0.2', port: 80, localAddress: '10.0.0.99', localPort: 4245 }],
    ])('%s', async (_, options) => {
      const [expected] = await plainNode(
        red,
        `require('net').connect(${JSON.stringify(options)}).on('error', (error) => tell(shape(error)));`,
      );
      expect(shape(await failure(connect(red, options)))).toEqual(expected);
    });

    // Node 24 itself takes the first device that has such an address
    test('no zone', async () => {
      expect(shape(await failure(connect(red, { host: 'fe80::1', port: 80 })))).toMatchObject({
        code: 'EINVAL',
        message: 'connect EINVAL fe80::1:80 - Local (:::0)',
      });
    });

    test('no host', async () => {
      await run(red, 'sysctl', '-qw', 'net.ipv4.neigh.eth0.retrans_time_ms=50');
      const options = { host: '10.0.0.98', port: 80 };
      const [expected] = await plainNode(
        red,
        `require('net').connect(${JSON.stringify(options)}).on('error', (error) => tell(shape(error)));`,
      );
      expect(expected).toMatchObject({ code: 'EHOSTUNREACH' });
      expect(shape(await failure(connect(red, options)))).toEqual(expected);
    });

    test('no answer in time', async () => {
      const started = performance.now();
      const error = await failure(connect(red, { host: '10.0.0.2', port: 7, timeout: 100 }));
      expect(performance.now() - started).toBeGreaterThanOrEqual(99);
      expect(shape(error)).toEqual({
        message: 'connect ETIMEDOUT 10.0.0.2:7',
        code: 'ETIMEDOUT',
        errno: -110,
        syscall: 'connect',
        address: '10.0.0.2',
        port: 7,
      });
      // its socket is gone, and with it what it wanted to send
      expect(await ss(red, '-tan', 'state', 'syn-sent')).toEqual([]);
    });

    test('no such device, which plain node has no option for', async () => {
      expect(shape(await failure(connect(red, { host: '10.0.0.2', port: 80, device: 77 })))).toEqual({
        message: 'connect ENODEV 10.0.0.2:80 - Local (0.0.0.0:0)',
        code: 'ENODEV',
        errno: -19,
        syscall: 'connect',
        address: '10.0.0.2',
        port: 80,
      });
    });
  });

  test('a signal: before, while nobody answers, and when it is connected', async () => {
    const reason = new Error('enough');
    const to = { host: '10.0.0.2', port: 7 };
    expect(await failure(connect(red, { ...to, signal: AbortSignal.abort(reason) }))).toBe(reason);

    const early = new AbortController();
    const attempt = connect(red, { ...to, signal: early.signal });
    early.abort(reason); // while its socket is being opened
    expect(await failure(attempt)).toBe(reason);
    await until(async () => (await ss(red, '-tan', 'state', 'syn-sent')).length === 0);

    const during = new AbortController();
    const waiting = failure(connect(red, { ...to, signal: during.signal }));
    await until(async () => (await ss(red, '-tan', 'state', 'syn-sent')).length === 1);
    during.abort(reason);
    expect(await waiting).toBe(reason);
    expect(await ss(red, '-tan', 'state', 'syn-sent')).toEqual([]);

    const later = new AbortController();
    const socket = await connect(red, { host: '10.0.0.2', port: 80, signal: later.signal });
    const closed = once(socket, 'error') as Promise<[Error]>;
    later.abort();
    expect((await closed)[0]).toMatchObject({ name: 'AbortError' });
  });

  test('many at once, some of them aborted, leave nothing', async () => {
    const attempts = Array.from({ length: 200 }, async (_, i) => {
      const end = new AbortController();
      const attempt = connect(red, { host: '10.0.0.2', port: i % 3 === 0 ? 7 : 80, signal: end.signal });
      if (i % 3 === 0) setTimeout(() => end.abort(), i / 10);
      return text(await attempt);
    });
    const results = await Promise.allSettled(attempts);
    const connected = results.filter((result) => result.status === 'fulfilled');
    expect(connected.length).toBe(133);
    expect(new Set(connected.map(({ value }) => value))).toEqual(new Set(['hello ::ffff:10.0.0.1']));
  });

  test.each<[ConnectOptions, string]>([
    [{}, 'TypeError: port: expected an integer from 1 to 65535, got undefined'],
    [{ port: 0 }, 'RangeError: port: expected an integer from 1 to 65535, got 0'],
    [{ port: 65536 }, 'RangeError: port: expected an integer from 1 to 65535, got 65536'],
    [{ port: 80, host: '10.0.0.0.1' }, 'RangeError: host'],
    [{ port: 80, host: 'a b' }, `RangeError: host: neither an address nor a host's name, got "a b"`],
    [{ port: 80, localAddress: 'eth0' }, 'RangeError: localAddress: expected an address'],
    [
      { port: 80, host: '10.0.0.2', localAddress: 'fd00::1' },
      'RangeError: localAddress: expected one of IPv4, as "10.0.0.2" is, got "fd00::1"',
    ],
    [{ port: 80, localPort: -1 }, 'RangeError: localPort: expected an integer from 0 to 65535, got -1'],
    [{ port: 80, device: '' }, 'RangeError: device: a device name must not be empty'],
    [{ port: 80, timeout: 0 }, 'RangeError: timeout: expected milliseconds, from 1 to'],
    [{ port: 80, family: 5 as never }, 'RangeError: family: expected 4 or 6, got 5'],
    [{ port: 80, autoSelectFamilyAttemptTimeout: 9 }, 'RangeError: autoSelectFamilyAttemptTimeout: expected'],
    [{ path: '/run/socket' }, 'RangeError: path: expected an abstract name'],
  ])('%j is refused', async (options, message) => {
    expect(String(await failure(connect(red, options)))).toContain(message);
  });

  test('a closed handle is refused; a connection outlives its handle and the name of its namespace', async () => {
    const netns = await createNetns('green');
    await run(netns, 'ip', 'link', 'set', 'lo', 'up');
    const echo = await listen(
      netns,
      net.createServer((end) => end.pipe(end)),
      { port: 7 },
    );
    const socket = await connect(netns, { host: '127.0.0.1', port: 7 });
    await deleteNetns(netns);
    expect(await failure(connect(netns, { port: 80 }))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
    socket.end('still here');
    expect(await text(socket)).toBe('still here');
    echo.close();
    await once(echo, 'close');
  });
});
