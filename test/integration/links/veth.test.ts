import {
  createBridge,
  type CreatedLink,
  createNetns,
  createVeth,
  currentNetns,
  deleteLink,
  getStats,
  type Netns,
  type VethEnd,
} from '../../../lib';
import { chooseIndexes } from '../../../lib/links/new-device';
import { kernelHas } from '../../support/capabilities';
import { bridge, failure, ip, type Json, run, script, settled } from '../../support/ip';

/** All that ip says of a device, once its operational state has followed the carrier. */
async function link(netns: Netns | undefined, name: string): Promise<Json> {
  await settled(netns);
  const [[properties], [withAddresses]] = await Promise.all([
    ip(netns, 'link', 'show', name),
    ip(netns, 'addr', 'show', name),
  ]);
  return { ...properties, ...withAddresses };
}

const addresses = ({ addr_info }: Json) =>
  (addr_info as { local: string; prefixlen: number }[]).map(
    ({ local, prefixlen }) => `${local}/${prefixlen}`,
  );
async function indexes(netns: Netns | undefined): Promise<Json> {
  const listed = (await ip(netns, 'link')).map(({ ifname, ifindex }) => [ifname, ifindex]);
  return Object.fromEntries(listed) as Json;
}

/** How many datagrams are sent until it is done, from now on. */
async function sendsOf(work: Promise<unknown>): Promise<number> {
  const before = getStats().sends; // nothing is sent before the end of the tick
  await work;
  return getStats().sends - before;
}

describe('createVeth', () => {
  test('each end in a namespace of its own, with all that an end can have', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns();
    const pair = await createVeth(
      {
        netns: red,
        name: 'eth0',
        up: true,
        mac: '02:00:00:00:00:01',
        mtu: 1400,
        addrs: ['10.0.1.1/24', 'fd00::1/64'],
        alias: 'to blue',
        group: 7,
        txQueueLength: 55,
        txQueues: 2,
        rxQueues: 3,
        promiscuous: true,
        arp: false,
        addrGenMode: 'none',
      },
      {
        netns: blue,
        name: 'eth9',
        up: true,
        mac: '02:00:00:00:00:02',
        mtu: 1300,
        addrs: ['10.0.1.2/24', 'fd00::2/64'],
        alias: 'to red',
        group: 8,
        txQueueLength: 66,
        txQueues: 4,
        rxQueues: 5,
        promiscuous: true,
        arp: false,
        addrGenMode: 'none',
      },
    );
    const first = await link(red, 'eth0');
    const second = await link(blue, 'eth9');
    expect(pair).toEqual([
      { index: first['ifindex'], name: 'eth0' },
      { index: second['ifindex'], name: 'eth9' },
    ]);
    const common = { operstate: 'UP', inet6_addr_gen_mode: 'none', promiscuity: 1 };
    expect(first).toMatchObject({
      ...common,
      address: '02:00:00:00:00:01',
      mtu: 1400,
      ifalias: 'to blue',
      group: '7',
      txqlen: 55,
      num_tx_queues: 2,
      ...(kernelHas('devices report how many receive queues they have') && { num_rx_queues: 3 }),
      link_index: second['ifindex'],
      linkinfo: { info_kind: 'veth' },
    });
    expect(second).toMatchObject({
      ...common,
      address: '02:00:00:00:00:02',
      mtu: 1300,
      ifalias: 'to red',
      group: '8',
      txqlen: 66,
      num_tx_queues: 4,
      ...(kernelHas('devices report how many receive queues they have') && { num_rx_queues: 5 }),
      link_index: first['ifindex'],
    });
    for (const end of [first, second]) {
      expect(end['flags']).toEqual(expect.arrayContaining(['UP', 'LOWER_UP', 'PROMISC', 'NOARP']));
    }
    expect(addresses(first)).toEqual(['10.0.1.1/24', 'fd00::1/64']);
    expect(addresses(second)).toEqual(['10.0.1.2/24', 'fd00::2/64']);
  });

  test('they reach each other, over both families', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await createVeth(
      { netns: red, name: 'eth0', up: true, addrs: ['10.0.1.1/24', 'fd00::1/64'] },
      { netns: blue, name: 'eth0', up: true, addrs: ['10.0.1.2/24', 'fd00::2/64'] },
    );
    await run(red, 'ping', '-c1', '-W1', '10.0.1.2');
    // IPv6 hears of the carrier up to a second or two later (6.18); the packet waits for its neighbour until then
    await run(red, 'ping', '-c1', '-W5', 'fd00::2');
    await run(blue, 'ping', '-c1', '-W1', '10.0.1.1');
  });

  test('both ends here', async () => {
    await using here = await currentNetns();
    const [first, second] = await createVeth(
      { netns: here, name: 'out0', up: true },
      { netns: here, name: 'out1' },
    );
    expect(await indexes(undefined)).toMatchObject({ out0: first.index, out1: second.index });
    expect((await link(undefined, 'out0'))['flags']).toContain('UP');
    expect((await link(undefined, 'out1'))['flags']).not.toContain('UP');
    await deleteLink(here, 'out1');
  });

  test.each<[string, (red: Netns, blue: Netns) => unknown[]]>([
    ['first', (red, blue) => [red, blue]],
    ['first', (red) => [red, {}, {}]],
    ['second', (red, blue) => [{ netns: red }, blue]],
    ['first.netns', (_, blue) => [{ name: 'a' }, { netns: blue }]],
    ['second.netns', (red) => [{ netns: red }, {}]],
    ['second.netns', (red) => [{ netns: red }, { netns: Promise.resolve(red) }]],
    ['second', (red) => [{ netns: red }]],
  ])('ends without a place are refused by %s', async (option, ends) => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const call = createVeth(...(ends(red, blue) as [VethEnd, VethEnd]));
    expect(await failure(call)).toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(new RegExp(`^${option}: expected `)) as string,
    });
    expect(await ip(undefined, 'link', 'show', 'type', 'veth')).toEqual([]);
  });

  test('the compiler asks for the place of each end, too', () => {
    const checked = (...ends: Parameters<typeof createVeth>) => ends.length;
    const netns = Object.create(null) as Netns;
    expect(checked({ netns }, { netns })).toBe(2);
    // @ts-expect-error: handles in place of ends
    expect(checked(netns, netns)).toBe(2);
    // @ts-expect-error: an end without a place
    expect(checked({ netns }, { name: 'b' })).toBe(2);
  });

  test.each([0, 67, 65536])(
    'an MTU of %p is refused at either end, as the kernel does with a bare EINVAL',
    async (mtu) => {
      await using red = await createNetns('red');
      const [plain, wrong] = [{ netns: red }, { netns: red, mtu }];
      for (const [first, second] of [[wrong, plain] as const, [plain, wrong] as const]) {
        const { name, message } = await failure(createVeth(first, second));
        expect(name).toBe('RangeError');
        expect(message).toMatch(/^(first|second)\.mtu: expected an integer from 68 to 65535, got /);
      }
      await expect(run(red, 'ip', 'link', 'add', 'mtu', `${mtu}`, 'type', 'veth')).rejects.toThrow();
      await createVeth({ netns: red, mtu: 68 }, { netns: red, mtu: 65535 });
    },
  );

  test.each(['first', 'second'])('the %s end here, the other in a namespace', async (which) => {
    await using red = await createNetns('red');
    await using here = await currentNetns();
    const ends: [VethEnd, VethEnd] = [
      { netns: here, name: 'out0', up: true },
      { netns: red, name: 'in0', up: true },
    ];
    const made = await createVeth(...(which === 'first' ? ends : ([ends[1], ends[0]] as const)));
    const [outer, inner] = which === 'first' ? made : [made[1], made[0]];
    expect(outer).toEqual({ name: 'out0', index: (await link(undefined, 'out0'))['ifindex'] });
    expect(inner).toEqual({ name: 'in0', index: (await link(red, 'in0'))['ifindex'] });
    expect((await link(red, 'in0'))['operstate']).toBe('UP');
    await deleteLink(red, 'in0');
  });

  test('names that the kernel chooses, and tells back', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const ends: [VethEnd, VethEnd][] = [
      [{ netns: red }, { netns: red }],
      [
        { netns: red, name: 'port%d' },
        { netns: red, name: 'port%d' },
      ],
      [{ netns: red }, { netns: blue, name: 'port%d' }],
      [{ netns: red, name: 'given' }, { netns: blue }],
      [
        { netns: red, name: 'port%d' },
        { netns: blue, name: 'chosen' },
      ],
    ];
    const made: CreatedLink[][] = [];
    for (const [first, second] of ends) made.push(await createVeth(first, second));
    expect(made.map((pair) => pair.map(({ name }) => name).sort())).toEqual([
      ['veth0', 'veth1'],
      ['port0', 'port1'],
      ['port0', 'veth2'],
      ['given', 'veth0'],
      ['chosen', 'port2'],
    ]);
    const known = { red: await indexes(red), blue: await indexes(blue) };
    for (const [i, pair] of made.entries()) {
      pair.forEach(({ name, index }, end) => {
        expect(known[ends[i]![end]!.netns === red ? 'red' : 'blue'][name]).toBe(index);
      });
    }
  });

  test.each(['red', 'blue'])(
    'indexes count up, and one that %s has already is chosen again',
    async (which) => {
      await using red = await createNetns('red');
      await using blue = await createNetns('blue');
      const [index, peer] = chooseIndexes();
      const taken = which === 'red' ? index + 2 : peer + 2;
      await run(
        which === 'red' ? red : blue,
        'ip',
        'link',
        'add',
        'other',
        'index',
        `${taken}`,
        'type',
        'bridge',
      );
      const [first, second] = await createVeth({ netns: red, name: 'a' }, { netns: blue, name: 'b' });
      expect([first.index, second.index]).toEqual([index + 4, peer + 4]);
      expect(first.index).toBeGreaterThan(2 ** 24);
      expect((await indexes(red))['a']).toBe(first.index);
      expect((await indexes(blue))['b']).toBe(second.index);
    },
  );

  test('an index is given for one end or both; the other one is chosen', async () => {
    await using red = await createNetns('red');
    const free = (index: number) => index > 2 ** 24;
    const [a, b] = await createVeth({ netns: red, name: 'a', index: 70 }, { netns: red, name: 'b' });
    expect([a.index, free(b.index)]).toEqual([70, true]);
    const [c, d] = await createVeth({ netns: red, name: 'c' }, { netns: red, name: 'd', index: 71 });
    expect([free(c.index), d.index]).toEqual([true, 71]);
    const [e, f] = await createVeth({ netns: red, index: 72 }, { netns: red, index: 73 });
    expect(await indexes(red)).toMatchObject({
      a: 70,
      b: b.index,
      c: c.index,
      d: 71,
      [e.name]: 72,
      [f.name]: 73,
    });
    const error = await failure(createVeth({ netns: red, name: 'g' }, { netns: red, name: 'h', index: 73 }));
    expect(error.message).toContain('a device has the index 73 already');
  });

  test('no two devices are made with one MAC address, and none that the kernel made up', async () => {
    await using red = await createNetns('red');
    await Promise.all(Array.from({ length: 20 }, () => createVeth({ netns: red }, { netns: red })));
    const macs = (await ip(red, 'link')).flatMap(({ ifname, address }) =>
      ifname === 'lo' ? [] : [address as string],
    );
    expect(new Set(macs).size).toBe(40);
    // locally administered, unicast
    for (const mac of macs) expect(mac).toMatch(/^.[26ae]:/);
    await run(undefined, 'ip', 'link', 'add', 'out0', 'type', 'veth', 'peer', 'name', 'out1');
    const assigned = (name: string) => run(undefined, 'cat', `/sys/class/net/${name}/addr_assign_type`);
    expect(await assigned('out0')).toBe('1\n'); // NET_ADDR_RANDOM, which udev rewrites
    await using here = await currentNetns();
    await createVeth({ netns: here, name: 'ours0' }, { netns: here, name: 'ours1' });
    expect(await Promise.all([assigned('ours0'), assigned('ours1')])).toEqual(['3\n', '3\n']); // NET_ADDR_SET
    await deleteLink(here, 'out0');
    await deleteLink(here, 'ours0');
  });

  test.each([
    ['the first', [true, false]],
    ['the second', [false, true]],
    ['both', [true, true]],
  ])('%s end on a bridge', async (_, [first, second]) => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    for (const netns of [red, blue]) await createBridge(netns, 'br0', { up: true });
    const made = await createVeth(
      { netns: red, name: 'a', up: true, ...(first && { bridge: 'br0' }) },
      { netns: blue, name: 'b', up: true, ...(second && { bridge: 'br0' }) },
    );
    expect(made.map(({ name }) => name)).toEqual(['a', 'b']);
    const ports = async (netns: Netns) =>
      (await bridge(netns, 'link')).map(({ ifname, master }) => [ifname, master]);
    expect(await ports(red)).toEqual(first ? [['a', 'br0']] : []);
    expect(await ports(blue)).toEqual(second ? [['b', 'br0']] : []);
    expect((await link(red, 'a'))['operstate']).toBe('UP');
    expect((await link(blue, 'b'))['operstate']).toBe('UP');
  });

  test('a bridge by its index', async () => {
    await using red = await createNetns('red');
    const { index } = await createBridge(red, 'br0');
    await createVeth({ netns: red, name: 'a', bridge: index }, { netns: red, name: 'b' });
    expect((await link(red, 'a'))['master']).toBe('br0');
  });

  test('addrGenMode "none" makes no address, whichever end comes up first', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const pairs = Array.from({ length: 30 }, (_, i) =>
      createVeth(
        { netns: red, name: `a${i}`, up: true, addrGenMode: 'none' },
        { netns: blue, name: `b${i}`, up: true, addrGenMode: 'none' },
      ),
    );
    await Promise.all(pairs);
    for (const netns of [red, blue]) {
      await settled(netns);
      const links = (await ip(netns, 'addr')).filter(({ ifname }) => ifname !== 'lo');
      expect(links.map(({ operstate }) => operstate)).toEqual(Array(30).fill('UP'));
      expect(links.flatMap(addresses)).toEqual([]);
    }
  });

  test('one request makes the pair: nothing is read back', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const first = { netns: red, name: 'a', mac: '02:00:00:00:00:01', mtu: 1400, up: true };
    expect(await sendsOf(createVeth(first, { netns: blue, name: 'b' }))).toBe(1);
    expect(await sendsOf(createVeth({ netns: red, name: 'c' }, { netns: blue, name: 'd', up: true }))).toBe(
      2,
    );
  });

  test('strace sees the same, and no program that is run', async () => {
    const source = `
    const red = await rtnetns.createNetns();
    const blue = await rtnetns.createNetns();
    await rtnetns.createVeth({ netns: red, name: 'a', up: true }, { netns: blue, name: 'b' });`;
    const strace = ['-f', '-qq', '-o', '|cat', '-e', 'trace=sendto,sendmsg,sendmmsg,execve'];
    const lines = (await run(undefined, 'strace', ...strace, ...script(source))).trim().split('\n');
    expect(lines.length).toBe(2);
    expect(lines[0]).toMatch(/execve\(.*\/node"/);
    expect(lines[1]).toMatch(/send(to|msg)\(.*nlmsg_type=(RTM_NEWLINK|0x10 )/);
  });

  test('the second end is asked for its carrier in the datagram that brings it up', async () => {
    const source = `
    const red = await rtnetns.createNetns();
    const blue = await rtnetns.createNetns();
    const addrs = ['10.0.0.1/24'];
    await rtnetns.createVeth({ netns: red, name: 'a', up: true }, { netns: blue, name: 'b', up: true, addrs });`;
    const strace = ['-f', '-qq', '-v', '-s', '9999', '-o', '|cat', '-e', 'trace=sendto,sendmsg'];
    const [made, set] = (await run(undefined, 'strace', ...strace, ...script(source))).trim().split('\n');
    // strace does not always know that the socket is one of rtnetlink, and prints numbers then
    const numbers: Readonly<Record<string, string>> = {
      '0x10': 'NEWLINK',
      '0x12': 'GETLINK',
      '0x14': 'NEWADDR',
    };
    const types = (line = '') =>
      [...line.matchAll(/nlmsg_type=(?:RTM_)?(\w+)/g)].map(([, type = '']) => numbers[type] ?? type);
    expect(types(made)).toEqual(['NEWLINK']);
    expect(types(set)).toEqual(['NEWADDR', 'NEWLINK', 'GETLINK']);
  });
});
