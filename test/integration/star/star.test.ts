import { readdirSync } from 'node:fs';
import {
  createBridge,
  type CreatedMember,
  createNetns,
  createStar,
  createVeth,
  deleteLink,
  deleteStar,
  getStats,
  listLinks,
  type Netns,
  type NetnsError,
  openNetns,
  type Star,
  type StarMember,
} from '../../../lib';
import * as newDevice from '../../../lib/links/new-device';
import { bridge as bridgeJson, failure, ip, names, run, until } from '../../support/ip';

function membersOf(count: number, prefix = 'ns'): StarMember[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `${prefix}${i}`,
    device: { addrs: [`10.200.0.${i + 2}/24`, `fd00::${i + 2}/64`] },
    port: { name: `port${i}` },
    routes: [{ to: 'default', via: '10.200.0.1' }],
  }));
}

const middle = { name: 'br0', addrs: ['10.200.0.1/24'] };

function created({ members }: Star): CreatedMember[] {
  return members.map((member) => {
    if (member.status !== 'created') throw new Error(`not created: ${member.status}`);
    return member;
  });
}

describe('createStar, deleteStar', () => {
  test('makes namespaces that are joined to a bridge, as ip sees them', async () => {
    await using host = await createNetns();
    const star = await createStar(host, { bridge: middle, members: membersOf(5) });
    const members = created(star);
    expect(await names()).toEqual(['ns0', 'ns1', 'ns2', 'ns3', 'ns4']);

    const ports = await bridgeJson(host, 'link', 'show');
    expect(ports.map(({ ifname, master, state }) => [ifname, master, state]).sort()).toEqual(
      members.map(({ port }) => [port.name, 'br0', 'forwarding']),
    );
    for (const [i, { netns, device }] of members.entries()) {
      const [lo, eth0] = await ip(netns, 'addr', 'show');
      expect(lo).toMatchObject({ ifname: 'lo', flags: expect.arrayContaining(['UP']) as unknown });
      expect(eth0).toMatchObject({ ifname: 'eth0', ifindex: device.index, operstate: 'UP' });
      expect(JSON.stringify(eth0)).toContain(`"10.200.0.${i + 2}"`);
      const routes = await ip(netns, 'route', 'show');
      expect(routes).toContainEqual(
        expect.objectContaining({ dst: 'default', gateway: '10.200.0.1', dev: 'eth0' }),
      );
    }
    const [first] = members;
    await run(first?.netns, 'ping', '-c1', '-W2', '10.200.0.6');
    await run(first?.netns, 'ping', '-c1', '-W2', '10.200.0.1');
    await deleteStar(host, star, { wait: true });
    expect(await names()).toEqual([]);
    expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
  });

  test.each([
    [undefined, 1],
    [true, 1],
    [false, 0],
  ])(
    'multicastSnooping: %p ends as ip shows %p, and a bridge that was there keeps its own',
    async (asked, shown) => {
      await using host = await createNetns();
      const bridge = { ...middle, ...(asked === undefined ? {} : { multicastSnooping: asked }) };
      const snooping = async () => {
        const [link] = await ip(host, '-d', 'link', 'show', 'br0');
        return (link as { linkinfo: { info_data: { mcast_snooping: number } } }).linkinfo.info_data
          .mcast_snooping;
      };
      const star = await createStar(host, { bridge, members: membersOf(1) });
      expect(await snooping()).toBe(shown);

      await run(host, 'ip', 'link', 'set', 'br0', 'type', 'bridge', 'mcast_snooping', '0');
      const more = { bridge: { ...bridge, ifExists: 'ignore' as const }, members: [{ name: 'more' }] };
      const again = await createStar(host, more);
      expect(await snooping()).toBe(0);
      await deleteStar(host, star);
      await deleteStar(host, again, { wait: true });
    },
  );

  test('members of several shapes, some of which fail, are each as they were asked for', async () => {
    await using host = await createNetns();
    await using taken = await createNetns('ns17');
    const members = membersOf(50).map((member, i) => ({
      ...member,
      device: {
        addrs: [`10.200.0.${i + 2}/24`, `fd00::${i + 2}/64`].slice(0, i % 3),
        mac: `02:00:00:00:00:${(16 + i).toString(16)}`,
        ...(i === 23 && { addrs: ['224.0.0.9/24'] }),
      },
      routes: i % 3 === 0 ? [] : [{ to: 'default', via: '10.200.0.1' }],
    }));
    const star = await createStar(host, { bridge: middle, members, onFailure: 'keep' });
    const failed = star.members.flatMap((member, i) => (member.status === 'failed' ? [i] : []));
    expect(failed).toEqual([17, 23]);
    expect(await names()).toEqual(expect.not.arrayContaining(['ns23']));
    for (const [i, member] of star.members.entries()) {
      if (member.status !== 'created') continue;
      const [shown = {}] = await ip(member.netns, 'addr', 'show', 'dev', 'eth0');
      const { mac, addrs } = members[i]?.device ?? {};
      const own = shown['addr_info'] as { scope: string; local: string; prefixlen: number }[];
      expect(shown['address']).toBe(mac);
      expect(
        own.filter(({ scope }) => scope === 'global').map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      ).toEqual(addrs);
      const [port] = await ip(host, 'link', 'show', 'dev', `port${i}`);
      expect(port).toMatchObject({ ifindex: member.port.index, master: 'br0' });
    }
    await deleteStar(host, star);
    expect(taken.open).toBe(true);
  });

  test('without IPv6 no device makes a link-local address', async () => {
    await using host = await createNetns();
    const star = await createStar(host, { bridge: middle, members: membersOf(2), ipv6: false });
    const linkLocal = ['-6', 'addr', 'show', 'scope', 'link'];
    const found = [await run(host, 'ip', ...linkLocal)];
    for (const { netns } of created(star)) found.push(await run(netns, 'ip', ...linkLocal));
    expect(found).toEqual(['', '', '']);
    await run(created(star)[0]?.netns, 'ping', '-c1', '-W2', '10.200.0.3');
    await deleteStar(host, star, { wait: true });
  });

  test('a bridge that was there stays with its other ports when the star is deleted', async () => {
    await using host = await createNetns();
    const first = await createStar(host, { bridge: middle, members: membersOf(2) });
    await createVeth({ netns: host, name: 'uplink', bridge: 'br0' }, { netns: host, name: 'other' });
    const devices = async () => (await ip(host, 'link')).map(({ ifname }) => String(ifname)).sort();
    const before = await devices();
    const bridge = { ...middle, ifExists: 'ignore' } as const;
    const second = await createStar(host, { bridge, members: [{ name: 'more' }] });
    expect([first.bridge.found, second.bridge.found]).toEqual([false, true]);
    await deleteStar(host, second);
    expect(await devices()).toEqual(before);
    expect(await names()).not.toContain('more');
    await run(created(first)[0]?.netns, 'ping', '-c1', '-W2', '10.200.0.3');
    await deleteStar(host, first, { wait: true });
    expect(await devices()).toEqual(['lo', 'other', 'uplink']);
  });

  test('tells of its progress', async () => {
    await using host = await createNetns();
    const told: [number, number][] = [];
    const onProgress = (done: number, total: number) => told.push([done, total]);
    const star = await createStar(host, { bridge: middle, members: membersOf(3), onProgress });
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    await deleteStar(host, star, { wait: true });
  });

  describe('when one member fails', () => {
    test('nothing is left, by default', async () => {
      await using host = await createNetns();
      await createVeth({ netns: host, name: 'port3' }, { netns: host, name: 'other' });
      const before = await ip(host, 'link');
      await expect(createStar(host, { bridge: middle, members: membersOf(6) })).rejects.toMatchObject({
        code: 'EEXIST',
        message: expect.stringContaining("'port3' exists already") as unknown,
      });
      expect(await names()).toEqual([]);
      expect(await ip(host, 'link')).toEqual(before);
      await deleteLink(host, 'port3');
    });

    test('because a member has a device of that name from its birth, it is refused', async () => {
      await using host = await createNetns();
      const members = [{ device: { name: 'eth0' } }, { device: { name: 'lo' } }];
      await expect(createStar(host, { bridge: middle, members })).rejects.toMatchObject({
        code: 'EEXIST',
        message: expect.stringContaining("'lo' exists already") as unknown,
      });
      expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
    });

    test('and somebody holds the namespaces of others, nothing that has a name is left', async () => {
      await using host = await createNetns();
      const held: Netns[] = [];
      const hold = async () => {
        for (const name of await names()) {
          // a name that is being made or deleted is no namespace's
          const opened = (await Promise.allSettled([openNetns(name)]))[0];
          if (opened.status === 'fulfilled') held.push(opened.value);
          else expect(['ENOENT', 'ERR_NOT_A_NETNS']).toContain((opened.reason as NetnsError).code);
        }
      };
      const members = membersOf(40).map((member, i) =>
        i === 39 ? { ...member, routes: [{ to: 'default' }] } : member,
      );
      const holding: Promise<void>[] = [];
      const onProgress = (done: number) => {
        if (done === 10) holding.push(hold());
      };
      await expect(createStar(host, { bridge: middle, members, onProgress })).rejects.toMatchObject({
        code: 'ENODEV',
      });
      await Promise.all(holding);
      expect(held.length).toBeGreaterThan(0);
      expect(await names()).toEqual([]);
      expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
      for (const netns of held) netns.close();
    });

    test('the others are kept, where that is asked for', async () => {
      await using host = await createNetns();
      await createVeth({ netns: host, name: 'port1' }, { netns: host, name: 'other' });
      const star = await createStar(host, { bridge: middle, members: membersOf(3), onFailure: 'keep' });
      expect(star.members.map(({ status }) => status)).toEqual(['created', 'failed', 'created']);
      expect(star.members[1]).toMatchObject({ error: { code: 'EEXIST' } });
      expect(await names()).toEqual(['ns0', 'ns2']);
      await deleteStar(host, star, { wait: true });
      await deleteLink(host, 'port1');
    });

    test('a bridge that was there before stays', async () => {
      await using host = await createNetns();
      await createBridge(host, 'br0', { up: true });
      const members = membersOf(40).map((member, i) =>
        i === 39 ? { ...member, routes: [{ to: 'default' }] } : member,
      );
      await expect(
        createStar(host, { bridge: { ...middle, ifExists: 'ignore' }, members }),
      ).rejects.toMatchObject({ code: 'ENODEV' });
      expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'br0']);
    });

    test('one that could have been there before, but was not, goes', async () => {
      await using host = await createNetns();
      const bridge = { ...middle, ifExists: 'ignore' } as const;
      await expect(
        createStar(host, { bridge, members: [{ routes: [{ to: 'default' }] }] }),
      ).rejects.toMatchObject({ code: 'ENODEV' });
      expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
    });
  });

  test('what throws in onProgress ends it, and nothing is left', async () => {
    await using host = await createNetns();
    const onProgress = () => {
      throw new Error('no more');
    };
    const made = createStar(host, { bridge: middle, members: membersOf(100), onProgress, onFailure: 'keep' });
    await expect(made).rejects.toThrow('no more');
    expect(await names()).toEqual([]);
    expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
  });

  test('a wrong MAC address is named by its option', async () => {
    await using hub = await createNetns('hub');
    for (const end of ['port', 'device'] as const) {
      const members = [{}, { [end]: { mac: 'zz' } }];
      const error = await failure(createStar(hub, { bridge: { name: 'br0' }, members }));
      const rule = 'expected a MAC address like \'02:00:00:00:00:01\', got "zz"';
      expect(error.message).toBe(`members[1].${end}.mac: ${rule}`);
    }
    expect((await ip(hub, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
  });

  test('a handle that is closed meanwhile ends it, and nothing is left', async () => {
    await using hub = await createNetns('hub');
    const handle = await openNetns('hub');
    const members = Array.from({ length: 10 }, (_, i) => ({ name: `m${i}` }));
    const onProgress = (done: number) => {
      if (done === 3) handle.close();
    };
    const error = await failure(createStar(handle, { bridge: { name: 'br0' }, members, onProgress }));
    expect(error).toMatchObject({ name: 'NetnsError', code: 'ERR_NETNS_CLOSED' });
    expect(error).not.toHaveProperty('rollbackErrors');
    expect((await ip(hub, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
    expect(await names()).toEqual(['hub']);
  });

  test('a member that fails as the handle is closed leaves nothing', async () => {
    await using hub = await createNetns('hub');
    const handle = await openNetns('hub');
    const members = [{}, { routes: [{ to: 'default', via: '10.9.9.9' }] }];
    const onProgress = () => handle.close();
    const error = await failure(createStar(handle, { bridge: { name: 'br0' }, members, onProgress }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'ENETUNREACH' });
    expect(error).not.toHaveProperty('rollbackErrors');
    expect((await ip(hub, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
  });

  test('an abort stops it, and nothing is left', async () => {
    await using host = await createNetns();
    const controller = new AbortController();
    const onProgress = (done: number) => {
      if (done === 5) controller.abort(new Error('enough'));
    };
    const options = { bridge: middle, members: membersOf(200), signal: controller.signal, onProgress };
    await expect(createStar(host, options)).rejects.toThrow('enough');
    expect(await names()).toEqual([]);
    expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
  });

  test.each([1, 3])(
    'an abort after %s of 3 members, all of which are under way, stops it, too',
    async (count) => {
      await using host = await createNetns();
      const controller = new AbortController();
      const onProgress = (done: number) => {
        if (done === count) controller.abort(new Error('enough'));
      };
      const options = {
        bridge: { name: 'br0' },
        members: [{}, {}, {}],
        onProgress,
        signal: controller.signal,
      };
      await expect(createStar(host, options)).rejects.toThrow('enough');
      expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
    },
  );

  test('an abort keeps what there is, where that is asked for', async () => {
    await using host = await createNetns();
    const controller = new AbortController();
    const onProgress = (done: number) => {
      if (done === 5) controller.abort(new Error('enough'));
    };
    const { signal } = controller;
    const options = {
      bridge: middle,
      members: membersOf(200),
      signal,
      onProgress,
      onFailure: 'keep',
    } as const;
    const star = await createStar(host, options);
    const made = star.members.filter(({ status }) => status === 'created').length;
    expect(made).toBeGreaterThanOrEqual(5);
    expect(star.members.filter(({ status }) => status === 'skipped')).toHaveLength(200 - made);
    expect(await names()).toHaveLength(made);
    await deleteStar(host, star, { wait: true });
  });

  test('what is wrong in the options is refused before anything is made', async () => {
    await using host = await createNetns();
    const members = [{ name: 'good' }, { name: 'bad/name' }];
    const before = getStats().jobs;
    const made = createStar(host, { bridge: { name: 'br0' }, members });
    await expect(made).rejects.toThrow(/^members\[1\]\.name: /);
    expect(getStats().jobs).toBe(before);
  });

  test('what is no star is refused before anything is deleted', async () => {
    await using host = await createNetns();
    const star = await createStar(host, { bridge: middle, members: membersOf(2) });
    const { bridge, members } = star;
    const cases: [wrong: unknown, message: string][] = [
      [null, 'star: expected an object, got null'],
      [{ members }, 'star.bridge: it has to be given'],
      [{ bridge: null, members }, 'star.bridge: expected an object, got null'],
      [{ bridge: 'br0', members }, 'star.bridge: expected an object, got "br0"'],
      [{ bridge: {}, members }, 'star.bridge.index: expected an integer from 2 to 2147483647, got undefined'],
      [
        { bridge: { index: 'br0' }, members },
        'star.bridge.index: expected an integer from 2 to 2147483647, got "br0"',
      ],
      [{ bridge, members: 'x' }, 'star.members: expected a list, got "x"'],
      [{ bridge, members: [null] }, 'star.members[0]: expected an object, got null'],
      [{ bridge, members: [...members, 5] }, 'star.members[2]: expected an object, got 5'],
      [
        { bridge, members: [{ status: 'made' }] },
        'star.members[0].status: expected one of created, failed, skipped, got "made"',
      ],
      [
        { bridge, members: [{ status: 'created' }] },
        'star.members[0].netns: expected a handle of createNetns or openNetns, got undefined',
      ],
      [
        { bridge, members: [{ status: 'created', netns: 'ns0' }] },
        'star.members[0].netns: expected a handle of createNetns or openNetns, got "ns0"',
      ],
      [
        { bridge, members: [{ ...members[0], port: undefined }] },
        'star.members[0].port: expected an object, got undefined',
      ],
    ];
    for (const [wrong, message] of cases) {
      const error = await failure(deleteStar(host, wrong as Star));
      expect(error.message.slice(0, message.length)).toBe(message);
    }
    expect(await ip(host, 'link', 'show', 'master', 'br0')).toHaveLength(2);
    expect(await names()).toEqual(expect.arrayContaining(['ns0', 'ns1']));
    await deleteStar(host, star);
    expect(await names()).toEqual(expect.not.arrayContaining(['ns0', 'ns1']));
  });

  test.each([
    ['of its own', false],
    ['that was there before', true],
  ])('members whose handles were closed are deleted by their names, with a bridge %s', async (_, there) => {
    await using host = await createNetns();
    if (there) await createBridge(host, 'br0');
    const bridge = { ...middle, ifExists: 'ignore' } as const;
    const star = await createStar(host, { bridge, members: membersOf(3) });
    const [first, second] = created(star);
    first?.netns.close();
    const deleted = deleteStar(host, star, { wait: true });
    second?.netns.close();
    await deleted;
    expect(await names()).toEqual(expect.not.arrayContaining(['ns0', 'ns1', 'ns2']));
    expect(await ip(host, 'link', 'show', 'type', 'veth')).toEqual([]);
  });

  test('another namespace that has got the name of a member meanwhile stays', async () => {
    await using host = await createNetns();
    const star = await createStar(host, { bridge: middle, members: membersOf(1) });
    const [member] = created(star);
    await run(host, 'ip', 'netns', 'delete', 'ns0');
    await using other = await createNetns('ns0');
    member?.netns.close();
    await deleteStar(host, star, { wait: true });
    expect(await names()).toContain('ns0');
    expect(other.open).toBe(true);
  });

  test('a host whose handle is closed at once is cleared all the same', async () => {
    await using host = await createNetns();
    const own = await openNetns({ fd: host.access('lend').fd });
    const star = await createStar(own, { bridge: middle, members: membersOf(2) });
    const deleted = deleteStar(own, star);
    own.close();
    await deleted;
    expect(await names()).toEqual(expect.not.arrayContaining(['ns0', 'ns1']));
    expect(await ip(host, 'link', 'show', 'type', 'bridge')).toEqual([]);
  });

  test.each(['given', 'kernel'])(
    'a device that has got the index of the bridge stays (MAC address: %s)',
    async (mac) => {
      await using host = await createNetns();
      await using other = await createNetns();
      const bridge = { ...middle, ...(mac === 'kernel' && { mac }) } as const;
      const star = await createStar(host, { bridge, members: membersOf(2) });
      const [wrong] = await createVeth(
        { netns: other, name: 'data0', up: true },
        { netns: other, name: 'data1' },
      );
      await run(other, 'ip', 'link', 'set', 'data0', 'down');
      await run(
        other,
        'ip',
        'link',
        'add',
        'br1',
        'index',
        String(star.bridge.index + 100),
        'type',
        'bridge',
      );
      await deleteStar(other, { ...star, bridge: { ...star.bridge, index: wrong.index } });
      await deleteStar(other, { ...star, bridge: { ...star.bridge, index: star.bridge.index + 100 } });
      expect((await ip(other, 'link')).map(({ ifname }) => ifname).sort()).toEqual([
        'br1',
        'data0',
        'data1',
        'lo',
      ]);
      expect(await ip(host, 'link', 'show', 'type', 'bridge')).toHaveLength(1);
      await deleteStar(host, star);
      expect(await ip(host, 'link', 'show', 'type', 'bridge')).toEqual([]);
    },
  );

  test('a bridge that was renamed is deleted', async () => {
    await using host = await createNetns();
    const star = await createStar(host, { bridge: middle, members: membersOf(1) });
    await run(host, 'ip', 'link', 'set', 'br0', 'down', 'name', 'br9');
    await deleteStar(host, star);
    expect(await ip(host, 'link', 'show', 'type', 'bridge')).toEqual([]);
  });

  test('an index that somebody has is not taken for a name', async () => {
    await using host = await createNetns();
    await run(host, 'ip', 'link', 'add', 'theirs', 'index', '20000001', 'type', 'bridge');
    const index = jest.spyOn(newDevice, 'anyIndex').mockImplementationOnce(() => 20_000_000);
    const star = await createStar(host, { bridge: middle, members: membersOf(3) });
    expect(index).toHaveBeenCalledTimes(2);
    index.mockRestore();
    const [first, second, third] = created(star).map(({ port }) => port.index);
    expect([first, third]).toEqual([20_000_000, 20_000_002]);
    const ports = await bridgeJson(host, 'link', 'show');
    expect(ports.find(({ ifname }) => ifname === 'port1')).toMatchObject({ ifindex: second, master: 'br0' });
    expect(await names()).toEqual(['ns0', 'ns1', 'ns2']);
    await deleteStar(host, star, { wait: true });
  });

  test('a member may say no more than that it is one', async () => {
    await using host = await createNetns();
    const star = await createStar(host, { bridge: { name: 'br0' }, members: [{}] });
    const [member] = created(star);
    const [port] = await bridgeJson(host, 'link', 'show');
    expect(port).toMatchObject({ ifname: member?.port.name, ifindex: member?.port.index });
    expect(port?.['ifname']).toMatch(/^veth[0-9a-f]+$/);
    const links = await ip(member?.netns, 'link');
    expect(links.map(({ ifname, ifindex }) => [ifname, ifindex])).toEqual([
      ['lo', 1],
      ['eth0', member?.device.index],
    ]);
    expect(await names()).toEqual([]);
    await deleteStar(host, star, { wait: true });
  });

  test('all that an end and a route can be told', async () => {
    await using host = await createNetns();
    const member: StarMember = {
      device: { name: 'wan', mac: '02:00:00:00:00:07', mtu: 1400, alias: 'inside', addrs: ['10.200.0.7/24'] },
      port: { name: 'p7', mtu: 1400, alias: 'outside', txQueueLength: 50, addrGenMode: 'none' },
      routes: [
        { to: '10.1.0.0/16', device: 'wan' },
        { to: '10.2.0.0/16', nexthops: [{ via: '10.200.0.1', device: 'wan' }] },
        { to: '10.3.0.0/16', device: 'lo' },
      ],
    };
    const star = await createStar(host, { bridge: middle, members: [member] });
    const [{ netns }] = created(star) as [CreatedMember];
    expect(await ip(netns, 'link', 'show', 'wan')).toMatchObject([
      {
        address: '02:00:00:00:00:07',
        mtu: 1400,
        ifalias: 'inside',
        flags: expect.arrayContaining(['UP']) as unknown,
      },
    ]);
    expect(await ip(host, 'link', 'show', 'p7')).toMatchObject([
      {
        mtu: 1400,
        ifalias: 'outside',
        txqlen: 50,
        master: 'br0',
        flags: expect.arrayContaining(['UP']) as unknown,
      },
    ]);
    expect(await run(host, 'ip', '-6', 'addr', 'show', 'dev', 'p7')).toBe('');
    const routes = await ip(netns, 'route', 'show');
    expect(routes.map(({ dst, dev, gateway }) => [dst, dev, gateway])).toEqual([
      ['10.1.0.0/16', 'wan', undefined],
      ['10.2.0.0/16', 'wan', '10.200.0.1'],
      ['10.3.0.0/16', 'lo', undefined],
      ['10.200.0.0/24', 'wan', undefined],
    ]);
    await deleteStar(host, star, { wait: true });
  });

  describe('a member that is wrong', () => {
    test.each<[string, StarMember, string]>([
      ['a name that is a pattern', { port: { name: 'port%d' } }, "port.name: '%' in a device name"],
      [
        'an address without its prefix',
        { device: { addrs: ['10.0.0.1'] } },
        'device.addrs[0]: expected an address',
      ],
      ['an MTU that is none', { device: { mtu: -1 } }, 'mtu: expected an integer'],
      [
        'a route by a device that is not there',
        { routes: [{ to: 'default', device: 'eth1' }] },
        "routes[0]: device: a member has 'lo' and 'eth0', got \"eth1\"",
      ],
      ['a route that is none', { routes: [{ to: '10.0.0.1/8' }] }, 'routes[0]: to: address bits'],
    ])('%s', async (_, member, message) => {
      await using host = await createNetns();
      const made = createStar(host, { bridge: middle, members: [member] });
      await expect(made).rejects.toThrow(message);
      expect((await ip(host, 'link')).map(({ ifname }) => ifname)).toEqual(['lo']);
    });
  });

  test('a handle of a member has one descriptor until it is used', async () => {
    await using host = await createNetns();
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    const star = await createStar(host, { bridge: { name: 'br0' }, members: [{}, {}] });
    // a moment later: a kernel before 6.8 was waited for by a socket, which is closed on a thread
    await until(() => descriptors() - before === 2);
    const [member] = created(star) as [CreatedMember];
    expect((await listLinks(member.netns)).map(({ name }) => name)).toEqual(['lo', 'eth0']);
    expect(descriptors() - before).toBe(3);
    await deleteStar(host, star, { wait: true });
  });
});
