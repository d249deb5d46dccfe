import type { LabDefinition } from '../../../lib';
import { resolve } from '../../../lib/lab/resolve';
import type { Topology } from '../../../lib/lab/topology';
import { findingsOf } from '../../support/lab-findings';

/** Of each node, its devices with their addresses. */
function addrsOf({ nodes, links }: Topology): Record<string, Record<string, readonly string[]>> {
  const ends = [...[...nodes.values()].flatMap(({ ports }) => ports), ...links.flatMap((link) => link.ends)];
  const all: Record<string, Record<string, readonly string[]>> = {};
  for (const { node, device, addrs } of ends) (all[node] ??= {})[device] = addrs;
  return all;
}

function routesOf({ nodes }: Topology): Record<string, string[]> {
  return Object.fromEntries(
    [...nodes.values()].map(({ name, routes }) => [
      name,
      routes.map(({ to, via = '' }) => `${to} via ${via}`),
    ]),
  );
}

const lan = { subnet: '10.0.0.0/24' };

describe('addresses', () => {
  test('the gateway of a switch has the first one, then come the nodes in their order', () => {
    const topology = resolve({
      switches: { lan: { subnet: ['10.0.0.0/24', 'fd00::/64'] } },
      nodes: { 'web{1..2}': { ports: 'lan' } },
      routers: { r: { ports: 'lan' } },
    });
    expect(addrsOf(topology)).toEqual({
      r: { eth0: ['10.0.0.1/24', 'fd00::1/64'] },
      web1: { eth0: ['10.0.0.2/24', 'fd00::2/64'] },
      web2: { eth0: ['10.0.0.3/24', 'fd00::3/64'] },
    });
  });

  test('those that are written down are taken first', () => {
    const ports = { switch: 'lan', addrs: ['10.0.0.1/24', 'fd00::9/64'] };
    const topology = resolve(
      { switches: { lan: { subnet: '10.0.0.0/24' } }, nodes: { a: { ports: 'lan' }, b: { ports } } },
      undefined,
    );
    expect(addrsOf(topology)).toEqual({ a: { eth0: ['10.0.0.2/24'] }, b: { eth0: ports.addrs } });
  });

  test('a device keeps what it has, if that is in its subnet and nobody else has it', () => {
    const held = new Map([
      ['b eth0', ['10.0.0.9/24']],
      ['c eth0', ['10.1.0.9/24']],
      ['d eth0', ['10.0.0.9/24']],
    ]);
    const topology = resolve(
      {
        switches: { lan },
        nodes: { a: { ports: 'lan' }, b: { ports: 'lan' }, c: { ports: 'lan' }, d: { ports: 'lan' } },
      },
      held,
    );
    expect(addrsOf(topology)).toEqual({
      a: { eth0: ['10.0.0.1/24'] },
      b: { eth0: ['10.0.0.9/24'] },
      c: { eth0: ['10.0.0.2/24'] },
      d: { eth0: ['10.0.0.3/24'] },
    });
  });

  test('links take pieces of two addresses, which no switch has', () => {
    const topology = resolve({
      switches: { s: { subnet: '198.18.0.0/31' } },
      nodes: { a: {}, b: {}, c: {} },
      links: [
        { ends: ['a', 'b'] },
        { ends: ['b', 'c'] },
        { ends: ['a', 'c'], subnet: false },
        { ends: ['a', 'c'], subnet: 'fd00::/127' },
      ],
    });
    expect(addrsOf(topology)).toEqual({
      a: { eth0: ['198.18.0.2/31', '2001:2::/127'], eth1: [], eth2: ['fd00::/127'] },
      b: { eth0: ['198.18.0.3/31', '2001:2::1/127'], eth1: ['198.18.0.4/31', '2001:2::2/127'] },
      c: { eth0: ['198.18.0.5/31', '2001:2::3/127'], eth1: [], eth2: ['fd00::1/127'] },
    });
  });

  test('a link keeps its piece, though another one comes before', () => {
    const held = new Map([
      ['b eth0', ['198.18.0.0/31']],
      ['c eth0', ['198.18.0.1/31']],
    ]);
    const links = [
      { ends: ['a', { node: 'b', device: 'new0' }] },
      { ends: [{ node: 'b', device: 'eth0' }, 'c'] },
    ] as const;
    expect(addrsOf(resolve({ nodes: { 'n{1..2}': {}, a: {}, b: {}, c: {} }, links }, held))).toEqual({
      a: { eth0: ['198.18.0.2/31'] },
      b: { new0: ['198.18.0.3/31'], eth0: ['198.18.0.0/31'] },
      c: { eth0: ['198.18.0.1/31'] },
    });
  });
});

describe('routes', () => {
  test('nodes go by the gateway, and routers by the fewest routers', () => {
    const topology = resolve({
      switches: { a: { subnet: '10.1.0.0/24' }, b: { subnet: '10.2.0.0/24' }, c: { subnet: '10.3.0.0/24' } },
      routers: { ab: { ports: ['a', 'b'] }, bc: { ports: ['b', 'c'] } },
      nodes: { x: { ports: 'a' }, y: { ports: 'c' }, z: { ports: 'b' } },
    });
    expect(routesOf(topology)).toEqual({
      ab: ['10.3.0.0/24 via 10.2.0.2'],
      bc: ['10.1.0.0/24 via 10.2.0.1'],
      x: ['default via 10.1.0.1'],
      y: ['default via 10.3.0.1'],
      z: ['default via 10.2.0.1'],
    });
  });

  test('a route of its own counts more; gateway: false and routing: false make none', () => {
    const definition: LabDefinition = {
      switches: { lan, other: { subnet: '10.9.0.0/24', gateway: false } },
      routers: { r: { ports: ['lan', 'other'] }, s: { ports: 'lan' } },
      nodes: { a: { ports: 'lan', routes: [{ to: 'default', via: '10.0.0.2' }] }, b: { ports: 'other' } },
    };
    expect(routesOf(resolve(definition))).toMatchObject({
      a: ['default via 10.0.0.2'],
      b: [],
      s: ['10.9.0.0/24 via 10.0.0.1'],
    });
    expect(routesOf(resolve({ ...definition, routing: false }))).toMatchObject({ s: [] });
  });

  test('a line of routers', () => {
    const topology = resolve({
      routers: { 'r{1..3}': {} },
      nodes: { a: {} },
      links: [{ ends: ['r1', 'r2'] }, { ends: ['r2', 'r3'] }, { ends: ['r3', 'a'] }],
    });
    expect(routesOf(topology)).toEqual({
      r1: ['198.18.0.2/31 via 198.18.0.1', '198.18.0.4/31 via 198.18.0.1'],
      r2: ['198.18.0.4/31 via 198.18.0.3'],
      r3: ['198.18.0.0/31 via 198.18.0.2'],
      a: ['default via 198.18.0.4'],
    });
  });
});

describe('what is wrong is reported all at once, with its place', () => {
  test.each([7, null, undefined, [], 'lab.yaml'])('%p is no definition', (definition) => {
    expect(() => resolve(definition as never)).toThrow(/^definition: expected an object, got /);
  });

  test.each<[string, unknown, string[]]>([
    [
      'names that the kernel has for itself',
      {
        switches: { all: {}, lan },
        nodes: { lo: {}, a: { ports: { switch: 'lan', device: 'lo' } }, default: {} },
      },
      [
        "nodes.a.ports.device: each node has a device 'lo' of its own",
        "switches.all: the kernel takes no bridge and no port of the name 'all'",
        "nodes.lo: the kernel takes no bridge and no port of the name 'lo'",
        "nodes.default: the kernel takes no bridge and no port of the name 'default'",
      ],
    ],
    [
      'empty places of lists',
      // eslint-disable-next-line no-sparse-arrays -- as a program makes them that deletes an item
      { nodes: { a: { ports: [,] } }, links: [,] },
      [
        'nodes.a.ports[0]: expected the name of a switch, or an object with options, got undefined',
        'links[0]: expected an object, got undefined',
      ],
    ],
    [
      'addresses that no host of a subnet can have',
      {
        switches: { lan },
        nodes: {
          a: { ports: { switch: 'lan', addrs: ['10.0.0.0/24'] } },
          b: { ports: { switch: 'lan', addrs: ['10.0.0.255/24'] } },
        },
      },
      [
        'nodes.a.ports.addrs: 10.0.0.0/24 is no address of a host in 10.0.0.0/24',
        'nodes.b.ports.addrs: 10.0.0.255/24 is no address of a host in 10.0.0.0/24',
      ],
    ],
    [
      'a name that is too long',
      { name: 'x'.repeat(65) },
      [`name: expected at most 64 letters, digits, '-' and '_', got "${'x'.repeat(65)}"`],
    ],
    [
      'unknown keys',
      { switch: {}, nodes: { a: { port: 'x' } } },
      [
        "switch: there is no such option; did you mean 'switches'?",
        "nodes.a.port: there is no such option; did you mean 'ports'?",
      ],
    ],
    [
      'a switch that is not there',
      { switches: { lan }, nodes: { 'a{1..3}': { ports: ['lam'] } } },
      ["nodes.a{1..3}.ports[0]: there is no switch 'lam'; did you mean 'lan'?"],
    ],
    [
      'a node that is not there, beside a faulty one',
      { nodes: { a: { ports: 7 } }, links: [{ ends: ['a', 'b'] }, { ends: ['a'] }] },
      [
        'nodes.a.ports: expected the name of a switch (a number in quotes), or an object with options, got 7',
        "links[1].ends: expected the two nodes, like ['a', 'b'], got [a]",
        "links[0].ends[1]: there is no node 'b'; did you mean 'a'?",
      ],
    ],
    [
      'links after a faulty one, by their own numbers',
      { nodes: { a: {}, b: {} }, links: [{ end: [] }, { ends: ['a', 'b'] }, { ends: ['a', 'c'] }] },
      [
        "links[0].end: there is no such option; did you mean 'ends'?",
        'links[0].ends: it has to be given',
        "links[2].ends[1]: there is no node 'c'; did you mean 'a'?",
      ],
    ],
    [
      'each item of a list, and each sysctl',
      {
        switches: { lan },
        nodes: {
          a: {
            ports: { switch: 'lan', addrs: ['10.0.0.999/24', '10.0.0.3/24', 7] },
            routes: [{ to: 'default', via: 'x', metrik: 1 }, { via: '10.0.0.1' }],
            sysctls: { 'net.ipv4.ip_forward': [], 'kernel.hostname': 'a', 'net.ipv4.ip_default_ttl': 64 },
          },
        },
        routers: { r: { ports: 'lan', publish: [{ port: 0 }, { port: 80, to: 'a' }, { prot: 'tcp' }] } },
      },
      [
        "nodes.a.routes[0].metrik: there is no such option; did you mean 'metric'?",
        'nodes.a.routes[1].to: an address with its prefix length is a string, got undefined',
        "nodes.a.ports.addrs[0]: expected an address like '10.0.1.1' or 'fd00::1', got \"10.0.0.999\"",
        'nodes.a.ports.addrs[2]: an address with its prefix length is a string, got 7',
        'nodes.a.sysctls.net.ipv4.ip_forward: expected text or a number, got []',
        'nodes.a.sysctls.kernel.hostname: key: only what is below \'net\' belongs to a network namespace, got "kernel.hostname"',
        'routers.r.publish[0].port: expected an integer from 1 to 65535, got 0',
        'routers.r.publish[0].to: it has to be given',
        "routers.r.publish[2].prot: there is no such option; did you mean 'port'?",
        'routers.r.publish[2].port: it has to be given',
        'routers.r.publish[2].to: it has to be given',
      ],
    ],
    [
      'names twice',
      { switches: { x: {} }, nodes: { x: {}, 'a{1..2}': {}, a2: {} } },
      ["nodes.x: there is 'x' already, by switches.x", "nodes.a2: there is 'a2' already, by nodes.a{1..2}"],
    ],
    [
      'names that no device can have',
      { nodes: { 'a-very-long-name{1..2}': {}, 'a b': {}, 'x{2..1}': {} } },
      [
        "nodes.a-very-long-name{1..2}: 'a-very-long-name1' has 17 letters, and the name of a device at most 15",
        "nodes.a b: expected a name of letters, digits, '-' and '_'",
        "nodes.x{2..1}: expected a name, or a pattern like 'web{1..3}' for at most 100000 names",
      ],
    ],
    [
      'addresses',
      {
        switches: {
          lan,
          tiny: { subnet: '10.1.0.0/30' },
          odd: { subnet: '10.2.0.1/24' },
          two: { subnet: ['10.3.0.0/24', '10.4.0.0/24'] },
        },
        nodes: {
          a: { ports: { switch: 'lan', addrs: ['10.0.0.7/24'] } },
          b: { ports: { switch: 'lan', addrs: ['10.0.0.7/24'] } },
          c: { ports: { switch: 'lan', addrs: ['10.0.1.7/24', 'x'] } },
        },
      },
      [
        'switches.odd.subnet: address bits beyond the prefix length; the network is 10.2.0.0/24, got "10.2.0.1/24"',
        'switches.two.subnet: expected one subnet of IPv4 and one of IPv6 at most',
        "nodes.c.ports.addrs[1]: expected an address with its prefix length, like '10.0.1.1/24' or 'fd00::1/64', got \"x\"",
        "nodes.b.ports.addrs: 10.0.0.7/24 is another device's",
      ],
    ],
    [
      'addresses of others',
      {
        switches: { lan, tiny: { subnet: '10.1.0.0/30' } },
        nodes: {
          a: { ports: { switch: 'lan', addrs: ['10.0.0.7/24'] } },
          b: { ports: { switch: 'lan', addrs: ['10.0.0.7/24'] } },
          c: { ports: { switch: 'lan', addrs: ['10.0.1.7/24'] } },
          't{1..3}': { ports: 'tiny' },
        },
      },
      [
        'nodes.c.ports.addrs[0]: 10.0.1.7/24 is outside of 10.0.0.0/24',
        "nodes.b.ports.addrs: 10.0.0.7/24 is another device's",
        'nodes.t{1..3}.ports: no address is left in 10.1.0.0/30',
      ],
    ],
    [
      'devices twice, and a gateway without a port',
      {
        switches: { lan: { ...lan, gateway: 'rr' }, wan: { gateway: 'r' } },
        routers: { r: { ports: ['lan', { switch: 'lan', device: 'eth0' }] } },
      },
      [
        "switches.lan.gateway: there is no router 'rr' with a port on lan; did you mean 'r'?",
        "switches.wan.gateway: there is no router 'r' with a port on wan",
        "routers.r.ports[1].device: r has a device 'eth0' already",
      ],
    ],
  ])('%s', (_, definition, findings) => {
    expect(findingsOf(definition)).toEqual(findings);
  });
});

describe('subnets that overlap', () => {
  const twoSwitches = (first: string, second: string): LabDefinition => ({
    switches: { a: { subnet: first }, b: { subnet: second } },
    routers: { gw: { ports: ['a', 'b'] } },
  });

  test.each([
    ['10.0.0.0/24', '10.0.0.0/24'],
    ['10.0.0.0/16', '10.0.0.0/24'],
    ['fd00::/64', 'fd00::/48'],
  ])('%s and %s at one node are refused', (first, second) => {
    expect(findingsOf(twoSwitches(first, second))).toEqual([
      expect.stringMatching(/^routers\.gw\.ports\[1\]: .* and .* of eth0 are in one subnet/),
    ]);
  });

  test('those of two nodes are not, nor are two devices on one switch, nor what is routed by hand', () => {
    const apart: LabDefinition = {
      switches: { a: { subnet: '10.0.0.0/24' }, b: { subnet: '10.0.0.0/24' } },
      nodes: { one: { ports: 'a' }, two: { ports: 'b' }, both: { ports: ['a', 'a'] } },
    };
    expect(findingsOf(apart)).toEqual([]);
    expect(findingsOf({ ...twoSwitches('10.0.0.0/24', '10.0.0.0/24'), routing: false })).toEqual([]);
  });
});

test('no fault hides another one', () => {
  const impair = { delay: '50ms', los: 1 };
  const rules = { inputt: [], input: [{ do: 'jump' }] };
  const definition = {
    shapes: { ring: {}, star: { nodes: 0 } },
    nodes: { a: { rules }, b: {} },
    links: [{ ends: ['a', 'b'], impair }],
  };
  expect(findingsOf(definition).map((one) => one.split(':')[0])).toEqual([
    'nodes.a.rules.inputt',
    'nodes.a.rules.input[0].do',
    'shapes.ring',
    'shapes.star.nodes',
    'links[0].impair.delay',
    'links[0].impair.los',
  ]);
});
