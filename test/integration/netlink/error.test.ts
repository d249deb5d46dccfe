// What every public function refuses before any system call, and what is refused without privileges.
import * as rtnetns from '../../../lib';
import { createBridge, createNetns, createVeth, getStats, type Netns } from '../../../lib';
import { failure, names, node } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

const LONG = 'a'.repeat(256);
const NETNS_NAMES: [string, string][] = [
  ['', 'must not be empty'],
  ['.', "must not be '.' or '..'"],
  ['..', "must not be '.' or '..'"],
  ['a/b', "must not hold a '/'"],
  ['a\0b', 'must not hold a NUL'],
  [LONG, 'has at most 255 bytes'],
  ['ä'.repeat(128), 'has at most 255 bytes'],
];

const DEVICE_NAMES: [unknown, string][] = [
  ['', 'must not be empty'],
  [LONG, 'has at most 15 bytes'],
  ['a/b', "must not hold '/'"],
  ['a b', "must not hold '/'"],
  ['a\tb', "must not hold '/'"],
  ['.', "must not be '.' or '..'"],
];

/** What may be an alternative name, but not a name. */
const NEW_NAMES: [unknown, string][] = [
  ...DEVICE_NAMES,
  ['sixteen-bytes-16', 'has at most 15 bytes'],
  ['ääääääää', 'has at most 15 bytes'],
  ['a:b', "must not hold '/', ':'"],
  ['eth%d%d', "'%' in a device name is a pattern"],
  ['eth%s', "'%' in a device name is a pattern"],
];

const ADDRESSES: [unknown, string][] = [
  ['10.0.0.1/33', 'at most 32 bits'],
  ['10.0.0/8', "expected an address like '10.0.1.1'"],
  ['::1/129', 'at most 128 bits'],
  ['', 'expected an address'],
  ['abc', 'expected an address'],
  ['::ffff:10.0.0.1/120', 'IPv4-mapped'],
  ['10.0.0.1', 'with its prefix length'],
  ['fe80::1%eth0/64', 'expected an address'],
  [10, 'is a string'],
  [undefined, 'is a string'],
];

/** A namespace with a bridge and a pair. */
async function lab(): Promise<Netns> {
  const red = await netnsWithPair('red');
  await createBridge(red, 'br0');
  return red;
}

/** Neither a thread of ours nor the kernel hears of it. */
async function expectRefused(attempt: () => Promise<unknown>, option: string, rule: string): Promise<void> {
  const before = getStats();
  const error = await failure(attempt());
  expect(['TypeError', 'RangeError']).toContain(error.name);
  expect(error.message).toContain(rule);
  expect(error.message.slice(0, option.length + 2)).toBe(`${option}: `);
  const { jobs, sends } = getStats();
  expect({ jobs, sends }).toEqual({ jobs: before.jobs, sends: before.sends });
}

type Call = (red: Netns, value: never) => Promise<unknown>;

const UNPRIVILEGED = ['setpriv', '--inh-caps=-all', '--bounding-set=-all'];

describe('NetlinkError', () => {
  test.each<[string, Call]>([
    ['createNetns', (_, name) => createNetns(name)],
    ['openNetns', (_, name) => rtnetns.openNetns(name)],
    ['deleteNetns', (_, name) => rtnetns.deleteNetns(name)],
    ['attachNetns', (_, name) => rtnetns.attachNetns(name, process.pid)],
    ['netnsPids', (_, name) => rtnetns.netnsPids(name)],
  ])('%s refuses bad names of namespaces', async (_, call) => {
    await using red = await lab();
    for (const [name, rule] of NETNS_NAMES) {
      await expectRefused(() => call(red, name as never), 'name', rule);
    }
    expect(await names()).toEqual(['red']);
  });

  test('createNetns and deleteNetns refuse what is no name', async () => {
    for (const name of [7, null, {}]) {
      await expectRefused(() => createNetns(name as never), 'name', 'is a string');
      await expectRefused(() => rtnetns.deleteNetns(name as never), 'netns', 'expected a name, or a handle');
    }
  });

  test.each<[unknown, string]>([
    [{ pid: -1 }, 'pid: expected a non-negative integer'],
    [{ pid: 1.5 }, 'pid: expected a non-negative integer'],
    [{ pid: '1' }, 'pid: expected a non-negative integer'],
    [{ fd: -1 }, 'fd: expected a non-negative integer'],
    [{ fd: Number.NaN }, 'fd: expected a non-negative integer'],
    [{ path: '' }, 'path: a path is not empty'],
    [{ path: '/run/netns/red\0' }, 'path: a path is not empty and holds no NUL'],
    [{ path: 7 }, 'path: expected a string'],
    [{}, 'expected a name, { path }, { pid } or { fd }'],
    [null, 'expected a name, { path }, { pid } or { fd }'],
    [7, 'expected a name, { path }, { pid } or { fd }'],
  ])('openNetns refuses %p', async (reference, message) => {
    const error = await failure(rtnetns.openNetns(reference as never));
    expect(['TypeError', 'RangeError']).toContain(error.name);
    expect(error.message).toContain(message);
  });

  test.each<[string, string, Call]>([
    ['getLink', 'device', (red, device) => rtnetns.getLink(red, device)],
    ['setLink', 'device', (red, device) => rtnetns.setLink(red, device, { up: true })],
    ['deleteLink', 'device', (red, device) => rtnetns.deleteLink(red, device)],
    ['renameLink', 'device', (red, device) => rtnetns.renameLink(red, device, 'x')],
    ['renameLink to', 'name', (red, name) => rtnetns.renameLink(red, 'eth0', name)],
    ['moveLink', 'device', (red, device) => rtnetns.moveLink(red, device, red)],
    ['moveLink to', 'name', (red, name) => rtnetns.moveLink(red, 'eth0', red, { name })],
    ['enslaveLink', 'device', (red, device) => rtnetns.enslaveLink(red, device, 'br0')],
    ['enslaveLink to', 'master', (red, master) => rtnetns.enslaveLink(red, 'eth0', master)],
    ['releaseLink', 'device', (red, device) => rtnetns.releaseLink(red, device)],
    ['createLink', 'name', (red, name) => rtnetns.createLink(red, { kind: 'bridge', name })],
    ['createBridge', 'name', (red, name) => createBridge(red, name)],
    ['createVeth, first', 'first.name', (red, name) => createVeth({ netns: red, name }, { netns: red })],
    ['createVeth, second', 'second.name', (red, name) => createVeth({ netns: red }, { netns: red, name })],
    [
      'createVeth, bridge',
      'first.bridge',
      (red, bridge) => createVeth({ netns: red, bridge }, { netns: red }),
    ],
    ['listLinks', 'master', (red, master) => rtnetns.listLinks(red, { master })],
    ['listBridgePorts', 'bridge', (red, bridge) => rtnetns.listBridgePorts(red, bridge)],
    ['setBridge', 'device', (red, device) => rtnetns.setBridge(red, device, {})],
    ['setBridgePort', 'device', (red, device) => rtnetns.setBridgePort(red, device, {})],
    ['addAddr', 'device', (red, device) => rtnetns.addAddr(red, device, '10.0.0.1/24')],
    ['removeAddr', 'device', (red, device) => rtnetns.removeAddr(red, device, '10.0.0.1/24')],
    ['listAddrs', 'device', (red, device) => rtnetns.listAddrs(red, { device })],
    ['addRoute', 'device', (red, device) => rtnetns.addRoute(red, { to: 'default', device })],
    ['removeRoute', 'device', (red, device) => rtnetns.removeRoute(red, { to: 'default', device })],
    ['listRoutes', 'device', (red, device) => rtnetns.listRoutes(red, { device })],
    ['getRoute', 'outputDevice', (red, outputDevice) => rtnetns.getRoute(red, '10.0.0.1', { outputDevice })],
  ])('%s refuses bad names of devices', async (_, option, call) => {
    await using red = await lab();
    for (const [name, rule] of option.endsWith('name') ? NEW_NAMES : DEVICE_NAMES)
      await expectRefused(() => call(red, name as never), option, rule);
  });

  test.each<[string, string, Call]>([
    ['addAddr', 'addr', (red, addr) => rtnetns.addAddr(red, 'eth0', addr)],
    ['removeAddr', 'addr', (red, addr) => rtnetns.removeAddr(red, 'eth0', addr)],
    ['createBridge', 'addrs[0]', (red, addr) => createBridge(red, 'br1', { addrs: [addr] })],
    [
      'createVeth',
      'first.addrs[1]',
      (red, addr) => createVeth({ netns: red, addrs: ['10.0.0.1/8', addr] }, { netns: red }),
    ],
    [
      'createVeth',
      'second.addrs[0]',
      (red, addr) => createVeth({ netns: red }, { netns: red, addrs: [addr] }),
    ],
  ])('%s refuses bad addresses as %s', async (_, option, call) => {
    await using red = await lab();
    for (const [addr, rule] of ADDRESSES) await expectRefused(() => call(red, addr as never), option, rule);
  });

  test.each<[string, string, (red: Netns) => Promise<unknown>]>([
    ['mac', 'expected a MAC address', (red) => rtnetns.setLink(red, 'eth0', { mac: '02:00' })],
    ['mtu', 'expected an integer', (red) => rtnetns.setLink(red, 'eth0', { mtu: -1 })],
    [
      'mtu',
      'expected a number',
      (red) => rtnetns.setLink(red, 'eth0', { addrGenMode: 'none', mtu: '1' as never }),
    ],
    ['up', 'expected true or false', (red) => rtnetns.setLink(red, 'eth0', { up: 'no' as never })],
    ['alias', 'is longer than 255 bytes', (red) => rtnetns.setLink(red, 'eth0', { alias: LONG })],
    [
      'first.mac',
      'expected a MAC address',
      (red) => createVeth({ netns: red, bridge: 'br0', mac: 'x' }, { netns: red }),
    ],
    [
      'second.mtu',
      'expected an integer',
      (red) => createVeth({ bridge: 'br0', netns: red }, { netns: red, mtu: 1.5 }),
    ],
    [
      'second.addrs',
      'expected a list',
      (red) => createVeth({ netns: red }, { netns: red, addrs: '10.0.0.1/24' as never }),
    ],
    [
      'label',
      'is longer than 15 bytes',
      (red) => rtnetns.addAddr(red, 'eth0', '10.0.0.1/24', { label: `eth0:${LONG}` }),
    ],
    [
      'peer',
      'expected an IPv4 address as well',
      (red) => rtnetns.addAddr(red, 'eth0', '10.0.0.1/24', { peer: 'fd00::1' }),
    ],
    [
      'broadcast',
      'expected an address',
      (red) => rtnetns.addAddr(red, 'eth0', '10.0.0.1/24', { broadcast: 'x' }),
    ],
    ['family', 'expected 4 or 6', (red) => rtnetns.listAddrs(red, { family: 5 as never })],
    [
      'to',
      'address bits beyond the prefix length',
      (red) => rtnetns.addRoute(red, { to: '10.0.0.1/8', device: 'eth0' }),
    ],
    ['to', 'expected an address', (red) => rtnetns.addRoute(red, { to: 'abc', device: 'eth0' })],
    [
      'via',
      'expected an address',
      (red) => rtnetns.addRoute(red, { to: 'default', via: '10.0.0.1/24', device: 'eth0' }),
    ],
    [
      'src',
      'the route is IPv4',
      (red) => rtnetns.addRoute(red, { to: '10.0.0.0/8', src: 'fd00::1', device: 'eth0' }),
    ],
    [
      'table',
      'expected default, main, local or a number',
      (red) => rtnetns.listRoutes(red, { table: 0, device: 'eth0' }),
    ],
    [
      'nexthops[1].weight',
      'expected an integer from 1 to 256',
      (red) =>
        rtnetns.addRoute(red, {
          to: 'default',
          nexthops: [{ device: 'eth0' }, { device: 'eth1', weight: 257 }],
        }),
    ],
    [
      'address',
      'expected an address',
      (red) => rtnetns.getRoute(red, '10.0.0.0/8', { outputDevice: 'eth0' }),
    ],
    [
      'from',
      'expected an address',
      (red) => rtnetns.getRoute(red, '10.0.0.1', { from: 'x', outputDevice: 'eth0' }),
    ],
    ['id', 'expected a non-negative integer', (red) => rtnetns.setNsid(red, red, -1)],
    ['pid', 'expected a positive integer', () => rtnetns.getNamespaceIds(0)],
  ])('%s: %s', async (option, rule, attempt) => {
    await using red = await lab();
    await expectRefused(() => attempt(red), option, rule);
  });

  test('without privileges the missing capability is named, and how to get it', async () => {
    await using red = await lab();
    const said = await node(
      `const here = await rtnetns.currentNetns();
    say([
      (await rtnetns.listLinks(here)).map(({ name }) => name),
      (await rtnetns.listNetns()).map(({ name }) => name),
      await rtnetns.identifyNetns(),
    ]);
    const red = await rtnetns.openNetns('red');
    const attempts = [
      rtnetns.createNetns('blue'),
      rtnetns.createNetns(),
      rtnetns.deleteNetns('red'),
      rtnetns.attachNetns('blue', process.pid),
      rtnetns.listLinks(red),
      rtnetns.createVeth({ netns: here }, { netns: here }),
      rtnetns.createBridge(here, 'br0'),
      rtnetns.setLink(here, 'lo', { up: true }),
      rtnetns.addAddr(here, 'lo', '10.0.0.1/8'),
      rtnetns.addRoute(here, { to: 'default', device: 'lo' }),
    ];
    for (const attempt of attempts.map(told)) say(await attempt);`,
      ...UNPRIVILEGED,
    );
    expect(said[0]).toEqual([['lo'], ['red'], []]);
    const remedy = "run as root, give the process the capability, or run it under 'rtnetns sandbox'";
    const ours = `CAP_SYS_ADMIN is missing (it is needed to make, enter and name namespaces): ${remedy}`;
    const kernels = `CAP_NET_ADMIN is missing in the user namespace that owns this network namespace: ${remedy}`;
    const attempted = ['create namespace blue', 'create namespace (without a name)', 'delete namespace red'];
    for (const [i, operation] of [
      ...attempted,
      'attach namespace blue',
      'list links in namespace red',
    ].entries()) {
      const { name, code, message } = said[i + 1] as Error & { code: string };
      expect([name, code]).toEqual(['NetnsError', 'EPERM']);
      expect(message).toMatch(/ \((mount|unshare|umount2|setns)\)$/);
      expect(message.replace(/ \(\w+\)$/, '')).toBe(`EPERM: ${operation}: ${ours}`);
    }
    expect(said.length).toBe(11);
    for (const refused of said.slice(6)) {
      expect(refused).toMatchObject({
        name: 'NetlinkError',
        code: 'EPERM',
        message: expect.stringContaining(`: ${kernels}`) as string,
      });
    }
    expect(await names()).toEqual([red.name]);
  });

  test('whatever is attempted in a namespace that may not be entered, the refusal is the same', async () => {
    await using red = await lab();
    const told = await node(
      `const red = await rtnetns.openNetns('${red.name}');
    const attempts = [
      rtnetns.getSysctl(red, 'net.ipv4.ip_forward'),
      rtnetns.connect(red, { host: '127.0.0.1', port: 9 }),
      rtnetns.listen(red, require('node:net').createServer(), { host: '127.0.0.1' }),
      rtnetns.createSocket(red, 'udp4'),
      rtnetns.ping(red, '127.0.0.1'),
      rtnetns.capture(red).ready,
      rtnetns.nft.listRuleset(red),
      rtnetns.nft.watchRuleset(red).next(),
      rtnetns.watch(red).next(),
      rtnetns.waitForLink(red, 'eth9'),
      rtnetns.waitForPort(red, '127.0.0.1', 9),
      rtnetns.createWorker(red, ';', { eval: true }),
    ];
    for (const attempt of attempts.map(told)) say(await attempt);`,
      ...UNPRIVILEGED,
    );
    const refusals = told as (Error & { code: string })[];
    expect(refusals.map(({ name, code }) => `${name} ${code}`)).toEqual(Array(12).fill('NetnsError EPERM'));
    const ours = /^EPERM: (.+) red: CAP_SYS_ADMIN is missing \(it is needed to make, enter .*\(setns\)$/;
    expect(refusals.map(({ message }) => ours.exec(message)?.[1] ?? message)).toEqual([
      'read sysctl net.ipv4.ip_forward of',
      'connect to 127.0.0.1 in namespace',
      'listen in namespace',
      'create a UDP socket in namespace',
      'ping 127.0.0.1 in namespace',
      'capture on all devices in namespace',
      'list ruleset in namespace',
      'watch ruleset in namespace',
      'watch namespace',
      'wait for link eth9 in namespace',
      'wait for port 9 of 127.0.0.1 from namespace',
      'create a worker in namespace',
    ]);
  });

  test('the name of another user’s process is not opened without privileges', async () => {
    const said = await node(`say(await told(rtnetns.openNetns({ pid: ${process.pid} })));`, ...UNPRIVILEGED);
    expect(said).toEqual([
      {
        name: 'NetnsError',
        code: 'EACCES',
        message: expect.stringContaining('need CAP_SYS_PTRACE') as string,
      },
    ]);
  });
});
