// What no member is called is asked for elsewhere, from the host's namespace.
import type dgram from 'node:dgram';
import { readdirSync } from 'node:fs';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { createBridgeNetwork, createSocket, type DnsOptions, type Netns } from '../../../../lib';
import { type Answered, ask, askTcp, askUdp, byUdp, question } from '../../../support/dns';
import { etc } from '../../../support/etc';
import { failure, until } from '../../../support/ip';
import { createLab, HOST, LAN, member } from '../../../support/lab';
import { nameServer, type Reply, type Zone } from '../../../support/name-server';

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;
const GATEWAY = '10.1.0.1';

const a = (name: string, data: string): Answer => ({ type: 'A', name, data, ttl: 60 });
const MANY = Array.from({ length: 100 }, (_, i) => a('many.test', `10.3.0.${i + 1}`));

const RECORDS: Readonly<Record<string, Reply>> = {
  'www.test': { answers: [a('www.test', '192.0.2.80')] },
  'many.test': { answers: MANY, truncated: true },
  // more than was asked for, by one who does not heed that
  'rude.test': { answers: MANY },
  'broken.test': { rcode: 2 },
  'refused.test': { rcode: 5 },
  'liars.test': {
    answers: [a('liars.test', '10.0.0.5')],
    before: ({ id = 0, questions = [] }) => {
      const lie: Packet = { type: 'response', id, questions, answers: [a('liars.test', '6.6.6.6')] };
      const other = [{ name: 'other.test', type: 'A', class: 'IN' } as const];
      return [
        encode({ ...lie, id: id ^ 1 }),
        encode({ ...lie, questions: other }),
        encode({ ...lie, questions: [] }),
        encode({ ...lie, type: 'query' }),
        Buffer.from('nonsense'),
      ];
    },
  },
};

const zone: Zone = (name) => (name === 'never.test' ? undefined : (RECORDS[name] ?? { rcode: 3 }));

/** A network with two members, and name servers on the LAN and on the host itself. */
async function scene(options: DnsOptions = {}) {
  const lab = await createLab();
  const network = lab.use(await createBridgeNetwork(lab.host, RED));
  const client = await member(lab);
  await network.attach(client, { aliases: ['client'] });
  const dns = lab.use(await network.serveDns(options));
  const servers: Disposable[] = [];
  return {
    ...lab,
    network,
    client,
    dns,
    async server(netns: Netns, address: string, known = zone) {
      const server = await nameServer(netns, address, known);
      servers.push(server);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) server[Symbol.dispose]();
      await lab[Symbol.asyncDispose]();
    },
  };
}

const EDNS = {
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 4096,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
} satisfies Parameters<typeof question>[1];

describe('BridgeNetwork.serveDns', () => {
  test.each(Object.values(LAN))('a server of the LAN at %s', async (address) => {
    await using red = await scene({ forward: [address] });
    const server = await red.server(red.lan, address);
    const found = await ask(
      red.client,
      GATEWAY,
      ['www.test'],
      ['none.test'],
      ['client'],
      ['10.1.0.2', 'reverse'],
    );
    expect(found).toEqual([['192.0.2.80'], 'ENOTFOUND', ['10.1.0.2'], ['client']]);
    // members are not its business
    expect(server.asked()).toEqual(['A none.test', 'A www.test']);
    expect(await ask(red.client, GATEWAY, ['10.1.0.99', 'reverse'], ['client', 'MX'])).toEqual([
      'ENOTFOUND',
      'ENODATA',
    ]);
    expect(await ask(red.client, 'fd01::1', ['www.test'])).toEqual([['192.0.2.80']]);
    expect(server.asked()).toEqual(['A www.test']);
    expect(await ask(red.client, GATEWAY, ['192.0.2.80', 'reverse'])).toEqual(['ENOTFOUND']);
    expect(server.asked()).toEqual(['PTR 80.2.0.192.in-addr.arpa']);
  });

  test('what is long comes by TCP', async () => {
    await using red = await scene({ forward: [LAN[4]] });
    const server = await red.server(red.lan, LAN[4]);
    const [found] = (await ask(red.client, GATEWAY, ['many.test'])) as [string[]];
    expect(found).toHaveLength(100);
    expect(server.asked()).toEqual(['A many.test', 'tcp A many.test']);
    const cut = await askUdp(red.client, GATEWAY, question('rude.test'));
    expect(cut).toMatchObject({ id: 7, flag_tc: true, answers: [], questions: [{ name: 'rude.test' }] });
    const whole = await askUdp(red.client, GATEWAY, question('rude.test', EDNS));
    expect(whole).toMatchObject({ id: 7, flag_tc: false });
    expect(whole.answers).toHaveLength(100);
  });

  test('only the answer is believed', async () => {
    await using red = await scene({ forward: [LAN[4]] });
    await red.server(red.lan, LAN[4]);
    expect(await ask(red.client, GATEWAY, ['liars.test'])).toEqual([['10.0.0.5']]);
  });

  test('each query has an identifier and a port of its own', async () => {
    await using red = await scene({ forward: [LAN[4]] });
    const server = await createSocket(red.lan, 'udp4', { address: LAN[4], port: 53 });
    const seen: { id: number; port: number }[] = [];
    server.on('message', (bytes: Buffer, { port, address }: dgram.RemoteInfo) => {
      const { id, questions } = decode(bytes);
      seen.push({ id: id!, port });
      server.send(encode({ type: 'response', id: id!, questions: questions! }), port, address);
    });
    for (let i = 0; i < 20; i++) {
      expect(await askUdp(red.client, GATEWAY, question('www.test'))).toMatchObject({
        id: 7,
        rcode: 'NOERROR',
      });
    }
    server.close();
    expect(new Set(seen.map(({ id }) => id)).size).toBeGreaterThan(15);
    expect(new Set(seen.map(({ port }) => port)).size).toBeGreaterThan(10);
  });

  test('servers are asked one after another', async () => {
    await using red = await scene({ forward: ['192.0.2.77', HOST[4], LAN[4]], timeout: 900 });
    // the first is nowhere, the second one does not want to
    const unwilling = await red.server(red.host, HOST[4], () => ({ rcode: 5 }));
    const last = await red.server(red.lan, LAN[4]);
    expect(await ask(red.client, GATEWAY, ['www.test'])).toEqual([['192.0.2.80']]);
    expect([unwilling.asked(), last.asked()]).toEqual([['A www.test'], ['A www.test']]);
    // none of them wants to: what the first of them said
    expect(await ask(red.client, GATEWAY, ['broken.test'])).toEqual(['EREFUSED']);
  });

  test('a server that is not there is refused at once: SERVFAIL', async () => {
    await using red = await scene({ forward: [LAN[4]], timeout: 20_000 });
    const begin = performance.now();
    expect(await ask(red.client, GATEWAY, ['www.test'], ['client'])).toEqual(['ESERVFAIL', ['10.1.0.2']]);
    expect((await askTcp(red.client, GATEWAY, question('www.test'))).rcode).toBe('SERVFAIL');
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test('no answer in time: SERVFAIL', async () => {
    await using red = await scene({ forward: [LAN[4]], timeout: 300 });
    const server = await red.server(red.lan, LAN[4]);
    const before = performance.now();
    const { rcode } = await askUdp(red.client, GATEWAY, question('never.test'));
    expect(rcode).toBe('SERVFAIL');
    expect(performance.now() - before).toBeGreaterThanOrEqual(299);
    expect((await askTcp(red.client, GATEWAY, question('never.test'))).rcode).toBe('SERVFAIL');
    expect(server.asked()).toEqual(['A never.test', 'tcp A never.test']);
    expect(await ask(red.client, GATEWAY, ['broken.test'], ['refused.test'])).toEqual([
      'ESERVFAIL',
      'EREFUSED',
    ]);
  });

  test("by default, those of the host's resolv.conf: at its own loopback, too", async () => {
    using files = etc({ 'netns/host/resolv.conf': 'nameserver 127.0.0.53\n' });
    await using red = await scene();
    const local = await red.server(red.host, '127.0.0.53');
    const lan = await red.server(red.lan, LAN[4]);
    expect(await ask(red.client, GATEWAY, ['www.test'])).toEqual([['192.0.2.80']]);
    expect([local.asked(), lan.asked()]).toEqual([['A www.test'], []]);
    files.write('netns/host/resolv.conf', `nameserver ${LAN[4]}\n`);
    expect(await ask(red.client, GATEWAY, ['www.test'])).toEqual([['192.0.2.80']]);
    expect([local.asked(), lan.asked()]).toEqual([[], ['A www.test']]);
    // itself, by mistake, and in a circle of two: it is not passed on for ever
    const other = { name: 'blue', subnet: '10.2.0.0/24', dns: true } as const;
    red.use(await createBridgeNetwork(red.host, other));
    for (const servers of [[GATEWAY], ['10.2.0.1'], ['10.2.0.1', GATEWAY]]) {
      files.write('netns/host/resolv.conf', servers.map((server) => `nameserver ${server}\n`).join(''));
      expect(await ask(red.client, GATEWAY, ['www.test'], ['client'])).toEqual(['EREFUSED', ['10.1.0.2']]);
    }
  });

  test('an internal network asks nobody, nor does one that is told so', async () => {
    using files = etc({});
    files.write('netns/host/resolv.conf', `nameserver ${LAN[4]}\n`);
    await using red = await scene({ forward: false });
    const server = await red.server(red.lan, LAN[4]);
    const options = { name: 'blue', subnet: '10.2.0.0/24', internal: true } as const;
    const blue = red.use(await createBridgeNetwork(red.host, { ...options, dns: true }));
    const b = await member(red);
    await blue.attach(b, { aliases: ['b'] });
    expect(await ask(red.client, GATEWAY, ['www.test'], ['client'])).toEqual(['ENOTFOUND', ['10.1.0.2']]);
    expect(await ask(b, '10.2.0.1', ['www.test'], ['b'], ['client'])).toEqual([
      'ENOTFOUND',
      ['10.2.0.2'],
      'ENOTFOUND',
    ]);
    expect(server.asked()).toEqual([]);
    const refused = { code: 'ERR_NETWORK_INTERNAL', option: 'forward', network: 'blue' };
    expect(await failure(blue.serveDns({ forward: [LAN[4]] }))).toMatchObject(refused);
    const attempt = createBridgeNetwork(red.host, { ...options, dns: { forward: [LAN[4]] } });
    expect(await failure(attempt)).toMatchObject({ ...refused, option: 'dns.forward' });
  });

  test('no more than 512 are passed on at a time; what is known is answered all the same', async () => {
    await using red = await scene({ forward: [LAN[4]], timeout: 30_000 });
    const silent = await createSocket(red.lan, 'udp4', {
      address: LAN[4],
      port: 53,
      recvBufferSize: 1 << 20,
    });
    let arrived = 0;
    silent.on('message', () => arrived++);
    const asking = await createSocket(red.client, 'udp4');
    const ids: number[] = [];
    asking.on('message', (bytes: Buffer) => ids.push(bytes.readUInt16BE()));
    const send = async (from: number, to: number) => {
      for (let id = from; id < to; id++) asking.send(question(`name${id}.test`, { id }), 53, GATEWAY);
      // what is sent faster than it is read is lost, as always
      await until(() => arrived + ids.length === to);
    };
    for (let i = 0; i < 512; i += 64) await send(i, i + 64);
    expect([arrived, ids]).toEqual([512, []]);
    const more = Array.from({ length: 88 }, (_, i) => question(`more${i}.test`));
    const refused = await byUdp(red.client, GATEWAY, more);
    expect(refused.map((bytes) => (decode(bytes) as Answered).rcode)).toEqual(Array(88).fill('SERVFAIL'));
    expect(await ask(red.client, GATEWAY, ['client'])).toEqual([['10.1.0.2']]);
    expect(arrived).toBe(512);
    const before = readdirSync('/proc/self/fd').length;
    red.dns.close();
    await until(() => readdirSync('/proc/self/fd').length <= before - 512);
    silent.close();
    asking.close();
  });
});
