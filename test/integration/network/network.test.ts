import {
  createBridgeNetwork,
  createNetns,
  deleteNetns,
  getSysctl,
  setLink,
  setSysctl,
  waitGone,
} from '../../../lib';
import { bridge, failure, ip, node, run, until } from '../../support/ip';
import { createLab, elements, everything, HOST, LAN, member } from '../../support/lab';

const RED = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;

const SYSCTLS = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'];

const LISTENER = `
import socket, json, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.settimeout(20)
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

describe('createBridgeNetwork', () => {
  test('the announcements of addresses keep nothing, and without CAP_NET_RAW there are none', async () => {
    await using lab = await createLab();
    const red = lab.use(await createBridgeNetwork(lab.host, RED));
    const a = await createNetns('announced');
    await red.attach(a);
    const begin = performance.now();
    await deleteNetns(a, { wait: true });
    expect(performance.now() - begin).toBeLessThan(1000);

    const [told] = await node(
      `const host = await rtnetns.createNetns();
      const network = await rtnetns.createBridgeNetwork(host, { name: 'red', subnet: '10.1.0.0/24' });
      const { value } = await told(network.attach(await rtnetns.createNetns()));
      say(value?.addresses);
      network.close();`,
      ...['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw'],
    );
    expect(told).toEqual({ 4: '10.1.0.2' });
  });

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
    expect(await ip(a, '-6', 'route', 'show', 'default')).toMatchObject([
      { gateway: 'fd01::1', dev: 'eth0' },
    ]);
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

  test('what was there before is there after', async () => {
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
    const blue = lab.use(
      await createBridgeNetwork(host, { name: 'blue', subnet: '10.2.0.0/24', icc: false }),
    );
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
    expect((await run(host, 'sysctl', '-n', ...SYSCTLS)).split('\n')).toEqual(['0', '1', '']);
  });

  test('its MTU is that of all next hops of the default route, and outlives its members', async () => {
    await using lab = await createLab();
    const { host } = lab;
    await run(host, 'ip', 'link', 'add', 'wan2', 'mtu', '1450', 'up', 'type', 'veth');
    await run(host, 'ip', 'addr', 'add', '198.51.100.1/24', 'dev', 'wan2');
    for (const family of ['-4', '-6']) await run(host, 'ip', family, 'route', 'del', 'default');
    const hops = ['nexthop', 'via', LAN[4], 'nexthop', 'via', '198.51.100.9'];
    await run(host, 'ip', 'route', 'add', 'default', ...hops);
    const red = lab.use(await createBridgeNetwork(host, RED));
    expect(red.mtu).toBe(1450);
    const a = await member(lab);
    await red.attach(a);
    await red.detach(a);
    expect(await ip(host, 'link', 'show', 'red')).toMatchObject([{ mtu: 1450 }]);
    const again = lab.use(await createBridgeNetwork(host, { ...RED, mtu: 1450 }));
    expect(again.found).toBe(true);
    await red.remove();
  });

  test('a crash before the MTU was set is mended', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const options = { ...RED, mtu: 1400 };
    const red = lab.use(await createBridgeNetwork(host, options));
    await run(host, 'ip', 'link', 'set', 'red', 'mtu', '1500', 'down');
    const again = lab.use(await createBridgeNetwork(host, options));
    expect([again.found, again.mtu]).toEqual([true, 1400]);
    expect(await ip(host, 'link', 'show', 'red')).toMatchObject([{ mtu: 1400 }]);
    await red.remove();
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
    const left = (await ip(a, 'link', 'show', 'type', 'veth')).map(({ ifname }) => ifname);
    expect(left.sort()).toEqual(['eth0', 'eth2']);
  });

  test('a member announces its addresses, three times', async () => {
    await using lab = await createLab();
    const red = lab.use(await createBridgeNetwork(lab.host, RED));
    const b = await member(lab);
    await red.attach(b);
    // where the others of the network hear it
    const heard = run(b, 'timeout', '30', 'python3', '-c', LISTENER);
    await until(async () => (await run(b, 'cat', '/proc/net/packet')).includes(' 0003 '));
    await red.attach(await member(lab), { mac: '02:00:00:00:00:0a' });
    const frames = JSON.parse(await heard) as string[];
    expect(frames.filter((frame) => frame === 'arp 02000000000a 10.1.0.3 10.1.0.3')).toHaveLength(3);
    expect(frames.filter((frame) => frame === 'na 02000000000a fd01::3')).toHaveLength(3);
  });

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

  test('the table is put right where somebody took parts of it', async () => {
    await using lab = await createLab();
    const { host } = lab;
    await setSysctl(host, { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 });
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
});
