import { type LabDefinition, leafSpine, line, mesh, star, tree } from '../../../lib';
import { resolve } from '../../../lib/lab/resolve';
import { findingsOf } from '../../support/lab-findings';

/** 'router r1', 'node a', 'switch lan', 'link a b' of all that a definition comes to. */
function namesOf(definition: LabDefinition): string[] {
  const { switches, nodes, links } = resolve(definition);
  return [
    ...[...switches.keys()].map((name) => `switch ${name}`),
    ...[...nodes.values()].map(({ name, router }) => `${router ? 'router' : 'node'} ${name}`),
    ...links.map(({ ends }) => `link ${ends.map(({ node }) => node).join(' ')}`),
  ];
}

const addrOf = (definition: LabDefinition, node: string): readonly string[] | undefined =>
  resolve(definition).nodes.get(node)?.ports[0]?.addrs;

describe('what shapes stand for', () => {
  test('a star has a switch', () => {
    expect(namesOf({ shapes: { star: { nodes: 2 } } })).toEqual(['switch lan', 'node node1', 'node node2']);
    expect(addrOf({ shapes: { star: { nodes: 2, subnet: 'fd00::/64' } } }, 'node2')).toEqual(['fd00::2/64']);
  });

  test('in a line all but the ends are routers', () => {
    expect(namesOf({ shapes: { line: { nodes: 4 } } })).toEqual([
      ...['router node2', 'router node3', 'node node1', 'node node4'],
      ...['link node1 node2', 'link node2 node3', 'link node3 node4'],
    ]);
    expect(namesOf({ shapes: { line: { nodes: 2 } } })).toEqual([
      'node node1',
      'node node2',
      'link node1 node2',
    ]);
  });

  test('a mesh has a link for each pair', () => {
    expect(namesOf({ shapes: { mesh: { nodes: 3 } } })).toEqual([
      ...['router node1', 'router node2', 'router node3'],
      ...['link node1 node2', 'link node1 node3', 'link node2 node3'],
    ]);
  });

  test('a tree has hosts below its lowest routers', () => {
    const definition = { shapes: { tree: { depth: 3, fanout: 2, hosts: 1 } } };
    const names = namesOf(definition);
    expect(names.filter((name) => !name.startsWith('link'))).toEqual([
      ...['switch lan1', 'switch lan2', 'switch lan3', 'switch lan4'],
      ...['router router1-1', 'router router2-1', 'router router2-2'],
      ...['router router3-1', 'router router3-2', 'router router3-3', 'router router3-4'],
      ...['node host1-1', 'node host2-1', 'node host3-1', 'node host4-1'],
    ]);
    expect(names.filter((name) => name.startsWith('link'))).toEqual([
      ...['link router1-1 router2-1', 'link router1-1 router2-2'],
      ...['link router2-1 router3-1', 'link router2-1 router3-2'],
      ...['link router2-2 router3-3', 'link router2-2 router3-4'],
    ]);
    expect(addrOf(definition, 'host4-1')).toEqual(['10.0.4.2/24']);
  });

  test('leaves and spines are joined each to each', () => {
    const definition = { shapes: { leafSpine: { spines: 2, leaves: 2, hosts: 2 } } };
    expect(namesOf(definition)).toEqual([
      ...['switch lan1', 'switch lan2'],
      ...['router spine1', 'router spine2', 'router leaf1', 'router leaf2'],
      ...['node host1-1', 'node host1-2', 'node host2-1', 'node host2-2'],
      ...['link leaf1 spine1', 'link leaf1 spine2', 'link leaf2 spine1', 'link leaf2 spine2'],
    ]);
    expect(addrOf(definition, 'leaf2')).toEqual(['10.0.2.1/24']);
    expect(addrOf(definition, 'host2-2')).toEqual(['10.0.2.3/24']);
  });

  test('pieces of the subnet have room for the hosts, in both families', () => {
    const shape = { spines: 1, leaves: 2, hosts: 400, subnet: ['10.64.0.0/16', 'fd00:1::/48'] };
    expect(addrOf({ shapes: { leafSpine: shape } }, 'host2-400')).toEqual([
      '10.64.5.145/23',
      'fd00:1:0:2::191/64',
    ]);
  });

  test('a list of a kind has prefixes, and impairments are of each link, or of each port of a star', () => {
    const impair = { delay: 5 };
    const star = [
      { nodes: 1, prefix: 'a-', impair },
      { nodes: 1, prefix: 'b-' },
    ];
    const { nodes, links } = resolve({ shapes: { star, line: { nodes: 2, impair } } });
    expect([...nodes.values()].map(({ name, ports }) => [name, ports[0]?.switch, ports[0]?.impair])).toEqual([
      ['a-node1', 'a-lan', impair],
      ['b-node1', 'b-lan', undefined],
      ['node1', undefined, undefined],
      ['node2', undefined, undefined],
    ]);
    expect(links[0]?.ends.map((end) => end.impair)).toEqual([impair, impair]);
  });

  test.each<[string, LabDefinition, LabDefinition]>([
    ['star', star({ nodes: 3 }), { shapes: { star: { nodes: 3 } } }],
    ['line', line({ nodes: 3 }), { shapes: { line: { nodes: 3 } } }],
    ['mesh', mesh({ nodes: 3 }), { shapes: { mesh: { nodes: 3 } } }],
    ['tree', tree({ depth: 2, fanout: 2 }), { shapes: { tree: { depth: 2, fanout: 2 } } }],
    ['leafSpine', leafSpine({ spines: 1, leaves: 2 }), { shapes: { leafSpine: { spines: 1, leaves: 2 } } }],
  ])('the function %s returns the same', (_, made, shaped) => {
    expect(namesOf(made)).toEqual(namesOf(shaped));
  });
});

describe('what a shape has made may be extended', () => {
  test('by name and by pattern, and joined to others', () => {
    const topology = resolve({
      shapes: { leafSpine: { spines: 1, leaves: 2 } },
      switches: { lan1: { mtu: 1400 }, wan: { subnet: '203.0.113.0/24' } },
      routers: { spine1: { ports: 'wan' } },
      nodes: { 'host{1..2}-1': { sysctls: { 'net.ipv4.ip_default_ttl': 9 } }, more: { ports: 'lan1' } },
      links: [{ ends: ['host1-1', 'host2-1'] }],
    });
    expect(topology.nodes.get('host2-1')).toMatchObject({
      ports: [{ switch: 'lan2', device: 'eth0' }],
      sysctls: { 'net.ipv4.ip_default_ttl': 9 },
    });
    expect(topology.switches.get('lan1')).toMatchObject({ mtu: 1400, subnets: [{ address: '10.0.1.0' }] });
    expect(topology.nodes.get('spine1')?.ports.map((port) => port.switch)).toEqual(['wan']);
    // the links of a shape come before others
    expect(topology.links.map(({ ends }) => ends.map(({ node, device }) => `${node} ${device}`))).toEqual([
      ['leaf1 eth1', 'spine1 eth1'],
      ['leaf2 eth1', 'spine1 eth2'],
      ['host1-1 eth1', 'host2-1 eth1'],
    ]);
  });
});

describe('what is wrong with shapes', () => {
  test.each<[string, unknown, string[]]>([
    [
      'unknown kinds',
      { shapes: { leafspine: {} } },
      ["shapes.leafspine: there is no such option; did you mean 'leafSpine'?"],
    ],
    ['no object', { shapes: [] }, ['shapes: expected an object, got []']],
    [
      'options',
      {
        shapes: {
          leafSpine: { spine: 2, leaves: 0 },
          star: [{ nodes: 2 }, { nodes: 'x', prefix: 1 }],
          line: null,
        },
      },
      [
        'shapes.star[1].nodes: expected an integer from 1 to 1023, got "x"',
        'shapes.star[1].prefix: expected a string, got 1',
        'shapes.line: expected an object, got null',
        "shapes.leafSpine.spine: there is no such option; did you mean 'spines'?",
        'shapes.leafSpine.leaves: expected an integer from 1 to 5000, got 0',
        'shapes.leafSpine.spines: it has to be given',
      ],
    ],
    [
      'too much',
      { shapes: { mesh: { nodes: 200 }, line: { nodes: 4000 }, tree: { depth: 5000, fanout: 5000 } } },
      [
        'shapes.mesh: it has 200 nodes and 19900 links, and all shapes together at most 5000 of each',
        'shapes.tree: it has over 1000000 nodes and over 1000000 links, and all shapes together at most 5000 of each',
      ],
    ],
    [
      'too much together',
      { shapes: { line: [{ nodes: 3000 }, { nodes: 3000, prefix: 'b' }] } },
      ['shapes.line[1]: it has 3000 nodes and 2999 links, and all shapes together at most 5000 of each'],
    ],
    [
      'a subnet without room',
      { shapes: { tree: { depth: 2, fanout: 4, subnet: '10.0.0.0/22' } } },
      ['shapes.tree.subnet: expected one with room for 5 of /24, got 10.0.0.0/22'],
    ],
    [
      'names twice, or too long',
      {
        shapes: { star: [{ nodes: 2 }, { nodes: 2 }], line: { nodes: 3, prefix: 'long-prefix-' } },
        nodes: { leaf1: {}, 'n,': {} },
      },
      [
        "shapes.star[1]: there is 'lan' already, by shapes.star[0], among the switches",
        "shapes.line: 'long-prefix-node2' has 17 letters, and the name of a device at most 15",
        "shapes.star[1]: there is 'node1' already, by shapes.star[0], among the nodes",
        "shapes.line: 'long-prefix-node1' has 17 letters, and the name of a device at most 15",
        "nodes.n,: expected a name of letters, digits, '-' and '_'",
      ],
    ],
    [
      'a node of another kind, and one twice',
      {
        shapes: { leafSpine: { spines: 1, leaves: 1 } },
        nodes: { leaf1: {}, 'host{1..1}-1': {}, 'host1-1': {} },
      },
      [
        "nodes.leaf1: there is 'leaf1' already, by shapes.leafSpine, among the routers",
        "nodes.host1-1: there is 'host1-1' already, by nodes.host{1..1}-1",
      ],
    ],
    [
      'a device that a link of a shape has',
      {
        shapes: { line: { nodes: 2 } },
        switches: { s: {} },
        nodes: { node1: { ports: { switch: 's', device: 'eth1' } } },
      },
      ["shapes.line.device: node1 has a device 'eth1' already"],
    ],
  ])('%s', (_, definition, findings) => {
    expect(findingsOf(definition)).toEqual(findings);
  });

  test('functions refuse the same', () => {
    expect(() => star({ nodes: 0 })).toThrow('nodes: expected an integer from 1 to 1023, got 0');
    expect(() => star({} as never)).toThrow('nodes: it has to be given');
    expect(() => star({ nodes: 1, subnet: ['x', 'y'] })).toThrow(/^subnet\[0\]: expected an address .*"x"$/);
    expect(() => mesh({ nodes: 200 })).toThrow(
      'options: it has 200 nodes and 19900 links, and all shapes together at most 5000 of each',
    );
    expect(() => tree({ depth: 2, fanout: 4, subnet: '10.0.0.0/22' })).toThrow(
      'subnet: expected one with room for 5 of /24, got 10.0.0.0/22',
    );
  });
});
