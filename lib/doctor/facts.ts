import { type Addr, listAddrs } from '../addresses';
import type { Family } from '../check';
import type { Link } from '../link-view';
import { listLinks } from '../links';
import type { Netns } from '../netns';
import { listNetns, type NamedNetns } from '../netns-names';
import { type KnownNetwork, readNetworks } from '../network/known';
import { NetlinkError } from '../netlink/error';
import { listRuleset, type Ruleset } from '../nftables/list';
import { NO_NFTABLES } from '../nftables/generation';
import type { Route } from '../route-view';
import { listRoutes } from '../routes';
import type { Finding } from './finding';
import { type Inside, lookInside } from './inside';
import { readMountPoints } from './mounts';
import { readSysctls, type Sysctls } from './sysctls';

/** What is known of a namespace. The checks look at nothing else. */
export interface Facts {
  netns: { ino: number; name: string | undefined };
  links: readonly Link[];
  addrs: readonly Addr[];
  routes: readonly Route[];
  sysctls: Sysctls;
  /** Undefined where there is no nf_tables, or it could not be read. */
  ruleset: Ruleset | undefined;
  networks: readonly KnownNetwork[];
  /** What is in the namespaces of members that have a name, by their inodes. */
  inside: ReadonlyMap<number, Inside>;
  names: readonly NamedNetns[];
  mountPoints: readonly string[];
  /** What could not be looked at. */
  unseen: readonly Finding[];
}

export async function readFacts(netns: Netns): Promise<Facts> {
  const unseen: Finding[] = [];
  const look = async <T>(what: string, otherwise: T, read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (isWithoutNftables(error)) return otherwise;
      unseen.push(notSeen(what, netns.toString(), error));
      return otherwise;
    }
  };
  // without these, there is nothing to say; nor is anything begun then that would go on after the failure
  const [links, addrs, routes] = await Promise.all([listLinks(netns), listAddrs(netns), listRoutes(netns)]);
  const [ruleset, networks, names, mountPoints] = await Promise.all([
    look<Ruleset | undefined>('the rules of nf_tables', undefined, async () =>
      listRuleset(netns, { elements: false }),
    ),
    look<KnownNetwork[]>('the networks of this library', [], async () => readNetworks(netns)),
    look<NamedNetns[]>('the names in /run/netns', [], listNetns),
    look<string[]>('the mounts', [], readMountPoints),
  ]);
  const [sysctls, inside] = await Promise.all([
    look<Sysctls>('sysctls', {}, async () => readSysctls(netns, links)),
    look<ReadonlyMap<number, Inside>>('the namespaces of members', new Map(), async () =>
      lookInside(links, networks, names),
    ),
  ]);
  const { ino, name } = netns;
  return {
    ...{ netns: { ino, name }, links, addrs, routes, sysctls, ruleset, networks, inside },
    ...{ names, mountPoints, unseen },
  };
}

function isWithoutNftables(error: unknown): boolean {
  return error instanceof NetlinkError && error.message.includes(NO_NFTABLES);
}

function notSeen(what: string, where: string, error: unknown): Finding {
  const why = error instanceof Error ? error.message : String(error);
  return {
    code: 'not-seen',
    severity: 'unknown',
    what: `${what} could not be read: ${why}`,
    where,
    fix: 'look again as root, in the user namespace that owns this one',
  };
}

/** Devices, but `lo`, that have an address by which others reach them. */
export function addressed({ links, addrs }: Facts, family: Family): Link[] {
  const found = new Set(
    addrs.filter((addr) => addr.family === family && addr.scope === 'global').map(({ index }) => index),
  );
  return links.filter(({ index, flags }) => found.has(index) && !flags.includes('loopback'));
}

export function hasDefaultRoute({ routes }: Facts, family: Family): boolean {
  return routes.some(
    (route) => route.family === family && route.to === 'default' && route.type === 'unicast',
  );
}
