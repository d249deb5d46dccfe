import {
  type BridgePort,
  type BridgePortSettings,
  type BridgeSettings,
  createBridge,
  createLink,
  createNetns,
  createVeth,
  getLink,
  listBridgePorts,
  type Netns,
  setBridge,
  setBridgePort,
} from '../../../lib';
import { kernelHas } from '../../support/capabilities';
import { bridge, failure, ip, type Json, run, settled } from '../../support/ip';

const link = async (netns: Netns, name: string) => (await ip(netns, 'addr', 'show', name))[0]!;
const info = async (netns: Netns, name: string) =>
  ((await ip(netns, 'link', 'show', name))[0]!['linkinfo'] as { info_data: Json }).info_data;

const SETTINGS: [BridgeSettings & { stp?: boolean }, Json][] = [
  [{ ageingTime: 100 }, { ageing_time: 100 }],
  [{ stp: true }, { stp_state: 1 }],
  [{ priority: 4096 }, { priority: 4096 }],
  [{ forwardDelay: 200 }, { forward_delay: 200 }],
  [
    { helloTime: 300, maxAge: 1000 },
    { hello_time: 300, max_age: 1000 },
  ],
  [{ groupForwardMask: 8 }, { group_fwd_mask: '0x8' }],
  [
    { multicastSnooping: false, multicastQuerier: true },
    { mcast_snooping: 0, mcast_querier: 1 },
  ],
  [
    { nfCallIptables: true, nfCallIp6tables: true },
    { nf_call_iptables: 1, nf_call_ip6tables: 1 },
  ],
];

/** Ours in the words of `bridge -d -j link`. */
const PORT_FIELDS: Readonly<Partial<Record<keyof BridgePort, string>>> = {
  state: 'state',
  priority: 'priority',
  cost: 'cost',
  hairpin: 'hairpin',
  guard: 'guard',
  rootBlock: 'root_block',
  fastLeave: 'fastleave',
  learning: 'learning',
  unicastFlood: 'flood',
  multicastFlood: 'mcast_flood',
  broadcastFlood: 'bcast_flood',
  multicastToUnicast: 'mcast_to_unicast',
  neighborSuppress: 'neigh_suppress',
  vlanTunnel: 'vlan_tunnel',
  isolated: 'isolated',
  locked: 'locked',
};

/** In the order of their numbers. */
const ROUTERS = ['disabled', 'auto', 'always', 'temp'];

async function expectSamePorts(netns: Netns): Promise<void> {
  const names = new Map((await ip(netns, 'link')).map(({ ifindex, ifname }) => [ifindex, ifname]));
  const ours = (await listBridgePorts(netns)).map((port) => ({
    ...Object.fromEntries(
      Object.entries(PORT_FIELDS).map(([ours, theirs]) => [theirs, port[ours as keyof BridgePort]]),
    ),
    mcast_router: ROUTERS.indexOf(String(port.multicastRouter)),
    ifindex: port.index,
    ifname: port.name,
    master: names.get(port.master),
    mtu: port.mtu,
    up: port.up,
  }));
  const theirs = (await bridge(netns, 'link')).map(({ flags, link: _, ...port }) => ({
    ...port,
    up: (flags as string[]).includes('UP'),
  }));
  expect(ours).toEqual(theirs);
}

const PORT_SETTINGS: BridgePortSettings[] = [
  { cost: 7, priority: 11 },
  { hairpin: true, isolated: true, learning: false },
  { guard: true, rootBlock: true, fastLeave: true },
  { unicastFlood: false, multicastFlood: false, broadcastFlood: false },
  { multicastToUnicast: true },
  { neighborSuppress: true, vlanTunnel: true },
  { locked: true },
];

describe('createBridge, setBridge, listBridgePorts, setBridgePort', () => {
  test('a bridge with all that it can have', async () => {
    await using red = await createNetns('red');
    const made = await createBridge(red, 'br0', {
      up: true,
      mac: '02:00:00:00:00:01',
      mtu: 1400,
      alias: 'the switch',
      group: 3,
      txQueueLength: 9,
      promiscuous: true,
      arp: false,
      addrGenMode: 'none',
      addrs: ['10.0.0.1/24', 'fd00::1/64'],
      stp: true,
      priority: 4096,
    });
    const properties = (await ip(red, 'link', 'show', 'br0'))[0]!;
    expect(properties).toMatchObject({
      ifindex: made.index,
      address: '02:00:00:00:00:01',
      mtu: 1400,
      ifalias: 'the switch',
      group: '3',
      txqlen: 9,
      inet6_addr_gen_mode: 'none',
      linkinfo: { info_kind: 'bridge', info_data: { stp_state: 1, priority: 4096 } },
    });
    expect(properties['flags']).toEqual(expect.arrayContaining(['UP', 'PROMISC', 'NOARP']));
    const addresses = (await link(red, 'br0'))['addr_info'] as Json[];
    expect(addresses.map(({ local, prefixlen }) => [local, prefixlen])).toEqual([
      ['10.0.0.1', 24],
      ['fd00::1', 64],
    ]);
  });

  test('its address does not follow that of its ports', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { up: true });
    const { address } = await link(red, 'br0');
    await createVeth(
      { netns: red, name: 'a', bridge: 'br0', mac: '00:00:00:00:00:01' },
      { netns: red, name: 'b' },
    );
    expect((await link(red, 'br0'))['address']).toBe(address);
  });

  test("with the kernel's address, it is as ip makes it", async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { mac: 'kernel', up: true });
    await createBridge(red, 'br1', { up: true });
    await run(red, 'ip', 'link', 'add', 'br2', 'up', 'type', 'bridge');
    const carriers = (await ip(red, 'link', 'show', 'type', 'bridge')).map(({ ifname, flags }) => [
      ifname,
      (flags as string[]).includes('LOWER_UP'),
    ]);
    expect(Object.fromEntries(carriers)).toEqual({ br0: true, br1: false, br2: true });
    const mac = '00:00:00:00:00:01';
    await createVeth({ netns: red, name: 'a', bridge: 'br0', mac }, { netns: red, name: 'b' });
    expect(await link(red, 'br0')).toMatchObject({ address: mac });
  });

  test.each([1400, 1500, 9000])('its MTU of %d is kept when ports come and leave', async (mtu) => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { mtu, up: true });
    await createLink(red, { kind: 'bridge', name: 'br1', mtu });
    for (const name of ['br0', 'br1']) {
      expect(await link(red, name)).toMatchObject({ mtu });
      for (const other of [mtu, 1300, 9100]) {
        await run(red, 'ip', 'link', 'add', 'v0', 'mtu', String(other), 'type', 'veth');
        await run(red, 'ip', 'link', 'set', 'v0', 'master', name);
        expect(await link(red, name)).toMatchObject({ mtu });
        await run(red, 'ip', 'link', 'del', 'v0');
        expect(await link(red, name)).toMatchObject({ mtu });
      }
    }
  });

  test('a name that is taken', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { mtu: 1400 });
    await createVeth({ netns: red, name: 'a' }, { netns: red, name: 'b' });
    const before = await ip(red, 'link');
    for (const [name, ifExists] of [
      ['br0', 'fail'],
      ['a', 'fail'],
      ['a', 'ignore'],
    ] as const) {
      expect(await failure(createBridge(red, name, { ifExists, up: true }))).toMatchObject({
        name: 'NetlinkError',
        code: 'EEXIST',
        message: `EEXIST: create bridge ${name} in namespace red: a device named '${name}' exists already in namespace red`,
      });
    }
    expect(await ip(red, 'link')).toEqual(before);
  });

  test('where there is one, it is used', async () => {
    await using red = await createNetns('red');
    const options = { ifExists: 'ignore', up: true, addrs: ['10.0.0.1/24'] } as const;
    const first = await createBridge(red, 'br0', options);
    const second = await createBridge(red, 'br0', { ...options, addrs: ['10.0.0.1/24', '10.0.0.2/24'] });
    expect(first.found).toBe(false);
    expect(second).toEqual({ ...first, found: true });
    const addresses = (await link(red, 'br0'))['addr_info'] as Json[];
    expect(addresses.map(({ local }) => local).filter((local) => String(local).startsWith('10.'))).toEqual([
      '10.0.0.1',
      '10.0.0.2',
    ]);
  });

  test('one that fails half-way is gone again; one that was there stays', async () => {
    await using red = await createNetns('red');
    const addrs = ['10.0.0.1/24', 'ff02::1/64'];
    const before = await ip(red, 'link');
    expect(await failure(createBridge(red, 'br0', { addrs }))).toMatchObject({
      code: 'EADDRNOTAVAIL',
      message: expect.stringMatching(/: add address ff02::1\/64 to br0 in namespace red: /) as string,
    });
    expect(await ip(red, 'link')).toEqual(before);
    await createBridge(red, 'br0');
    expect(await failure(createBridge(red, 'br0', { addrs, ifExists: 'ignore' }))).toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'br0']);
  });

  test.each(SETTINGS)('a bridge is told %p', async (settings, expected) => {
    await using red = await createNetns('red');
    await createBridge(red, 'old');
    const { index } = await createBridge(red, 'other');
    await createBridge(red, 'new', settings);
    expect(await info(red, 'old')).not.toMatchObject(expected);
    await setBridge(red, 'old', settings);
    await setBridge(red, index, settings);
    for (const name of ['old', 'new', 'other']) {
      expect(await info(red, name)).toMatchObject(expected);
      expect((await getLink(red, name)).bridge).toMatchObject('stp' in settings ? { stpState: 1 } : settings);
    }
  });

  test('what is no bridge, and what a bridge does not take', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { stp: true });
    const before = await ip(red, 'link');
    expect(await failure(setBridge(red, 'lo', { priority: 1 }))).toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringContaining('it is not a bridge') as string,
    });
    expect(await failure(setBridge(red, 'nosuch', { priority: 1 }))).toMatchObject({
      code: 'ENODEV',
      message: 'ENODEV: set bridge nosuch in namespace red: there is no such device',
    });
    expect(await failure(setBridge(red, 'br0', { forwardDelay: 199 }))).toMatchObject({
      code: 'ERANGE',
      message:
        'ERANGE: set bridge br0 in namespace red: with STP, forwardDelay is 200 to 3,000 hundredths of a second',
    });
    expect(await ip(red, 'link')).toEqual(before);
  });

  test('ports are listed as bridge link lists them', async () => {
    await using red = await createNetns('red');
    expect(await listBridgePorts(red)).toEqual([]);
    await createBridge(red, 'br0', { up: true });
    await createBridge(red, 'br1', { up: true, stp: true });
    await createVeth({ netns: red, name: 'a', bridge: 'br0', up: true }, { netns: red, name: 'b', up: true });
    await createVeth(
      { netns: red, name: 'c', bridge: 'br1', mtu: 1400 },
      { netns: red, name: 'd', bridge: 'br0' },
    );
    await settled(red);
    await expectSamePorts(red);
    const names = async (of: string) => (await listBridgePorts(red, of)).map(({ name }) => name).sort();
    expect(await names('br0')).toEqual(['a', 'd']);
    expect(await names('br1')).toEqual(['c']);
    expect((await listBridgePorts(red)).map(({ state }) => state).sort()).toEqual([
      'disabled',
      'disabled',
      'forwarding',
    ]);
  });

  test.each(PORT_SETTINGS)('a port is told %p', async (settings) => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { up: true });
    const [{ index }] = await createVeth(
      { netns: red, name: 'a', bridge: 'br0', up: true },
      { netns: red, name: 'b', up: true },
    );
    const expected = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [
        PORT_FIELDS[name as keyof BridgePortSettings]!,
        value as unknown,
      ]),
    );
    expect((await bridge(red, 'link'))[0]).not.toMatchObject(expected);
    if ('locked' in settings && !kernelHas('a port of a bridge is locked')) {
      expect(await failure(setBridgePort(red, 'a', settings))).toMatchObject({
        code: 'EOPNOTSUPP',
        option: 'locked',
        message: expect.stringContaining('this kernel does not know it') as string,
      });
      return;
    }
    await setBridgePort(red, 'a', settings);
    await setBridgePort(red, index, settings);
    expect((await bridge(red, 'link'))[0]).toMatchObject(expected);
    await expectSamePorts(red);
  });

  test('what is no port, and what a port does not take', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0', { stp: true });
    await createVeth({ netns: red, name: 'a', bridge: 'br0' }, { netns: red, name: 'b' });
    const attempts: [string, BridgePortSettings, string, string][] = [
      ['b', { cost: 1 }, 'EOPNOTSUPP', 'it is not the port of a bridge'],
      ['nosuch', { cost: 1 }, 'ENODEV', 'there is no such device'],
    ];
    for (const [device, settings, code, message] of attempts) {
      const error = await failure(setBridgePort(red, device, settings));
      expect(error).toMatchObject({ name: 'NetlinkError', code });
      expect(error.message).toContain(message);
    }
  });
});
