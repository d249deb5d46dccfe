import type { BridgeSettings } from '../netlink/rtnetlink/kinds/bridge-settings';
import type { RouteOptions } from '../routes/route-request';
import type { SysctlValue } from '../sysctl/sysctls';
import type { ImpairmentOptions } from '../traffic/impairment';
import type { Prefix } from '../common/check';
import type { RulesDefinition } from './rules/definition';
import type { TopologyLatency } from './regions';
import type { Place } from './findings';
import type { ProcessDefinition } from './processes/definition';
import type { NatBehavior, NatPreset, PublishDefinition, NatPort } from './nat/behavior';

/** A definition with nothing left to choose: each name is written out, each device has its name and addresses. */
export interface Topology {
  readonly name: string | undefined;
  readonly switches: ReadonlyMap<string, TopologySwitch>;
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  readonly links: readonly TopologyLink[];
  readonly processes: readonly TopologyProcess[];
  /** What becomes of the packets that nodes themselves send to some others. */
  readonly latencies: readonly TopologyLatency[];
}

export interface TopologySwitch {
  readonly name: string;
  readonly subnets: readonly Prefix[];
  /** The router by which its nodes leave it; false where there is to be none. */
  gateway: string | false | undefined;
  readonly mtu: number | undefined;
  readonly settings: BridgeSettings;
  /** Where its definition stands. */
  readonly place: Place;
}

export interface TopologyNode {
  readonly name: string;
  readonly router: boolean;
  readonly ports: readonly TopologyPort[];
  /** With those that were worked out. */
  routes: readonly RouteOptions[];
  readonly sysctls: Readonly<Record<string, SysctlValue>>;
  readonly nat: TopologyNat | undefined;
  readonly rules: RulesDefinition | undefined;
}

/** What a router's NAT does, and where. */
export interface TopologyNat extends NatBehavior {
  readonly preset: NatPreset;
  /** The switch on its outer side, and the router's device there. */
  readonly outside: string;
  readonly device: string;
  readonly publish: readonly PublishDefinition[];
  /** The same, with the addresses of the nodes. */
  published: readonly NatPort[];
  /** Where the router's definition stands. */
  readonly place: Place;
}

/** What runs in a node. */
export interface TopologyProcess {
  /** 'web1', or 'web1.cache' of one that has a name. */
  readonly name: string;
  readonly node: string;
  readonly definition: ProcessDefinition;
  /** The names of those that have to be ready before. */
  readonly after: readonly string[];
  /** Where its definition stands. */
  readonly place: Place;
}

/** A device of a node. */
export interface TopologyEnd {
  readonly node: string;
  readonly device: string;
  /** '10.0.1.5/24' */
  addrs: readonly string[];
  /** Whether the addresses are drawn from the subnets. */
  readonly drawn: boolean;
  readonly mac: string | undefined;
  readonly impair: ImpairmentOptions | undefined;
  /** Where its definition stands. */
  readonly place: Place;
}

/** A device of a node on a switch. */
export interface TopologyPort extends TopologyEnd {
  readonly switch: string;
  readonly mtu: number | undefined;
}

export interface TopologyLink {
  readonly ends: readonly [TopologyEnd, TopologyEnd];
  readonly subnets: readonly Prefix[];
  /** Whether it takes a piece of the subnet for links, unless it has subnets of its own. */
  readonly drawing: boolean;
  readonly mtu: number | undefined;
  /** Where its definition stands. */
  readonly place: Place;
}
