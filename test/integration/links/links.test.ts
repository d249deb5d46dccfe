import {
  createBridge,
  createLink,
  createNetns,
  createVeth,
  deleteLink,
  getLink,
  type Link,
  listLinks,
  type Netns,
  setLink,
  watch,
} from '../../../lib';
import { failure, ip, type Json, run, settled } from '../../support/ip';

/** A device of ours in the words of `ip -d -j link`. */
function inWordsOfIp(link: Link, all: readonly Link[]): Json {
  const nameOf = (index: number | undefined) => all.find((other) => other.index === index)?.name;
  return {
    ifindex: link.index,
    ifname: link.name,
    linkinfo: link.kind,
    up: link.up,
    operstate: String(link.operState).toUpperCase(),
    address: link.mac,
    mtu: link.mtu,
    // ip says that a device has no carrier instead of that it is running
    flags: link.flags
      .filter((flag) => flag !== 'running')
      .map((flag) => flag.toUpperCase())
      .sort(),
    master: nameOf(link.master),
    link: link.linkNsid === undefined ? nameOf(link.link) : link.link,
    link_netnsid: link.linkNsid,
    ifalias: link.alias,
    group: link.group === 0 ? 'default' : String(link.group),
    txqlen: link.txQueueLength,
    altnames: link.altNames,
  };
}

/** The same fields as ip prints them. */
function asIpSays(link: Json): Json {
  const flags = (link['flags'] as string[]).filter((flag) => flag !== 'NO-CARRIER').sort();
  return {
    ifindex: link['ifindex'],
    ifname: link['ifname'],
    linkinfo: (link['linkinfo'] as { info_kind?: string } | undefined)?.info_kind,
    up: flags.includes('UP'),
    operstate: link['operstate'],
    address: link['address'],
    mtu: link['mtu'],
    flags,
    master: link['master'],
    link: link['link'] ?? link['link_index'],
    link_netnsid: link['link_netnsid'],
    ifalias: link['ifalias'],
    group: link['group'],
    txqlen: link['txqlen'],
    altnames: link['altnames'] ?? [],
  };
}

async function expectSameAsIp(netns: Netns): Promise<void> {
  await settled(netns);
  const links = await listLinks(netns);
  expect(links.map((link) => inWordsOfIp(link, links))).toEqual((await ip(netns, 'link')).map(asIpSays));
}

describe('createLink, getLink, listLinks, renameLink, deleteLink', () => {
  test('devices are listed as ip lists them', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await run(red, 'ip', 'link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1');
    await run(
      red,
      'ip',
      'link',
      'set',
      'a0',
      'master',
      'br0',
      'up',
      'alias',
      'the first',
      'group',
      '7',
      'mtu',
      '1400',
    );
    await run(red, 'ip', 'link', 'set', 'a1', 'up', 'txqueuelen', '77', 'arp', 'off', 'promisc', 'on');
    await run(
      red,
      'ip',
      'link',
      'property',
      'add',
      'dev',
      'a1',
      'altname',
      'an-alternative-name',
      'altname',
      'other',
    );
    await run(red, 'ip', 'link', 'add', 'b0', 'type', 'veth', 'peer', 'name', 'b1', 'netns', 'blue');
    await run(red, 'ip', 'link', 'set', 'lo', 'up');
    await expectSameAsIp(red);
    await expectSameAsIp(blue);
    expect((await listLinks(red)).map(({ name }) => name).sort()).toEqual(['a0', 'a1', 'b0', 'br0', 'lo']);
  });

  test('one device, by name, by alternative name and by index', async () => {
    await using red = await createNetns();
    const [{ index }] = await createVeth(
      { netns: red, name: 'eth0', mtu: 1234 },
      { netns: red, name: 'eth1' },
    );
    await run(red, 'ip', 'link', 'property', 'add', 'dev', 'eth0', 'altname', 'other');
    const byName = await getLink(red, 'eth0');
    expect(byName).toMatchObject({
      index,
      name: 'eth0',
      kind: 'veth',
      mtu: 1234,
      up: false,
      altNames: ['other'],
    });
    expect(await getLink(red, index)).toEqual(byName);
    expect(await listLinks(red)).toContainEqual(byName);
  });

  test('devices of one kind, and of one bridge', async () => {
    await using red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await run(red, 'ip', 'link', 'add', 'br1', 'type', 'bridge');
    await run(red, 'ip', 'link', 'add', 'a0', 'master', 'br1', 'type', 'veth', 'peer', 'name', 'a1');
    const listed = async (...args: Parameters<typeof listLinks>) =>
      (await listLinks(...args)).map(({ name }) => name);
    const told = async (...args: string[]) =>
      (await ip(red, 'link', 'show', ...args)).flatMap(({ ifname }) => ifname ?? []);
    expect(await listed(red, { kind: 'bridge' })).toEqual(await told('type', 'bridge'));
    expect(await listed(red, { kind: 'bridge' })).toEqual(['br0', 'br1']);
    expect(await listed(red, { kind: 'veth' })).toEqual(await told('type', 'veth'));
    expect(await listed(red, { master: 'br1' })).toEqual(await told('master', 'br1'));
    expect(await listed(red, { master: 'br1' })).toEqual(['a0']);
    expect(await listed(red, { master: 'br1', kind: 'bridge' })).toEqual([]);
    expect(await listed(red, { noMaster: true })).toEqual(await told('nomaster'));
    expect(await listed(red, { noMaster: true })).not.toContain('a0');
    await run(red, 'ip', 'link', 'set', 'a1', 'group', '7');
    expect(await listed(red, { group: 7 })).toEqual(await told('group', '7'));
    expect(await listed(red, { group: 7 })).toEqual(['a1']);
    expect(await listed(red, { group: 7, kind: 'bridge' })).toEqual([]);
    expect(await listed(red, { group: 8 })).toEqual([]);
    await expect(listLinks(red, { master: 'br0', noMaster: true })).rejects.toThrow(/^noMaster: /);
    // the kernel lists all devices for a kind that it does not know
    expect(await listed(red, { kind: 'nosuch' })).toEqual([]);
  });

  test('a device of any kind, and one that makes no IPv6 address', async () => {
    await using red = await createNetns();
    const made = await createLink(red, {
      kind: 'bridge',
      name: 'br0',
      up: true,
      mtu: 1400,
      priority: 7,
    });
    expect((await ip(red, 'link', 'show', 'br0'))[0]).toMatchObject({
      ifindex: made.index,
      mtu: 1400,
      linkinfo: { info_kind: 'bridge', info_data: { priority: 7 } },
      flags: expect.arrayContaining(['UP']) as string[],
    });
    await createLink(red, { kind: 'bridge', name: 'br1', up: true, addrGenMode: 'none' });
    expect((await ip(red, 'link', 'show', 'br1'))[0]).toMatchObject({
      inet6_addr_gen_mode: 'none',
      flags: expect.arrayContaining(['UP']) as string[],
    });
  });

  test('names that the kernel chooses', async () => {
    await using red = await createNetns();
    const made = [
      await createLink(red, { kind: 'bridge' }),
      await createLink(red, { kind: 'bridge', name: 'sw%d' }),
      await createLink(red, { kind: 'bridge', name: 'sw%d' }),
    ];
    expect(made.map(({ name }) => name)).toEqual(['bridge0', 'sw0', 'sw1']);
    const told = (await ip(red, 'link', 'show', 'type', 'bridge')).map(({ ifindex, ifname }) => [
      ifindex,
      ifname,
    ]);
    expect(made.map(({ index, name }) => [index, name])).toEqual(told);
  });

  test('deleting', async () => {
    await using red = await createNetns();
    const { index } = await createLink(red, { kind: 'bridge', name: 'br0' });
    await createLink(red, { kind: 'bridge', name: 'br1' });
    await deleteLink(red, 'br1');
    await deleteLink(red, index);
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
    expect(await failure(deleteLink(red, 'br1'))).toMatchObject({
      code: 'ENODEV',
      message: `ENODEV: delete link br1 in namespace ${String(red)}: there is no such device`,
    });
    await deleteLink(red, 'br1', { ifMissing: 'ignore' });
    await deleteLink(red, index, { ifMissing: 'ignore' });
  });

  test('deleting one end of a pair takes the other along, wherever it is', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    for (const [first, second] of [
      [red, red],
      [red, blue],
      [blue, red],
    ] as const) {
      await createVeth({ netns: first, name: 'eth0' }, { netns: second, name: 'eth1' });
      expect((await ip(second, 'link')).map(({ ifname }) => ifname)).toContain('eth1');
      await deleteLink(first, 'eth0');
      for (const netns of [red, blue]) {
        expect((await ip(netns, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
      }
    }
  });

  test('a device whose message takes more than 32 KiB, because it has 400 long names', async () => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0');
    const altNames = Array.from({ length: 400 }, (_, i) => `${i}-`.padEnd(127, 'x'));
    // a request of ip has no room for more than seven
    for (let i = 0; i < altNames.length; i += 7) {
      const properties = altNames.slice(i, i + 7).flatMap((name) => ['altname', name]);
      await run(red, 'ip', 'link', 'property', 'add', 'dev', 'br0', ...properties);
    }
    expect((await getLink(red, 'br0')).altNames.toSorted()).toEqual(altNames.toSorted());
    expect((await listLinks(red)).map(({ name }) => name)).toEqual(['lo', 'br0']);
    for await (const event of watch(red, { links: true })) {
      if (event.kind === 'ready') await setLink(red, 'br0', { mtu: 1400 });
      if (event.kind === 'link' && event.change === 'changed') {
        expect(event.link).toMatchObject({ name: 'br0', mtu: 1400 });
        expect(event.link.altNames).toHaveLength(400);
        break;
      }
    }
  });
});
