import { assignDefined, defined, flagNames } from '../common/objects';
import type { MplsLabel } from '../netlink/rtnetlink/mpls-labels';
import type { MplsRouteMessage } from '../netlink/rtnetlink/mpls-route';
import { type Nexthop, RTNH_F } from '../netlink/rtnetlink/nexthops';
import type { Route } from './route-view';
import { type UnknownAttributes, unexpressed } from './unexpressed';

/** One of several ways of a route of MPLS that was listed. */
export interface MplsRouteNexthop {
  /** Whom the packets go to: an address of IPv4 or IPv6, or of the link layer. */
  via?: string;
  /** Index of the device. */
  index: number;
  /** The labels that the packets leave with, the outermost first; none, if they leave without. */
  newLabels?: number[];
  /** 'linkdown', 'dead', … */
  flags: string[];
  /** What the way has that no other property expresses. */
  unknown?: UnknownAttributes;
}

/** Where packets go that come in with a label of MPLS. */
export interface MplsRoute {
  /** The outermost label that packets come in with. */
  label: number;
  /** The labels that they leave with in its place, the outermost first; none, if they leave without. */
  newLabels?: number[];
  /** Whom they go to: an address of IPv4 or IPv6, or of the link layer. */
  via?: string;
  /** Index of the device that they leave by. */
  index?: number;
  /** Several ways instead of one. */
  nexthops?: MplsRouteNexthop[];
  /** Whether a packet that leaves without label takes the label's TTL along, where the route says so. */
  ttlPropagate?: boolean;
  /** Who made it: 'boot', 'static', 'bgp', … */
  protocol: Route['protocol'];
  /** 'linkdown', 'dead', … */
  flags: string[];
  /** What the route has that no other property expresses. */
  unknown?: UnknownAttributes;
}

/** Those of the header have the same values in all such routes. */
const EXPRESSED: ReadonlySet<string> = new Set([
  ...['family', 'dstLength', 'srcLength', 'tos', 'table8', 'table', 'protocol', 'scope', 'type', 'flags'],
  ...['label', 'newLabels', 'via', 'index', 'nexthops', 'ttlPropagate'],
]);
const EXPRESSED_HOP: ReadonlySet<string> = new Set(['via', 'newLabels', 'index', 'hops', 'flags']);

const numbers = (labels: readonly MplsLabel[] | undefined) => labels?.map(({ label }) => label);

/** @internal */
export function toMplsRoute(message: MplsRouteMessage): MplsRoute {
  const { label, newLabels, via, index, nexthops, ttlPropagate, protocol, flags } = message;
  return assignDefined(
    { label: label?.[0]?.label ?? 0 },
    {
      newLabels: numbers(newLabels),
      via: via?.address,
      index,
      nexthops: nexthops?.map(toNexthop),
      ttlPropagate,
      protocol,
      flags: flagNames(RTNH_F, flags),
      unknown: unexpressed(message, EXPRESSED),
    },
  ) as MplsRoute;
}

function toNexthop(hop: Nexthop): MplsRouteNexthop {
  return {
    ...defined({ via: hop.via?.address }),
    index: hop.index,
    ...defined({ newLabels: numbers(hop.newLabels) }),
    flags: flagNames(RTNH_F, hop.flags),
    ...defined({ unknown: unexpressed(hop, EXPRESSED_HOP) }),
  };
}
