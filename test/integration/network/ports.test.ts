import { once } from 'node:events';
import { createServer } from 'node:net';
import { addRoute, createBridgeNetwork, getSysctl, listConntrack, listen, NetworkError } from '../../../lib';
import { bridge, failure, ip, run } from '../../support/ip';
import {
  answering,
  createLab,
  elements,
  everything,
  HOST,
  LAN,
  member,
  python,
  reach,
  serve,
  setBridgeFilter,
} from '../../support/lab';
import { SCTP } from '../../support/sctp';

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;

const SCTP_SERVER = `${SCTP}
print('ready', flush=True)
packet, (sender, _) = raw.recvfrom(1000)
source, destination = struct.unpack('>HH', packet[20:24])
intact = packet[28:32] == crc32c(packet[20:28] + bytes(4) + packet[32:])
print(sender, source, destination, intact, flush=True)
`;

describe('createBridgeNetwork', () => {
  test('what a member publishes already stays, as others see it', async () => {
    await using lab = await createLab();
    const red = lab.use(await createBridgeNetwork(lab.host, RED));
    const [a, b] = [await member(lab), await member(lab)];
    const ports = [{ hostPort: 8080, port: 80 }];
    await red.attach(a, { publish: ports });
    await red.publish(a, ports);
    await red.publish(a, [...ports, { hostPort: 8081 }]);
    const [{ published } = { published: [] }] = (await red.inspect()).members;
    expect(published.map(({ hostPort, port, reserved }) => [hostPort, port, reserved]).sort()).toEqual([
      [8080, 80, true],
      [8081, 8081, true],
    ]);
    // another port of the member, or another member
    expect(await failure(red.publish(a, [{ hostPort: 8080, port: 81 }]))).toMatchObject({
      code: 'EADDRINUSE',
    });
    await red.attach(b);
    expect(await failure(red.publish(b, ports))).toMatchObject({ code: 'EADDRINUSE' });
    // as this object knows the member, it still publishes the port
    const other = lab.use(await createBridgeNetwork(lab.host, RED));
    await other.unpublish(a, ports);
    await red.publish(a, ports);
    const all = (await red.inspect()).members.flatMap((one) => one.published.map(({ hostPort }) => hostPort));
    expect(all.sort()).toEqual([8080, 8081]);
  });

  test('of members that are attached at once, one that cannot be does not keep the others', async () => {
    await using lab = await createLab();
    const red = lab.use(await createBridgeNetwork(lab.host, RED));
    const members = await Promise.all(Array.from({ length: 8 }, async () => member(lab)));
    const results = await Promise.allSettled(
      members.map(async (one, i) => red.attach(one, { publish: [{ hostPort: i < 2 ? 8080 : 8080 + i }] })),
    );
    const [won, lost] = results.slice(0, 2).sort((one, two) => one.status.localeCompare(two.status));
    expect(won).toMatchObject({ status: 'fulfilled' });
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'EADDRINUSE', port: 8080 } });
    expect(results.slice(2).map(({ status }) => status)).toEqual(Array(6).fill('fulfilled'));
    const { members: there } = await red.inspect();
    expect(there.flatMap(({ published }) => published.map(({ hostPort }) => hostPort)).sort()).toEqual([
      8080, 8082, 8083, 8084, 8085, 8086, 8087,
    ]);
  });

  test('a port that is twice in a list is refused before anything is changed', async () => {
    await using lab = await createLab();
    const red = lab.use(await createBridgeNetwork(lab.host, RED));
    const publish = [
      { hostPort: 8080, port: 80 },
      { hostPort: { from: 8079, to: 8081 }, port: { from: 1, to: 3 } },
    ];
    await expect(red.attach(await member(lab), { publish })).rejects.toThrow(
      'publish[1].hostPort: port 8080 by tcp is in the list already',
    );
    expect((await red.inspect()).members).toEqual([]);
  });

  test('what is published is of the member as others have attached it since', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const other = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a, { address: '10.1.0.7' });
    await other.detach(a);
    expect(await failure(red.publish(a, [{ hostPort: 8080 }]))).toMatchObject({ code: 'ERR_NOT_A_MEMBER' });
    await other.attach(a, { address: '10.1.0.8' });
    await other.attach(await member(lab), { address: '10.1.0.7', publish: [{ hostPort: 8081 }] });
    await red.publish(a, [{ hostPort: 8080 }]);
    const targets = async () =>
      ((await elements(host, 'ports4')) as [unknown, { concat: unknown[] }][]).map(
        ([, { concat }]) => concat,
      );
    expect((await targets()).sort()).toEqual([
      ['10.1.0.7', 8081],
      ['10.1.0.8', 8080],
    ]);
    // what another member has is not its own to take back
    await red.unpublish(a, [{ hostPort: 8081 }]);
    expect(await targets()).toHaveLength(2);
    await other.unpublish(a, [{ hostPort: 8080 }]);
    expect(await targets()).toEqual([['10.1.0.7', 8081]]);
  });

  test('a host port is kept from others', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a, { publish: [{ hostPort: 8080, port: 80 }] });
    expect(await failure(listen(host, createServer(), { port: 8080 }))).toMatchObject({ code: 'EADDRINUSE' });
    expect(await failure(listen(host, createServer(), { port: 8080, host: '0.0.0.0' }))).toMatchObject({
      code: 'EADDRINUSE',
    });
    await red.unpublish(a, [{ hostPort: 8080, port: 80 }]);
    expect(await elements(host, 'ports4')).toEqual([]);
    const server = await listen(host, createServer(), { port: 8080 });
    const before = await everything(host);
    const error = await failure(
      red.publish(a, [{ hostPort: { from: 8079, to: 8081 }, port: { from: 79, to: 81 } }]),
    );
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ code: 'EADDRINUSE', port: 8080, protocol: 'tcp' });
    expect(error.message).toContain('tcp port 8080 of the host is in use');
    const other = await member(lab);
    expect(await failure(red.attach(other, { publish: [{ hostPort: 8080 }] }))).toMatchObject({
      code: 'EADDRINUSE',
      port: 8080,
    });
    expect(await everything(host)).toEqual(before);
    expect(await ip(other, 'link', 'show', 'type', 'veth')).toEqual([]);
    server.close();
    await once(server, 'close');
    await red.attach(other, { publish: [{ hostPort: 8080 }] });
    // a port of one of our own members
    expect(await failure(red.publish(a, [{ hostPort: 8080 }]))).toMatchObject({
      code: 'EADDRINUSE',
      port: 8080,
    });
  });

  test('connections of before do not keep a port from being published', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const server = await listen(
      host,
      createServer((socket) => socket.end()),
      { port: 8080 },
    );
    expect(await reach(lan, [[HOST[4], 8080]])).toEqual(['']);
    server.close();
    await once(server, 'close');
    expect(await run(host, 'ss', '-Hant', 'state', 'time-wait')).toContain(':8080');
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a, { publish: [{ hostPort: 8080, port: 80 }] });
    lab.use(await serve(a, 80));
    expect(await reach(lan, [[HOST[4], 8080]])).toEqual([LAN[4]]);
    expect(await failure(listen(host, createServer(), { port: 8080 }))).toMatchObject({ code: 'EADDRINUSE' });
  });

  test('127.0.0.1 of the host is nobody else’s', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    const b = await member(lab);
    await red.attach(a, { publish: [{ hostPort: 8080, port: 80, hostAddress: '127.0.0.1' }] });
    await red.attach(b);
    lab.use(await serve(a, 80));
    lab.use(await serve(host, 8081));
    expect(
      await reach(host, [
        ['127.0.0.1', 8080],
        ['127.0.0.1', 8081],
      ]),
    ).toEqual(['10.1.0.1', '127.0.0.1']);
    // those who send to 127.0.0.1 by their cables
    for (const [netns, device, via] of [
      [lan, 'eth0', HOST[4]],
      [b, 'eth0', '10.1.0.1'],
    ] as const) {
      await run(netns, 'sysctl', '-q', `net.ipv4.conf.${device}.route_localnet=1`);
      await run(netns, 'ip', 'addr', 'flush', 'dev', 'lo');
      await run(netns, 'ip', 'route', 'flush', 'table', 'local', 'dev', 'lo');
      await addRoute(netns, { to: '127.0.0.1', via });
      expect(
        await reach(netns, [
          ['127.0.0.1', 8080],
          ['127.0.0.1', 8081],
        ]),
      ).toEqual(['no', 'no']);
    }
  });

  test('connections end with the mapping that they came by', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a, { publish: [{ hostPort: 5300, port: 53, protocol: 'udp' }] });
    await run(
      lan,
      'python3',
      '-c',
      `import socket; s = socket.socket(2, 2); s.sendto(b'x', ('${HOST[4]}', 5300))`,
    );
    const tracked = async () => listConntrack(host, { family: 4, protocol: 'udp', destinationPort: 5300 });
    expect(await tracked()).toHaveLength(1);
    await red.unpublish(a, [{ hostPort: 5300, port: 53, protocol: 'udp' }]);
    expect(await tracked()).toEqual([]);
  });

  test('ports more, of protocols and ranges', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a, {
      publish: [
        { hostPort: { from: 7000, to: 7002 }, port: { from: 80, to: 82 } },
        { hostPort: 7000, port: 53, protocol: 'udp' },
        { hostPort: 7000, port: 90, protocol: 'sctp', hostAddress: '0.0.0.0' },
      ],
    });
    expect(await elements(host, 'ports4')).toHaveLength(5);
    expect(await elements(host, 'ports6')).toHaveLength(4);
    lab.use(await serve(a, 82));
    await answering(lan, HOST[6]);
    await answering(host, 'fd01::2');
    expect(
      await reach(lan, [
        [HOST[4], 7002],
        [HOST[6], 7002],
        [HOST[4], 7001],
      ]),
    ).toEqual([LAN[4], LAN[6], 'no']);
    const [{ published } = { published: [] }] = (await red.inspect()).members;
    expect(published).toHaveLength(5);
  });

  test('SCTP comes through, its checksum put right', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a, { publish: [{ hostPort: 8080, port: 90, protocol: 'sctp' }] });
    const server = lab.use(await python(a, SCTP_SERVER));
    await run(lan, 'python3', '-c', `${SCTP}\nraw.sendto(init(5000, 8080), ('${HOST[4]}', 0))`);
    await server.exited;
    expect(server.output()).toBe(`ready\n${LAN[4]} 5000 90 True\n`);
    await red.remove();
  });

  test('a network of IPv6 alone', async () => {
    await using lab = await createLab();
    const { host, lan } = lab;
    const red = lab.use(await createBridgeNetwork(host, { name: 'red', subnet: 'fd01::/64' }));
    const a = await member(lab);
    const publish = [
      { hostPort: 8080, port: 80 },
      { hostPort: 8081, port: 80, hostAddress: HOST[6] },
    ];
    expect((await red.attach(a, { publish })).addresses).toEqual({ 6: 'fd01::2' });
    lab.use(await serve(a, 80));
    await answering(lan, HOST[6]);
    await answering(host, 'fd01::2');
    expect(
      await reach(lan, [
        [HOST[6], 8080],
        [HOST[6], 8081],
        [HOST[4], 8080],
      ]),
    ).toEqual([LAN[6], LAN[6], 'no']);
    const error = await failure(red.publish(a, [{ hostPort: 8082, hostAddress: HOST[4] }]));
    expect(error.message).toContain('ports: the network has no subnet of the family of hostAddress');
  });

  test('where br_netfilter is on, members get hairpin ports', async () => {
    await using lab = await createLab();
    const { host } = lab;
    await setBridgeFilter(host, true);
    const on = await getSysctl(host, 'net.bridge.bridge-nf-call-iptables').catch(() => '0');
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await red.attach(await member(lab));
    const b = await red.attach(await member(lab), { hairpin: true });
    const links = await bridge(host, 'link');
    const hairpin = (port: string) => links.find(({ ifname }) => ifname === port)!['hairpin'];
    expect([hairpin(a.port), hairpin(b.port)]).toEqual([on === '1', true]);
  });
});
