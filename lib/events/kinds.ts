import { AF_BRIDGE, AF_UNSPEC } from '../addon/socket-constants';
import { toAddr } from '../addresses/addr-view';
import { AF } from '../common/check';
import { type Link, shownLinkAttributes, toLink } from '../links/link-view';
import { isNeighbor, toNeighbor } from '../addresses/neighbor-view';
import type { Message } from '../netlink/message';
import { NOBODY_REGISTERED } from '../netlink/lacking';
import type { Request, Verbs } from '../netlink/object';
import { listedRoute } from '../routes/route-view';
import { lasting, toRule } from '../routes/rule-view';
import { address, type AddressMessage } from '../netlink/rtnetlink/address';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { link, type LinkMessage, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';
import { neighbor } from '../netlink/rtnetlink/neighbor';
import { nsid } from '../netlink/rtnetlink/nsid';
import { route } from '../netlink/rtnetlink/route';
import { rule } from '../netlink/rtnetlink/rule';
import { qdisc } from '../netlink/rtnetlink/traffic';
import { UNNUMBERED } from '../traffic/qdisc-request';
import { shownQdisc, toQdisc } from '../traffic/qdisc-view';
import { routeUpdate } from './route-identity';
import type { Entry, Update } from './store';
import { unannouncedQdiscChanges, unannouncedRouteChanges } from './unannounced';

/** One kind of object that can be watched. */
export interface Kind {
  /** The `kind` of its events. */
  readonly name: 'link' | 'addr' | 'route' | 'neighbor' | 'rule' | 'nsid' | 'qdisc';
  readonly groups: readonly number[];
  readonly verbs: Verbs;
  /** The request for all objects of this kind. */
  dump(): Request<unknown>;
  /** The refusals of that request which mean that the kernel has no such objects. */
  readonly noneAfter?: readonly number[];
  /** What a message of these verbs changes; undefined where the message is about another sort of object. */
  read(message: Message): Update | undefined;
  /** A test for the messages after which the objects have to be dumped again, because the kernel changes them without an event. */
  dumpAfter?(): (message: Message) => boolean;
}

const watchedLink = link.reading(...shownLinkAttributes, 'bridgePort');

const LINKS: Kind = {
  name: 'link',
  groups: [GROUPS.link],
  verbs: link.verbs,
  dump: () => link.dump({ extMask: RTEXT_FILTER_SKIP_STATS }, { operation: 'list links' }),
  read(message) {
    const content = watchedLink.read(message);
    const key = String(content.index);
    if (content.family === AF_BRIDGE) return { key, change: (before) => before.map(withPort(content)) };
    if (content.family !== AF_UNSPEC) return undefined;
    return update(key, message.type === link.verbs.remove ? undefined : linkEntry(toLink(content)));
  },
};

/** Messages of the family AF_BRIDGE have what a link is as the port of a bridge: above all its state. */
function withPort({ bridgePort: port }: Pick<LinkMessage, 'bridgePort'>): (entry: Entry) => Entry {
  return (entry) => (port === undefined ? entry : linkEntry({ ...(entry.value as Link), port }));
}

// Of a bridge and its ports: the kernel sends no event when one of these changes.
const CLOCKS_AND_COUNTERS = [
  'helloTimer',
  'tcnTimer',
  'topologyChangeTimer',
  'gcTimer',
  'fdbLearned',
  'multicastQuerierState',
  'messageAgeTimer',
  'forwardDelayTimer',
  'holdTimer',
  'multicastGroups',
  'multicastEhtHosts',
];

function linkEntry(value: Link): Entry<Link> {
  const { bridge, port } = value;
  if (bridge === undefined && port === undefined) return { value, compared: value };
  return { value, compared: { ...value, bridge: withoutClocks(bridge), port: withoutClocks(port) } };
}

function withoutClocks(info: object | undefined): object | undefined {
  return (
    info && Object.fromEntries(Object.entries(info).filter(([name]) => !CLOCKS_AND_COUNTERS.includes(name)))
  );
}

const ADDRS: Kind = {
  name: 'addr',
  groups: [GROUPS.addr4, GROUPS.addr6],
  verbs: address.verbs,
  dump: () => address.dump({}, { operation: 'list addresses' }),
  read(message) {
    const content = address.read(message);
    const { family, index, prefixLength, address: peer, local } = content;
    if (family !== AF[4] && family !== AF[6]) return undefined;
    // A device has an IPv6 address once, and an IPv4 address once in each subnet.
    const own = family === AF[6] ? (local ?? peer) : `${local} ${peer}/${prefixLength}`;
    return update(`${index} ${own}`, message.type === address.verbs.remove ? undefined : addrEntry(content));
  },
};

/** Lifetimes run down by themselves. The stamp of the last update shows that a lifetime was renewed. */
function addrEntry(content: AddressMessage): Entry {
  const value = toAddr(content);
  const { validLifetime, preferredLifetime, ...rest } = value;
  if (validLifetime === undefined && preferredLifetime === undefined) return { value, compared: value };
  return { value, compared: { ...rest, validLifetime: content.lifetime?.updated } };
}

const ROUTES: Kind = {
  name: 'route',
  groups: [GROUPS.route4, GROUPS.route6, GROUPS.link, GROUPS.addr4, GROUPS.addr6, GROUPS.nexthop],
  verbs: route.verbs,
  // The kernel first reports that a device goes down and then removes the routes by it, both under its RTNL lock. A dump
  // of all families waits for that lock; a dump of IPv4 alone does not, and might come too early (6.18).
  dump: () => route.dump({}, { operation: 'list routes' }),
  read(message) {
    const content = listedRoute.read(message);
    if (content.family !== AF[4] && content.family !== AF[6]) return undefined;
    return routeUpdate(content, message.type === route.verbs.remove, message.flags);
  },
  dumpAfter: unannouncedRouteChanges,
};

const NEIGHBORS: Kind = {
  name: 'neighbor',
  groups: [GROUPS.neighbor],
  verbs: neighbor.verbs,
  dump: () => neighbor.dump({}, { operation: 'list neighbors' }),
  read(message) {
    const content = neighbor.read(message);
    if (content.family !== AF[4] && content.family !== AF[6]) return undefined;
    const there = message.type !== neighbor.verbs.remove && isNeighbor(content);
    return update(`${content.index} ${content.address}`, there ? plain(toNeighbor(content)) : undefined);
  },
};

const RULES: Kind = {
  name: 'rule',
  groups: [GROUPS.rule4, GROUPS.rule6],
  verbs: rule.verbs,
  dump: () => rule.dump({}, { operation: 'list rules' }),
  noneAfter: NOBODY_REGISTERED,
  read(message) {
    const content = rule.read(message);
    if (content.family !== AF[4] && content.family !== AF[6]) return undefined;
    const value = toRule(content);
    return update(
      JSON.stringify(lasting(value)),
      message.type === rule.verbs.remove ? undefined : { value, compared: lasting(value) },
    );
  },
};

const NSIDS: Kind = {
  name: 'nsid',
  groups: [GROUPS.nsid],
  verbs: nsid.verbs,
  dump: () => nsid.dump({}, { operation: 'list nsids' }),
  read(message) {
    const { nsid: id = -1 } = nsid.read(message);
    return update(String(id), message.type === nsid.verbs.remove ? undefined : plain(id));
  },
};

const QDISCS: Kind = {
  name: 'qdisc',
  groups: [GROUPS.tc, GROUPS.link],
  verbs: qdisc.verbs,
  dump: () => shownQdisc.dump({}, { operation: 'list queueing disciplines' }),
  noneAfter: NOBODY_REGISTERED,
  read(message) {
    const value = toQdisc(shownQdisc.read(message));
    // what the kernel gives a device comes without an event
    if (value.handle === UNNUMBERED) return undefined;
    const { statistics: _, ...compared } = value;
    const key = `${value.index} ${value.parent} ${value.handle}`;
    return update(key, message.type === qdisc.verbs.remove ? undefined : { value, compared });
  },
  dumpAfter: unannouncedQdiscChanges,
};

/** By the names of `watch`'s selection. Links come first, because the other objects refer to them. */
export const KINDS = {
  links: LINKS,
  addrs: ADDRS,
  routes: ROUTES,
  neighbors: NEIGHBORS,
  rules: RULES,
  nsids: NSIDS,
  qdiscs: QDISCS,
} as const;

function plain(value: unknown): Entry {
  return { value, compared: value };
}

function update(key: string, entry: Entry | undefined): Update {
  return { key, change: () => (entry === undefined ? [] : [entry]) };
}
