// Which addresses are listed and flushed: those that ip(8) shows and flushes for the same words.
import {
  addAddr,
  type AddrFilter,
  createNetns,
  createVeth,
  currentNetns,
  flushAddrs,
  getLink,
  getNsid,
  listAddrs,
  type Netns,
  setLink,
  setNsid,
} from '../../../lib';
import { dumped } from '../../support/dump';
import { failure, ip, type Json, run, settled } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

async function lab(): Promise<Netns> {
  const red = await netnsWithPair(undefined, { up: true, addrGenMode: 'none' });
  await settled(red);
  await createVeth(
    { netns: red, name: 'off0', addrGenMode: 'none' },
    { netns: red, name: 'off1', addrGenMode: 'none' },
  );
  for (const [device, ...words] of [
    ['eth0', '10.0.1.1/24', 'metric', '7'],
    ['eth0', '10.0.1.2/24', 'label', 'eth0:two'],
    ['eth0', '10.1.0.1/24', 'scope', 'link', 'label', 'eth0:three'],
    ['eth0', '10.2.0.1', 'peer', '10.3.0.1'],
    ['eth0', 'fd00::1/64', 'nodad', 'preferred_lft', '0', 'valid_lft', '3000'],
    ['eth0', 'fd00::2/64', 'nodad', 'home'],
    ['eth1', '10.0.1.3/24', 'valid_lft', '3000', 'preferred_lft', '2000'],
    ['eth1', 'fd01::1/64', 'nodad', 'scope', 'host'],
    ['off0', '10.4.0.1/24'],
    ['off0', 'fd04::1/64'],
  ] as const) {
    await run(red, 'ip', 'addr', 'add', ...words, 'dev', device);
  }
  return red;
}

const withoutDevice = (list: readonly string[]) => list.map((one) => one.split(' ')[1]).sort();

/** The addresses of all devices that `ip addr show WORDS` shows. */
async function shown(netns: Netns, words: string): Promise<string[]> {
  const links = await ip(netns, ...`addr show ${words}`.trim().split(' '));
  // ip leaves empty objects where the addresses were that are not meant
  return links.flatMap(({ ifname, addr_info: all }) =>
    ((all ?? []) as Json[])
      .filter(({ local }) => local !== undefined)
      .map(({ local, prefixlen }) => `${String(ifname)} ${String(local)}/${String(prefixlen)}`),
  );
}

async function listed(netns: Netns, filter: AddrFilter): Promise<string[]> {
  const names = new Map((await ip(netns, 'link')).map(({ ifindex, ifname }) => [ifindex, String(ifname)]));
  return (await listAddrs(netns, filter)).map(({ index, addr }) => `${names.get(index)} ${addr}`);
}

const EXAMPLES: readonly [filter: AddrFilter, words: string, flushed?: true][] = [
  [{ device: 'eth0' }, 'dev eth0'],
  [{ device: 'eth0', family: 4 }, 'dev eth0', true],
  [{ scope: 'link' }, 'scope link'],
  [{ scope: 254 }, 'scope host'],
  [{ label: 'eth0:two' }, 'label eth0:two'],
  [{ label: 'eth0:*' }, 'label eth0:*', true],
  [{ up: true }, 'up'],
  [{ to: '10.0.0.0/8' }, 'to 10.0.0.0/8', true],
  [{ to: '10.0.1.2' }, 'to 10.0.1.2'],
  [{ to: 'fd00::/15' }, 'to fd00::/15'],
  [{ flags: { permanent: true } }, 'permanent'],
  [{ flags: { permanent: false } }, 'dynamic', true],
  [{ flags: { deprecated: true } }, 'deprecated'],
  [{ flags: { deprecated: false } }, '-deprecated'],
  [{ flags: { tentative: true } }, 'tentative'],
  [{ flags: { secondary: true } }, 'secondary'],
  [{ flags: { secondary: false }, device: 'eth0' }, 'primary dev eth0', true],
  [{ flags: { homeaddress: true } }, 'home'],
  [{ scope: 'global', up: true, to: '10.0.0.0/15' }, 'scope global up to 10.0.0.0/15'],
  [{ to: '192.168.0.0/16' }, 'to 192.168.0.0/16', true],
];

describe('listAddrs, flushAddrs', () => {
  test('what ip shows for the same words is what is listed', async () => {
    await using red = await lab();
    for (const [filter, words] of EXAMPLES) {
      const all = await shown(red, words);
      const theirs = filter.family === 4 ? all.filter((one) => !one.includes(':')) : all;
      // with a label, ip (6.1) leaves out the names of the devices
      expect([words, withoutDevice(await listed(red, filter))]).toEqual([words, withoutDevice(theirs)]);
    }
    expect(await listed(red, { up: false })).toEqual(['off0 10.4.0.1/24', 'off0 fd04::1/64']);
  });

  // `ip addr flush up` (6.1) flushes those of devices that are down, too
  test.each(EXAMPLES.filter(([, , flushed]) => flushed))(
    '%j are flushed as ip flushes them',
    async (filter, words) => {
      await using ours = await lab();
      await using theirs = await lab();
      const family = filter.family === undefined ? [] : [`-${filter.family}`];
      const before = (await listed(ours, filter)).length;
      expect(await flushAddrs(ours, filter)).toBe(before);
      await run(theirs, 'ip', ...family, 'addr', 'flush', ...words.split(' '));
      expect((await shown(ours, '')).sort()).toEqual((await shown(theirs, '')).sort());
      expect(await listed(ours, filter)).toEqual([]);
    },
  );

  test('an address that goes with its primary one is no error', async () => {
    await using red = await netnsWithPair(undefined, { addrGenMode: 'none' });
    for (const addr of ['10.0.1.1/24', '10.0.1.2/24', '10.0.1.3/24']) await addAddr(red, 'eth0', addr);
    expect(await flushAddrs(red, { flags: { secondary: false } })).toBe(1);
    expect(await shown(red, '')).toEqual([]);
    await run(red, 'sysctl', '-qw', 'net.ipv4.conf.eth0.promote_secondaries=1');
    for (const addr of ['10.0.1.1/24', '10.0.1.2/24', '10.0.1.3/24']) await addAddr(red, 'eth0', addr);
    expect(await flushAddrs(red, { flags: { secondary: false } })).toBe(1);
    expect(await shown(red, '')).toEqual(['eth0 10.0.1.2/24', 'eth0 10.0.1.3/24']);
    expect(await flushAddrs(red, { device: 'eth0' })).toBe(2);
    expect(await flushAddrs(red, { device: 'eth0' })).toBe(0);
  });

  test('those of devices that are up', async () => {
    await using red = await lab();
    expect(await flushAddrs(red, { up: true })).toBe(8);
    expect((await shown(red, '')).sort()).toEqual(['off0 10.4.0.1/24', 'off0 fd04::1/64']);
    expect(await flushAddrs(red, { up: false, family: 4 })).toBe(1);
    expect(await shown(red, '')).toEqual(['off0 fd04::1/64']);
  });

  test('no such device', async () => {
    await using red = await createNetns();
    expect(await failure(flushAddrs(red, { device: 'eth9' }))).toMatchObject({ code: 'ENODEV' });
  });

  test('addresses of another namespace, by the number that it has here', async () => {
    await using red = await lab();
    await using host = await currentNetns();
    await setNsid(host, red, 77);
    expect(await getNsid(host, red)).toBe(77);
    const { index } = await getLink(red, 'eth0');
    const own = (await listAddrs(red, { device: 'eth0', up: true })).map(({ addr }) => addr);
    const seen = await listAddrs(host, { device: index, up: true, targetNsid: 77 });
    expect(seen.map(({ addr }) => addr)).toEqual(own);
    expect(own).toHaveLength(6);
    expect(await failure(listAddrs(host, { targetNsid: 78 }))).toMatchObject({ code: 'EINVAL' });
  });

  test('who has added an address: what the kernel has is what is listed, or the option is refused', async () => {
    await using red = await netnsWithPair(undefined, { addrGenMode: 'none' });
    await setLink(red, 'lo', { up: true });
    const IFA_PROTO = '11';
    const known = (await dumped(red, 'address', 10)).some((one) => IFA_PROTO in one);
    for (const addr of ['10.0.1.1/24', 'fd00::1/64']) {
      const adding = addAddr(red, 'eth0', addr, { protocol: 77 });
      if (!known) {
        const error = await failure(adding);
        expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'protocol' });
        expect(error.message).toContain('this kernel does not know it, and would ignore it');
        expect(await shown(red, 'dev eth0')).toEqual([]);
        continue;
      }
      await adding;
      const theirs = await dumped(red, 'address', addr.includes(':') ? 10 : 2);
      expect(theirs.map((one) => one[IFA_PROTO])).toContain('4d');
      expect((await listed(red, { protocol: 77 })).includes(`eth0 ${addr}`)).toBe(true);
      await addAddr(red, 'eth0', addr, { protocol: 'kernel_ra', ifExists: 'replace' });
      const [changed] = await listAddrs(red, { device: 'eth0', to: addr.split('/')[0]! });
      const raw = (await dumped(red, 'address', addr.includes(':') ? 10 : 2)).map((one) => one[IFA_PROTO]);
      // 6.1 keeps the first one of an IPv4 address
      expect(changed!.protocol).toBe(raw.includes('02') ? 'kernel_ra' : 77);
      expect(raw.includes('02') || !addr.includes(':')).toBe(true);
      expect(await listed(red, { protocol: changed!.protocol! })).toEqual([`eth0 ${addr}`]);
      await addAddr(red, 'eth1', addr, { ...changed, protocol: 'unspec' });
      expect((await listAddrs(red, { device: 'eth1' })).at(-1)).not.toHaveProperty('protocol');
      await flushAddrs(red, { device: 'eth0' });
    }
    const ofLo = known ? ['lo ::1/128'] : [];
    expect(await listed(red, { protocol: 'kernel_lo' })).toEqual(ofLo);
  });
});
