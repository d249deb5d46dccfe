import fc from 'fast-check';
import { createLab, type Lab, type LabDefinition, type PortDefinition } from '../../../lib';
import { ip, type Json, run } from '../../support/ip';
import { partOfRuns } from '../../support/part';

// What a lab has to look like to ip(8) is worked out here from its definition, and not by the library.

const SWITCHES = ['s1', 's2', 's3', 's4'];
const ROUTERS = ['r1', 'r2', 'r3'];
const NODES = Array.from({ length: 10 }, (_, i) => `n${i + 1}`);

const mtu = fc.option(fc.integer({ min: 1280, max: 1500 }), { nil: undefined });

/** A definition whose names come of few, so that two of them have much in common. */
const definitions = fc
  .subarray(SWITCHES, { minLength: 1 })
  .chain((switches) => {
    const port = fc.constantFrom(...switches).chain((on) =>
      fc.record<PortDefinition>(
        {
          switch: fc.constant(on),
          mtu: fc.integer({ min: 1280, max: 1500 }),
          mac: fc.integer({ min: 16, max: 255 }).map((byte) => `02:00:00:00:00:${byte.toString(16)}`),
        },
        { requiredKeys: ['switch'] },
      ),
    );
    const ports = fc.uniqueArray(port, { maxLength: 3, selector: (one) => one.switch });
    const node = fc.record(
      {
        ports,
        sysctls: fc.record({ 'net.ipv4.ip_default_ttl': fc.integer({ min: 32, max: 96 }) }),
      },
      { requiredKeys: ['ports'] },
    );
    return fc.record({
      switches: fc.record(
        Object.fromEntries(
          switches.map((name) => [name, fc.record({ subnets: fc.constantFrom([4], [6], [4, 6]), mtu })]),
        ),
      ),
      routers: fc.dictionary(fc.constantFrom(...ROUTERS), node, { maxKeys: 3 }),
      nodes: fc.dictionary(fc.constantFrom(...NODES), node, { maxKeys: 10 }),
      links: fc.uniqueArray(fc.tuple(fc.constantFrom(...NODES), fc.constantFrom(...NODES), mtu), {
        maxLength: 6,
        selector: ([one, other]) => [one, other].sort().join(),
      }),
    });
  })
  .map(({ switches, routers, nodes, links }): Definition => ({
    switches: Object.fromEntries(
      Object.entries(switches).map(([name, { subnets, mtu: bytes }]) => [
        name,
        {
          subnet: subnets.map((family) => subnetOf(name, family)),
          ...(bytes !== undefined && { mtu: bytes }),
        },
      ]),
    ),
    routers,
    nodes,
    links: links.flatMap(([one, other, bytes]) =>
      one !== other && one in nodes && other in nodes
        ? [{ ends: [one, other] as const, ...(bytes !== undefined && { mtu: bytes }) }]
        : [],
    ),
  }));

/** The keys that the definitions of this test have. */
interface Definition extends LabDefinition {
  switches: Record<string, { subnet: string[]; mtu?: number }>;
  routers: Record<string, Node>;
  nodes: Record<string, Node>;
  links: { ends: readonly [string, string]; mtu?: number }[];
}

interface Node {
  ports: PortDefinition[];
  sysctls?: { 'net.ipv4.ip_default_ttl': number };
}

function subnetOf(name: string, family: number): string {
  const number = name.slice(1);
  return family === 4 ? `10.${number}.0.0/24` : `fd00:${number}::/64`;
}

/** What is not drawn: devices, what they are joined to, and how many addresses of which subnets they have. */
function expected({ switches, routers, nodes, links }: Definition): Record<string, unknown> {
  const all = { ...routers, ...nodes };
  const six = Object.values(switches).some(({ subnet }) => subnet.some((one) => one.includes(':')));
  const outer: [string, unknown][] = [];
  const inside = Object.entries(all).map(([name, { ports, sysctls }]) => {
    const devices: [string, unknown][] = ports.map((port, i) => {
      const { subnet, mtu: bytes = 1500 } = switches[port.switch] ?? { subnet: [] };
      outer.push([i === 0 ? name : `${name}.eth${i}`, `on ${port.switch}`]);
      const mac = port.mac === undefined ? {} : { mac: port.mac };
      return [`eth${i}`, { mtu: port.mtu ?? bytes, subnets: [...subnet].sort(), ...mac }];
    });
    for (const { ends, mtu: bytes = 1500 } of links) {
      if (ends.includes(name))
        devices.push([
          `eth${devices.length}`,
          { mtu: bytes, subnets: ['/31', ...(six ? ['2001:2::/127'] : [])] },
        ]);
    }
    const ttl = String(sysctls?.['net.ipv4.ip_default_ttl'] ?? 64);
    return [
      name,
      { devices: Object.fromEntries(devices), forwarding: name in routers ? '1' : '0', ttl },
    ] as const;
  });
  return {
    bridges: Object.keys(switches).sort(),
    ports: Object.fromEntries(outer.sort(([one], [other]) => (one < other ? -1 : 1))),
    nodes: Object.fromEntries(inside),
  };
}

/** The same, as ip(8) and sysctl(8) show it, and the addresses. */
async function observed(lab: Lab, definition: Definition): Promise<{ shape: unknown; addrs: string[] }> {
  const middle = await ip(lab.switches, 'addr');
  const bridgeNames = middle.filter((one) => kindOf(one) === 'bridge').map((one) => String(one['ifname']));
  const ports = middle
    .filter((one) => kindOf(one) === 'veth')
    .map((one) => [String(one['ifname']), stateOf(one)] as const);
  const addrs: string[] = [];
  const inside = await Promise.all(
    [...lab.nodes].map(async ([name, netns]) => {
      const links = (await ip(netns, 'addr')).filter(({ ifname }) => ifname !== 'lo');
      const given = { ...definition.routers, ...definition.nodes }[name]?.ports ?? [];
      const devices = links.map((one) => {
        const ofDevice = (one['addr_info'] as Json[]).filter(({ scope }) => scope === 'global');
        addrs.push(...ofDevice.map(({ local }) => String(local)));
        const index = Number(String(one['ifname']).slice(3));
        const mac = given[index]?.mac === undefined ? {} : { mac: one['address'] };
        return [
          String(one['ifname']),
          { mtu: one['mtu'], subnets: ofDevice.map(networkOf).sort(), ...mac },
        ] as const;
      });
      const sysctls = await run(netns, 'sysctl', '-n', 'net.ipv4.ip_forward', 'net.ipv4.ip_default_ttl');
      const [forwarding, ttl] = sysctls.split('\n');
      // a sysctl stays when a definition has it no longer
      const isSet = { ...definition.routers, ...definition.nodes }[name]?.sysctls !== undefined;
      const sorted = devices.sort(([one], [other]) => (one < other ? -1 : 1));
      return [name, { devices: Object.fromEntries(sorted), forwarding, ttl: isSet ? ttl : '64' }] as const;
    }),
  );
  return {
    shape: {
      bridges: bridgeNames.sort(),
      ports: Object.fromEntries(ports.sort(([one], [other]) => (one < other ? -1 : 1))),
      nodes: Object.fromEntries(inside),
    },
    addrs,
  };
}

function kindOf(one: Json): unknown {
  return (one['linkinfo'] as Json | undefined)?.['info_kind'];
}

function stateOf(one: Json): string {
  return (one['flags'] as string[]).includes('UP') ? `on ${String(one['master'])}` : 'down';
}

/** '10.1.0.0/24', and '/31' and '2001:2::/127' of a link. */
function networkOf({ local, prefixlen }: Json): string {
  if (prefixlen === 31) return '/31';
  if (prefixlen === 127) return `${String(local).slice(0, 8)}/127`;
  const text = String(local);
  return prefixlen === 24 ? `${text.slice(0, text.lastIndexOf('.'))}.0/24` : `${text.split('::')[0]}::/64`;
}

/** As ip(8) shows it, a lab is what its definition says; no address is there twice, and nothing is left to be done. */
async function isWhatIsDefined(lab: Lab, definition: Definition): Promise<void> {
  const { shape, addrs } = await observed(lab, definition);
  expect(shape).toEqual(expected(definition));
  expect(new Set(addrs).size).toBe(addrs.length);
  expect(String(await lab.plan(definition))).toBe('');
}

const RUNS = Number(process.env['RTNETNS_LABS'] ?? partOfRuns(15, 3));

describe('createLab', () => {
  test('random labs become what their definitions say, then what other ones say, and go', async () => {
    const before = JSON.stringify(await ip(undefined, 'addr'));
    await fc.assert(
      fc.asyncProperty(definitions, definitions, async (first, second) => {
        const lab = await createLab(first);
        try {
          await isWhatIsDefined(lab, first);
          const plan = await lab.plan(second);
          expect((await lab.apply(second)).steps).toEqual(plan.steps);
          await isWhatIsDefined(lab, second);
          expect((await lab.apply(second)).steps).toEqual([]);
        } finally {
          await lab.destroy();
        }
      }),
      // a failure is reported with the smallest pair that could be found before jest ends the test
      { numRuns: RUNS, interruptAfterTimeLimit: 90_000, markInterruptAsFailure: true },
    );
    expect(JSON.stringify(await ip(undefined, 'addr'))).toBe(before);
  });
});
