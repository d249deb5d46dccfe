import { AF_BRIDGE, AF_UNSPEC } from '../addon/socket-constants';
import { toAddr } from '../addresses/addresses';
import { AF } from '../common/check';
import { type Link, toLink } from '../links/link-view';
import { isNeighbor, toNeighbor } from '../addresses/neighbors';
import type { Message } from '../netlink/message';
import type { Request, Verbs } from '../netlink/object';
import { toRule } from '../routes/rule-view';
import { address, type AddressMessage } from '../netlink/rtnetlink/address';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { link, type LinkMessage, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';
import { neighbor } from '../netlink/rtnetlink/neighbor';
import { nsid } from '../netlink/rtnetlink/nsid';
import { route } from '../netlink/rtnetlink/route';
import { rule } from '../netlink/rtnetlink/rule';
import { routeSaid } from './route-identity';
import { silence } from './unannounced';
import type { Entry, Said } from './store';

/** One kind of object that can be watched. */
export interface Kind {
  /** What events call it. */
  readonly name: 'link' | 'addr' | 'route' | 'neighbor' | 'rule' | 'nsid';
  readonly groups: readonly number[];
  readonly verbs: Verbs;
  /** Asks for all that there is. */
  dump(): Request<unknown>;
  /** What a message of these verbs says; undefined where it is about something else. */
  read(message: Message): Said | undefined;
  /** Tells of messages after which the kernel changes such objects without saying so. */
  silence?(): (message: Message) => boolean;
}

const LINKS: Kind = {
  name: 'link',
  groups: [GROUPS.link],
  verbs: link.verbs,
  dump: () => link.dump({ extMask: RTEXT_FILTER_SKIP_STATS }, { operation: 'list links' }),
  read(message) {
    const content = link.read(message);
    const key = String(content.index);
    if (content.family === AF_BRIDGE) return { key, change: (before) => before.map(withPort(content)) };
    if (content.family !== AF_UNSPEC) return undefined;
    return said(key, message.type === link.verbs.remove ? undefined : linkEntry(toLink(content)));
  },
};

/** A bridge tells of its ports as such, in messages of a family of its own: above all of their state. */
function withPort({ bridgePort: port }: LinkMessage): (entry: Entry) => Entry {
  return (entry) => (port === undefined ? entry : linkEntry({ ...(entry.value as Link), port }));
}

// of a bridge and its ports: clocks, and counters of which no event tells
const RUNNING = [
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
  return { value, compared: { ...value, bridge: still(bridge), port: still(port) } };
}

function still(info: object | undefined): object | undefined {
  return info && Object.fromEntries(Object.entries(info).filter(([name]) => !RUNNING.includes(name)));
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
    // a device has an address of IPv6 once, of IPv4 once in each subnet
    const own = family === AF[6] ? (local ?? peer) : `${local} ${peer}/${prefixLength}`;
    return said(`${index} ${own}`, message.type === address.verbs.remove ? undefined : addrEntry(content));
  },
};

/** Lifetimes run down; that one has been renewed, its stamp tells. */
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
  // Of a device that goes down, the kernel first tells, and then takes its routes away, both under its RTNL lock. A dump
  // of all families waits for that lock; one of IPv4 alone does not, and might come too early (6.18).
  dump: () => route.dump({}, { operation: 'list routes' }),
  read(message) {
    const content = route.read(message);
    if (content.family !== AF[4] && content.family !== AF[6]) return undefined;
    return routeSaid(content, message.type === route.verbs.remove, message.flags);
  },
  silence,
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
    return said(`${content.index} ${content.address}`, there ? plain(toNeighbor(content)) : undefined);
  },
};

const RULES: Kind = {
  name: 'rule',
  groups: [GROUPS.rule4, GROUPS.rule6],
  verbs: rule.verbs,
  dump: () => rule.dump({}, { operation: 'list rules' }),
  read(message) {
    const content = rule.read(message);
    if (content.family !== AF[4] && content.family !== AF[6]) return undefined;
    const value = toRule(content);
    return said(JSON.stringify(value), message.type === rule.verbs.remove ? undefined : plain(value));
  },
};

const NSIDS: Kind = {
  name: 'nsid',
  groups: [GROUPS.nsid],
  verbs: nsid.verbs,
  dump: () => nsid.dump({}, { operation: 'list nsids' }),
  read(message) {
    const { nsid: id = -1 } = nsid.read(message);
    return said(String(id), message.type === nsid.verbs.remove ? undefined : plain(id));
  },
};

/** By what people ask for them. The links come first: the others name them. */
export const KINDS = {
  links: LINKS,
  addrs: ADDRS,
  routes: ROUTES,
  neighbors: NEIGHBORS,
  rules: RULES,
  nsids: NSIDS,
} as const;

function plain(value: unknown): Entry {
  return { value, compared: value };
}

function said(key: string, entry: Entry | undefined): Said {
  return { key, change: () => (entry === undefined ? [] : [entry]) };
}
