import {
  getLink,
  addAddr,
  addRoute,
  createNetns,
  createVeth,
  getStats,
  type Netns,
  ping,
  type PingOptions,
  type PingPacket,
  setLink,
} from '../../../lib';
import { native } from '../../../lib/addon/native';
import { failure, run, until } from '../../support/ip';
import { linked } from '../../support/namespaces';
import { testWith } from '../../support/capabilities';

// red ── blue on one link, with a third address that nobody has
let red: Netns;
let blue: Netns;

const statuses = (packets: readonly PingPacket[]) => packets.map(({ status }) => status);

async function one(netns: Netns, address: string, options?: PingOptions): Promise<PingPacket> {
  return (await ping(netns, address, options)).packets[0]!;
}

describe('ping', () => {
  beforeAll(async () => {
    ({ red, blue } = await linked({ addrs: ['10.0.1.#/24', 'fd00::#/64', 'fe80::#/64'] }));
    await setLink(red, 'lo', { up: true });
    // the kernel announces a new device's carrier up to 1 s later, and IPv6 waits for it
    await until(async () => (await ping(red, 'fd00::2', { timeout: 50 })).received === 1);
    // that a neighbour is not there takes three times this to find out, 1 s each by default
    for (const family of ['ipv4', 'ipv6']) {
      await run(red, 'sysctl', '-qw', `net.${family}.neigh.eth0.retrans_time_ms=50`);
    }
  });

  afterAll(() => {
    red.close();
    blue.close();
  });

  test.each([
    ['10.0.1.2', 'across a link'],
    ['fd00::2', 'across a link'],
    ['127.0.0.1', 'lo'],
    ['::1', 'lo'],
    ['10.0.1.1', 'its own address'],
  ])('%s (%s) answers', async (address) => {
    const started = performance.now();
    const { rtt, ...result } = await ping(red, address);
    expect(result).toEqual({
      address,
      sent: 1,
      received: 1,
      loss: 0,
      packets: [{ sequence: 1, status: 'reply', rtt: rtt!.avg, ttl: 64, from: address }],
    });
    expect(rtt).toEqual({ min: rtt!.avg, avg: rtt!.avg, max: rtt!.avg });
    expect(rtt!.avg).toBeGreaterThan(0);
    expect(rtt!.avg).toBeLessThan(performance.now() - started);
  });

  describe.each([
    [4, '10.0.1.2'],
    [6, 'fd00::2'],
  ])('IPv%d: like ping(8)', (family, address) => {
    // requests that arrived, by the kernel's own count; /proc/net is that of the one who reads it
    const arrived = async (): Promise<number> => {
      const text = await run(blue, 'cat', family === 4 ? '/proc/net/snmp' : '/proc/net/snmp6');
      if (family === 6) return Number(/^Icmp6InEchos\s+(\d+)$/m.exec(text)![1]);
      const [names, values] = text.split('\n').filter((line) => line.startsWith('Icmp:'));
      return Number(values!.split(' ')[names!.split(' ').indexOf('InEchos')]);
    };

    test.each([0, 1, 56, 1400, 20_000])('%d bytes', async (size) => {
      const before = await arrived();
      const said = await run(red, 'ping', '-c', '3', '-i', '0.02', '-s', String(size), address);
      const between = await arrived();
      const started = performance.now();
      const result = await ping(red, address, { count: 3, interval: 20, size });
      expect(performance.now() - started).toBeGreaterThanOrEqual(40);

      const [, sent, received, loss] = /(\d+) packets transmitted, (\d+) received, (\d+)% packet loss/.exec(
        said,
      )!;
      expect([result.sent, result.received, result.loss]).toEqual([
        Number(sent),
        Number(received),
        Number(loss),
      ]);
      expect((await arrived()) - between).toBe(between - before);
      const theirs = [...said.matchAll(/from (\S+): icmp_seq=(\d+) ttl=(\d+)/g)].map((match) =>
        match.slice(1),
      );
      const ours = result.packets.map(({ from, sequence, ttl }) => [from, String(sequence), String(ttl)]);
      expect(ours).toEqual(theirs);
    });

    test('the largest packet, and one that is larger', async () => {
      const largest = family === 4 ? 65507 : 65527;
      expect(await one(red, address, { size: largest })).toMatchObject({ status: 'reply' });
      const error = await failure(ping(red, address, { size: largest + 1 }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toBe(`size: expected an integer from 0 to ${largest}, got ${largest + 1}`);
    });

    test('nobody there, nowhere to go, nothing heard', async () => {
      const [absent, elsewhere] = family === 4 ? ['10.0.1.99', '192.0.2.1'] : ['fd00::99', '2001:db8::1'];
      const own = family === 4 ? '10.0.1.1' : 'fd00::1';
      const icmp = family === 4 ? { type: 3, code: 1 } : { type: 1, code: 3 };
      const noHost = { sequence: 1, status: 'unreachable', code: 'EHOSTUNREACH', from: own, icmp };
      expect(await one(red, absent)).toEqual(noHost);
      expect(await one(red, absent, { device: 'eth0' })).toEqual(noHost);
      expect(await one(red, elsewhere)).toEqual({ sequence: 1, status: 'unreachable', code: 'ENETUNREACH' });

      const ignore = `net.${family === 4 ? 'ipv4.icmp_echo_ignore_all' : 'ipv6.icmp.echo_ignore_all'}`;
      await run(blue, 'sysctl', '-qw', `${ignore}=1`);
      const started = performance.now();
      const { rtt, ...result } = await ping(red, address, { timeout: 100, count: 2, interval: 10 });
      const elapsed = performance.now() - started;
      await run(blue, 'sysctl', '-qw', `${ignore}=0`);
      expect(rtt).toBeUndefined();
      expect(result).toMatchObject({ sent: 2, received: 0, loss: 1 });
      expect(result.packets).toEqual([1, 2].map((sequence) => ({ sequence, status: 'timeout' })));
      expect(elapsed).toBeGreaterThanOrEqual(110);
      expect(elapsed).toBeLessThan(500);
    });

    test.each([
      ['unreachable', 'EHOSTUNREACH'],
      ['prohibit', 'EACCES'],
      ['blackhole', 'EINVAL'],
    ] as const)("a route of this namespace's own that is %s", async (type, code) => {
      const to = family === 4 ? '198.51.100.1' : '2001:db8::2';
      await addRoute(red, { to, type });
      expect(await one(red, to)).toEqual({ sequence: 1, status: 'unreachable', code });
      await run(red, 'ip', `-${family}`, 'route', 'del', type, to);
    });
  });

  test('a link-local address is behind a device, by name or index', async () => {
    expect(await one(red, 'fe80::2', { device: 'eth0' })).toMatchObject({ status: 'reply', from: 'fe80::2' });
    const { index } = await getLink(red, 'eth0');
    expect(await one(red, 'fe80::2', { device: index })).toMatchObject({ status: 'reply' });
    expect(await one(red, 'fe80::99', { device: index })).toMatchObject({ code: 'EHOSTUNREACH' });
    expect(await one(red, '10.0.1.2', { device: 'lo' })).toMatchObject({ status: 'timeout' });
    expect(await failure(ping(red, 'fe80::2'))).toMatchObject({
      name: 'RangeError',
      message: 'device: a link-local address needs the device that it is behind, got none for fe80::2',
    });
    expect(await failure(ping(red, 'fe80::2', { device: 'eth7' }))).toMatchObject({ code: 'ENODEV' });
    const missing = await failure(ping(red, '10.0.1.2', { device: 77 }));
    expect(missing).toMatchObject({ name: 'NetnsError', code: 'EADDRNOTAVAIL' });
    expect(missing.message).toContain('there is no such device');
  });

  testWith('nf_tables in the families ip, ip6 and inet', 'a firewall that drops what leaves', async () => {
    await run(
      red,
      'nft',
      'add table ip drops; add chain ip drops out { type filter hook output priority 0; }',
    );
    await run(red, 'nft', 'add rule ip drops out icmp type echo-request counter drop');
    expect(await one(red, '10.0.1.2')).toEqual({ sequence: 1, status: 'unreachable', code: 'EPERM' });
    expect(await run(red, 'nft', 'list chain ip drops out')).toContain('packets 1 ');
    await run(red, 'nft', 'delete table ip drops');
  });

  test('a router on the way says why not, or says nothing', async () => {
    await using router = await createNetns();
    await using far = await createNetns();
    const side = { netns: router, up: true };
    await createVeth({ netns: red, name: 'up0', up: true, addrs: ['10.1.0.1/24', 'fd01::1/64'] }, side);
    await addAddr(router, 'veth0', '10.1.0.254/24');
    await addAddr(router, 'veth0', 'fd01::fe/64');
    await createVeth(
      { ...side, name: 'down0', addrs: ['10.2.0.254/24', 'fd02::fe/64'] },
      {
        netns: far,
        name: 'eth0',
        up: true,
        addrs: ['10.2.0.1/24', 'fd02::1/64'],
      },
    );
    // no limit on the errors that it sends: icmp_ratelimit=0 would take away the tokens that unreachable routes need
    const settings = [
      'ipv4.ip_forward=1',
      'ipv6.conf.all.forwarding=1',
      'ipv4.icmp_ratemask=0',
      'ipv6.icmp.ratelimit=0',
    ];
    for (const setting of settings) await run(router, 'sysctl', '-qw', `net.${setting}`);
    for (const [type, v4, v6] of [
      ['unreachable', '10.3.0.0/24', 'fd03::/64'],
      ['prohibit', '10.4.0.0/24', 'fd04::/64'],
      ['blackhole', '10.5.0.0/24', 'fd05::/64'],
    ] as const) {
      await addRoute(router, { to: v4, type });
      await addRoute(router, { to: v6, type });
    }
    await addRoute(red, { to: '10.0.0.0/8', via: '10.1.0.254' });
    await addRoute(red, { to: 'fd00::/8', via: 'fd01::fe' });
    await addRoute(far, { to: 'default', via: '10.2.0.254' });
    await addRoute(far, { to: 'default', via: 'fd02::fe' });
    await until(async () => (await ping(red, 'fd02::1', { timeout: 50 })).received === 1);

    expect(await one(red, '10.2.0.1')).toMatchObject({ status: 'reply', ttl: 63 });
    expect(await one(red, 'fd02::1')).toMatchObject({ status: 'reply', ttl: 63 });
    const said = async (address: string, options?: PingOptions) => {
      const { status, code, from, icmp } = await one(red, address, { timeout: 300, ...options });
      return [status, code, from, icmp && `${icmp.type}/${icmp.code}`];
    };
    expect(await said('10.2.0.1', { ttl: 1 })).toEqual(['unreachable', 'EHOSTUNREACH', '10.1.0.254', '11/0']);
    expect(await said('10.3.0.1')).toEqual(['unreachable', 'EHOSTUNREACH', '10.1.0.254', '3/1']);
    expect(await said('10.4.0.1')).toEqual(['unreachable', 'EHOSTUNREACH', '10.1.0.254', '3/13']);
    expect(await said('10.5.0.1')).toEqual(['timeout', undefined, undefined, undefined]);
    expect(await said('10.6.0.1')).toEqual(['unreachable', 'ENETUNREACH', '10.1.0.254', '3/0']);
    expect(await said('fd02::1', { ttl: 1 })).toEqual(['unreachable', 'EHOSTUNREACH', 'fd01::fe', '3/0']);
    expect(await said('fd03::1')).toEqual(['unreachable', 'ENETUNREACH', 'fd01::fe', '1/0']);
    expect(await said('fd04::1')).toEqual(['unreachable', 'EACCES', 'fd01::fe', '1/1']);
    expect(await said('fd05::1')).toEqual(['timeout', undefined, undefined, undefined]);
    // an error that quotes the whole of a large request
    expect(await said('10.3.0.2', { size: 3000 })).toEqual([
      'unreachable',
      'EHOSTUNREACH',
      '10.1.0.254',
      '3/1',
    ]);
  });

  test('with lo down the kernel cannot tell us that a neighbour is not there', async () => {
    await setLink(red, 'lo', { up: false });
    expect(await one(red, '10.0.1.98', { timeout: 400 })).toMatchObject({ status: 'timeout' });
    await setLink(red, 'lo', { up: true });
    expect(await one(red, '10.0.1.98', { timeout: 400 })).toMatchObject({ status: 'unreachable' });
  });

  test('a route that is missing at first', async () => {
    const connect = jest.spyOn(native(), 'connectSocket');
    const pending = ping(red, '203.0.113.1', { count: 2, interval: 1000 });
    await until(() => connect.mock.results.length > 0);
    connect.mockRestore();
    await run(red, 'ip', 'addr', 'add', '203.0.113.1/32', 'dev', 'lo');
    const { packets } = await pending;
    await run(red, 'ip', 'addr', 'del', '203.0.113.1/32', 'dev', 'lo');
    expect(statuses(packets)).toEqual(['unreachable', 'reply']);
  });

  describe('arguments are refused before any system call', () => {
    const wrong = (kind: string, option: string, value: unknown) => [kind, option, value] as const;
    test.each([
      ...[undefined, null, 1, {}].map((value) => wrong('TypeError', 'to', value)),
      // no address, with a zone, ambiguous; of more than one host, or of none
      ...['10.0.1', '10.0.1.2%eth0', '::ffff:10.0.1.2'].map((value) => wrong('RangeError', 'to', value)),
      ...['224.0.0.1', '255.255.255.255', 'ff02::1', '0.0.0.0', '::'].map((value) =>
        wrong('RangeError', 'to', value),
      ),
      ...['count', 'interval', 'timeout', 'size', 'ttl'].flatMap((option) => [
        ...[-1, NaN, Infinity, 2 ** 31].map((value) => wrong('RangeError', option, value)),
        ...['1', null, 1n].map((value) => wrong('TypeError', option, value)),
      ]),
      ...[0, 1.5, 65536].map((value) => wrong('RangeError', 'count', value)),
      ...[0, 256].map((value) => wrong('RangeError', 'ttl', value)),
      ...['a/b', 0].map((value) => wrong('RangeError', 'device', value)),
      ...[{}, null, 1].map((value) => wrong('TypeError', 'signal', value)),
    ])('%s: %s %p', async (kind, option, value) => {
      const before = getStats();
      const { to, ...options } = { to: '10.0.1.2', [option]: value };
      const error = await failure(ping(red, to, options));
      expect(error.name).toBe(kind);
      expect(error.message).toMatch(new RegExp(`^${option}: `));
      expect(getStats()).toEqual(before);
    });
  });
});
