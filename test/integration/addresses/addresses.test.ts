import {
  addAddr,
  type AddAddrOptions,
  type Addr,
  createNetns,
  createVeth,
  listAddrs,
  listLinks,
  type Netns,
  removeAddr,
  setLink,
} from '../../../lib';
import { failure, ip, type Json, run, settled } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

/** A namespace with a pair, both ends up, without addresses. */
async function lab(): Promise<Netns> {
  const red = await netnsWithPair(undefined, { up: true, addrGenMode: 'none' });
  await settled(red);
  // what is tentative stays so for a minute
  await run(red, 'sysctl', '-qw', 'net.ipv6.conf.eth0.dad_transmits=60');
  return red;
}

// Time goes on between two looks.
const rounded = (seconds: unknown) => Math.round(Number(seconds) / 100) * 100;

const addrInfo = async (netns: Netns, ...args: string[]) =>
  (await ip(netns, 'addr', ...args)).flatMap(({ ifindex, addr_info }) =>
    (addr_info as Json[]).map(({ valid_life_time, preferred_life_time, ...info }): Json => ({
      ifindex,
      ...info,
      valid_life_time: rounded(valid_life_time),
      preferred_life_time: rounded(preferred_life_time),
    })),
  );

/** One of ours in the words of `ip -j addr`. */
function inWordsOfIp({ addr, family, index, scope, flags, ...rest }: Addr): Json {
  const [local, length] = addr.split('/');
  const has = (flag: string) => flags.includes(flag) || undefined;
  return {
    ifindex: index,
    family: family === 4 ? 'inet' : 'inet6',
    local,
    prefixlen: Number(length),
    address: rest.peer,
    broadcast: rest.broadcast,
    scope: String(scope),
    label: rest.label,
    metric: rest.metric,
    // IPv6 calls the bit of 'secondary' by another name
    [family === 4 ? 'secondary' : 'temporary']: has('secondary'),
    nodad: has('nodad'),
    tentative: has('tentative'),
    deprecated: has('deprecated'),
    noprefixroute: has('noprefixroute'),
    optimistic: has('optimistic'),
    home: has('homeaddress'),
    mngtmpaddr: has('mngtmpaddr'),
    autojoin: has('autojoin'),
    'stable-privacy': has('stableprivacy'),
    dynamic: flags.includes('permanent') ? undefined : true,
    valid_life_time: rounded(rest.validLifetime ?? 0xffffffff),
    preferred_life_time: rounded(rest.preferredLifetime ?? 0xffffffff),
  };
}

async function expectSameAsIp(netns: Netns): Promise<void> {
  const theirs = await addrInfo(netns);
  // ip makes up the order by device, the kernel by family; and what it calls protocol is not ours yet
  const byIndex = (a: Json, b: Json) => Number(a['ifindex']) - Number(b['ifindex']);
  const ours = (await listAddrs(netns)).map(inWordsOfIp).sort(byIndex);
  expect(ours).toEqual(theirs.map(({ protocol: _, ...info }) => info).sort(byIndex));
}

describe('addAddr, removeAddr, listAddrs', () => {
  test('the connected route is there with the address', async () => {
    await using red = await lab();
    await addAddr(red, 'eth0', '10.0.1.1/24');
    expect(await run(red, 'ip', 'route', 'show')).toBe(
      '10.0.1.0/24 dev eth0 proto kernel scope link src 10.0.1.1 \n',
    );
    await addAddr(red, 'eth0', 'fd00::1/64');
    expect(await run(red, 'ip', '-6', 'route', 'show', 'fd00::/64')).toBe(
      'fd00::/64 dev eth0 proto kernel metric 256 pref medium\n',
    );
    await removeAddr(red, 'eth0', '10.0.1.1/24');
    expect(await run(red, 'ip', 'route', 'show')).toBe('');
  });

  test('an address that a device had while it was down works when it is up', async () => {
    await using red = await createNetns();
    await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1', up: true });
    await addAddr(red, 'eth0', '10.0.1.1/24');
    expect(await run(red, 'ip', 'route', 'show')).toBe('');
    await setLink(red, 'eth0', { up: true });
    expect(await run(red, 'ip', 'route', 'show')).toBe(
      '10.0.1.0/24 dev eth0 proto kernel scope link src 10.0.1.1 \n',
    );
  });

  // What `ip addr add` makes of the same words is what ours makes.
  test.each<[string, AddAddrOptions, string]>([
    ['10.0.1.1/24', {}, ''],
    ['10.0.1.1/32', {}, ''],
    ['10.0.1.1/31', { broadcast: '10.0.1.255' }, 'broadcast 10.0.1.255'],
    ['10.0.1.1/24', { broadcast: '+' }, 'broadcast +'],
    ['10.0.1.1/24', { broadcast: '-' }, 'broadcast -'],
    ['10.0.1.1/31', { broadcast: '+' }, 'broadcast +'],
    ['10.77.200.1/13', { broadcast: '+' }, 'broadcast +'],
    ['10.0.1.1/24', { broadcast: '+', peer: '10.0.2.1/23' }, 'peer 10.0.2.1/23 broadcast +'],
    ['10.0.1.1/24', { label: 'eth0:one' }, 'label eth0:one'],
    ['10.0.1.1/24', { scope: 'link' }, 'scope link'],
    ['10.0.1.1/24', { scope: 'host' }, 'scope host'],
    ['10.0.1.1/24', { scope: 'site' }, 'scope site'],
    ['10.0.1.1/24', { scope: 77 }, 'scope 77'],
    ['127.0.0.2/8', {}, ''],
    ['10.0.1.1/24', { metric: 42 }, 'metric 42'],
    ['10.0.1.1/24', { noPrefixRoute: true }, 'noprefixroute'],
    ['224.1.2.3/32', { autojoin: true }, 'autojoin'],
    ['224.1.2.3/32', { flags: ['autojoin', 'noprefixroute'] }, 'autojoin noprefixroute'],
    ['10.0.1.1/32', { peer: '10.0.2.1' }, 'peer 10.0.2.1'],
    ['10.0.1.1/24', { peer: '10.0.2.1/24' }, 'peer 10.0.2.1/24'],
    ['10.0.1.1/24', { validLifetime: 1000, preferredLifetime: 500 }, 'valid_lft 1000 preferred_lft 500'],
    ['10.0.1.1/24', { validLifetime: 1000 }, 'valid_lft 1000 preferred_lft 1000'],
    ['10.0.1.1/24', { preferredLifetime: 0 }, 'preferred_lft 0'],
    ['fd00::1/64', {}, 'nodad'],
    ['FD00:0:0::0001/128', {}, 'nodad'],
    ['fd00::1/64', { dad: true }, ''],
    ['fd00::1/64', { metric: 42 }, 'nodad metric 42'],
    ['fd00::1/64', { noPrefixRoute: true }, 'nodad noprefixroute'],
    ['fd00::1/64', { home: true }, 'nodad home'],
    ['fd00::1/64', { manageTemporary: true }, 'nodad mngtmpaddr'],
    ['fd00::1/64', { flags: ['mngtmpaddr', 'homeaddress'] }, 'mngtmpaddr home'],
    ['fd00::1/64', { optimistic: true }, 'optimistic'],
    ['fd00::1/64', { scope: 'link' }, 'nodad scope link'],
    ['fd00::1/128', { peer: 'fd01::1' }, 'nodad peer fd01::1'],
    ['fd00::1/64', { validLifetime: 1000, preferredLifetime: 0 }, 'nodad valid_lft 1000 preferred_lft 0'],
  ])('%s %p', async (addr, options, words) => {
    await using red = await lab();
    // of the local table, IPv6 makes its part a moment later
    const routes = addr.includes(':') ? ['-6', 'route', 'show'] : ['route', 'show', 'table', 'all'];
    await run(red, 'ip', 'addr', 'add', addr, ...words.split(' ').filter(Boolean), 'dev', 'eth0');
    const [theirs, theirRoutes] = [
      await addrInfo(red, 'show', 'dev', 'eth0'),
      await run(red, 'ip', ...routes),
    ];
    await run(red, 'ip', 'addr', 'flush', 'dev', 'eth0');
    await addAddr(red, 'eth0', addr, options);
    expect(await addrInfo(red, 'show', 'dev', 'eth0')).toEqual(theirs);
    const own = addr.includes(':') ? 'fd00::1' : addr.split('/')[0];
    expect(theirs.map(({ local }) => local)).toContain(own);
    expect(await run(red, 'ip', ...routes)).toBe(theirRoutes);
    await expectSameAsIp(red);

    await removeAddr(red, 'eth0', addr, { ...(options.peer !== undefined && { peer: options.peer }) });
    expect(await addrInfo(red)).toEqual([]);
  });

  test('addresses are listed as ip lists them', async () => {
    await using red = await lab();
    await setLink(red, 'lo', { up: true });
    for (const [device, ...words] of [
      ['eth0', '10.0.1.1/24', 'brd', '+'],
      ['eth0', '10.0.1.2/24', 'label', 'eth0:two'],
      ['eth0', '10.0.2.1', 'peer', '10.0.2.2/30', 'metric', '7'],
      ['eth1', '192.168.0.1/16', 'valid_lft', '3000', 'preferred_lft', '2000'],
      ['eth1', 'fd00::1/64', 'nodad', 'noprefixroute'],
      ['eth1', 'fd00::2', 'peer', 'fd00::3/126', 'nodad'],
      ['eth1', 'fd00::4/64'],
    ] as const) {
      await run(red, 'ip', 'addr', 'add', ...words, 'dev', device);
    }
    await expectSameAsIp(red);
    expect((await listAddrs(red)).map(({ addr }) => addr)).toEqual(
      expect.arrayContaining(['127.0.0.1/8', '10.0.1.2/24', 'fd00::4/64', '::1/128']),
    );
  });

  test('in the order of indexes, which kernels before 6.6 list by their last eight bits', async () => {
    await using red = await createNetns('red');
    for (const [name, index, addr] of [
      ['far', '512', '10.0.3.1/24'],
      ['near', '7', '10.0.2.1/24'],
    ] as const) {
      await run(red, 'ip', 'link', 'add', name, 'index', index, 'type', 'bridge');
      await run(red, 'ip', 'addr', 'add', addr, 'dev', name);
      await run(red, 'ip', 'addr', 'add', `fd00:${index}::1/64`, 'dev', name);
    }
    expect((await listLinks(red)).map(({ name }) => name)).toEqual(['lo', 'near', 'far']);
    const addrs = ['10.0.2.1/24', '10.0.3.1/24', 'fd00:7::1/64', 'fd00:512::1/64'];
    expect((await listAddrs(red)).map(({ addr }) => addr)).toEqual(addrs);
  });

  test('those of one device, and of one family', async () => {
    await using red = await lab();
    await addAddr(red, 'eth0', '10.0.1.1/24');
    await addAddr(red, 'eth0', 'fd00::1/64');
    await addAddr(red, 'eth1', '10.0.2.1/24');
    const index = (await listLinks(red)).find(({ name }) => name === 'eth1')!.index;
    const listed = async (...args: Parameters<typeof listAddrs>) =>
      (await listAddrs(...args)).map(({ addr }) => addr);
    const told = async (...args: string[]) =>
      JSON.parse(await run(red, 'ip', '-j', ...args)) as {
        addr_info: { local: string; prefixlen: number }[];
      }[];
    const flat = (all: Awaited<ReturnType<typeof told>>) =>
      all.flatMap(({ addr_info }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`));
    expect(await listed(red, { device: 'eth0' })).toEqual(flat(await told('addr', 'show', 'dev', 'eth0')));
    expect(await listed(red, { device: index })).toEqual(flat(await told('addr', 'show', 'dev', 'eth1')));
    expect((await listed(red, { family: 4 })).sort()).toEqual(['10.0.1.1/24', '10.0.2.1/24']);
    expect((await listed(red, { family: 6 })).sort()).toEqual(flat(await told('-6', 'addr')).sort());
    expect(await listed(red, { family: 4, device: 'eth0' })).toEqual(['10.0.1.1/24']);
    expect(await failure(listAddrs(red, { device: 'nosuch' }))).toMatchObject({ code: 'ENODEV' });
  });
});
