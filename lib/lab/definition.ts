import type { ProcessDefinition } from './processes/definition';
import type { LatencyDefinition, RegionsDefinition } from './regions';
import type { RulesDefinition } from './rules/definition';
import type { ShapesDefinition } from './shapes/definition';
import type { NatOptions, NatPreset, PublishDefinition } from './nat/behavior';
import type { BridgeSettings } from '../netlink/rtnetlink/kinds/bridge-settings';
import type { ImpairmentOptions } from '../traffic/impairment';
import type { RouteOptions } from '../routes/route-request';
import type { SysctlValue } from '../sysctl/sysctls';

/**
 * A lab: what there is to be, as plain data, so that it may come out of a file. Names of switches, nodes and routers may be patterns:
 * 'web{1..3}' stands for web1, web2 and web3, and 'web{01..10}' for web01 to web10.
 */
export interface LabDefinition {
  /**
   * With a name, the lab is in /run/netns, where other programs find it: its switches are in the namespace NAME, and each node in NAME.NODE.
   * It stays until somebody destroys it. Without a name, the lab ends with the process, even after SIGKILL.
   */
  name?: string;
  switches?: Readonly<Record<string, SwitchDefinition>>;
  nodes?: Readonly<Record<string, NodeDefinition>>;
  /** Nodes that forward packets. */
  routers?: Readonly<Record<string, RouterDefinition>>;
  /** Pairs of devices that join two nodes. */
  links?: readonly LinkDefinition[];
  /**
   * Short forms of what labs often are: `{ leafSpine: { spines: 2, leaves: 4, hosts: 8 } }`. What they make may be extended by its name in
   * `switches`, `routers` and `nodes`, and joined to others.
   */
  shapes?: ShapesDefinition;
  /** Nodes that are near to each other, by names or patterns: `{ eu: ['web{1..3}'], us: 'db' }`. */
  regions?: RegionsDefinition;
  /** How far regions are from each other: `[{ between: ['eu', 'us'], delay: 80 }]`. Each direction has it, so that a ping takes it twice. */
  latency?: readonly LatencyDefinition[];
  /**
   * One subnet, or one of each family, from which links take theirs that name none, in pieces of two addresses. By default '198.18.0.0/15'
   * (RFC 2544), and '2001:2::/48' (RFC 5180) as well where a switch or a link has a subnet of IPv6.
   */
  linkSubnets?: string | readonly string[];
  /**
   * Whether nodes and routers get routes to all subnets of the lab, by the shortest way over routers; true by default. A node's own `routes` to
   * the same destination count more.
   */
  routing?: boolean;
}

/** A bridge, to which nodes have ports. */
export interface SwitchDefinition {
  /** The subnet, or one of IPv4 and one of IPv6, from which ports take their addresses that are given none. Routers have the first ones. */
  subnet?: string | readonly string[];
  /** The router by which the nodes leave the switch: the first router that has a port on it by default; false is none. */
  gateway?: string | false;
  /** Bytes, of all ports that say nothing else. */
  mtu?: number;
  /** The bridge's own settings, as `setBridge` takes them. */
  bridge?: BridgeSettings;
}

/** A namespace. */
export interface NodeDefinition {
  /** The switches on which it has a port: eth0 is on the first, eth1 on the second. */
  ports?: string | PortDefinition | readonly (string | PortDefinition)[];
  routes?: readonly RouteOptions[];
  /** { 'net.ipv4.tcp_congestion_control': 'cubic' } */
  sysctls?: Readonly<Record<string, SysctlValue>>;
  /** Which packets it takes, sends and forwards: `{ input: [{ match: { 'tcp.dport': 22 }, do: 'drop' }] }`. */
  rules?: RulesDefinition;
  /** What runs in it once the network is whole: a command or a worker, or several. */
  run?: ProcessDefinition | readonly ProcessDefinition[];
}

/** A namespace that forwards packets. */
export interface RouterDefinition extends NodeDefinition {
  /**
   * Translates what leaves by the outer side, so that all that is inside has the router's address there: a preset's name, or options. Nobody
   * outside gets a route of IPv4 to what is inside.
   */
  nat?: NatPreset | NatOptions;
  /** The switch on the outer side of a NAT: that of the first port by default. */
  outside?: string;
  /** Ports of the NAT's outer address that lead to nodes inside, for those outside and inside. */
  publish?: readonly PublishDefinition[];
}

/** What the end of a wire has in a node. */
export interface EndSettings {
  /** The device's name: 'eth0', 'eth1', … by default, first ports and then links, in their order. */
  device?: string;
  /** ['10.0.1.5/24']; by default an address of each of the subnets of the switch or link. */
  addrs?: readonly string[];
  /** 'aa:bb:cc:dd:ee:ff'; a random one by default. */
  mac?: string;
  /** What becomes of the packets that the node sends by this device. */
  impair?: ImpairmentOptions;
}

/** A node's device on a switch. */
export interface PortDefinition extends EndSettings {
  switch: string;
  mtu?: number;
}

/** A pair of devices in two nodes. */
export interface LinkDefinition {
  /** The two nodes: ['a', 'b']. */
  ends: readonly [string | LinkEndDefinition, string | LinkEndDefinition];
  /** As of switches: a piece of `linkSubnets` by default; false is none. */
  subnet?: string | readonly string[] | false;
  mtu?: number;
  /** What becomes of the packets in both directions, each of them by itself. */
  impair?: ImpairmentOptions;
}

/** An end of a link. */
export interface LinkEndDefinition extends EndSettings {
  node: string;
}
