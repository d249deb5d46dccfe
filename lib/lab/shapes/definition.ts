import type { ImpairmentOptions } from '../../traffic/impairment';

/** What all shapes have. */
interface AnyShape {
  /** What each name begins with: 'a-' makes 'a-node1' of 'node1', so that there may be two shapes of a kind. */
  prefix?: string;
  /** What becomes of the packets on each link, in both directions; of a star, those that each node sends. */
  impair?: ImpairmentOptions;
}

/** Nodes on one switch: `node1`, `node2`, … on `lan`. */
export interface StarShape extends AnyShape {
  /** How many nodes: from 1 to 1,023, which is what a bridge has ports for. */
  nodes: number;
  /** The switch's subnet, or one of IPv4 and one of IPv6; '10.0.0.0/16' by default. */
  subnet?: string | readonly string[];
}

/** Nodes in a row, each joined to the next by a link: `node1`, `node2`, … All but the two at the ends are routers. */
export interface LineShape extends AnyShape {
  /** How many nodes, at least 2. */
  nodes: number;
}

/** Routers, each joined to each by a link: `node1`, `node2`, … */
export interface MeshShape extends AnyShape {
  /** How many routers, at least 2. */
  nodes: number;
}

/** Shapes with hosts at their edges. */
interface HostingShape extends AnyShape {
  /**
   * The subnet of which each switch has a piece, or one of IPv4 and one of IPv6; '10.0.0.0/8' by default. `lan3` has the third piece after the
   * first, 10.0.3.0/24. Pieces are as large as /24, or larger if the hosts need that, and /64 of IPv6.
   */
  subnet?: string | readonly string[];
}

/** Routers in levels: `router1-1`, below it `router2-1`, `router2-2`, … Each of the lowest level has a switch (`lan1`, …) with hosts. */
export interface TreeShape extends HostingShape {
  /** How many levels of routers. */
  depth: number;
  /** How many routers are below each that is not on the lowest level. */
  fanout: number;
  /** How many hosts each router of the lowest level has, from 0 to 1,000: `host2-1` is the first one of `lan2`; 1 by default. */
  hosts?: number;
}

/**
 * Two levels of routers, each of the one joined to each of the other by a link: `leaf1`, … and `spine1`, … Each leaf has a switch (`lan1`, …)
 * with hosts.
 */
export interface LeafSpineShape extends HostingShape {
  spines: number;
  leaves: number;
  /** How many hosts each leaf has, from 0 to 1,000: `host2-1` is the first one of `leaf2`; 1 by default. */
  hosts?: number;
}

/** Shapes by their kinds: one of a kind, or a list with a `prefix` each. */
export interface ShapesDefinition {
  star?: StarShape | readonly StarShape[];
  line?: LineShape | readonly LineShape[];
  mesh?: MeshShape | readonly MeshShape[];
  tree?: TreeShape | readonly TreeShape[];
  leafSpine?: LeafSpineShape | readonly LeafSpineShape[];
}
