// Where the resolver is to be found, by whom, and for how long.
import net from 'node:net';
import type dgram from 'node:dgram';
import {
  type BridgeNetworkOptions,
  connect,
  createBridgeNetwork,
  createSocket,
  listen,
  type Netns,
  setSysctl,
} from '../../../../lib';
import { ask } from '../../../support/dns';
import { failure, run } from '../../../support/ip';
import { answering, createLab, everything, HOST, member } from '../../../support/lab';
import { program, start } from '../../../support/program';

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;
const BLUE = { name: 'blue', subnet: '10.2.0.0/24', ipv6: 'fd02::/64' } as const;
const GATEWAYS = ['10.1.0.1', 'fd01::1'] as const;
const FORWARDING = { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 };

const listening = async (host: Netns) => {
  const lines = (await run(host, 'ss', '-Hlntu', 'sport', '=', '53')).trim().split('\n');
  return lines
    .map((line) =>
      line
        .split(/\s+/)
        .filter((_, i) => i === 0 || i === 4)
        .join(' '),
    )
    .sort();
};

/** Serves until its input ends. */
function server(host: string): string {
  return program(
    async ({ rtnetns, tell }, argument) => {
      const options = { ...argument.network, dns: true };
      const red = await rtnetns.createBridgeNetwork(await rtnetns.openNetns(argument.host), options);
      tell('serving');
      await new Promise((resolve) => process.stdin.once('data', resolve));
      process.stdin.destroy();
      red.close();
    },
    { host, network: RED },
  );
}

describe('BridgeNetwork.serveDns', () => {
  test.each([
    ['isolated', {}],
    ['not isolated', { isolated: false }],
    ['without NAT', { nat: false }],
  ] satisfies [string, Partial<BridgeNetworkOptions>][])(
    'only members are answered: networks %s',
    async (_, options) => {
      await using lab = await createLab();
      const { host, lan } = lab;
      const dns = { forward: false } as const;
      const red = lab.use(await createBridgeNetwork(host, { ...RED, ...options, dns }));
      const blue = lab.use(await createBridgeNetwork(host, { ...BLUE, ...options }));
      const [a, b] = [await member(lab), await member(lab)];
      await red.attach(a, { aliases: ['a'] });
      await blue.attach(b, { aliases: ['b'] });
      expect(await listening(host)).toEqual([
        'tcp 10.1.0.1%red:53',
        'tcp [fd01::1]%red:53',
        'udp 10.1.0.1%red:53',
        'udp [fd01::1]%red:53',
      ]);
      // others are told the way
      for (const [i, subnet] of [RED.subnet, RED.ipv6].entries()) {
        await run(lan, 'ip', 'route', 'add', subnet, 'via', i === 0 ? HOST[4] : HOST[6]);
        await answering(lan, GATEWAYS[i]!);
      }
      for (const gateway of GATEWAYS) {
        expect(await ask(a, gateway, ['a'])).toEqual([['10.1.0.2']]);
        for (const other of [lan, b]) {
          expect(await ask(other, gateway, ['a'])).toEqual(['ECONNREFUSED']);
          expect(await failure(connect(other, { host: gateway, port: 53 }))).toMatchObject({
            code: 'ECONNREFUSED',
          });
        }
      }
      // the host's own programs are answered what is ours, and nothing is passed on for them
      for (const gateway of GATEWAYS) {
        expect(await ask(host, gateway, ['a'], ['www.test'])).toEqual([['10.1.0.2'], 'EREFUSED']);
      }
      // each has its own
      await blue.serveDns({ forward: false });
      expect(await ask(b, '10.2.0.1', ['b'], ['a'])).toEqual([['10.2.0.2'], 'ENOTFOUND']);
      expect(await ask(a, '10.1.0.1', ['b'], ['a'])).toEqual(['ENOTFOUND', ['10.1.0.2']]);
    },
  );

  test('it ends when it is closed, and with what it belongs to', async () => {
    await using lab = await createLab();
    const { host } = lab;
    await setSysctl(host, FORWARDING);
    const before = await everything(host);
    const red = lab.use(await createBridgeNetwork(host, { ...RED, dns: true }));
    const a = await member(lab);
    await red.attach(a, { aliases: ['a'] });
    const first = red.dns!;
    const idle = await connect(a, { host: '10.1.0.1', port: 53 });
    const ended = new Promise((resolve) => idle.on('close', resolve));
    const used = { code: 'EADDRINUSE', address: '10.1.0.1', port: 53, protocol: 'tcp', network: 'red' };
    expect(await failure(red.serveDns())).toMatchObject(used);
    expect(red.dns).toBe(first);
    first.close();
    await ended;
    expect(red.dns).toBeUndefined();
    expect(await ask(a, '10.1.0.1', ['a'])).toEqual(['ECONNREFUSED']);
    const second = await red.serveDns({ forward: false });
    first.close(); // twice is fine, and is nothing to the second
    expect(red.dns).toBe(second);
    expect(await ask(a, '10.1.0.1', ['a'])).toEqual([['10.1.0.2']]);
    red.close();
    expect(await ask(a, '10.1.0.1', ['a'])).toEqual(['ECONNREFUSED']);
    expect(await failure(red.serveDns())).toMatchObject({ code: 'ERR_NETWORK_CLOSED' });

    {
      const again = await createBridgeNetwork(host, RED);
      await using third = await again.serveDns();
      expect(await listening(host)).toHaveLength(4);
      expect(again.dns).toBe(third);
      // what is still on its way when it is closed
      const late = again.serveDns();
      again.close();
      expect(await failure(late)).toMatchObject({
        code: expect.stringMatching(/EADDRINUSE|ERR_NETWORK_CLOSED/) as string,
      });
    }
    const last = lab.use(await createBridgeNetwork(host, RED));
    const late = last.serveDns();
    last.close();
    expect(await failure(late)).toMatchObject({ code: 'ERR_NETWORK_CLOSED' });
    expect(await listening(host)).toEqual(['']);
    const remover = await createBridgeNetwork(host, { ...RED, dns: {} });
    await remover.remove();
    expect(remover.dns).toBeUndefined();
    expect(await everything(host)).toEqual(before);
  });

  test('another process serves already, and then no longer', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const { child, ended } = start(server('host'));
    await new Promise((resolve) => child.stdout!.once('data', resolve));
    const before = await everything(host);
    // left to it, where it is only asked for that it be served
    const red = lab.use(await createBridgeNetwork(host, { ...RED, dns: true }));
    expect(red.dns).toBeUndefined();
    red.close();
    expect(await everything(host)).toEqual(before);
    const other = lab.use(await createBridgeNetwork(host, RED));
    const error = await failure(other.serveDns());
    expect(error).toMatchObject({ name: 'NetworkError', code: 'EADDRINUSE', address: '10.1.0.1', port: 53 });
    expect(error.message).toBe('EADDRINUSE: serve DNS in network red: tcp port 53 of 10.1.0.1 is in use');
    child.stdin!.write('enough\n');
    // closed, it keeps the process no longer
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    await other.serveDns();
    expect(await listening(host)).toHaveLength(4);
  });

  test('two that make the network at once: one of them serves', async () => {
    await using lab = await createLab();
    const { host } = lab;
    for (let i = 0; i < 10; i++) {
      const attempts = [1, 2, 3].map(async () => createBridgeNetwork(host, { ...RED, dns: true }));
      const all = await Promise.all(attempts);
      expect(all.filter(({ dns }) => dns !== undefined)).toHaveLength(1);
      expect(await listening(host)).toHaveLength(4);
      await all[0]!.remove();
      for (const one of all) one.close();
    }
  });

  test.each([
    ['tcp', '0.0.0.0', '10.1.0.1'],
    ['udp', '0.0.0.0', '10.1.0.1'],
    ['tcp', '::', 'fd01::1'],
    ['udp', '::', 'fd01::1'],
  ] as const)('somebody else has the port: %s of %s', async (protocol, address, gateway) => {
    await using lab = await createLab();
    const { host } = lab;
    await setSysctl(host, FORWARDING);
    let taken: net.Server | dgram.Socket;
    if (protocol === 'tcp')
      taken = await listen(host, net.createServer(), { host: address, port: 53, ipv6Only: true });
    else {
      const type = address === '::' ? 'udp6' : 'udp4';
      taken = await createSocket(host, type, {
        address,
        port: 53,
        ...(type === 'udp6' && { ipv6Only: true }),
      });
    }
    const before = await everything(host);
    const used = { name: 'NetworkError', code: 'EADDRINUSE', address: gateway, port: 53, protocol };
    expect(await failure(createBridgeNetwork(host, { ...RED, dns: true }))).toMatchObject(used);
    expect(await everything(host)).toEqual(before);
    // where it is there already, it stays
    const red = lab.use(await createBridgeNetwork(host, RED));
    expect(await failure(red.serveDns())).toMatchObject(used);
    const there = await everything(host);
    expect(await failure(createBridgeNetwork(host, { ...RED, dns: {} }))).toMatchObject(used);
    expect(await everything(host)).toEqual(there);
    taken.close();
    await red.serveDns();
    expect(await listening(host)).toHaveLength(4);
  });

  test('what cannot be served', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const before = await everything(host);
    const refused: [unknown, string][] = [
      ['yes', 'dns: expected true, false or options, got "yes"'],
      [null, 'dns: expected true, false or options'],
      [{ ttl: -1 }, 'ttl: expected an integer from 0 to 2147483647'],
      [{ ttl: 'long' }, 'ttl: expected an integer'],
      [{ timeout: 0 }, 'timeout: expected milliseconds'],
      [{ domain: '' }, "domain: expected a name like 'internal'"],
      [{ domain: 'a..b' }, "domain: expected a name like 'internal'"],
      [{ domain: '10.1.0.1' }, "domain: expected a name like 'internal'"],
      [{ forward: [] }, 'forward: expected false, or a list like'],
      [{ forward: true }, 'forward: expected false, or a list like'],
      [{ forward: ['one.one.one.one'] }, 'forward[0]: expected an address'],
      [{ forward: ['1.1.1.1', 4] }, 'forward[1]: expected an address'],
    ];
    for (const [dns, message] of refused) {
      const error = await failure(createBridgeNetwork(host, { ...RED, dns: dns as never }));
      expect([error.name, error.message]).toEqual([
        expect.stringMatching(/^(Type|Range)Error$/),
        expect.stringContaining(message),
      ]);
    }
    expect(await everything(host)).toEqual(before);
    const red = lab.use(await createBridgeNetwork(host, { ...RED, dns: false }));
    expect(red.dns).toBeUndefined();
    expect(await failure(red.serveDns({ ttl: -1 }))).toBeInstanceOf(RangeError);
    await run(host, 'ip', 'link', 'del', 'red');
    expect(await failure(red.serveDns())).toMatchObject({ code: 'ENODEV' });
  });
});
