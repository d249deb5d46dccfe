import {
  addAddr,
  createBridge,
  createLink,
  createNetns,
  createStar,
  createVeth,
  setLink,
} from '../../../lib';
import { failure, ip, names, node, run, until } from '../../support/ip';

type Place = Parameters<typeof run>[0];

/** The IPv6 addresses of each device, as `ip` says. */
async function addresses(netns: Place): Promise<Record<string, string[]>> {
  const devices = await ip(netns, '-6', 'addr');
  const all = devices.filter(({ addr_info }) => (addr_info as unknown[] | undefined)?.length);
  return Object.fromEntries(
    all.map(({ ifname, addr_info }) => [
      ifname,
      (addr_info as { local: string }[]).map(({ local }) => local),
    ]),
  ) as Record<string, string[]>;
}

/** Waits until a device has the link-local address that the kernel makes when it notices the carrier. */
async function hasLinkLocal(netns: Place, name: string): Promise<void> {
  await until(
    async () => (await addresses(netns))[name]?.some((local) => local.startsWith('fe80:')) ?? false,
  );
}

const READ_ONLY = 'mount --bind /proc/sys /proc/sys; mount -o remount,ro,bind /proc/sys; exec "$@"';
const inMounts = (prepare: string) => ['unshare', '-m', 'sh', '-euc', prepare, 'sh'];

describe('createNetns, createVeth, createBridge, createLink', () => {
  test('ipv6: false of a namespace: no device gets an IPv6 address, whoever makes it', async () => {
    await using off = await createNetns('off', { ipv6: false });
    await using on = await createNetns('on', { ipv6: true });
    await createVeth(
      { netns: off, name: 'eth0', up: true, addrs: ['10.0.1.1/24'] },
      { netns: on, name: 'eth0', up: true, addrs: ['10.0.1.2/24'] },
    );
    for (const netns of [off, on]) {
      await setLink(netns, 'lo', { up: true });
      await run(netns, 'ip', 'link', 'add', 'v0', 'up', 'type', 'veth', 'peer', 'v1');
      await run(netns, 'ip', 'link', 'set', 'v1', 'up');
    }
    for (const name of ['eth0', 'v0', 'v1']) await hasLinkLocal(on, name);
    expect((await addresses(on))['lo']).toEqual(['::1']);
    expect(await addresses(off)).toEqual({});
    await run(off, 'ping', '-c1', '-W1', '10.0.1.2');
  });

  test('lo: true of a namespace brings lo up, with IPv6 and without, and nothing else does', async () => {
    await using down = await createNetns('down');
    await using up = await createNetns('up', { lo: true });
    await using without = await createNetns('without', { lo: true, ipv6: false });
    const flags = async (netns: Place) => (await ip(netns, 'link', 'show', 'lo'))[0]?.['flags'];
    expect(await flags(down)).toEqual(['LOOPBACK']);
    for (const netns of [up, without]) {
      expect(await flags(netns)).toEqual(['LOOPBACK', 'UP', 'LOWER_UP']);
      await run(netns, 'ping', '-c', '1', '127.0.0.1');
    }
    await run(up, 'ping', '-c', '1', '::1');
  });

  test('ipv6: false of a namespace: an address is refused, until the sysctl of the device says otherwise', async () => {
    await using red = await createNetns('red', { ipv6: false });
    await createLink(red, { kind: 'bridge', name: 'br0', up: true });
    const error = await failure(addAddr(red, 'br0', 'fd00::1/64'));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EACCES' });
    expect(error.message).toMatch(/IPv6 is turned off for the device, by its sysctl disable_ipv6/);
    await run(red, 'sysctl', '-w', 'net.ipv6.conf.br0.disable_ipv6=0');
    await addAddr(red, 'br0', 'fd00::1/64');
    expect((await addresses(red))['br0']).toContain('fd00::1');
  });

  test('ipv6: false of a namespace: those that are made beside it are as ever', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => createNetns(undefined, { ipv6: i % 2 === 0 })),
    );
    const file = '/proc/sys/net/ipv6/conf/default/disable_ipv6';
    const values = await Promise.all(all.map(async (netns) => (await run(netns, 'cat', file)).trim()));
    expect(values).toEqual(all.map((_, i) => (i % 2 === 0 ? '0' : '1')));
    for (const netns of all) netns.close();
    expect((await run(undefined, 'cat', file)).trim()).toBe('0');
  });

  test('ipv6: false of a namespace: where /proc/sys is read-only, nothing is left', async () => {
    const [refused, as] = await node(
      `say(await told(rtnetns.createNetns('red', { ipv6: false })));
       say((await told(rtnetns.createNetns())).value !== undefined);`,
      ...inMounts(READ_ONLY),
    );
    expect(refused).toEqual({
      name: 'NetnsError',
      code: 'EROFS',
      message:
        'EROFS: create namespace red: ipv6: /proc/sys is mounted read-only, as in a container (disable_ipv6)',
    });
    expect(as).toBe(true);
    expect(await names()).toEqual([]);
  });

  test('ipv6: false of a namespace: a kernel without IPv6 has nothing to turn off, and without /proc/sys nobody can', async () => {
    const attempt =
      'say(await told(rtnetns.createNetns(undefined, { ipv6: false }).then((netns) => netns.open)));';
    const [lacking] = await node(attempt, ...inMounts('mount -t tmpfs t /proc/sys/net/ipv6; exec "$@"'));
    expect(lacking).toEqual({ value: true });
    const [hidden] = await node(attempt, ...inMounts('mount -t tmpfs t /proc/sys; exec "$@"'));
    expect(hidden).toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining(
        'ipv6: it cannot be turned off, because there is no /proc/sys',
      ) as string,
    });
  });

  test('ipv6: false of an end of a pair, either one, and of any new link', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const plain = { netns: red, up: true };
    const without = { netns: blue, up: true, ipv6: false };
    await createVeth({ ...plain, name: 'a0' }, { ...without, name: 'a1' });
    await createVeth({ ...without, name: 'b1' }, { ...plain, name: 'b0' });
    await createBridge(blue, 'br0', { up: true, ipv6: false });
    await createBridge(red, 'br0', { up: true });
    for (const netns of [red, blue]) {
      const ipv6 = netns === red;
      await createLink(netns, { kind: 'veth', name: 'c0', peer: { name: 'c1' }, up: true, ipv6 });
      await setLink(netns, 'c1', { up: true });
      await createVeth(
        { netns, name: 'p0', bridge: 'br0', up: true, ipv6 },
        { netns, name: 'p1', up: true, ipv6 },
      );
    }
    for (const name of ['a0', 'b0', 'c0', 'c1', 'p0', 'p1', 'br0']) await hasLinkLocal(red, name);
    await hasLinkLocal(blue, 'c1');
    expect(Object.keys(await addresses(blue))).toEqual(['c1']);
    // addresses that are added stay possible
    await addAddr(blue, 'a1', 'fd00::1/64');
    expect((await addresses(blue))['a1']).toEqual(['fd00::1']);
  });

  test('an addrGenMode that is given counts more, also in a star', async () => {
    await using host = await createNetns('host');
    const members = [{ device: { addrGenMode: 'eui64' as const } }, {}];
    const star = await createStar(host, { bridge: { name: 'br0' }, members, ipv6: false });
    const [one, other] = star.members.flatMap((made) => (made.status === 'created' ? [made.netns] : []));
    await hasLinkLocal(one, 'eth0');
    expect(Object.keys(await addresses(other))).toEqual(['lo']);
    expect(await addresses(host)).toEqual({});
    for (const netns of [one, other]) netns?.close();
  });

  test('ipv6 that is neither true nor false is refused', async () => {
    await using red = await createNetns('red');
    const wrong = 'no' as unknown as boolean;
    for (const [attempt, option] of [
      [createNetns('blue', { ipv6: wrong }), 'ipv6'],
      [createVeth({ netns: red }, { netns: red, ipv6: wrong }), 'second.ipv6'],
      [createLink(red, { kind: 'bridge', ipv6: wrong }), 'ipv6'],
      [createBridge(red, 'br0', { ipv6: wrong }), 'ipv6'],
    ] as const) {
      expect((await failure(attempt)).message).toBe(`${option}: expected true or false, got "no"`);
    }
    expect(await names()).toEqual(['red']);
  });
});
