import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import {
  connect,
  createNetns,
  createVeth,
  deleteNetns,
  listen,
  type ListenOptions,
  type Netns,
  waitGone,
} from '../../../lib';
import { ROOT, sandboxed } from '../../support/cli';
import { failure, node, run, until } from '../../support/ip';
import { certificate, closeServer, pair, plainNode, shape, ss } from '../../support/sockets';

let scene: Awaited<ReturnType<typeof pair>>;
let red: Netns;
let blue: Netns;

const greeter = () => net.createServer((socket) => socket.end('hello'));

/** What plain node in a namespace hears from a server. */
async function heard(netns: Netns, options: object): Promise<unknown> {
  const [said] = await plainNode(
    netns,
    `let all = '';
    for await (const part of require('node:net').connect(${JSON.stringify(options)})) all += part;
    tell(all);`,
  );
  return said;
}

describe('listen', () => {
  beforeAll(async () => {
    scene = await pair();
    ({ red, blue } = scene);
  });

  afterAll(async () => scene[Symbol.asyncDispose]());

  test('a server of net: by its address, by a name, and by all addresses of both families', async () => {
    const server = greeter();
    const events: string[] = [];
    for (const event of ['listening', 'connection', 'close']) server.on(event, () => events.push(event));
    expect(await listen(red, server, { port: 80, host: '10.0.0.1' })).toBe(server);
    expect(server.listening).toBe(true);
    expect(server.address()).toEqual({ address: '10.0.0.1', family: 'IPv4', port: 80 });
    expect(await heard(blue, { host: '10.0.0.1', port: 80 })).toBe('hello');
    // it is in that namespace, and in no other
    expect(await ss(red, '-tl')).toEqual([expect.stringMatching(/10\.0\.0\.1:80\b/)]);
    expect(await ss(blue, '-tl')).toEqual([]);
    await closeServer(server);
    expect(events).toEqual(['listening', 'connection', 'close']);

    const all = await listen(red, greeter(), { port: 80 });
    expect(all.address()).toEqual({ address: '::', family: 'IPv6', port: 80 });
    expect(await heard(blue, { host: '10.0.0.1', port: 80 })).toBe('hello');
    expect(await heard(blue, { host: 'fd00::1', port: 80 })).toBe('hello');
    await closeServer(all);

    const named = await listen(red, greeter(), { host: 'localhost' });
    const { address, port } = named.address() as net.AddressInfo;
    expect(['127.0.0.1', '::1']).toContain(address);
    expect(await heard(red, { host: address, port })).toBe('hello');
    await closeServer(named);
  });

  test('servers of http, https and http2', async () => {
    const { key, cert } = certificate();
    const web = http.createServer((_, response) => response.end('http'));
    const secure = https.createServer({ key, cert }, (_, response) => response.end('https'));
    const second = http2.createServer((_, response) => response.end('http2'));
    await Promise.all([
      listen(red, web, { port: 80 }),
      listen(red, secure, { port: 443 }),
      listen(red, second, { port: 82 }),
    ]);
    const said = await plainNode(
      blue,
      `const read = async (stream) => { let all = ''; for await (const part of stream) all += part; tell(all); };
    const get = (module, options) => new Promise((done) => module.get({ agent: false, ...options }, done));
    const host = '10.0.0.1';
    await read(await get(require('http'), { host }));
    await read(await get(require('https'), { host, ca: ${JSON.stringify(cert)} }));
    const client = require('http2').connect('http://10.0.0.1:82');
    await read(client.request({ ':path': '/' }));
    client.close();`,
    );
    expect(said).toEqual(['http', 'https', 'http2']);
    await Promise.all([web, secure, second].map(closeServer));
  });

  test('a Unix socket with an abstract name is in the namespace, too', async () => {
    const path = '\0greeter';
    // not by node: its version 20 fills the name up with NULs
    const ask = `import socket; s = socket.socket(socket.AF_UNIX); s.connect('\\0greeter'); print(s.recv(9))`;
    const server = await listen(red, greeter(), { path });
    expect(await run(red, 'python3', '-c', ask)).toBe("b'hello'\n");
    expect(await ss(red, '-xl')).toEqual([expect.stringContaining('@greeter ')]);
    expect((await failure(run(blue, 'python3', '-c', ask))).message).toContain('ConnectionRefusedError');
    // the same name in another namespace is another
    await closeServer(await listen(blue, greeter(), { path }));
    await closeServer(server);
  });

  test('backlog, ipv6Only and reusePort are as ss and others see them', async () => {
    const few = await listen(red, greeter(), { port: 80, backlog: 7 });
    const usual = await listen(red, greeter(), { port: 81 });
    const limits = (await ss(red, '-tl')).map((line) => Number(line.split(/\s+/)[2])).sort((a, b) => a - b);
    expect(limits).toEqual([7, 511]);
    await Promise.all([few, usual].map(closeServer));

    const six = await listen(red, greeter(), { port: 80, ipv6Only: true });
    const four = await listen(red, greeter(), { port: 80, host: '0.0.0.0' });
    expect((await ss(red, '-tl')).map((line) => line.split(/\s+/)[3]).sort()).toEqual([
      '0.0.0.0:80',
      '[::]:80',
    ]);
    await Promise.all([six, four].map(closeServer));

    const shared = await listen(red, greeter(), { port: 80, reusePort: true });
    expect(await failure(listen(red, greeter(), { port: 80 }))).toMatchObject({ code: 'EADDRINUSE' });
    const other = await listen(red, greeter(), { port: 80, reusePort: true });
    expect((await ss(red, '-tl')).length).toBe(2);
    await Promise.all([shared, other].map(closeServer));
  });

  test('a link-local address has its zone, which is a device of the namespace; a server for one device', async () => {
    await using other = await createNetns();
    const error = await failure(listen(other, greeter(), { host: 'fe80::1%eth0' }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'ENODEV' });
    const server = await listen(red, greeter(), { port: 80, device: 'eth0' });
    expect(await ss(red, '-tl')).toEqual([expect.stringContaining('*%eth0:80')]);
    expect(await heard(blue, { host: '10.0.0.1', port: 80 })).toBe('hello');
    expect(await failure(connect(red, { host: '127.0.0.1', port: 80 }))).toMatchObject({
      code: 'ECONNREFUSED',
    });
    await closeServer(server);
  });

  describe('what the system refuses is as node writes it', () => {
    const plainly = async (options: object): Promise<unknown> => {
      const [said] = await plainNode(
        red,
        `require('net').createServer().on('error', (error) => tell(shape(error))).listen(${JSON.stringify(options)});`,
      );
      return said;
    };

    test.each<[string, ListenOptions]>([
      ['a port in use', { port: 80 }],
      ['a port in use on one address', { port: 80, host: '10.0.0.1' }],
      ['an address of another host', { port: 81, host: '10.0.0.99' }],
      ['an IPv6 address of another host', { port: 81, host: 'fd00::99' }],
      ['a link-local address without its zone', { port: 81, host: 'fe80::1' }],
    ])('%s', async (_, options) => {
      const other = await listen(red, greeter(), { port: 80 });
      const error = await failure(listen(red, greeter(), options));
      expect(shape(error)).toEqual(await plainly(options));

      const server = greeter();
      const emitted: unknown[] = [];
      server.on('error', (one) => emitted.push(one));
      const again = await failure(listen(red, server, options));
      expect(emitted).toEqual([again]);
      await closeServer(other);
    });

    test('an abstract name in use', async () => {
      const path = '\0taken';
      const other = await listen(red, greeter(), { path });
      // not asked of node: its version 20 fills the name up with NULs when it listens
      expect(shape(await failure(listen(red, greeter(), { path })))).toEqual({
        message: `listen EADDRINUSE: address already in use ${path.replace('\0', '\\x00')}`,
        code: 'EADDRINUSE',
        errno: -98,
        syscall: 'listen',
        address: path,
      });
      await closeServer(other);
    });

    test('a privileged port', async () => {
      const without = ['setpriv', '--inh-caps=-net_bind_service', '--bounding-set=-net_bind_service'];
      const attempts = [{ port: 80 }, { port: 80, host: '127.0.0.1' }, { port: 80, host: '::1' }];
      const ours = await node(
        `const shape = ${shape.toString()};
      const netns = await rtnetns.createNetns();
      await rtnetns.setLink(netns, 'lo', { up: true });
      for (const options of ${JSON.stringify(attempts)}) {
        await rtnetns.listen(netns, require('net').createServer(), options).catch((error) => say(shape(error)));
      }`,
        ...without,
      );
      const theirs = await node(
        `const shape = ${shape.toString()};
      const { once } = require('events');
      for (const options of ${JSON.stringify(attempts)}) {
        say(shape((await once(require('net').createServer().listen(options), 'error'))[0]));
      }`,
        'unshare',
        '-n',
        'sh',
        '-c',
        'ip link set lo up; exec "$@"',
        'sh',
        ...without,
      );
      expect(ours).toEqual(theirs);
      expect(ours).toEqual(attempts.map(() => expect.objectContaining({ code: 'EACCES' }) as unknown));
    });
  });

  test.each<[ListenOptions, string]>([
    [{ port: 65536 }, 'RangeError: port: expected an integer from 0 to 65535, got 65536'],
    [{ port: '80' as never }, `TypeError: port: expected an integer from 0 to 65535, got "80"`],
    [{ host: '10.0.0.256' }, `RangeError: host: neither an address nor a host's name, got "10.0.0.256"`],
    [{ host: 'fd00::1::2' }, `RangeError: host: neither an address nor a host's name, got "fd00::1::2"`],
    [{ host: '' }, `RangeError: host: neither an address nor a host's name, got ""`],
    [{ host: 1 as never }, 'TypeError: host: expected an address or a name, got 1'],
    [{ backlog: 0 }, 'RangeError: backlog: expected a positive integer, got 0'],
    [{ path: '\0' }, 'RangeError: path: an abstract name has from 1 to 107 bytes behind its NUL'],
  ])('%j is refused', async (options, message) => {
    expect(String(await failure(listen(red, greeter(), options)))).toBe(message);
  });

  test('a path in the file system is in no namespace; no server; a server that listens already', async () => {
    expect(await failure(listen(red, greeter(), { path: '/tmp/socket' }))).toMatchObject({
      name: 'RangeError',
      message: expect.stringContaining('one in the file system is in no network namespace') as string,
    });
    expect(await failure(listen(red, 'server' as never))).toMatchObject({ name: 'TypeError' });
    const server = await listen(red, greeter());
    expect(await failure(listen(red, server))).toMatchObject({ code: 'ERR_SERVER_ALREADY_LISTEN' });
    await closeServer(server);
    // both at once: one of them finds out late
    const results = await Promise.allSettled([listen(red, server), listen(red, server)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await closeServer(server);
  });

  test('a closed handle is refused', async () => {
    const netns = await createNetns();
    netns.close();
    expect(await failure(listen(netns, greeter()))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
  });

  test('a signal ends the attempt, and later closes the server', async () => {
    const reason = new Error('enough');
    const server = greeter();
    expect(await failure(listen(red, server, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const during = new AbortController();
    const attempt = listen(red, server, { port: 80, signal: during.signal });
    during.abort(reason);
    expect(await failure(attempt)).toBe(reason);
    expect(server.listening).toBe(false);
    await until(async () => (await ss(red, '-tl')).length === 0);

    const later = new AbortController();
    await listen(red, server, { signal: later.signal });
    later.abort();
    await once(server, 'close');
  });

  test('a namespace that is deleted goes on until its server closes', async () => {
    const netns = await createNetns('green');
    await createVeth(
      { netns, name: 'eth0', up: true, addrs: ['10.1.0.1/24'] },
      { netns: red, name: 'green', up: true, addrs: ['10.1.0.2/24'] },
    );
    const server = await listen(netns, greeter(), { port: 80 });
    let gone = false;
    const end = waitGone(netns).then(() => (gone = true));
    await deleteNetns(netns);
    expect(netns.open).toBe(false);
    expect(await text(await connect(red, { host: '10.1.0.1', port: 80 }))).toBe('hello');
    expect(gone).toBe(false);
    await closeServer(server);
    await end;
  });

  test('in a worker process of node:cluster it is refused', () => {
    const file = join(ROOT, 'build', 'cluster-test.cjs');
    writeFileSync(
      file,
      `const cluster = require('node:cluster');
    const { listen, createNetns } = require('rtnetns');
    if (cluster.isPrimary) cluster.fork();
    else createNetns()
      .then((netns) => listen(netns, require('node:net').createServer()))
      .catch(({ message }) => console.log(message))
      .finally(() => process.disconnect());`,
    );
    try {
      const { stdout } = sandboxed(process.execPath, file);
      expect(stdout).toBe('listen: not in a worker process of node:cluster\n');
    } finally {
      rmSync(file);
    }
  });
});
