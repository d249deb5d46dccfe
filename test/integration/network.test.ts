import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  addAddr,
  addRoute,
  createBridge,
  createBridgeNetwork,
  createNetns,
  createVeth,
  deleteNetns,
  getLink,
  getSysctl,
  listConntrack,
  listen,
  type Netns,
  NetworkError,
  setLink,
  setSysctl,
  waitGone,
} from '../../lib';
import { bridge, failure, ip, run, until } from '../support/ip';
import { answering, createLab, HOST, type Lab, LAN, reach, serve, setBridgeFilter } from '../support/lab';

jest.setTimeout(30_000);

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;

interface Listed {
  nftables: Record<string, { name?: string; elem?: unknown[] }>[];
}

async function elements(host: Netns, set: string): Promise<unknown[]> {
  const { nftables } = JSON.parse(await run(host, 'nft', '-j', 'list', 'ruleset')) as Listed;
  const found = nftables.flatMap(({ set: one, map }) => [one, map]).find((one) => one?.name === set);
  return found?.elem ?? [];
}

/** All that a network may leave behind in its host. */
async function everything(host: Netns) {
  const ask = async (...args: string[]) => ip(host, ...args);
  return {
    links: (await ask('link')).map(({ ifname }) => ifname),
    addresses: (await ask('addr')).map(({ addr_info: info }) =>
      (info as { local: string }[]).map(({ local }) => local),
    ),
    routes: await ask('route', 'show', 'table', 'all'),
    ruleset: await run(host, 'nft', 'list', 'ruleset'),
    sockets: await run(host, 'ss', '-Hlntu'),
    names: await run(host, 'cat', '/proc/net/unix').then((text) =>
      text.split('\n').filter((line) => line.includes('@rtnetns')),
    ),
  };
}

async function member(lab: Lab, name?: string): Promise<Netns> {
  return lab.use(await createNetns(name));
}

test('a network as it is in the kernel', async () => {
  await using lab = await createLab();
  const { host } = lab;
  await setLink(host, 'wan', { mtu: 1400 });
  const red = lab.use(await createBridgeNetwork(host, RED));
  expect(red).toMatchObject({
    name: 'red',
    mtu: 1400,
    found: false,
    gateways: { 4: '10.1.0.1', 6: 'fd01::1' },
  });
  expect(red.sysctls).toEqual([
    { key: 'net/ipv4/ip_forward', from: '0', to: '1' },
    { key: 'net/ipv6/conf/all/forwarding', from: '0', to: '1' },
  ]);
  const a = await member(lab);
  const attached = await red.attach(a, { mac: '02:00:00:00:00:0a', aliases: ['db', 'db.example'] });
  expect(attached).toMatchObject({
    device: 'eth0',
    addresses: { 4: '10.1.0.2', 6: 'fd01::2' },
    found: false,
  });

  const [link] = await ip(host, 'link', 'show', 'red');
  expect(link).toMatchObject({ mtu: 1400, flags: expect.arrayContaining(['UP']) as string[] });
  expect((await run(host, 'sysctl', '-n', 'net.ipv6.conf.red.accept_ra')).trim()).toBe('0');
  expect((await run(host, 'sysctl', '-n', `net.ipv6.conf.${attached.port}.accept_ra`)).trim()).toBe('0');
  const [own] = await ip(a, 'addr', 'show', 'eth0');
  const global = (own!['addr_info'] as Record<string, unknown>[]).filter(({ scope }) => scope === 'global');
  expect(own).toMatchObject({ mtu: 1400, address: '02:00:00:00:00:0a' });
  expect(global).toMatchObject([
    { local: '10.1.0.2', prefixlen: 24 },
    { local: 'fd01::2', prefixlen: 64, nodad: true },
  ]);
  expect(await ip(a, 'route', 'show', 'default')).toMatchObject([{ gateway: '10.1.0.1', dev: 'eth0' }]);
  expect(await ip(a, '-6', 'route', 'show', 'default')).toMatchObject([{ gateway: 'fd01::1', dev: 'eth0' }]);
  expect(await bridge(host, 'link')).toMatchObject([
    { ifname: attached.port, master: 'red', isolated: false },
  ]);
  expect(await red.inspect()).toMatchObject({
    name: 'red',
    nat: true,
    members: [
      {
        device: 'eth0',
        netns: a.ino,
        aliases: ['db', 'db.example'],
        mac: '02:00:00:00:00:0a',
        changing: false,
      },
    ],
  });
});

test('what was there before is there after, but for forwarding', async () => {
  await using lab = await createLab();
  const { host } = lab;
  await run(
    host,
    'nft',
    'add table inet theirs; add chain inet theirs forward { type filter hook forward priority 0; }',
  );
  await setSysctl(host, 'net.ipv6.conf.all.forwarding', 1); // a router has anycast addresses
  const before = await everything(host);
  const red = lab.use(await createBridgeNetwork(host, RED));
  const blue = lab.use(await createBridgeNetwork(host, { name: 'blue', subnet: '10.2.0.0/24', icc: false }));
  for (const network of [red, blue]) {
    const a = await member(lab);
    await network.attach(a, {
      publish: [
        { hostPort: network === red ? 80 : 81 },
        { hostPort: 53, hostAddress: network === red ? HOST[4] : '127.0.0.1', protocol: 'udp' },
      ],
    });
    await network.attach(await member(lab));
    expect(await network.detach(a)).toBe(true);
    expect(await network.detach(a)).toBe(false);
    expect(await ip(a, 'link', 'show', 'type', 'veth')).toEqual([]);
  }
  await red.remove();
  expect(await elements(host, 'bridges')).toHaveLength(1);
  await blue.remove();
  expect(await everything(host)).toEqual(before);
  expect(await getSysctl(host, 'net.ipv4.ip_forward')).toBe('1');
});

test('twice is the same, and in another object, too', async () => {
  await using lab = await createLab();
  const { host } = lab;
  const red = lab.use(await createBridgeNetwork(host, RED));
  const a = await member(lab);
  const options = { publish: [{ hostPort: 8080, port: 80 }] };
  const first = await red.attach(a, options);
  const before = await run(host, 'nft', 'list', 'ruleset');
  expect(await red.attach(a, options)).toEqual({ ...first, found: true });
  const again = lab.use(await createBridgeNetwork(host, RED));
  expect(again).toMatchObject({ found: true, sysctls: [] });
  expect(await again.attach(a, options)).toEqual({ ...first, found: true });
  expect(await run(host, 'nft', 'list', 'ruleset')).toBe(before);
  const [info] = (await again.inspect()).members;
  expect(info!.published).toEqual([{ hostPort: 8080, port: 80, protocol: 'tcp', reserved: false }]);
  // who attaches a member more gets the next address, not one that another object gave
  expect((await again.attach(await member(lab))).addresses[4]).toBe('10.1.0.3');
  expect((await red.attach(await member(lab))).addresses[4]).toBe('10.1.0.4');
  for (const [more, option] of [
    [{ address: '10.1.0.9' }, 'address'],
    [{ mac: '02:00:00:00:00:01' }, 'mac'],
  ] as const) {
    expect(await failure(again.attach(a, more))).toMatchObject({ code: 'ERR_MEMBER_EXISTS', option });
  }
  // what more is asked for is published, besides
  await again.attach(a, { publish: [{ hostPort: 8081, port: 80 }] });
  expect(await elements(host, 'ports4')).toHaveLength(2);
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
    ((await elements(host, 'ports4')) as [unknown, { concat: unknown[] }][]).map(([, { concat }]) => concat);
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

test('many at once, of one member and of many', async () => {
  await using lab = await createLab();
  const { host } = lab;
  const [red, same] = await Promise.all([createBridgeNetwork(host, RED), createBridgeNetwork(host, RED)]);
  lab.use(red);
  lab.use(same);
  const a = await member(lab);
  const all = await Promise.all([red, same, red, same].map((network) => network.attach(a)));
  expect(new Set(all.map(({ addresses }) => addresses[4])).size).toBe(1);
  expect(all.filter(({ found }) => !found)).toHaveLength(1);
  const others = await Promise.all(Array.from({ length: 20 }, () => member(lab)));
  const attached = await Promise.all(others.map(async (one, i) => (i % 2 === 0 ? red : same).attach(one)));
  expect(new Set(attached.map(({ addresses }) => addresses[4])).size).toBe(20);
  expect(new Set(attached.map(({ addresses }) => addresses[6])).size).toBe(20);
  await Promise.all(others.flatMap((one) => [red.detach(one), same.detach(one)]));
  expect(await elements(host, 'members')).toHaveLength(1);
  await Promise.all([red.remove(), same.remove()]);
  expect(await run(host, 'nft', 'list', 'ruleset')).toBe('');
});

test('a member whose namespace is deleted is cleared away', async () => {
  await using lab = await createLab();
  const { host } = lab;
  const red = lab.use(await createBridgeNetwork(host, { name: 'red', subnet: '10.1.0.0/29' }));
  const all = [];
  for (let i = 0; i < 5; i++) all.push(await createNetns());
  for (const [i, one] of all.entries()) await red.attach(one, { publish: [{ hostPort: 8000 + i }] });
  const late = await member(lab);
  expect(await failure(red.attach(late))).toMatchObject({ name: 'NetworkError', code: 'ERR_SUBNET_FULL' });
  red.close();
  const gone = waitGone(all);
  await deleteNetns(all);
  await gone;
  // the next one who needs what they had looks after it
  const again = lab.use(await createBridgeNetwork(host, { name: 'red', subnet: '10.1.0.0/29' }));
  await again.attach(late, { publish: [{ hostPort: 8000 }] });
  expect(await elements(host, 'members')).toHaveLength(1);
  expect(await elements(host, 'addresses4')).toHaveLength(2);
  expect(await elements(host, 'ports4')).toHaveLength(1);
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
  expect(error.message).toContain('publish: the network has no subnet of the family of hostAddress');
});

test('a member of two networks', async () => {
  await using lab = await createLab();
  const { host } = lab;
  const red = lab.use(await createBridgeNetwork(host, RED));
  const blue = lab.use(await createBridgeNetwork(host, { name: 'blue', subnet: '10.2.0.0/24' }));
  const a = await member(lab);
  await red.attach(a);
  await blue.attach(a, { name: 'eth1', address: '10.2.0.77' });
  await blue.attach(a, { name: 'eth2', defaultRoute: false });
  expect(await ip(a, 'route', 'show', 'default')).toMatchObject([{ gateway: '10.1.0.1', dev: 'eth0' }]);
  expect((await blue.inspect()).members.map(({ device }) => device).sort()).toEqual(['eth1', 'eth2']);
  expect(await blue.detach(a)).toBe(false);
  expect(await blue.detach(a, { name: 'eth1' })).toBe(true);
  expect((await ip(a, 'link', 'show', 'type', 'veth')).map(({ ifname }) => ifname)).toEqual(['eth0', 'eth2']);
});

test('a member announces its addresses, three times', async () => {
  await using lab = await createLab();
  const red = lab.use(await createBridgeNetwork(lab.host, RED));
  const b = await member(lab);
  await red.attach(b);
  // where the others of the network hear it
  const heard = run(b, 'timeout', '5', 'python3', '-c', LISTENER);
  await until(async () => (await run(b, 'cat', '/proc/net/packet')).includes(' 0003 '));
  await red.attach(await member(lab), { mac: '02:00:00:00:00:0a' });
  const frames = JSON.parse(await heard) as string[];
  expect(frames.filter((frame) => frame === 'arp 02000000000a 10.1.0.3 10.1.0.3')).toHaveLength(3);
  expect(frames.filter((frame) => frame === 'na 02000000000a fd01::3')).toHaveLength(3);
});

const LISTENER = `
import socket, json, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.settimeout(4)
heard = []
count = 0
while count < 6:
    f = s.recv(2000)
    if f[6:12].hex() != '02000000000a': continue
    if f[12:14] == b'\\x08\\x06' and f[28:32] == f[38:42]:
        heard.append('arp %s %s %s' % (f[22:28].hex(), socket.inet_ntoa(f[28:32]), socket.inet_ntoa(f[38:42])))
        count += 1
    if f[12:14] == b'\\x86\\xdd' and f[54] == 136 and f[21] == 255 and f[62] != 0xfe:
        heard.append('na %s %s' % (f[80:86].hex(), socket.inet_ntop(10, f[62:78])))
        count += 1
print(json.dumps(heard))
`;

test('a host that has its way out by advertisements keeps it', async () => {
  await using lab = await createLab();
  const { host } = lab;
  await run(
    host,
    'ip',
    '-6',
    'route',
    'add',
    'default',
    'via',
    LAN[6],
    'dev',
    'wan',
    'proto',
    'ra',
    'metric',
    '2000',
  );
  const red = lab.use(await createBridgeNetwork(host, RED));
  expect(red.sysctls).toContainEqual({ key: 'net/ipv6/conf/wan/accept_ra', from: '1', to: '2' });
  expect(await getSysctl(host, 'net.ipv6.conf.wan.accept_ra')).toBe('2');
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

test('what cannot be a network', async () => {
  await using lab = await createLab();
  const { host } = lab;
  await addRoute(host, { to: '10.8.0.0/16', via: LAN[4] });
  await createVeth({ netns: host, name: 'veth0' }, { netns: host, name: 'veth1' });
  await createBridge(host, 'br0', { up: true });
  await addAddr(host, 'br0', '10.9.0.1/24');
  const before = await everything(host);
  const refused: [object, string, string][] = [
    [{ subnet: '10.8.7.0/24' }, 'NetworkError', 'subnet: 10.8.7.0/24 overlaps with the route to 10.8.0.0/16'],
    [{ subnet: '10.0.0.0/8' }, 'NetworkError', 'overlaps with the route to 10.'],
    [
      { ipv6: '2001:db8::/48' },
      'NetworkError',
      'ipv6: 2001:db8::/48 overlaps with the route to 2001:db8::/64',
    ],
    [{ gateway: '10.2.0.1' }, 'RangeError', 'gateway: 10.2.0.1 is not in the pool 10.1.0.0/24'],
    [{ gateway: '10.1.0.255' }, 'RangeError', 'it is the broadcast address'],
    [
      { ipv6: { subnet: 'fd01::/64', gateway: 'fd02::1' } },
      'RangeError',
      'ipv6.gateway: fd02::1 is not in the pool',
    ],
    [{ ipv6: '10.3.0.0/24' }, 'RangeError', 'ipv6: expected a subnet of IPv6'],
    [{ subnet: '10.1.0.1/24' }, 'RangeError', 'subnet: address bits beyond the prefix length'],
    [{ name: 'a name that is none' }, 'RangeError', 'name: a device name has at most 15 bytes'],
    [{ name: 'a/b' }, 'RangeError', 'name: a device name must not hold'],
    [
      { name: 'veth0' },
      'NetworkError',
      'name: there is a device of that name, which is not a bridge of ours',
    ],
    [{ name: 'br0' }, 'NetworkError', 'name: there is a device of that name, which is not a bridge of ours'],
    [{ mtu: 1000 }, 'RangeError', 'mtu: expected an integer from 1280'],
    [{ ipv6: undefined, mtu: 10 }, 'RangeError', 'mtu: expected an integer from 68'],
    [{ nat: 'yes' }, 'RangeError', 'nat: expected true or false'],
  ];
  for (const [wrong, name, message] of refused) {
    const error = await failure(createBridgeNetwork(host, { ...RED, ...wrong }));
    expect([error.name, error.message]).toEqual([name, expect.stringContaining(message)]);
  }
  expect(await everything(host)).toEqual(before);
  const overlapping = { name: 'red', subnet: '10.8.7.0/24', allowOverlap: true };
  await lab.use(await createBridgeNetwork(host, overlapping)).remove();
});

test('another network of that name', async () => {
  await using lab = await createLab();
  const { host } = lab;
  const red = lab.use(await createBridgeNetwork(host, { ...RED, mtu: 1400 }));
  await red.attach(await member(lab));
  const before = await everything(host);
  for (const [other, option] of [
    [{ subnet: '10.2.0.0/24' }, 'subnet'],
    [{ gateway: '10.1.0.9' }, 'gateway'],
    [{ ipv6: undefined }, 'ipv6'],
    [{ ipv6: 'fd09::/64' }, 'ipv6'],
    [{ mtu: 1300 }, 'mtu'],
    [{ nat: false }, 'nat'],
    [{ isolated: false }, 'isolated'],
    [{ internal: true }, 'internal'],
    [{ icc: false }, 'icc'],
  ] as const) {
    const error = await failure(createBridgeNetwork(host, { ...RED, ...other }));
    expect(error).toMatchObject({ name: 'NetworkError', code: 'ERR_NETWORK_MISMATCH', option });
  }
  expect(await everything(host)).toEqual(before);
});

test('what cannot be attached', async () => {
  await using lab = await createLab();
  const { host } = lab;
  const red = lab.use(await createBridgeNetwork(host, RED));
  const inner = lab.use(
    await createBridgeNetwork(host, { name: 'inner', subnet: '10.5.0.0/24', internal: true }),
  );
  await red.attach(await member(lab), { address: '10.1.0.7' });
  const a = await member(lab);
  await createBridge(a, 'taken');
  const before = await everything(host);
  const refused: [object, string, string][] = [
    [{ address: '10.1.0.7' }, 'NetworkError', "10.1.0.7 is another member's"],
    [{ address: '10.1.0.1' }, 'RangeError', 'it is the gateway'],
    [{ address: '10.1.0.255' }, 'RangeError', 'it is the broadcast address'],
    [{ address: '10.2.0.7' }, 'RangeError', 'address: 10.2.0.7 is not in the pool'],
    [{ address: ['10.1.0.8', '10.1.0.9'] }, 'RangeError', 'address: expected one of each family'],
    [{ address: 'me' }, 'RangeError', 'address: expected an address'],
    [{ name: 'taken' }, 'NetlinkError', "'taken' exists already"],
    [{ name: '' }, 'RangeError', 'name: a device name must not be empty'],
    [{ mac: '01:00:00:00:00:00' }, 'NetlinkError', 'EADDRNOTAVAIL'],
    [{ aliases: ['a b'] }, 'RangeError', 'aliases[0]: expected a host name'],
    [{ aliases: Array.from({ length: 100 }, () => 'name') }, 'RangeError', 'aliases: together'],
    [
      { publish: [{ hostPort: 0 }] },
      'RangeError',
      'publish[0].hostPort: expected an integer from 1 to 65535',
    ],
    [{ publish: [{ hostPort: 65536 }] }, 'RangeError', 'publish[0].hostPort: expected an integer'],
    [{ publish: [{ hostPort: 1, port: '80' }] }, 'TypeError', 'publish[0].port: expected an integer'],
    [{ publish: [{ hostPort: { from: 2, to: 1 } }] }, 'RangeError', 'expected a range from low to high'],
    [{ publish: [{ hostPort: { from: 1, to: 2 }, port: 1 }] }, 'RangeError', 'expected 2 ports'],
    [
      { publish: [{ hostPort: 1, protocol: 'icmp' }] },
      'RangeError',
      'protocol: expected one of tcp, udp, sctp',
    ],
    [
      { publish: [{ hostPort: 8080, hostAddress: '10.99.0.1' }] },
      'NetworkError',
      'the host has no such address',
    ],
  ];
  for (const [wrong, name, message] of refused) {
    const error = await failure(red.attach(a, wrong));
    expect([error.name, error.message]).toEqual([name, expect.stringContaining(message)]);
  }
  expect(await failure(inner.attach(a, { publish: [{ hostPort: 8080 }] }))).toMatchObject({
    code: 'ERR_NETWORK_INTERNAL',
  });
  expect(await failure(inner.attach(a, { publish: [{ hostPort: 8080, hostAddress: '::' }] }))).toMatchObject({
    name: 'RangeError',
  });
  expect(await failure(red.publish(a, [{ hostPort: 8080 }]))).toMatchObject({ code: 'ERR_NOT_A_MEMBER' });
  expect(await everything(host)).toEqual(before);
  expect((await ip(a, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'taken']);
  red.close();
  expect(await failure(red.attach(a))).toMatchObject({ code: 'ERR_NETWORK_CLOSED' });
});

test('a network that others have removed', async () => {
  await using lab = await createLab();
  const { host } = lab;
  const red = lab.use(await createBridgeNetwork(host, RED));
  const other = lab.use(await createBridgeNetwork(host, RED));
  await other.remove();
  const a = await member(lab);
  const before = await everything(host);
  expect(await failure(red.attach(a, { publish: [{ hostPort: 80 }] }))).toMatchObject({
    code: 'ERR_NETWORK_REMOVED',
  });
  expect(await everything(host)).toEqual(before);
  await red.remove();
  expect(await failure(getLink(host, 'red'))).toMatchObject({ code: 'ENODEV' });
});

test('the table is put right where somebody took parts of it', async () => {
  await using lab = await createLab();
  const { host } = lab;
  const red = lab.use(await createBridgeNetwork(host, RED));
  const a = await member(lab);
  await red.attach(a);
  const before = await run(host, 'nft', 'list', 'ruleset');
  await run(host, 'nft', 'flush', 'chain', 'inet', 'rtnetns', 'forward');
  await run(host, 'nft', 'delete', 'chain', 'inet', 'rtnetns', 'output');
  lab.use(await createBridgeNetwork(host, RED));
  const sorted = (text: string) => text.split('\n').sort();
  expect(sorted(await run(host, 'nft', 'list', 'ruleset'))).toEqual(sorted(before));
  // of members that are not in it any more nothing is known, until they are attached again
  await run(host, 'nft', 'flush', 'ruleset');
  const again = lab.use(await createBridgeNetwork(host, RED));
  expect((await again.inspect()).members).toEqual([]);
  expect(await again.attach(a)).toMatchObject({ addresses: { 4: '10.1.0.2' }, found: false });
  expect(sorted(await run(host, 'nft', 'list', 'ruleset')).length).toBe(sorted(before).length);
});
