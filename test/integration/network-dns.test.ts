// Names of members: asked for by getent(1), as any program does, and byte by byte where that says too little.
import { randomInt } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { type DecodedPacket, decode, encode } from 'dns-packet';
import fc from 'fast-check';
import {
  addRoute,
  type BridgeNetwork,
  type BridgeNetworkOptions,
  createBridgeNetwork,
  createSocket,
  connect,
  type DnsOptions,
  listen,
  type Netns,
} from '../../lib';
import { createServer } from 'node:net';
import { framed, messagesIn } from '../../lib/dns-message';
import { etc } from '../support/etc';
import { failure, run } from '../support/ip';
import { createLab, HOST, type Lab, LAN, member } from '../support/lab';
import { nameServer, type Zone } from '../support/name-server';
import { program, runProgram } from '../support/program';

jest.setTimeout(30_000);

const OPTIONS = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;
const GATEWAY = '10.1.0.1';
const RESOLV_CONF = `nameserver ${GATEWAY}\nnameserver fd01::1\n`;

interface Setting {
  host: Netns;
  red: BridgeNetwork;
  m1: Netns;
  m2: Netns;
}

async function setting(
  lab: Lab,
  dns: DnsOptions = { forward: false },
  options: Partial<BridgeNetworkOptions> = {},
): Promise<Setting> {
  const { host } = lab;
  const red = lab.use(await createBridgeNetwork(host, { ...OPTIONS, ...options, dns }));
  const [m1, m2] = [await member(lab, 'm1'), await member(lab, 'm2')];
  await red.attach(m1, { aliases: ['web'] });
  await red.attach(m2, { aliases: ['db', 'Data.Base'] });
  return { host, red, m1, m2 };
}

/** The addresses that a program in a namespace is given for a name; none where it is not found. */
async function getent(
  netns: Netns,
  database: 'ahostsv4' | 'ahostsv6' | 'hosts',
  name: string,
): Promise<string[]> {
  using files = etc({ 'resolv.conf': RESOLV_CONF });
  files.write('hosts', '');
  const lines = await run(netns, 'getent', database, name).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 2) return ''; // not found
    throw error;
  });
  const words = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
  return [...new Set(words.map(([address = '', second = '']) => (database === 'hosts' ? second : address)))];
}

type Answer = DecodedPacket & { rcode: string };

const question = (name: string, type: string, more: object = {}) =>
  encode({
    type: 'query',
    id: randomInt(0x10000),
    flags: 0x0100,
    questions: [{ name, type: type as 'A', class: 'IN' }],
    ...more,
  });

/** Sends messages from a namespace; one answer for each, or none where nothing comes for a while. */
async function send(
  netns: Netns,
  messages: readonly Buffer[],
  to = GATEWAY,
  patience = 1000,
): Promise<Buffer[]> {
  const socket = await createSocket(netns, to.includes(':') ? 'udp6' : 'udp4', { recvBufferSize: 4e6 });
  try {
    return await new Promise((resolve) => {
      const answers: Buffer[] = [];
      const done = () => resolve(answers);
      const timer = setTimeout(done, patience);
      socket.on('message', (bytes: Buffer) => {
        if (answers.push(bytes) < messages.length) timer.refresh();
        else {
          clearTimeout(timer);
          done();
        }
      });
      for (const message of messages) socket.send(message, 53, to);
    });
  } finally {
    socket.close();
  }
}

async function ask(
  netns: Netns,
  name: string,
  type = 'A',
  to = GATEWAY,
  more = {},
): Promise<Answer | undefined> {
  const [bytes] = await send(netns, [question(name, type, more)], to, 6000);
  return bytes === undefined ? undefined : (decode(bytes) as Answer);
}

async function askByTcp(netns: Netns, name: string, type = 'A'): Promise<Answer> {
  const socket = await connect(netns, { host: GATEWAY, port: 53 });
  socket.write(framed(question(name, type)));
  for await (const message of messagesIn(socket)) return decode(message) as Answer;
  throw new Error('no answer');
}

const dataOf = (answer: Answer | undefined) =>
  (answer?.answers ?? []).map((one) => ('data' in one ? one.data : undefined));

describe('members', () => {
  test('find each other by their aliases, and are found by their addresses', async () => {
    await using lab = await createLab();
    const { red, m1, m2 } = await setting(lab);
    expect(await getent(m1, 'ahostsv4', 'db')).toEqual(['10.1.0.3']);
    expect(await getent(m1, 'ahostsv6', 'DB')).toEqual(['fd01::3']);
    expect(await getent(m2, 'ahostsv4', 'web')).toEqual(['10.1.0.2']);
    expect(await getent(m1, 'ahostsv4', 'data.base')).toEqual(['10.1.0.3']);
    expect(await getent(m1, 'ahostsv4', 'nobody')).toEqual([]);
    for (const address of ['10.1.0.2', 'fd01::2'])
      expect(await getent(m2, 'hosts', address)).toEqual(['web']);
    expect(red.dns?.addresses).toEqual([GATEWAY, 'fd01::1']);
    await red.remove();
  });

  test('are known as they come and go, whoever attaches them', async () => {
    await using lab = await createLab();
    const { red, host, m1, m2 } = await setting(lab);
    await red.detach(m2);
    expect(await getent(m1, 'ahostsv4', 'db')).toEqual([]);
    const elsewhere = program(
      async ({ rtnetns }, options) => {
        const own = await rtnetns.openNetns('host');
        const network = await rtnetns.createBridgeNetwork(own, options);
        await network.attach(await rtnetns.openNetns('m2'), { aliases: ['db'], address: '10.1.0.77' });
        network.close();
      },
      { ...OPTIONS },
    );
    expect(await runProgram(elsewhere)).toMatchObject({ code: 0, stderr: '' });
    expect(await getent(m1, 'ahostsv4', 'db')).toEqual(['10.1.0.77']);
    await (await createBridgeNetwork(host, OPTIONS)).detach(m2);
    expect(await getent(m1, 'ahostsv4', 'db')).toEqual([]);
    await red.remove();
  });

  test('with the same alias are told in turn', async () => {
    await using lab = await createLab();
    const { red, m1 } = await setting(lab);
    for (let i = 0; i < 2; i++) await red.attach(await member(lab), { aliases: ['pool'] });
    const answers = [await ask(m1, 'pool'), await ask(m1, 'pool')].map(dataOf);
    expect(answers.map((one) => [...one].sort())).toEqual(Array(2).fill(['10.1.0.4', '10.1.0.5']));
    expect(new Set(answers.map(([first]) => first)).size).toBe(2);
    await red.remove();
  });

  test('have names in a domain, where one is given', async () => {
    await using lab = await createLab();
    using server = await nameServer(lab.lan, LAN[4], () => ({ rcode: 3 }));
    const { red, m1 } = await setting(lab, { domain: 'internal', forward: [LAN[4]] });
    expect(dataOf(await ask(m1, 'db.internal'))).toEqual(['10.1.0.3']);
    expect(dataOf(await ask(m1, '3.0.1.10.in-addr.arpa', 'PTR'))).toEqual([
      'db.internal',
      'data.base.internal',
    ]);
    expect(await ask(m1, 'nobody.internal')).toMatchObject({ rcode: 'NXDOMAIN', flag_aa: true });
    expect(server.asked()).toEqual([]);
    await red.remove();
  });
});

test('what is known of is not asked for elsewhere, what has no such address included', async () => {
  await using lab = await createLab();
  using server = await nameServer(lab.lan, LAN[4], () => ({ rcode: 3 }));
  const { red, m1 } = await setting(lab, { forward: [LAN[4]] }, { ipv6: undefined });
  expect(await ask(m1, 'db', 'AAAA')).toMatchObject({ rcode: 'NOERROR', answers: [], flag_aa: true });
  expect(await ask(m1, 'db', 'MX')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  expect(await ask(m1, '99.0.1.10.in-addr.arpa', 'PTR')).toMatchObject({ rcode: 'NXDOMAIN' });
  expect(await ask(m1, '0.1.10.in-addr.arpa', 'PTR')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  expect(server.asked()).toEqual([]);
  expect(await ask(m1, '9.2.0.192.in-addr.arpa', 'PTR')).toMatchObject({ rcode: 'NXDOMAIN' });
  expect(server.asked()).toEqual(['PTR 9.2.0.192.in-addr.arpa']);
  await red.remove();
});

const EXAMPLE: Zone = (name, type) => {
  if (name === 'large.example') {
    const answers = Array.from(
      { length: 60 },
      (_, i) => ({ type: 'A', name, data: `198.51.100.${i}` }) as const,
    );
    return { truncated: true, answers };
  }
  if (name === 'silent.example') return undefined;
  if (name === 'broken.example') return { rcode: 2 };
  if (!name.endsWith('www.example')) return { rcode: 3 };
  return type === 'A' ? { answers: [{ type: 'A', name, data: '198.51.100.7' }] } : {};
};

describe('the rest', () => {
  test('is asked for where it is said to be', async () => {
    await using lab = await createLab();
    using server = await nameServer(lab.lan, LAN[4], EXAMPLE);
    const { red, m1 } = await setting(lab, { forward: [LAN[4]], timeout: 300 });
    expect(await getent(m1, 'ahostsv4', 'www.example')).toEqual(['198.51.100.7']);
    expect(server.asked()).toContain('A www.example');
    expect(await ask(m1, 'nobody.example')).toMatchObject({ rcode: 'NXDOMAIN', flag_aa: false });
    expect(await ask(m1, 'broken.example')).toMatchObject({ rcode: 'SERVFAIL' });
    expect(await ask(m1, 'silent.example')).toMatchObject({ rcode: 'SERVFAIL' });
    await red.remove();
  });

  test('by TCP where it is long', async () => {
    await using lab = await createLab();
    using server = await nameServer(lab.lan, LAN[4], EXAMPLE);
    const { red, m1 } = await setting(lab, { forward: [LAN[4]] });
    expect(await ask(m1, 'large.example')).toMatchObject({ flag_tc: true, answers: [] });
    expect((await askByTcp(m1, 'large.example')).answers).toHaveLength(60);
    expect(server.asked()).toEqual(['A large.example', 'tcp A large.example']);
    expect(await getent(m1, 'ahostsv4', 'large.example')).toHaveLength(60);
    expect(dataOf(await askByTcp(m1, 'db', 'AAAA'))).toEqual(['fd01::3']);
    await red.remove();
  });

  test('of the next server where one is gone, and of none where all are', async () => {
    await using lab = await createLab();
    const { red, m1 } = await setting(lab, { forward: ['192.0.2.77', LAN[4]], timeout: 800 });
    {
      using server = await nameServer(lab.lan, LAN[4], EXAMPLE);
      expect(dataOf(await ask(m1, 'www.example'))).toEqual(['198.51.100.7']);
      expect(server.asked()).toEqual(['A www.example']);
    }
    expect(await ask(m1, 'www.example')).toMatchObject({ rcode: 'SERVFAIL' });
    await red.remove();
  });

  test('by default of the servers in the resolv.conf of the host, as it is now', async () => {
    await using lab = await createLab();
    using own = etc({ 'netns/host/resolv.conf': `nameserver ${LAN[4]}\n` });
    using server = await nameServer(lab.lan, LAN[4], EXAMPLE);
    const { host } = lab;
    const { red, m1 } = await setting(lab, {});
    expect(dataOf(await ask(m1, 'www.example'))).toEqual(['198.51.100.7']);
    expect(server.asked()).toEqual(['A www.example']);
    own.write('netns/host/resolv.conf', 'nameserver 127.0.0.1\n');
    using local = await nameServer(host, '127.0.0.1', EXAMPLE);
    expect(dataOf(await ask(m1, 'a.www.example'))).toEqual(['198.51.100.7']);
    expect([server.asked(), local.asked()]).toEqual([[], ['A a.www.example']]);
    await red.remove();
  });

  test('is not asked for from an internal network', async () => {
    await using lab = await createLab();
    using own = etc({ 'resolv.conf': `nameserver ${LAN[4]}\n` });
    using server = await nameServer(lab.lan, LAN[4], EXAMPLE);
    const { red, m1 } = await setting(lab, {}, { internal: true });
    expect(await ask(m1, 'www.example')).toMatchObject({ rcode: 'NXDOMAIN' });
    expect(dataOf(await ask(m1, 'db'))).toEqual(['10.1.0.3']);
    expect(server.asked()).toEqual([]);
    expect(own).toBeDefined();
    await red.remove();
  });
});

test('only members can ask', async () => {
  await using lab = await createLab();
  const { host, lan } = lab;
  const { red, m1 } = await setting(lab);
  const blue = lab.use(
    await createBridgeNetwork(host, { name: 'blue', subnet: '10.2.0.0/24', isolated: false }),
  );
  const other = await member(lab);
  await blue.attach(other);
  await addRoute(lan, { to: '10.1.0.0/24', via: HOST[4] });
  const message = question('db', 'A');
  expect(await send(lan, [message], GATEWAY, 300)).toEqual([]);
  expect(await send(other, [message], GATEWAY, 300)).toEqual([]);
  expect(await send(lan, [message], HOST[4], 300)).toEqual([]);
  expect(await send(m1, [message], GATEWAY)).toHaveLength(1);
  for (const from of [lan, other]) {
    expect(await failure(connect(from, { host: GATEWAY, port: 53 }))).toMatchObject({ code: 'ECONNREFUSED' });
  }
  await blue.remove();
  await red.remove();
});

const listening = async (host: Netns) =>
  (await run(host, 'ss', '-Hlntu', 'sport', '=', '53')).split('\n').filter((line) => line !== '').length;

describe('the port', () => {
  test('is free when it is closed, when the object is, and when the network is removed', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, OPTIONS));
    expect([await listening(host), red.dns]).toEqual([0, undefined]);
    {
      await using dns = await red.serveDns();
      expect([await listening(host), red.dns]).toEqual([4, dns]);
      dns.close();
      dns.close();
      expect([await listening(host), red.dns]).toEqual([0, undefined]);
    }
    await red.serveDns({ forward: false });
    red.close();
    expect(await listening(host)).toBe(0);
    expect(await failure(red.serveDns())).toMatchObject({ code: 'ERR_NETWORK_CLOSED' });
    const again = lab.use(await createBridgeNetwork(host, { ...OPTIONS, dns: true }));
    expect(await listening(host)).toBe(4);
    await again.remove();
    expect(await listening(host)).toBe(0);
  });

  test('is another one of the same network: told by serveDns, and left to it by createBridgeNetwork', async () => {
    await using lab = await createLab();
    const { host, red } = await setting(lab);
    const other = lab.use(await createBridgeNetwork(host, { ...OPTIONS, dns: true }));
    expect(other.dns).toBeUndefined();
    expect(await failure(other.serveDns())).toMatchObject({
      code: 'EADDRINUSE',
      address: GATEWAY,
      port: 53,
      protocol: 'tcp',
      network: 'red',
    });
    await red.remove();
  });

  test('is a program’s of the host: nothing is made', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const before = await run(host, 'ip', 'link');
    const server = await listen(host, createServer(), { host: '0.0.0.0', port: 53 });
    const error = await failure(createBridgeNetwork(host, { ...OPTIONS, dns: true }));
    expect(error).toMatchObject({ name: 'NetworkError', code: 'EADDRINUSE', address: GATEWAY, port: 53 });
    expect(await run(host, 'ip', 'link')).toBe(before);
    expect(await run(host, 'nft', 'list', 'ruleset')).toBe('');
    server.close();
  });
});

test('whatever comes, it goes on', async () => {
  await using lab = await createLab();
  const { red, m1 } = await setting(lab);
  const sane = question('db', 'A');
  const [query, answer] = [decode(sane), { ...decode(sane), type: 'response' as const }];
  // what is an answer is never answered
  expect(await send(m1, [encode(answer)], GATEWAY, 200)).toEqual([]);
  const two = encode({
    ...query,
    questions: [...(query.questions ?? []), ...(query.questions ?? [])],
  });
  const notify = Buffer.from(sane);
  notify.writeUInt16BE(0x2000, 2);
  const codes = [];
  for (const message of [two, notify, sane.subarray(0, -3)]) {
    const [bytes] = await send(m1, [message]);
    codes.push((decode(bytes!) as Answer).rcode);
  }
  expect(codes).toEqual(['FORMERR', 'NOTIMP', 'FORMERR']);
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.tuple(fc.nat(sane.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(sane);
      bytes[at] = byte;
      return bytes;
    }),
    fc.nat(sane.length).map((length) => sane.subarray(0, length)),
  );
  const messages = fc.sample(damaged, 500).map((bytes) => Buffer.from(bytes));
  await send(m1, messages, GATEWAY, 200);
  const broken = await connect(m1, { host: GATEWAY, port: 53 });
  broken.write(Buffer.from([0, 5, 1, 2, 3, 4, 5, 0xff, 0xff]));
  expect(await text(broken)).toBe('');
  expect(dataOf(await ask(m1, 'db'))).toEqual(['10.1.0.3']);
  await red.remove();
});

test('answers are no longer than who asks can take', async () => {
  await using lab = await createLab();
  const { red, m1 } = await setting(lab);
  for (let i = 0; i < 40; i++) await red.attach(await member(lab), { aliases: ['many'] });
  expect(await ask(m1, 'many')).toMatchObject({ flag_tc: true, answers: [] });
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] };
  const long = await ask(m1, 'many', 'A', GATEWAY, { additionals: [opt] });
  expect(long?.answers).toHaveLength(40);
  expect((await askByTcp(m1, 'many')).answers).toHaveLength(40);
  await red.remove();
});

test('a thousand at once are answered', async () => {
  await using lab = await createLab();
  const { red, m1 } = await setting(lab);
  const queries = Array.from({ length: 1000 }, (_, i) => question(i % 2 === 0 ? 'db' : 'nobody', 'A'));
  const answers = (await send(m1, queries)).map((bytes) => decode(bytes) as Answer);
  const ids = (list: { id?: number | undefined }[]) => list.map(({ id }) => id).sort();
  expect(ids(answers)).toEqual(ids(queries.map((bytes) => decode(bytes))));
  expect(answers.filter(({ rcode }) => rcode === 'NOERROR')).toHaveLength(500);
  await red.remove();
});

test.each<[unknown, string]>([
  ['yes', 'dns: expected true, false or options, got "yes"'],
  [null, 'dns: expected true, false or options'],
  [{ ttl: -1 }, 'ttl: expected an integer from 0'],
  [{ timeout: 0 }, 'timeout: expected milliseconds, from 1'],
  [{ domain: 'a b' }, "domain: expected a name like 'internal'"],
  [{ domain: '10.0.0.1' }, "domain: expected a name like 'internal'"],
  [{ forward: [] }, 'forward: expected false, or a list'],
  [{ forward: '192.0.2.1' }, 'forward: expected false, or a list'],
  [{ forward: ['somewhere'] }, 'forward[0]: '],
])('dns: %p is refused', async (dns, message) => {
  await using lab = await createLab();
  const made = createBridgeNetwork(lab.host, { ...OPTIONS, dns: dns as never });
  expect((await failure(made)).message).toContain(message);
  const internal = createBridgeNetwork(lab.host, {
    ...OPTIONS,
    internal: true,
    dns: { forward: ['192.0.2.1'] },
  });
  expect(await failure(internal)).toMatchObject({ code: 'ERR_NETWORK_INTERNAL', option: 'forward' });
  expect(await run(lab.host, 'nft', 'list', 'ruleset')).toBe('');
});
