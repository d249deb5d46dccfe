import { inspect } from 'node:util';
import {
  addAddr,
  addRoute,
  createBridge,
  createLab,
  exec,
  type Lab,
  type LabDefinition,
  type Netns,
  ping,
  setLink,
} from '../../../lib';
import { bridge, failure, ip, type Json, names, run } from '../../support/ip';

const lan = { subnet: ['10.0.0.0/24', 'fd00::/64'] };

const definition = {
  switches: { lan, wan: { subnet: '10.1.0.0/24', mtu: 1400 } },
  routers: { r1: { ports: ['lan', 'wan'] }, r2: { ports: 'wan' } },
  nodes: { 'web{1..3}': { ports: 'lan' }, server: { ports: { switch: 'wan', addrs: ['10.1.0.9/24'] } } },
  links: [{ ends: ['r2', 'web1'] }],
} satisfies LabDefinition;

/** Of each device of a node but lo, its global addresses, as `ip` shows them. */
async function addrsOf(lab: Lab, node: string): Promise<Record<string, string[]>> {
  const devices = await ip(lab.node(node), 'addr', 'show', 'up');
  const entries = devices.slice(1).map(({ ifname, addr_info }) => {
    const global = (addr_info as Json[]).filter(({ scope }) => scope === 'global');
    return [
      ifname,
      global.map(({ local, prefixlen }) => `${String(local)}/${String(prefixlen)}`).sort(),
    ] as const;
  });
  return Object.fromEntries(entries.sort()) as Record<string, string[]>;
}

async function routesOf(lab: Lab, node: string): Promise<string[]> {
  const lines = await Promise.all(
    ['-4', '-6'].map(async (family) => ip(lab.node(node), family, 'route', 'show', 'proto', '219')),
  );
  return lines
    .flat()
    .map(({ dst, gateway }) => `${String(dst)} via ${String(gateway)}`)
    .sort();
}

describe('createLab', () => {
  test('a lab is what its definition says, as ip and bridge see it', async () => {
    await using lab = await createLab(definition);
    expect(await addrsOf(lab, 'r1')).toEqual({ eth0: ['10.0.0.1/24', 'fd00::1/64'], eth1: ['10.1.0.1/24'] });
    expect(await addrsOf(lab, 'web1')).toEqual({
      eth0: ['10.0.0.2/24', 'fd00::2/64'],
      eth1: ['198.18.0.1/31', '2001:2::1/127'],
    });
    expect(await addrsOf(lab, 'server')).toEqual({ eth0: ['10.1.0.9/24'] });
    expect(await routesOf(lab, 'web3')).toEqual(['default via 10.0.0.1', 'default via fd00::1']);
    expect(await routesOf(lab, 'r2')).toEqual(['10.0.0.0/24 via 10.1.0.1']);
    const ports = await bridge(lab.switches, 'link', 'show');
    expect(
      ports.map(({ ifname, master, mtu, state }) => [ifname, master, mtu, state].join(' ')).sort(),
    ).toEqual([
      'r1 lan 1500 forwarding',
      'r1.eth1 wan 1400 forwarding',
      'r2 wan 1400 forwarding',
      'server wan 1400 forwarding',
      'web1 lan 1500 forwarding',
      'web2 lan 1500 forwarding',
      'web3 lan 1500 forwarding',
    ]);
    for (const [from, to] of [
      ['web3', 'server'],
      ['server', 'web1'],
      ['r2', 'web2'],
    ] as const) {
      expect(await ping(lab.node(from), lab.addr(to))).toMatchObject({ received: 1 });
    }
    expect(await ping(lab.node('web1'), 'fd00::4')).toMatchObject({ received: 1 });
    expect((await exec(lab.node('r1'), 'cat', ['/proc/sys/net/ipv4/ip_forward'])).stdout).toBe('1\n');
    expect(await names()).toEqual([]);
  });

  test('a definition that is applied again changes nothing', async () => {
    await using lab = await createLab(definition);
    expect(String(await lab.plan(definition))).toBe('');
    expect((await lab.apply(definition)).empty).toBe(true);
  });

  test('only what differs is changed', async () => {
    await using lab = await createLab(definition);
    await ping(lab.node('web2'), lab.addr('web3'));
    const index = async () => (await ip(lab.node('web2'), '-s', 'link', 'show', 'eth0'))[0];
    const before = await index();
    const next: LabDefinition = {
      ...definition,
      switches: { ...definition.switches, lan: { ...lan, mtu: 1400 } },
      nodes: {
        'web{1..4}': { ports: 'lan' },
        other: { ports: 'wan', sysctls: { 'net.ipv4.ip_forward': 1 } },
      },
      links: [{ ends: ['r2', 'web4'] }],
    };
    const plan = await lab.plan(next);
    expect((await lab.apply(next)).toString()).toBe(plan.toString());
    expect(plan.toString().split('\n')).toEqual([
      '- node server',
      '- link of eth1 of r2 to eth1 of web1',
      '- port eth0 of server on wan',
      '~ switch lan: mtu 1500 → 1400',
      '~ port eth0 of r1 on lan: mtu 1500 → 1400',
      '~ port eth0 of web1 on lan: mtu 1500 → 1400',
      '~ port eth0 of web2 on lan: mtu 1500 → 1400',
      '~ port eth0 of web3 on lan: mtu 1500 → 1400',
      '+ node web4',
      '+ port eth0 of web4 on lan',
      '+ address 10.0.0.5/24 of eth0 of web4',
      '+ address fd00::5/64 of eth0 of web4',
      '+ route to default via 10.0.0.1 of web4',
      '+ route to default via fd00::1 of web4',
      '+ node other',
      '+ sysctl net.ipv4.ip_forward of other',
      '+ port eth0 of other on wan',
      '+ address 10.1.0.3/24 of eth0 of other',
      '+ route to default via 10.1.0.1 of other',
      '+ link of eth1 of r2 to eth1 of web4',
      '+ address 198.18.0.0/31 of eth1 of r2',
      '+ address 2001:2::/127 of eth1 of r2',
      '+ address 198.18.0.1/31 of eth1 of web4',
      '+ address 2001:2::1/127 of eth1 of web4',
    ]);
    const after = await index();
    expect(after).toMatchObject({ ifindex: before?.['ifindex'], mtu: 1400 });
    expect((after as unknown as { stats64: { tx: { packets: number } } }).stats64.tx.packets).toBeGreaterThan(
      0,
    );
    expect(String(await lab.plan(next))).toBe('');
    expect(await ping(lab.node('web2'), lab.addr('other'))).toMatchObject({ received: 1 });
    await lab.apply(definition);
    expect(String(await lab.plan(definition))).toBe('');
    expect(await ping(lab.node('web3'), lab.addr('server'))).toMatchObject({ received: 1 });
  });

  test('what is not the lab’s stays; what is, and was changed outside, is mended', async () => {
    await using lab = await createLab(definition);
    const web1 = lab.node('web1');
    await createBridge(web1, 'mine', { up: true, addrs: ['192.0.2.1/24'] });
    await addRoute(web1, { to: '198.51.100.0/24', via: '10.0.0.3' });
    await addAddr(web1, 'eth0', '10.0.0.99/24');
    await setLink(web1, 'eth0', { mtu: 1300 });
    expect((await lab.apply(definition)).toString().split('\n')).toEqual([
      '- address 10.0.0.99/24 of eth0 of web1',
      '~ port eth0 of web1 on lan: mtu 1300 → 1500',
    ]);
    expect(await addrsOf(lab, 'web1')).toMatchObject({
      mine: ['192.0.2.1/24'],
      eth0: ['10.0.0.2/24', 'fd00::2/64'],
    });
    expect(await ip(web1, 'route', 'show', '198.51.100.0/24')).toHaveLength(1);
  });

  test('a switch that somebody has deleted, or taken a port from, has its ports again', async () => {
    const small = { switches: { lan, other: lan }, nodes: { 'n{1..3}': { ports: 'lan' } } };
    await using lab = await createLab(small);
    await run(lab.switches, 'ip', 'link', 'set', 'n1', 'nomaster');
    await run(lab.switches, 'ip', 'link', 'set', 'n2', 'master', 'other');
    const moved = await lab.plan(small);
    expect(moved.toString().split('\n')).toEqual([
      '~ port eth0 of n1 on lan: switch none → "lan"',
      '~ port eth0 of n2 on lan: switch "other" → "lan"',
    ]);
    await run(lab.switches, 'ip', 'link', 'del', 'lan');
    await lab.apply(small);
    const ports = (await bridge(lab.switches, 'link', 'show')).map(({ ifname, master }) => [ifname, master]);
    expect(Object.fromEntries(ports)).toEqual({ n1: 'lan', n2: 'lan', n3: 'lan' });
    expect(await ping(lab.node('n1'), lab.addr('n3'), { timeout: 500 })).toMatchObject({ received: 1 });
    expect(String(await lab.plan(small))).toBe('');
    // one that fails leaves it as it was
    await run(lab.switches, 'ip', 'link', 'set', 'n1', 'nomaster');
    const onProgress = (done: number, total: number): void => {
      if (done === total) throw new Error('enough');
    };
    await expect(lab.apply(small, { onProgress })).rejects.toThrow('enough');
    expect((await lab.plan(small)).steps).toHaveLength(1);
    await lab.apply({ ...small, nodes: { 'n{2..3}': { ports: 'lan' } } });
    expect((await bridge(lab.switches, 'link', 'show')).map(({ ifname }) => ifname).sort()).toEqual([
      'n2',
      'n3',
    ]);
  });

  test('a failure leaves nothing, or the lab as it was', async () => {
    const refused = {
      ...definition,
      nodes: { a: { ports: 'lan', routes: [{ to: '192.0.2.0/24', via: '203.0.113.1' }] } },
      links: [],
    };
    const error = await failure(createLab(refused));
    expect(error).toMatchObject({
      name: 'LabError',
      code: 'ENETUNREACH',
      cause: { name: 'NetlinkError' },
    });
    await using lab = await createLab(definition);
    const before = await Promise.all(
      ['r1', 'r2', 'web1'].map(async (node) => [await addrsOf(lab, node), await routesOf(lab, node)]),
    );
    expect(
      await failure(lab.apply({ ...refused, nodes: { ...refused.nodes, ...definition.nodes } })),
    ).toMatchObject({ code: 'ENETUNREACH' });
    expect(
      await Promise.all(
        ['r1', 'r2', 'web1'].map(async (node) => [await addrsOf(lab, node), await routesOf(lab, node)]),
      ),
    ).toEqual(before);
    expect(String(await lab.plan(definition))).toBe('');
  });

  test('with a name it is in /run/netns, and gone when it is destroyed', async () => {
    const lab = await createLab({ ...definition, name: 'raft' });
    expect(await names()).toEqual([
      'raft',
      'raft.r1',
      'raft.r2',
      'raft.server',
      'raft.web1',
      'raft.web2',
      'raft.web3',
    ]);
    expect(lab.node('web1').name).toBe('raft.web1');
    await lab.destroy({ wait: true });
    await lab.destroy();
    expect(await names()).toEqual([]);
    expect(await failure(lab.plan(definition))).toMatchObject({ name: 'LabError', code: 'ERR_LAB_CLOSED' });
  });

  test('names that are taken leave the lab undone, and those of others stay', async () => {
    await using first = await createLab({ name: 'raft', nodes: { a: {} } });
    expect(await failure(createLab({ name: 'raft', nodes: { b: {} } }))).toMatchObject({
      name: 'LabError',
      code: 'EEXIST',
      message: expect.stringContaining("`ifExists: 'apply'`") as string,
      cause: expect.objectContaining({ name: 'NetnsError' }) as unknown,
    });
    expect(inspect(first)).toBe("Lab { name: 'raft', nodes: [ 'a' ] }");
    expect(await names()).toEqual(['raft', 'raft.a']);
    expect(first.name).toBe('raft');
  });

  test('nothing is made of a definition that is refused', async () => {
    expect(
      await failure(createLab({ nodes: { a: { ports: 'lan' } }, links: [{ ends: ['a', 'b'] }] })),
    ).toMatchObject({
      name: 'LabDefinitionError',
      findings: [{ path: 'nodes.a.ports' }, { path: 'links[0].ends[1]' }],
    });
    await using lab = await createLab({ nodes: { a: {} } });
    expect(await failure(lab.apply({ nodes: { a: { ports: 'lan' } } }))).toMatchObject({
      name: 'LabDefinitionError',
    });
    expect(await failure(Promise.resolve().then(() => lab.node('b')))).toMatchObject({
      code: 'ERR_LAB_NODE',
    });
    expect([...lab.nodes.keys()]).toEqual(['a']);
  });

  test('of each step that is done it is told, and what it throws is a failure', async () => {
    const told: string[] = [];
    const onProgress = (done: number, total: number) => told.push(`${done} of ${total}`);
    await using lab = await createLab({ nodes: { a: {} } }, { onProgress });
    expect(told).toEqual(['1 of 1']);
    told.length = 0;
    const { steps } = await lab.apply(definition, { onProgress });
    expect(told.at(-1)).toBe(`${steps.length} of ${steps.length}`);
    const counts = told.map((line) => parseInt(line));
    expect(counts).toEqual([...counts].sort((one, other) => one - other));
    expect(counts.length).toBeGreaterThan(20);
    const refusing = () => {
      throw new RangeError('no more');
    };
    expect(await failure(lab.apply({ nodes: { a: {} } }, { onProgress: refusing }))).toMatchObject({
      message: expect.stringContaining('no more') as string,
    });
    expect(String(await lab.plan(definition))).toBe('');
    expect(await failure(createLab(definition, { onProgress: refusing }))).toMatchObject({
      message: expect.stringContaining('no more') as string,
    });
  });

  test('an abort undoes what was done', async () => {
    const abort = new AbortController();
    const creating = createLab({ ...definition, name: 'raft' }, { signal: abort.signal });
    abort.abort(new Error('enough'));
    expect(await failure(creating)).toMatchObject({ message: 'enough' });
    expect(await names()).toEqual([]);
  });

  test('a port whose name would be too long has one that no node has', async () => {
    const ports = ['wide', 'wide', 'wide'];
    const before = { switches: { wide: {} }, nodes: { abcdefghijklm: { ports } } } satisfies LabDefinition;
    await using lab = await createLab(before);
    const after = { ...before, nodes: { ...before.nodes, 'veth{0..2}': { ports: 'wide' } } };
    await lab.apply(after);
    expect((await bridge(lab.switches, 'link')).map(({ ifname }) => ifname)).toEqual(
      expect.arrayContaining(['abcdefghijklm', 'veth0', 'veth1', 'veth2', 'port.0', 'port.1']),
    );
    expect(String(await lab.plan(after))).toBe('');
  });

  test('an MTU below that of IPv6', async () => {
    const switches = { lan: { subnet: '10.0.0.0/24', mtu: 1000 } };
    const nodes = { 'n{1..2}': { ports: ['lan', 'lan'] } };
    const small = { switches, nodes, links: [{ ends: ['n1', 'n2'], mtu: 500 }] } satisfies LabDefinition;
    await using lab = await createLab(small);
    const mtus = async (netns: Netns) =>
      (await ip(netns, 'link')).filter(({ ifname }) => ifname !== 'lo').map(({ mtu }) => mtu);
    expect(new Set(await mtus(lab.switches))).toEqual(new Set([1000]));
    expect((await mtus(lab.node('n1'))).sort()).toEqual([1000, 1000, 500]);
    expect((await ping(lab.node('n1'), lab.addr('n2'))).received).toBe(1);
    expect(String(await lab.plan(small))).toBe('');
  });

  test('a switch keeps its MTU when a port has a smaller one', async () => {
    const subnet = '10.0.0.0/24';
    const nodes = { n1: { ports: [{ switch: 'lan', mtu: 1280 }] } };
    await using lab = await createLab({ switches: { lan: { subnet } } });
    for (const mtu of [1500, undefined]) {
      const smaller = { switches: { lan: { subnet, ...(mtu !== undefined && { mtu }) } }, nodes };
      await lab.apply(smaller);
      expect(await ip(lab.switches, 'link', 'show', 'lan')).toMatchObject([{ mtu: 1500 }]);
      expect((await lab.plan(smaller)).empty).toBe(true);
    }
  });

  test('others can find a new address of IPv6 as soon as the lab is there', async () => {
    // in the form of proc: ff02::1:ff00:2
    const solicited = 'ff0200000000000000000001ff000002';
    const six = { switches: { lan: { subnet: 'fd00::/64' } }, nodes: { 'n{1..2}': { ports: 'lan' } } };
    // the kernel's worker is late about every second time
    for (let i = 0; i < 10; i++) {
      await using made = await createLab(six);
      const { stdout } = await exec(made.node('n2'), 'cat', ['/proc/net/igmp6']);
      expect(stdout).toContain(solicited);
    }
  });

  test('a link between routers leads both families where the lab has both', async () => {
    const both = (number: number) => ({ subnet: [`10.0.${number}.0/24`, `fd00:${number}::/64`] });
    await using lab = await createLab({
      switches: { a: both(1), b: both(2) },
      routers: { r1: { ports: 'a' }, r2: { ports: 'b' } },
      nodes: { x: { ports: 'a' }, y: { ports: 'b' } },
      links: [{ ends: ['r1', 'r2'] }],
    });
    expect(await addrsOf(lab, 'r2')).toMatchObject({ eth1: ['198.18.0.1/31', '2001:2::1/127'] });
    expect(await routesOf(lab, 'r1')).toEqual(['10.0.2.0/24 via 198.18.0.1', 'fd00:2::/64 via 2001:2::1']);
    for (const addr of lab.addrs('y'))
      expect(await ping(lab.node('x'), addr, { timeout: 500 })).toMatchObject({ received: 1 });
  });

  test('a router forwards the first packet of IPv6', async () => {
    const [a, b, c] = [
      { subnet: 'fd00:a::/64' },
      { subnet: 'fd00:b::/64' },
      { subnet: 'fd00:c::/64' },
    ] as const;
    const six = {
      switches: { a, b },
      routers: { r: { ports: ['a', 'b'] } },
      nodes: { x: { ports: 'a' }, y: { ports: 'b' } },
    } satisfies LabDefinition;
    await using lab = await createLab(six);
    const waits = { count: 1, timeout: 500 };
    expect(await ping(lab.node('x'), lab.addr('y'), waits)).toMatchObject({ received: 1 });
    await lab.apply({
      switches: { ...six.switches, c },
      routers: { r: { ports: ['a', 'b', 'c'] } },
      nodes: { ...six.nodes, z: { ports: 'c' } },
    });
    expect(await ping(lab.node('x'), lab.addr('z'), waits)).toMatchObject({ received: 1 });
    const devices = await ip(lab.node('r'), '-6', 'addr', 'show');
    const addrs = devices.flatMap(({ addr_info: those }) => those as Json[]);
    const linkLocal = addrs.filter(({ scope }) => scope === 'link');
    expect(linkLocal).toHaveLength(3);
    for (const addr of linkLocal) expect(addr).not.toHaveProperty('tentative');
  });
});
