// What a member may send to bring the resolver down, or to have it work for others.
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { connect, createBridgeNetwork, createSocket, type DnsOptions } from '../../../../lib';
import { type Answered, ask, askTcp, askUdp, byTcp, byUdp, question } from '../../../support/dns';
import { until } from '../../../support/ip';
import { createLab, LAN, member } from '../../../support/lab';
import { nameServer } from '../../../support/name-server';

const RED = { name: 'red', subnet: '10.1.0.0/16', ipv6: 'fd01::/64' } as const;
const GATEWAY = '10.1.0.1';

async function scene(options: DnsOptions = { forward: false }) {
  const lab = await createLab();
  const network = lab.use(await createBridgeNetwork(lab.host, { ...RED, dns: options }));
  const client = await member(lab);
  await network.attach(client, { aliases: ['client'] });
  return { ...lab, network, client };
}

const opt = (udpPayloadSize: number, ednsVersion = 0) => ({
  additionals: [
    {
      type: 'OPT' as const,
      name: '.',
      udpPayloadSize,
      extendedRcode: 0,
      ednsVersion,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
});

/** A query, with its header's numbers as one wants them. */
function odd(at: number, value: number): Buffer {
  const bytes = question('client');
  bytes.writeUInt16BE(value, at);
  return bytes;
}

describe('BridgeNetwork.serveDns', () => {
  test('what is no query of one question', async () => {
    await using red = await scene();
    const { client } = red;
    const cases: [string, Buffer, string][] = [
      ['another operation', odd(2, 0x2800), 'NOTIMP'],
      ['no question', odd(4, 0), 'FORMERR'],
      ['two questions', odd(4, 2), 'FORMERR'],
      ['answers', odd(6, 1), 'FORMERR'],
      ['authorities', odd(8, 1), 'FORMERR'],
      ['an additional record that is not there', odd(10, 1), 'FORMERR'],
      ['many records', odd(10, 0xffff), 'FORMERR'],
      ['no name', question('client').subarray(0, 12), 'FORMERR'],
      ['a name without an end', question('client').subarray(0, 16), 'FORMERR'],
      ['no type', question('client').subarray(0, -4), 'FORMERR'],
      [
        'a name that points to itself',
        Buffer.concat([odd(4, 1).subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]),
        'FORMERR',
      ],
      [
        'a label of no kind',
        Buffer.concat([odd(4, 1).subarray(0, 12), Buffer.from([0x80, 0, 0, 1, 0, 1])]),
        'FORMERR',
      ],
      [
        'a name that is too long',
        Buffer.concat([
          odd(4, 1).subarray(0, 12),
          Buffer.alloc(60 * 7, '\x3b' + 'a'.repeat(59)),
          Buffer.from([0, 0, 1, 0, 1]),
        ]),
        'FORMERR',
      ],
      ['more than a query has', Buffer.concat([question('client'), Buffer.alloc(5000)]), 'FORMERR'],
      ['a later version', question('client', opt(4096, 1)), 'NOERROR'],
      ['a transfer', question('client', {}, 'AXFR'), 'REFUSED'],
      [
        'another class',
        encode({ type: 'query', id: 7, questions: [{ name: 'client', type: 'TXT', class: 'CH' }] }),
        'REFUSED',
      ],
    ];
    for (const [what, bytes, rcode] of cases) {
      expect([what, await askUdp(client, GATEWAY, bytes)]).toEqual([
        what,
        expect.objectContaining({ rcode, flag_qr: true, id: 7 }),
      ]);
    }
    // BADVERS, RFC 6891
    const { additionals, answers } = await askUdp(client, GATEWAY, question('client', opt(4096, 1)));
    expect([additionals, answers]).toMatchObject([[{ type: 'OPT', extendedRcode: 1, ednsVersion: 0 }], []]);
    expect(await ask(client, GATEWAY, ['client'])).toEqual([['10.1.0.2']]);
  });

  test('answers, and what is too short, are not answered', async () => {
    await using red = await scene();
    const silent = [odd(2, 0x8180), Buffer.alloc(0), Buffer.from('short'), Buffer.alloc(11)];
    const last = question('client', { id: 99 });
    const [only] = await byUdp(red.client, GATEWAY, [...silent, last], 1);
    expect(only!.readUInt16BE()).toBe(99);
    // by TCP, that is the end of the connection
    for (const bytes of silent) expect(await byTcp(red.client, GATEWAY, [bytes, last], 1)).toEqual([]);
    expect(await byTcp(red.client, GATEWAY, [Buffer.concat([last, Buffer.alloc(5000)]), last], 1)).toEqual(
      [],
    );
  });

  test('whatever is sent, it goes on', async () => {
    await using red = await scene({ forward: false, domain: 'internal' });
    const { client } = red;
    const valid = question('client.internal', opt(1232));
    const mutated = fc
      .tuple(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(valid.length),
        fc.uint8Array({ maxLength: 20 }),
      )
      .map(([changes, length, more]) => {
        const bytes = Buffer.from(valid);
        for (const [at, value] of changes) bytes[at] = value;
        return Buffer.concat([bytes.subarray(0, length), more]);
      });
    const messages = fc.sample(
      fc.oneof(
        fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
        mutated,
      ),
      2000,
    );
    const socket = await createSocket(client, 'udp4', { recvBufferSize: 1 << 20 });
    const answers: Buffer[] = [];
    socket.on('message', (bytes: Buffer) => answers.push(bytes));
    for (const message of messages) {
      await new Promise((resolve) => socket.send(message, 53, GATEWAY, resolve));
    }
    expect(await ask(client, GATEWAY, ['client'])).toEqual([['10.1.0.2']]);
    socket.close();
    expect(answers.length).toBeGreaterThan(500);
    for (const bytes of answers) {
      // an answer as others read it, and nothing of more than it was asked for
      expect(bytes.readUInt16BE(2) & 0x8000).toBe(0x8000);
      expect(bytes.length).toBeLessThanOrEqual(4096);
    }
    await Promise.all(
      messages
        .slice(0, 200)
        .map(async (message) =>
          byTcp(client, GATEWAY, [message, question('client', { id: 1 })], 2).catch(() => []),
        ),
    ).then((all) => expect(all).toHaveLength(200));
    expect((await askTcp(client, GATEWAY, question('client'))).answers).toHaveLength(1);
  });

  test('names of any bytes are given back as they came', async () => {
    await using red = await scene();
    const label = Buffer.from([5, 0xff, 0x2e, 0x00, 0xc3, 0x41, 0]);
    const bytes = Buffer.concat([question('x').subarray(0, 12), label, Buffer.from([0, 1, 0, 1])]);
    const [answer] = await byUdp(red.client, GATEWAY, [bytes]);
    expect(answer!.subarray(12).equals(bytes.subarray(12))).toBe(true);
    expect(answer!.readUInt16BE(2) & 0xf).toBe(3);
  });

  test('an answer is no longer than is asked for; the whole of it is had by TCP', async () => {
    await using red = await scene();
    const all = Array.from({ length: 60 }, async () =>
      red.network.attach(await member(red), { aliases: ['many'] }),
    );
    const addresses = (await Promise.all(all)).map(({ addresses: { 4: four } }) => four).sort();
    for (const [more, length] of [
      [{}, 512],
      [opt(100), 512],
      [opt(600), 600],
    ] as const) {
      const [bytes] = await byUdp(red.client, GATEWAY, [question('many', more)]);
      expect(bytes!.length).toBeLessThanOrEqual(length);
      expect(decode(bytes!)).toMatchObject({ flag_tc: true, answers: [] });
    }
    const large = await askUdp(red.client, GATEWAY, question('many', opt(65535)));
    expect(large).toMatchObject({ flag_tc: false, flag_aa: true });
    expect(large.answers).toHaveLength(60);
    const [found] = (await ask(red.client, GATEWAY, ['many'])) as [string[]];
    expect([...found].sort()).toEqual(addresses);
  });

  test('a thousand at once are answered, by UDP and on one connection', async () => {
    await using red = await scene();
    const queries = Array.from({ length: 1000 }, (_, id) => question('client', { id }));
    const ids = (answers: Buffer[]) => new Set(answers.map((bytes) => bytes.readUInt16BE())).size;
    const socket = await createSocket(red.client, 'udp4', { recvBufferSize: 1 << 20 });
    const answers: Buffer[] = [];
    socket.on('message', (bytes: Buffer) => answers.push(bytes));
    // as resolvers do it: what is not answered is asked again
    for (let rounds = 0; ids(answers) < 1000; rounds++) {
      expect(rounds).toBeLessThan(3);
      const known = new Set(answers.map((bytes) => bytes.readUInt16BE()));
      for (const query of queries) if (!known.has(query.readUInt16BE())) socket.send(query, 53, GATEWAY);
      const before = performance.now();
      await until(() => ids(answers) === 1000 || performance.now() - before > 1000);
    }
    socket.close();
    expect(answers.every((bytes) => (decode(bytes) as Answered).answers?.length === 1)).toBe(true);
    expect(ids(await byTcp(red.client, GATEWAY, queries))).toBe(1000);
  });

  test('connections that say nothing are no obstacle', async () => {
    await using red = await scene();
    const idle = await Promise.all(
      Array.from({ length: 150 }, async () => {
        const socket = await connect(red.client, { host: GATEWAY, port: 53 });
        return socket.on('error', () => undefined).resume();
      }),
    );
    // one more comes in place of the one that has been there longest
    expect((await askTcp(red.client, GATEWAY, question('client'))).answers).toHaveLength(1);
    const closed = () => idle.filter(({ destroyed }) => destroyed).length;
    await until(() => closed() === 23);
    for (const socket of idle) socket.destroy();
  });

  test('a connection that goes on without a whole query is closed', async () => {
    await using red = await scene();
    const socket = await connect(red.client, { host: GATEWAY, port: 53 });
    socket.on('error', () => undefined).resume();
    const begin = performance.now();
    const timer = setInterval(() => socket.write('\0'), 500);
    socket.write(Buffer.from([0x0f, 0xff]));
    await once(socket, 'close');
    clearInterval(timer);
    expect(performance.now() - begin).toBeGreaterThan(9000);
    expect(performance.now() - begin).toBeLessThan(15_000);
  });

  test('a connection that is only half open is answered', async () => {
    await using red = await scene({ forward: [LAN[4]] });
    using server = await nameServer(red.lan, LAN[4], () => ({ rcode: 3 }));
    const socket = await connect(red.client, { host: GATEWAY, port: 53, allowHalfOpen: true });
    const message = question('www.test');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.end(Buffer.concat([length, message]));
    const parts: Buffer[] = [];
    for await (const part of socket as AsyncIterable<Buffer>) parts.push(part);
    expect(decode(Buffer.concat(parts).subarray(2))).toMatchObject({ id: 7, rcode: 'NXDOMAIN' });
    expect(server.asked()).toEqual(['tcp A www.test']);
  });
});
