import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { type Answer, encode, type Packet } from 'dns-packet';
import {
  addAddr,
  connect,
  createNetns,
  listen,
  type Netns,
  resolve,
  type ResolveOptions,
} from '../../../../lib';
import { etc, type Etc } from '../../../support/etc';
import { background, failure, run, until } from '../../../support/ip';
import { nameServer, type Reply, type Zone } from '../../../support/name-server';
import { pair, shape, ss } from '../../../support/sockets';
import { silenceAddress } from '../../../support/silence';

const a = (name: string, data: string): Answer => ({ type: 'A', name, data, ttl: 60 });
const aaaa = (name: string, data: string): Answer => ({ type: 'AAAA', name, data, ttl: 60 });
const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, data, ttl: 60 });

const MANY = Array.from({ length: 60 }, (_, i) => a('many.test', `10.3.0.${i + 1}`));

/** Answers with another identifier, of another question, and what is none at all. */
function lies({ id = 0, questions = [] }: Packet): Buffer[] {
  const answers = [a('liars.test', '6.6.6.6')];
  const lie: Packet = { type: 'response', id, questions, answers };
  const other = [{ name: 'other.test', type: 'A', class: 'IN' } as const];
  return [encode({ ...lie, id: id ^ 1 }), encode({ ...lie, questions: other }), Buffer.from('nonsense')];
}

const RECORDS: Readonly<Record<string, Reply>> = {
  'both.test': { answers: [a('both.test', '10.0.0.2'), aaaa('both.test', 'fd00::2')] },
  'four.test': { answers: [a('four.test', '10.0.0.2'), a('four.test', '10.0.0.3')] },
  'alias.test': {
    answers: [
      cname('alias.test', 'Middle.test'),
      cname('middle.test', 'end.test'),
      a('end.test', '10.0.0.4'),
    ],
  },
  'loop.test': { answers: [cname('loop.test', 'pool.test'), cname('pool.test', 'loop.test')] },
  'many.test': { answers: MANY, truncated: true },
  'liars.test': { answers: [a('liars.test', '10.0.0.5'), a('elsewhere.test', '6.6.6.6')], before: lies },
  'empty.test': {},
  'broken.test': { rcode: 2 },
  'short.search.test': { answers: [a('short.search.test', '10.0.0.6')] },
  'a.b.search.test': { answers: [a('a.b.search.test', '10.0.0.7')] },
  'dead.test': { answers: [a('dead.test', '10.0.0.2'), aaaa('dead.test', 'fd00::dead')] },
  'silent.test': { answers: [a('silent.test', '10.0.0.2'), aaaa('silent.test', 'fd00::77')] },
};

const zone: Zone = (name, type) => {
  const found = RECORDS[name];
  if (name === 'never.test') return undefined;
  if (found === undefined) return { rcode: 3 };
  const answers = found.answers?.filter((answer) => answer.type === 'CNAME' || answer.type === type);
  return { ...found, ...(answers !== undefined && { answers }) };
};

const CONFIG = 'nameserver 10.0.0.2\nsearch search.test\noptions timeout:1 attempts:1\n';

let scene: Awaited<ReturnType<typeof pair>>;
let red: Netns;
let blue: Netns;
let files: Etc;
let server: Awaited<ReturnType<typeof nameServer>>;

const addresses = async (netns: Netns, name: string, options?: ResolveOptions): Promise<string[]> =>
  (await resolve(netns, name, options)).map(({ address }) => address);

/** What the C library finds in the namespace as `ip netns exec` sets it up. */
async function getent(name: string, database = 'ahosts'): Promise<string[]> {
  const lines = await run(undefined, 'ip', 'netns', 'exec', 'red', 'getent', database, name);
  return [
    ...new Set(
      lines
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0] ?? ''),
    ),
  ].sort();
}

describe('resolve', () => {
  beforeAll(async () => {
    files = etc({
      hosts: '127.0.0.1 localhost\n10.9.9.9 everywhere.test\n',
      'resolv.conf': 'nameserver 192.0.2.53\noptions timeout:1 attempts:1\n',
      'host.conf': 'multi on\n',
      'nsswitch.conf': 'hosts: files dns\n',
      'netns/red/resolv.conf': CONFIG,
      'netns/red/hosts':
        '# of red\n10.9.9.1 listed.test other.test # both\n10.9.9.2 LISTED.test\nfd00::99 listed.test\n',
    });
    scene = await pair();
    ({ red, blue } = scene);
    server = await nameServer(blue, '10.0.0.2', zone);
  });

  afterAll(async () => {
    server[Symbol.dispose]();
    await scene[Symbol.asyncDispose]();
    files[Symbol.dispose]();
  });

  beforeEach(() => files.write('netns/red/resolv.conf', CONFIG));

  test.each(['both.test', 'four.test', 'alias.test', 'many.test', 'short', 'a.b', 'both.test.', 'BOTH.test'])(
    '%s has the addresses that the C library finds',
    async (name) => {
      const found = await addresses(red, name);
      expect(found.length).toBeGreaterThan(0);
      expect([...found].sort()).toEqual(await getent(name));
    },
  );

  test('/etc/netns/NAME/hosts comes first, as with the C library; what it lacks is asked for', async () => {
    server.asked();
    expect(await addresses(red, 'listed.test')).toEqual(['10.9.9.1', '10.9.9.2', 'fd00::99']);
    expect((await addresses(red, 'listed.test')).sort()).toEqual(await getent('listed.test'));
    expect(await resolve(red, 'listed.test', { family: 6 })).toEqual([{ address: 'fd00::99', family: 6 }]);
    expect(server.asked()).toEqual([]);
    expect(await addresses(red, 'other.test')).toEqual(['10.9.9.1']);
    expect(await failure(addresses(red, 'everywhere.test'))).toMatchObject({ code: 'ENOTFOUND' });
    // a namespace without files of its own has those of all
    expect(await addresses(blue, 'everywhere.test')).toEqual(['10.9.9.9']);
    await using nameless = await createNetns();
    expect(await addresses(nameless, 'everywhere.test')).toEqual(['10.9.9.9']);
  });

  test('both families, or one; IPv6 first; each name only as often as needed', async () => {
    server.asked();
    expect(await resolve(red, 'both.test')).toEqual([
      { address: 'fd00::2', family: 6 },
      { address: '10.0.0.2', family: 4 },
    ]);
    expect(server.asked()).toEqual(['A both.test', 'AAAA both.test']);
    expect(await addresses(red, 'both.test', { family: 4 })).toEqual(['10.0.0.2']);
    expect(await addresses(red, 'both.test', { family: 6 })).toEqual(['fd00::2']);
    expect(server.asked()).toEqual(['A both.test', 'AAAA both.test']);
  });

  test('addresses are their own; localhost is nobody else', async () => {
    server.asked();
    expect(await resolve(red, '10.0.0.1')).toEqual([{ address: '10.0.0.1', family: 4 }]);
    expect(await resolve(red, 'fe80::1%eth0')).toEqual([{ address: 'fe80::1%eth0', family: 6 }]);
    expect(await addresses(red, 'localhost')).toEqual(['::1', '127.0.0.1']);
    expect(await addresses(red, 'my.localhost.')).toEqual(['::1', '127.0.0.1']);
    expect(await failure(resolve(red, '10.0.0.1', { family: 6 }))).toMatchObject({ code: 'ENOTFOUND' });
    expect(server.asked()).toEqual([]);
  });

  test('the search list, and when', async () => {
    server.asked();
    expect(await addresses(red, 'short', { family: 4 })).toEqual(['10.0.0.6']);
    expect(server.asked()).toEqual(['A short.search.test']);
    expect(await addresses(red, 'a.b', { family: 4 })).toEqual(['10.0.0.7']);
    expect(server.asked()).toEqual(['A a.b', 'A a.b.search.test']);
    files.write('netns/red/resolv.conf', `${CONFIG}options ndots:2\n`);
    expect(await addresses(red, 'a.b', { family: 4 })).toEqual(['10.0.0.7']);
    expect(server.asked()).toEqual(['A a.b.search.test']);
    expect(await failure(addresses(red, 'short.'))).toMatchObject({ code: 'ENOTFOUND', hostname: 'short.' });
    expect(server.asked()).toEqual(['A short', 'AAAA short']);
  });

  test('what is cut off by UDP is asked for by TCP; use-vc asks by TCP at once; no-aaaa does not ask', async () => {
    server.asked();
    expect(await addresses(red, 'many.test', { family: 4 })).toHaveLength(60);
    expect(server.asked()).toEqual(['A many.test', 'tcp A many.test']);
    files.write('netns/red/resolv.conf', `${CONFIG}options use-vc no-aaaa\n`);
    expect(await addresses(red, 'both.test')).toEqual(['10.0.0.2']);
    expect(server.asked()).toEqual(['tcp A both.test']);
  });

  test('what is not the answer is not believed', async () => {
    expect(await addresses(red, 'liars.test', { family: 4 })).toEqual(['10.0.0.5']);
  });

  test('a name server by IPv6, and one behind a device of the namespace', async () => {
    await addAddr(red, 'eth0', 'fe80::1/64');
    await addAddr(blue, 'eth0', 'fe80::2/64');
    const other = await nameServer(blue, 'fd00::2', () => ({ answers: [a('v6.test', '10.6.6.6')] }));
    files.write('netns/red/resolv.conf', 'nameserver fd00::2\n');
    expect(await addresses(red, 'v6.test', { family: 4 })).toEqual(['10.6.6.6']);
    other[Symbol.dispose]();

    // The server cannot be one of node's: it would not know who has asked. python sends the question back as an answer
    // with one address.
    const python = `
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(('fe80::2', 53, 0, socket.if_nametoindex('eth0'))); print('ready', flush=True)
q, who = s.recvfrom(512)
s.sendto(q[:2] + bytes.fromhex('818000010001') + q[8:] + bytes.fromhex('c00c000100010000003c00040a070707'), who)`;
    await blue.lend('run', async ({ fd }) => {
      const into = `--net=/proc/${process.pid}/fd/${fd}`;
      await using responder = await background('nsenter', into, 'python3', '-c', python);
      files.write('netns/red/resolv.conf', 'nameserver fe80::2%eth0\n');
      expect(await addresses(red, 'local.test', { family: 4 })).toEqual(['10.7.7.7']);
      await responder.exited;
    });
  });

  describe('what cannot be found', () => {
    test.each(['nothing.test', 'empty.test', 'loop.test'])('%s', async (name) => {
      expect(shape(await failure(resolve(red, name)))).toEqual({
        message: `getaddrinfo ENOTFOUND ${name}`,
        code: 'ENOTFOUND',
        errno: -3008,
        syscall: 'getaddrinfo',
        hostname: name,
      });
      expect((await failure(getent(name))).code).toBe(2); // not found
    });

    test('no server that knows: each is asked, as often as resolv.conf says', async () => {
      server.asked();
      // nobody listens at the first, the second has no host, the third is broken
      const servers = ['10.0.0.1', '10.0.0.98', '10.0.0.2'].map((address) => `nameserver ${address}\n`);
      files.write('netns/red/resolv.conf', `${servers.join('')}options timeout:1 attempts:2\n`);
      const error = await failure(resolve(red, 'broken.test', { family: 4 }));
      expect(shape(error)).toMatchObject({ message: 'getaddrinfo EAI_AGAIN broken.test', code: 'EAI_AGAIN' });
      expect(error).toMatchObject({ errno: -3001, syscall: 'getaddrinfo', hostname: 'broken.test' });
      const { errors } = error.cause as AggregateError;
      expect(errors.map(({ message }: Error) => message)).toEqual([
        'ECONNREFUSED: 10.0.0.1:53',
        '10.0.0.98 did not answer in 1000 ms',
        '10.0.0.2 answered SERVFAIL',
        'ECONNREFUSED: 10.0.0.1:53',
        '10.0.0.98 did not answer in 1000 ms',
        '10.0.0.2 answered SERVFAIL',
      ]);
      expect(server.asked()).toEqual(['A broken.test', 'A broken.test']);
    });

    test('the next server is asked where the one before does not answer, or does not know', async () => {
      files.write('netns/red/resolv.conf', 'nameserver 10.0.0.1\nnameserver 10.0.0.2\n');
      expect(await addresses(red, 'both.test', { family: 4 })).toEqual(['10.0.0.2']);
      const refusing = await nameServer(red, '10.0.0.1', () => ({ rcode: 5 }));
      expect(await addresses(red, 'both.test', { family: 4 })).toEqual(['10.0.0.2']);
      expect(refusing.asked()).toEqual(['A both.test']);
      refusing[Symbol.dispose]();
    });

    test('no answer: the time of resolv.conf, of the option, of the signal; and nothing is left', async () => {
      const started = performance.now();
      const silent = await failure(resolve(red, 'never.test', { family: 4 }));
      expect(performance.now() - started).toBeGreaterThanOrEqual(999);
      expect(silent).toMatchObject({ code: 'EAI_AGAIN' });
      expect((silent.cause as AggregateError).errors[0]).toMatchObject({
        message: '10.0.0.2 did not answer in 1000 ms',
        code: 'ETIMEOUT',
      });
      const before = performance.now();
      expect(await failure(resolve(red, 'never.test', { timeout: 50 }))).toMatchObject({ code: 'EAI_AGAIN' });
      expect(performance.now() - before).toBeLessThan(500);
      const controller = new AbortController();
      const reason = new Error('enough');
      const pending = failure(resolve(red, 'never.test', { signal: controller.signal }));
      await until(async () => (await ss(red, '-uan')).length === 2);
      controller.abort(reason);
      expect(await pending).toBe(reason);
      expect(await ss(red, '-uan')).toEqual([]);
      expect(await failure(resolve(red, 'x.test', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    });
  });

  describe('connect by name', () => {
    let web: net.Server;
    beforeAll(async () => {
      web = net.createServer((socket) => socket.end(`${socket.remoteAddress}`));
      web = await listen(blue, web, { port: 80 });
      await silenceAddress(red, 'eth0', 'fd00::77');
    });
    afterAll(async () => {
      web.close();
      await once(web, 'close');
    });

    const timed = async (options: object): Promise<[answer: string, ms: number]> => {
      const started = performance.now();
      const socket = await connect(red, { port: 80, ...options });
      const elapsed = performance.now() - started;
      return [await text(socket), elapsed];
    };

    test('the first address that answers', async () => {
      expect((await timed({ host: 'both.test' }))[0]).toBe('fd00::1');
      expect((await timed({ host: 'both.test', family: 4 }))[0]).toBe('::ffff:10.0.0.1');
      expect((await timed({ host: 'both.test', localAddress: '10.0.0.1' }))[0]).toBe('::ffff:10.0.0.1');
    });

    test('one that does not answer is left behind, after a while, and its socket is closed', async () => {
      const [answer, ms] = await timed({ host: 'silent.test', autoSelectFamilyAttemptTimeout: 100 });
      expect(answer).toBe('::ffff:10.0.0.1');
      expect(ms).toBeGreaterThanOrEqual(100);
      expect(ms).toBeLessThan(1000);
      expect(await ss(red, '-tan', 'state', 'syn-sent')).toEqual([]);
      const only = { host: 'silent.test', port: 80, autoSelectFamily: false, timeout: 300 };
      expect(await failure(connect(red, only))).toMatchObject({ code: 'ETIMEDOUT', address: 'silent.test' });
    });

    test('all of them fail', async () => {
      const error = await failure(connect(red, { host: 'both.test', port: 81 }));
      expect(shape(error)).toMatchObject({ message: '', code: 'ECONNREFUSED' });
      expect(shape(error).errors).toMatchObject([
        { code: 'ECONNREFUSED', address: 'fd00::2', port: 81 },
        { code: 'ECONNREFUSED', address: '10.0.0.2', port: 81 },
      ]);
      expect(await failure(connect(red, { host: 'nothing.test', port: 80 }))).toMatchObject({
        code: 'ENOTFOUND',
        hostname: 'nothing.test',
      });
    });

    test('listen takes a name, too', async () => {
      const error = await failure(listen(red, net.createServer(), { host: 'nothing.test' }));
      expect(error).toMatchObject({ code: 'ENOTFOUND' });
    });
  });

  test.each<[unknown, ResolveOptions, string]>([
    ['', {}, `RangeError: name: neither an address nor a host's name, got ""`],
    [7, {}, 'TypeError: name: expected an address or a name, got 7'],
    ['a..b', {}, 'RangeError: name'],
    [`${'x'.repeat(64)}.test`, {}, 'RangeError: name'],
    [`${'x.'.repeat(127)}test`, {}, 'RangeError: name'],
    ['x.test', { family: 5 as never }, 'RangeError: family: expected 4 or 6, got 5'],
    ['x.test', { timeout: -1 }, 'RangeError: timeout: expected milliseconds, from 1 to'],
  ])('%j with %j is refused', async (name, options, message) => {
    expect(String(await failure(resolve(red, name as string, options)))).toContain(message);
  });

  test('a closed handle', async () => {
    const netns = await createNetns();
    netns.close();
    expect(await failure(resolve(netns, 'x.test'))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
  });
});
