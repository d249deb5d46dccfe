import { type Family, parsePrefix } from '../common/check';
import { canonicalIp } from '../common/ip-text';
import { defined } from '../common/objects';
import type { BridgeSettings } from '../netlink/rtnetlink/kinds/bridge-settings';
import type { RouteOptions } from '../routes/route-request';
import type { SysctlValue } from '../sysctl/sysctls';
import type { ImpairmentOptions } from '../traffic/impairment';
import { endKey } from './addresses';
import { groupedBy } from './lists';
import type { Nat } from './nat/behavior';
import type { ProcessDefinition } from './processes/definition';
import { natSysctls } from './nat/nat-options';
import type { RulesDefinition } from './rules/definition';
import { digestOf } from './rules/rules-table';
import { combined } from './shaping/combined';
import { type FlowShape, sortedAddrs } from './shaping/shape';
import type { Topology, TopologyEnd, TopologyNat, TopologyNode, TopologyPort } from './topology';

// A lab is a set of things, each with a key. What there is to be and what the kernel has are both such sets, and the difference of the two is
// what is to be done.

/** A bridge. */
export interface SwitchThing {
  readonly kind: 'switch';
  readonly name: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly settings: BridgeSettings;
}

/** A namespace. */
export interface NodeThing {
  readonly kind: 'node';
  readonly name: string;
}

interface DeviceThing {
  readonly node: string;
  readonly device: string;
}

/** The switch of a port that is on none. */
export const NO_SWITCH = '';

/** A pair of devices between a node and a switch. */
export interface PortThing extends DeviceThing {
  readonly kind: 'port';
  /** NO_SWITCH where somebody has taken it from its switch, or has deleted that. */
  readonly switch: string;
  readonly up: boolean;
  readonly mac?: string;
  readonly mtu: number;
}

/** A pair of devices between two nodes. */
export interface LinkThing {
  readonly kind: 'link';
  readonly ends: readonly [LinkThingEnd, LinkThingEnd];
  /** Both of them. */
  readonly up: boolean;
  readonly mtu: number;
}

export interface LinkThingEnd extends DeviceThing {
  readonly mac?: string;
}

export interface AddrThing extends DeviceThing {
  readonly kind: 'addr';
  /** '10.0.1.5/24' */
  readonly addr: string;
}

export interface RouteThing {
  readonly kind: 'route';
  readonly node: string;
  readonly route: RouteOptions;
}

export interface SysctlThing {
  readonly kind: 'sysctl';
  readonly node: string;
  readonly name: string;
  readonly value: string;
}

export interface ImpairmentThing extends DeviceThing {
  readonly kind: 'impairment';
  readonly options: ImpairmentOptions;
}

/** How far a node is from others. */
export interface LatencyThing extends DeviceThing {
  readonly kind: 'latency';
  readonly flows: readonly FlowShape[];
  /** What the definition says of all packets of the device, which comes on top. What is found in the kernel has it in its flows. */
  readonly besides?: ImpairmentOptions;
}

/** The table of a router that translates. */
export interface NatThing extends Nat {
  readonly kind: 'nat';
  readonly node: string;
}

/** The rules of a node. */
export interface RulesThing {
  readonly kind: 'rules';
  readonly node: string;
  /** Which of two are the same have the same one. */
  readonly digest: string;
  /** Undefined of what was found in the kernel and this object has not made. */
  readonly definition?: RulesDefinition;
}

/** A command or a worker that runs. Only the object that has started it knows of it. */
export interface ProcessThing {
  readonly kind: 'process';
  readonly name: string;
  readonly node: string;
  readonly definition: ProcessDefinition;
  /** The names of those that have to be ready before. */
  readonly after: readonly string[];
}

export type Thing =
  | SwitchThing
  | NodeThing
  | PortThing
  | LinkThing
  | AddrThing
  | RouteThing
  | SysctlThing
  | ImpairmentThing
  | LatencyThing
  | NatThing
  | RulesThing
  | ProcessThing;

export type Kind = Thing['kind'];

/** Of one kind. */
export type ThingOf<K extends Kind> = Extract<Thing, { kind: K }>;

export type Things = ReadonlyMap<string, Thing>;

const KEYS: { readonly [K in Kind]: (thing: ThingOf<K>) => string } = {
  switch: ({ name }) => name,
  node: ({ name }) => name,
  port: endKey,
  link: ({ ends }) => ends.map(endKey).join(' to '),
  addr: ({ addr, ...end }) => `${endKey(end)} ${addr}`,
  route: ({ node, route }) => `${node} ${routeKey(route)}`,
  sysctl: ({ node, name }) => `${node} ${name}`,
  impairment: endKey,
  latency: endKey,
  nat: ({ node }) => node,
  rules: ({ node }) => node,
  process: ({ name }) => name,
};

/** Two things of one key are the same thing, maybe with other properties. */
export function keyOf(thing: Thing): string {
  const key = KEYS[thing.kind] as (thing: Thing) => string;
  return `${thing.kind} ${key(thing)}`;
}

export function asThings(things: Iterable<Thing>): Things {
  const all = new Map<string, Thing>();
  for (const thing of things) all.set(keyOf(thing), thing);
  return all;
}

/** What the kernel takes for one and the same route. */
function routeKey({ to, table = 'main', metric, tos = 0, ...route }: RouteOptions): string {
  const family = familyOf({ to, ...route });
  // IPv6 makes 1024 of none
  return [canonicalTo(to, family), table, metric ?? (family === 6 ? 1024 : 0), tos].join(' ');
}

function familyOf({ to, via, src, family }: RouteOptions): Family {
  return family ?? ([to, via, src].some((text) => text?.includes(':')) ? 6 : 4);
}

function canonicalTo(to: string, family: Family): string {
  if (to === 'default') return `default of IPv${family}`;
  const { address, length } = parsePrefix(to, 'to', { bare: true });
  return `${canonicalIp(address)}/${length}`;
}

/** That of an Ethernet device (ETH_DATA_LEN). A bridge has to be given it: otherwise it takes the smallest one of its ports (4.17). */
const DEFAULT_MTU = 1500;

/** All that a topology asks for. */
export function* thingsOf(topology: Topology): Generator<Thing> {
  const { switches, nodes, links, processes } = topology;
  for (const { name, mtu = DEFAULT_MTU, settings } of switches.values()) {
    yield { kind: 'switch', name, up: true, mtu, settings: { multicastSnooping: true, ...settings } };
  }
  for (const node of nodes.values()) yield* thingsOfNode(node);
  for (const { ends, mtu = DEFAULT_MTU } of links) {
    const [first, second] = ends.map(({ node, device, mac }) => ({ node, device, ...defined({ mac }) }));
    if (first !== undefined && second !== undefined) {
      yield { kind: 'link', ends: inOrder(first, second), up: true, mtu };
    }
    for (const end of ends) yield* thingsOfEnd(end);
  }
  yield* latencyThings(topology);
  for (const { place: _place, ...process } of processes) yield { kind: 'process', ...process };
}

/** Of two ends neither is the first one. */
export function inOrder(one: LinkThingEnd, other: LinkThingEnd): [LinkThingEnd, LinkThingEnd] {
  return endKey(one) < endKey(other) ? [one, other] : [other, one];
}

const FORWARDING = { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' } as const;

function* thingsOfNode({ name, router, ports, routes, sysctls, nat, rules }: TopologyNode): Generator<Thing> {
  yield { kind: 'node', name };
  if (nat !== undefined) yield toNatThing(name, nat, ports);
  if (rules !== undefined) yield { kind: 'rules', node: name, digest: digestOf(rules), definition: rules };
  const settings: Readonly<Record<string, SysctlValue>> = {
    ...(router && FORWARDING),
    ...(nat && natSysctls(nat)),
    ...sysctls,
  };
  for (const [key, value] of Object.entries(settings)) {
    yield { kind: 'sysctl', node: name, name: key, value: String(value) };
  }
  for (const { node, device, switch: on, mac, mtu = DEFAULT_MTU } of ports) {
    yield { kind: 'port', node, device, switch: on, up: true, mtu, ...defined({ mac }) };
  }
  for (const port of ports) yield* thingsOfEnd(port);
  for (const route of routes) yield { kind: 'route', node: name, route };
}

function toNatThing(node: string, nat: TopologyNat, ports: readonly TopologyPort[]): NatThing {
  const { outside: _outside, publish: _publish, place: _place, timeouts, ...rest } = nat;
  const addrs = ports.find(({ device }) => device === nat.device)?.addrs ?? [];
  const [addr] = addrs.map((one) => parsePrefix(one, 'addr')).filter(({ family }) => family === 4);
  const lasting = Math.max(timeouts.udp, timeouts.udpStream);
  return { kind: 'nat', node, ...rest, lasting, ...defined({ addr: addr?.address }) };
}

function* thingsOfEnd({ node, device, addrs, impair }: TopologyEnd): Generator<Thing> {
  for (const addr of addrs) yield { kind: 'addr', node, device, addr: canonicalAddr(addr) };
  if (impair !== undefined) yield { kind: 'impairment', node, device, options: impair };
}

/** What a node itself sends is told by its address where the node forwards other packets, which have their latency already. */
function* latencyThings({ nodes, links, latencies }: Topology): Generator<LatencyThing> {
  if (latencies.length === 0) return;
  const ends = [...[...nodes.values()].flatMap(({ ports }) => ports), ...links.flatMap((link) => link.ends)];
  const endsOf = groupedBy(ends, ({ node }) => node);
  const addrsOf = (names: readonly string[]): string[] =>
    sortedAddrs(names.flatMap((name) => endsOf.get(name) ?? []).flatMap(({ addrs }) => addrs.map(bareAddr)));
  for (const [node, own] of groupedBy(latencies, (latency) => latency.node)) {
    const from = nodes.get(node)?.router === true ? addrsOf([node]) : [];
    const flows = own.flatMap(({ peers, options }) => {
      const to = addrsOf(peers);
      return to.length === 0 ? [] : [{ from, to, options }];
    });
    for (const { device, impair } of flows.length === 0 ? [] : (endsOf.get(node) ?? []))
      yield { kind: 'latency', node, device, flows, ...defined({ besides: impair }) };
  }
}

/** What becomes of the packets to each of the nodes that are far away. */
export function flowsOf({ flows, besides }: LatencyThing): FlowShape[] {
  return flows.map((flow) => ({ ...flow, options: combined(flow.options, besides) }));
}

function bareAddr(addr: string): string {
  return canonicalIp(parsePrefix(addr, 'addr').address);
}

export function canonicalAddr(addr: string): string {
  const { address, length } = parsePrefix(addr, 'addr');
  return `${canonicalIp(address)}/${length}`;
}
