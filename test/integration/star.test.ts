import {
  createBridge,
  createNetns,
  createStar,
  createVeth,
  getStats,
  deleteLink,
  deleteStar,
} from '../../lib';
import type { CreatedMember, Star, StarMember } from '../../lib';
import { bridge as bridgeJson, ip, run } from '../support/ip';

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

async function names(): Promise<string[]> {
  return (await ip(undefined, 'netns', 'list')).map(({ name }) => String(name)).sort();
}

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

test('an abort keeps what there is, where that is asked for', async () => {
  await using host = await createNetns();
  const controller = new AbortController();
  const onProgress = (done: number) => {
    if (done === 5) controller.abort(new Error('enough'));
  };
  const { signal } = controller;
  const options = { bridge: middle, members: membersOf(200), signal, onProgress, onFailure: 'keep' } as const;
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
