import {
  addRoute,
  createNetns,
  createVeth,
  deleteConntrack,
  listConntrack,
  type Netns,
  nft,
  setLink,
} from '../../../lib';
import { background, run, until } from '../../support/ip';
import { nftJson } from '../../support/nft';

// Packets through rules that are ours: a client outside, a host that translates, a member behind it. What is seen at
// the ends is told by python3.

const { match, not, meta, ip, ip6, tcp, th, fib, ct, dnat, masquerade, accept, drop, counter } = nft;

const table = { family: 'inet', name: 'net' } as const;
const prerouting = {
  table,
  name: 'prerouting',
  type: 'nat',
  hook: 'prerouting',
  priority: 'dstnat',
} as const;
const postrouting = {
  table,
  name: 'postrouting',
  type: 'nat',
  hook: 'postrouting',
  priority: 'srcnat',
} as const;
const forward = { table, name: 'forward', hook: 'forward', policy: 'drop' } as const;
const raw = { table, name: 'raw', hook: 'prerouting', priority: 'raw' } as const;
const published = {
  table,
  name: 'published',
  key: ['ipv4_addr', 'inet_proto', 'inet_service'],
  value: ['ipv4_addr', 'inet_service'],
} as const;
const published6 = {
  table,
  name: 'published6',
  key: ['ipv6_addr', 'inet_proto', 'inet_service'],
  value: ['ipv6_addr', 'inet_service'],
} as const;
const ways = { table, name: 'ways', key: 'ifname', value: 'verdict' } as const;

/** Says of each connection from where it came. */
const SERVER = `
import socket, sys
server = socket.create_server(('::', int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
sys.stdout.write('ready\\n')
sys.stdout.flush()
while True:
    connection, peer = server.accept()
    connection.sendall(peer[0].replace('::ffff:', '').encode())
    connection.close()
`;

const CLIENT = `
import socket, sys
print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 2).recv(100).decode())
`;

async function connect(from: Netns, address: string, port: number): Promise<string> {
  return (await run(from, 'python3', '-c', CLIENT, address, String(port))).trim();
}

async function serve(netns: Netns, port: number) {
  return netns.lend('serve', async ({ fd }) =>
    background('nsenter', `--net=/proc/${process.pid}/fd/${fd}`, 'python3', '-c', SERVER, String(port)),
  );
}

/** lan (192.0.2.2) – host (192.0.2.1, 10.0.1.1) – member (10.0.1.2), and the same in 2001:db8::/64 and fd01::/64. */
async function lab() {
  const [lan, host, member] = await Promise.all([createNetns(), createNetns(), createNetns()]);
  await createVeth(
    { netns: lan, name: 'eth0', up: true, addrs: ['192.0.2.2/24', '2001:db8::2/64'] },
    { netns: host, name: 'out', up: true, addrs: ['192.0.2.1/24', '2001:db8::1/64'] },
  );
  await createVeth(
    { netns: member, name: 'eth0', up: true, addrs: ['10.0.1.2/24', 'fd01::2/64'] },
    { netns: host, name: 'inside', up: true, addrs: ['10.0.1.1/24', 'fd01::1/64'] },
  );
  await addRoute(member, { to: 'default', via: '10.0.1.1' });
  await addRoute(member, { to: 'default', via: 'fd01::1' });
  await setLink(host, 'lo', { up: true });
  await run(host, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
  return {
    lan,
    host,
    member,
    async [Symbol.asyncDispose]() {
      for (const netns of [lan, host, member]) await netns[Symbol.asyncDispose]();
    },
  };
}

/** As a bridge network has it: one map for all published ports, one for the devices. */
const rules = [
  nft.addTable(table),
  ...[prerouting, postrouting, forward, raw].map((chain) => nft.addChain(chain)),
  nft.addChain({ table, name: 'outgoing' }),
  ...[published, published6, ways].map((set) => nft.addSet(set)),
  nft.addElements(ways, [
    { key: 'inside', value: { jump: 'outgoing' } },
    { key: 'out', value: 'continue' },
  ]),
  nft.addRule(raw, [match(meta.iifname, not('lo')), match(ip.daddr, '127.0.0.0/8'), counter(), drop()]),
  nft.addRule(prerouting, [
    match(fib.daddrType, 'local'),
    dnat({ key: [ip.daddr, meta.l4proto, th.dport], map: published }),
  ]),
  nft.addRule(prerouting, [
    match(fib.daddrType, 'local'),
    dnat({ key: [ip6.daddr, meta.l4proto, th.dport], map: published6 }),
  ]),
  nft.addRule(forward, [match(ct.state, ['established', 'related']), accept()]),
  nft.addRule(forward, [match(ct.status, 'dnat'), accept()]),
  nft.addRule(forward, [nft.vmap(meta.iifname, ways)]),
  nft.addRule({ table, name: 'outgoing' }, [match(meta.oifname, 'out'), accept()]),
  nft.addRule(postrouting, [
    match(ip.saddr, '10.0.1.0/24'),
    match(ip.daddr, not(['10.0.1.0/24', '224.0.0.0/4'])),
    masquerade(),
  ]),
  nft.addRule(postrouting, [match(ip6.saddr, 'fd01::/64'), match(meta.oifname, 'out'), masquerade()]),
];

describe('nft.apply', () => {
  test('who is masqueraded, who gets through a published port, and who does not', async () => {
    await using net = await lab();
    const { lan, host, member } = net;
    await using outside = await serve(lan, 80);
    await using inside = await serve(member, 8080);
    expect([outside.output(), inside.output()]).toEqual(['ready\n', 'ready\n']);
    await nft.apply(host, rules);

    expect(await connect(member, '192.0.2.2', 80)).toBe('192.0.2.1');
    expect(await connect(member, '2001:db8::2', 80)).toBe('2001:db8::1');

    await expect(connect(lan, '192.0.2.1', 80)).rejects.toThrow(/refused/);
    await nft.apply(host, [
      nft.addElements(published, [{ key: ['192.0.2.1', 'tcp', 80], value: ['10.0.1.2', 8080] }]),
      nft.addElements(published6, [{ key: ['2001:db8::1', 'tcp', 80], value: ['fd01::2', 8080] }]),
    ]);
    expect(await connect(lan, '192.0.2.1', 80)).toBe('192.0.2.2');
    expect(await connect(lan, '2001:db8::1', 80)).toBe('2001:db8::2');

    await addRoute(lan, { to: '10.0.1.0/24', via: '192.0.2.1' });
    await expect(connect(lan, '10.0.1.2', 8080)).rejects.toThrow(/timed out/);

    await nft.apply(host, [nft.deleteElements(published, [['192.0.2.1', 'tcp', 80]])]);
    await expect(connect(lan, '192.0.2.1', 80)).rejects.toThrow(/refused/);
  });

  test('connections are listed by a filter, and forgotten', async () => {
    await using net = await lab();
    const { lan, host, member } = net;
    await using outside = await serve(lan, 80);
    expect(outside.output()).toBe('ready\n');
    await nft.apply(host, rules);
    await connect(member, '192.0.2.2', 80);
    await connect(member, '2001:db8::2', 80);

    const all = await listConntrack(host);
    const kernel = (await run(host, 'cat', '/proc/net/nf_conntrack')).trim().split('\n');
    const ports = kernel.map((line) => Number(/ sport=(\d+)/.exec(line)?.[1]));
    expect(all.map(({ sourcePort }) => sourcePort).sort()).toEqual(ports.sort());
    expect(all).toHaveLength(2);
    const four = {
      family: 4,
      protocol: 'tcp',
      source: '10.0.1.2',
      destination: '192.0.2.2',
      destinationPort: 80,
      reply: { source: '192.0.2.2', destination: '192.0.2.1', sourcePort: 80 },
      state: expect.any(String) as string,
    };
    expect(all).toMatchObject(expect.arrayContaining([expect.objectContaining({ family: 6 })]) as unknown[]);
    const found = await listConntrack(host, { source: '10.0.1.2' });
    expect(found).toMatchObject([four]);
    expect(found[0]?.status).toEqual(expect.arrayContaining(['assured', 'confirmed', 'seen-reply', 'snat']));

    const none = [
      { source: '10.0.1.3' },
      { protocol: 'udp' as const },
      { protocol: 'tcp' as const, destinationPort: 81 },
      { family: 6 as const, protocol: 'tcp' as const, sourcePort: 80 },
      { reply: { destination: '10.0.1.2' } },
      { mark: 7 },
    ];
    for (const filter of none) expect(await listConntrack(host, filter)).toEqual([]);
    const both = [{}, { protocol: 'tcp' as const, destinationPort: 80 }, { mark: 0 }];
    for (const filter of both) expect(await listConntrack(host, filter)).toHaveLength(2);
    const one = [
      { family: 4 as const },
      { destination: '192.0.2.2', protocol: 'tcp' as const, destinationPort: 80 },
      { reply: { destination: '192.0.2.1' } },
      { protocol: 'tcp' as const, reply: { source: '192.0.2.2', sourcePort: 80 } },
    ];
    for (const filter of one) expect(await listConntrack(host, filter)).toMatchObject([four]);

    expect(await deleteConntrack(host, { source: '10.0.1.9' })).toBe(0);
    expect(await deleteConntrack(host, { protocol: 'tcp', reply: { destination: '192.0.2.1' } })).toBe(1);
    expect(await listConntrack(host)).toMatchObject([{ family: 6 }]);
    expect(await deleteConntrack(host)).toBe(1);
    expect(await listConntrack(host)).toEqual([]);
  });

  test('what is taken out of the map is cut off, once its connections are forgotten', async () => {
    await using net = await lab();
    const { lan, host, member } = net;
    await nft.apply(host, rules);
    await nft.apply(host, [
      nft.addElements(published, [{ key: ['192.0.2.1', 'udp', 53], value: ['10.0.1.2', 53] }]),
    ]);
    // keeps to one socket, so one connection as conntrack has it
    const client = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('192.0.2.1', 53))
s.settimeout(2)
sys.stdout.write('ready\\n')
sys.stdout.flush()
for line in sys.stdin:
    try:
        s.send(b'hello')
        print(s.recv(100).decode(), flush=True)
    except OSError as error:
        print(type(error).__name__, flush=True)
`;
    const echo = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('10.0.1.2', 53))
sys.stdout.write('ready\\n')
sys.stdout.flush()
while True:
    data, peer = s.recvfrom(100)
    s.sendto(data, peer)
`;
    const inside = (netns: Netns, source: string) =>
      netns.lend('run', async ({ fd }) =>
        background('nsenter', `--net=/proc/${process.pid}/fd/${fd}`, 'python3', '-c', source),
      );
    await using server = await inside(member, echo);
    await using asking = await inside(lan, client);
    expect(server.output()).toBe('ready\n');
    const ask = async () => {
      const before = asking.output().length;
      asking.stdin.write('\n');
      await until(() => asking.output().slice(before).endsWith('\n'));
      return asking.output().slice(before).trim();
    };
    expect(await ask()).toBe('hello');
    await nft.apply(host, [nft.deleteElements(published, [['192.0.2.1', 'udp', 53]])]);
    expect(await ask()).toBe('hello');
    const filter = { protocol: 'udp', destination: '192.0.2.1', destinationPort: 53 } as const;
    expect(await deleteConntrack(host, filter)).toBe(1);
    expect(await ask()).toBe('ConnectionRefusedError');
  });

  test('counters and limits count what comes', async () => {
    await using net = await lab();
    const { lan, host } = net;
    const input = { table, name: 'input', hook: 'input' } as const;
    const seen = { table, name: 'seen', key: 'ipv4_addr', flags: ['dynamic'], timeout: 60_000 } as const;
    await nft.apply(host, [
      nft.addTable(table),
      nft.addChain(input),
      nft.addSet(seen),
      nft.addObject({ table, name: 'pings', type: 'counter' }),
      nft.addRule(input, [match(nft.icmp.type, 'echo-request'), nft.useObject('counter', 'pings')]),
      nft.addRule(input, [match(nft.icmp.type, 'echo-request'), nft.updateSet(seen, ip.saddr)]),
      nft.addRule(input, [match(tcp.dport, 1), counter(), nft.reject('tcp reset')]),
      nft.addRule(input, [
        match(nft.icmp.type, 'echo-request'),
        nft.limit({ rate: 1, per: 'hour', burst: 3, over: true }),
        drop(),
      ]),
    ]);
    const pinged = await run(lan, 'ping', '-c5', '-i0.01', '-W1', '192.0.2.1');
    expect(pinged).toContain('5 packets transmitted, 3 received');
    await expect(connect(lan, '192.0.2.1', 1)).rejects.toThrow(/refused/);
    const { objects, sets, rules: listed } = await nft.listRuleset(host);
    expect(objects).toMatchObject([{ name: 'pings', packets: 5, bytes: 420 }]);
    expect(sets).toMatchObject([{ elements: [{ key: '192.0.2.2' }] }]);
    const counted = listed.flatMap(({ expressions }) => expressions.filter(({ name }) => name === 'counter'));
    expect(counted).toMatchObject([{ data: { packets: 1 } }]);
    const [object] = (await nftJson(host)).flatMap((one) => (one['counter'] as object | undefined) ?? []);
    expect(object).toMatchObject({ packets: 5, bytes: 420 });
  });

  test('what cannot be asked of conntrack is refused', async () => {
    await using netns = await createNetns();
    const refusals: [Parameters<typeof listConntrack>[1], RegExp][] = [
      [{ destinationPort: 80 }, /destinationPort: a port needs a protocol/],
      [{ reply: { sourcePort: 80 } }, /reply\.sourcePort: a port needs a protocol/],
      [{ source: '10.0.0.1', destination: 'fd00::1' }, /destination: expected an IPv4 address/],
      [{ family: 6, reply: { source: '10.0.0.1' } }, /reply\.source: expected an IPv6 address/],
      [{ protocol: 'quic' as never }, /protocol: expected a number, or one of icmp/],
      [{ protocol: 'tcp', sourcePort: 70_000 }, /srcPort: expected an integer/],
      [{ source: 'nowhere' }, /source: expected an address/],
    ];
    for (const [filter, message] of refusals) {
      await expect(listConntrack(netns, filter)).rejects.toThrow(message);
      await expect(deleteConntrack(netns, filter)).rejects.toThrow(message);
    }
  });
});
