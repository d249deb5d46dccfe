import { checkObject } from '../common/options';
import { didYouMean } from '../common/similar-name';
import { drawAddrs } from './addresses';
import { checkDefinition } from './check-definition';
import type { LabDefinition, PortDefinition } from './definition';
import { Findings, type Place } from './findings';
import { listed } from './lists';
import { publishPorts, resolveNat } from './nat/resolve-nat';
import { checkOverlaps } from './overlaps';
import { type NodePart, partsOf, type SwitchPart } from './parts';
import { resolveRun } from './processes/resolve-run';
import { resolveRegions } from './regions';
import { addRoutes } from './routing';
import { prefixesOf, resolveLinks, toEnd } from './resolve-links';
import type { Topology, TopologyNode, TopologyPort, TopologySwitch } from './topology';

/**
 * Makes a definition a topology. `held` are the addresses that devices have already, by 'node device': a device keeps those that are in its
 * subnets.
 *
 * @throws TypeError for what is no object, and LabDefinitionError with all that is wrong.
 */
export function resolve(
  definition: LabDefinition,
  held: ReadonlyMap<string, readonly string[]> = new Map(),
): Topology {
  checkObject(definition, 'definition');
  const findings = new Findings();
  checkDefinition(definition, findings);
  if (findings.has([])) definition = withoutFaulty(definition, findings);

  const parts = partsOf(definition, findings);
  // without what a shape would make, one fault would bring others
  if (findings.has(['shapes'])) findings.throwIfAny();
  const switches = new Map(parts.switches.map((part) => [part.name, toSwitch(part)]));
  const nodes = new Map(parts.nodes.map((part) => [part.name, toNode(part, switches, findings)]));
  const links = resolveLinks(parts.links, nodes, findings);
  const processes = resolveRun(parts.nodes, findings);
  const latencies =
    findings.has(['regions']) || findings.has(['latency']) ? [] : resolveRegions(definition, nodes, findings);
  const topology = { name: definition.name, switches, nodes, links, processes, latencies };
  setGateways(topology, findings);
  checkDevices(topology, findings);
  const { linkSubnets } = definition;
  drawAddrs(topology, linkSubnets === undefined ? undefined : listed(linkSubnets), held, findings);
  if (definition.routing !== false) checkOverlaps(topology, findings);
  findings.throwIfAny();
  publishPorts(topology, findings);
  findings.throwIfAny();
  if (definition.routing !== false) addRoutes(topology);
  return topology;
}

/**
 * What is left to look at, so that all faults are reported at once: a part that is not as it should be counts as one that asks for nothing,
 * so that others may refer to it.
 */
function withoutFaulty(
  { switches, nodes, routers, links, ...others }: LabDefinition,
  findings: Findings,
): LabDefinition {
  const group = <T>(
    name: string,
    all: Readonly<Record<string, T>> | undefined,
  ): Record<string, T | object> => {
    if (typeof all !== 'object' || Array.isArray(all)) return {};
    return Object.fromEntries(
      Object.entries(all).map(([key, one]) => [key, findings.has([name, key]) ? {} : one]),
    );
  };
  return {
    ...others,
    switches: group('switches', switches),
    nodes: group('nodes', nodes),
    routers: group('routers', routers),
    links: Array.isArray(links) ? links : [],
  };
}

function toSwitch({ name, definition, place }: SwitchPart): TopologySwitch {
  const { subnet, gateway, mtu, bridge = {} } = definition;
  return { name, subnets: prefixesOf(subnet), gateway, mtu, settings: bridge, place };
}

type Switches = ReadonlyMap<string, TopologySwitch>;

function toNode(part: NodePart, switches: Switches, findings: Findings): TopologyNode {
  const { name, router, definition, place } = part;
  const { routes = [], sysctls = {}, rules } = definition;
  const ports = part.ports.flatMap(({ definition: port, place: at }, i) => {
    const asked = typeof port === 'string' ? { switch: port } : port;
    return toPort({ node: name, device: `eth${i}`, ...asked }, at, switches, findings);
  });
  const nat = resolveNat(definition, ports, place, findings);
  return { name, router, ports, routes, sysctls, nat, rules };
}

function toPort(
  { switch: on, mtu, ...end }: PortDefinition & { node: string; device: string },
  place: Place,
  switches: Switches,
  findings: Findings,
): TopologyPort[] {
  const found = switches.get(on);
  if (found !== undefined) return [{ ...toEnd(end, place), switch: on, mtu: mtu ?? found.mtu }];
  findings.add(place, `there is no switch '${on}'${didYouMean(on, [...switches.keys()])}`);
  return [];
}

/** Gives switches the gateway that nobody has named: the first router on them, but none that leads from there into its inside. */
function setGateways({ switches, nodes }: Topology, findings: Findings): void {
  const routers = [...nodes.values()].filter(({ router }) => router);
  for (const one of switches.values()) {
    const on = routers.filter(({ ports }) => ports.some((port) => port.switch === one.name));
    const names = on.map(({ name }) => name);
    if (one.gateway === undefined) one.gateway = on.find(({ nat }) => nat?.outside !== one.name)?.name;
    else if (one.gateway !== false && !names.includes(one.gateway)) {
      const hint = didYouMean(one.gateway, names);
      findings.add(
        [...one.place, 'gateway'],
        `there is no router '${one.gateway}' with a port on ${one.name}${hint}`,
      );
    }
  }
}

/** No device twice in a node. */
function checkDevices({ nodes, links }: Topology, findings: Findings): void {
  const seen = new Set<string>();
  const ends = [...[...nodes.values()].flatMap(({ ports }) => ports), ...links.flatMap((link) => link.ends)];
  for (const { node, device, place } of ends) {
    const key = `${node} ${device}`;
    if (seen.has(key)) findings.add([...place, 'device'], `${node} has a device '${device}' already`);
    seen.add(key);
  }
}
