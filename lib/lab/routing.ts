import { type Family, parsePrefix } from '../common/check';
import { edgeOf } from '../common/subnet';
import { ipText } from '../common/ip-text';
import type { RouteOptions } from '../routes/route-request';
import type { Topology, TopologyEnd, TopologyNode } from './topology';

// Routes to all subnets of a lab, by the fewest routers. From each subnet a search goes outwards: a router that it comes to reaches
// the subnet by the router that the search comes from. Other nodes have one way, their gateway. No search of IPv4 leaves a NAT by its outer
// side, so that subnets behind two of them may be the same.

/** The devices of a switch, or of a link, with the addresses of one family. */
interface Segment {
  /** '10.0.1.0/24' */
  subnet: string;
  family: Family;
  /** Each router's address in it. */
  routers: ReadonlyMap<string, string>;
  /** The routers whose NAT has its outer side here. */
  outside: ReadonlySet<string>;
}

/** Adds the routes to the nodes that have no route of their own to the same destination. */
export function addRoutes(topology: Topology): void {
  const segments = segmentsOf(topology);
  const routes = new Map<string, RouteOptions[]>([...topology.nodes.keys()].map((name) => [name, []]));
  const ofRouter = new Map<string, Segment[]>();
  for (const segment of segments)
    for (const router of segment.routers.keys())
      ofRouter.set(router, [...(ofRouter.get(router) ?? []), segment]);
  for (const segment of segments) searchFrom(segment, ofRouter, routes);
  for (const node of topology.nodes.values()) {
    if (node.nat !== undefined) routes.get(node.name)?.push(...defaultsOfNat(node, topology));
    else if (!node.router) routes.get(node.name)?.push(...defaultsOf(node, topology));
    const own = new Set(node.routes.map(({ to, family }) => `${to} ${family ?? ''}`));
    const added = (routes.get(node.name) ?? []).filter(({ to, via = '' }) => {
      const family = via.includes(':') ? 6 : 4;
      return !own.has(`${to} `) && !own.has(`${to} ${family}`);
    });
    node.routes = [...node.routes, ...added];
  }
}

function searchFrom(
  target: Segment,
  ofRouter: ReadonlyMap<string, readonly Segment[]>,
  routes: ReadonlyMap<string, RouteOptions[]>,
): void {
  const seen = new Set(target.routers.keys());
  for (const router of seen) {
    for (const segment of ofRouter.get(router) ?? []) {
      const via = segment.family === target.family ? segment.routers.get(router) : undefined;
      if (via === undefined || (target.family === 4 && segment.outside.has(router))) continue;
      for (const next of segment.routers.keys()) {
        if (seen.has(next)) continue;
        seen.add(next);
        routes.get(next)?.push({ to: target.subnet, via });
      }
    }
  }
}

function segmentsOf({ switches, nodes, links }: Topology): Segment[] {
  const ports = [...nodes.values()].filter(({ router }) => router).flatMap((node) => node.ports);
  const groups: TopologyEnd[][] = [
    ...[...switches.keys()].map((name) => ports.filter((port) => port.switch === name)),
    ...links.map(({ ends }) => ends.filter(({ node }) => nodes.get(node)?.router)),
  ];
  return groups.flatMap((ends) => {
    const segments = new Map<string, Segment & { routers: Map<string, string> }>();
    const outside = new Set(
      ends.flatMap(({ node, device }) => (nodes.get(node)?.nat?.device === device ? [node] : [])),
    );
    for (const { node, addrs } of ends) {
      for (const addr of addrs) {
        const { family, address, subnet } = parsed(addr);
        const segment = segments.get(subnet) ?? {
          subnet,
          family,
          routers: new Map<string, string>(),
          outside,
        };
        segment.routers.set(node, address);
        segments.set(subnet, segment);
      }
    }
    return [...segments.values()];
  });
}

/** The way out by the outer side. */
function defaultsOfNat({ name, ports, nat }: TopologyNode, topology: Topology): RouteOptions[] {
  const outer = ports.filter(({ device }) => device === nat?.device);
  return defaultsOf({ name, ports: outer }, { ...topology, links: [] });
}

/** Of each family, the way out by the first device that has one. */
function defaultsOf(
  { name, ports }: Pick<TopologyNode, 'name' | 'ports'>,
  { switches, nodes, links }: Topology,
): RouteOptions[] {
  const gateways = [
    ...ports.flatMap((port) => {
      const gateway = switches.get(port.switch)?.gateway;
      return gateway ? (nodes.get(gateway)?.ports.filter((other) => other.switch === port.switch) ?? []) : [];
    }),
    ...links
      .filter(({ ends }) => ends.some(({ node }) => node === name))
      .flatMap(({ ends }) => ends.filter(({ node }) => node !== name && nodes.get(node)?.router)),
  ];
  const addrs = gateways.flatMap((end) => end.addrs).map(parsed);
  return ([4, 6] as const).flatMap((family) => {
    const via = addrs.find((addr) => addr.family === family)?.address;
    return via === undefined ? [] : [{ to: 'default', via }];
  });
}

function parsed(addr: string): { family: Family; address: string; subnet: string } {
  const { family, address, length } = parsePrefix(addr, 'addr');
  const first = ipText(edgeOf({ address, length }, 'first'));
  return { family, address, subnet: `${first}/${length}` };
}
