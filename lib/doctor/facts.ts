import { listAddrs } from '../addresses/addresses';
import type { Addr } from '../addresses/addr-view';
import type { Family } from '../common/check';
import type { Link } from '../links/link-view';
import { listLinks } from '../links/links';
import type { Netns } from '../netns/netns';
import { listNetns, type NamedNetns } from '../netns/names';
import { readGuarded } from '../network/forwarding';
import { type ListedNetwork, readNetworks } from '../network/table/read-networks';
import { listRuleset } from '../nft/list';
import type { Ruleset } from '../nft/objects/ruleset';
import { isWithoutNftables } from '../nft/generation';
import type { Route } from '../routes/route-view';
import { listRoutes } from '../routes/list-routes';
import { type Consoles, readConsoles } from './consoles';
import type { Finding } from './finding';
import { type MemberNetns, readMemberNetns } from './member-netns';
import { type Mount, readMounts, readMountsElsewhere } from './mounts';
import { readSysctls, type Sysctls } from './sysctls';

/** What was read of a namespace. The checks use nothing else. */
export interface Facts {
  netns: { ino: number; name: string | undefined };
  links: readonly Link[];
  addrs: readonly Addr[];
  /** The routes of all routing tables. */
  routes: readonly Route[];
  sysctls: Sysctls;
  /** Undefined where the kernel has no nf_tables, or the ruleset could not be read. */
  ruleset: Ruleset | undefined;
  networks: readonly ListedNetwork[];
  /** Families of which only what is from or to a network is forwarded. */
  guarded: readonly Family[];
  /** Whether the networks could be read. */
  networksSeen: boolean;
  /** The named namespaces of members, by their inodes. */
  memberNetns: ReadonlyMap<number, MemberNetns>;
  names: readonly NamedNetns[];
  mounts: readonly Mount[];
  /** Mounts of other mount namespaces, which are read only where there are stale names. */
  mountedElsewhere: ReadonlyMap<string, number>;
  /** Undefined where they could not be read. */
  consoles: Consoles | undefined;
  /** A finding for each thing that could not be read. */
  unseen: readonly Finding[];
}

export async function readFacts(netns: Netns): Promise<Facts> {
  const unseen: Finding[] = [];
  /** Reads something. Returns `none` where the kernel has no nf_tables; undefined, with a finding, where reading fails. */
  const readOrReport = async <T>(what: string, none: T, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (isWithoutNftables(error)) return none;
      unseen.push(notSeen(what, netns.toString(), error));
      return undefined;
    }
  };
  // These come first and by themselves, because `doctor` rejects without them, and nothing is to run on after that.
  const [links, addrs, routes] = await Promise.all([
    listLinks(netns),
    listAddrs(netns),
    listRoutes(netns, { table: 'all' }),
  ]);
  const [ruleset, seen, names = [], mounts = []] = await Promise.all([
    readOrReport<Ruleset | undefined>('the rules of nf_tables', undefined, async () =>
      listRuleset(netns, { elements: false }),
    ),
    readOrReport<readonly [ListedNetwork[], Family[]]>('the networks of this library', [[], []], async () =>
      Promise.all([readNetworks(netns), readGuarded(netns)]),
    ),
    readOrReport<NamedNetns[]>('the names in /run/netns', [], listNetns),
    readOrReport<Mount[]>('the mounts', [], readMounts),
  ]);
  const [networks, guarded] = seen ?? [[], []];
  const isStale = names.some(({ stale }) => stale);
  const [sysctls = {}, memberNetns = new Map(), mountedElsewhere = new Map(), consoles] = await Promise.all([
    readOrReport<Sysctls>('sysctls', {}, async () => readSysctls(netns, links)),
    readOrReport<ReadonlyMap<number, MemberNetns>>('the namespaces of members', new Map(), async () =>
      readMemberNetns(links, networks, names),
    ),
    isStale
      ? readOrReport<ReadonlyMap<string, number>>('mounts of other processes', new Map(), readMountsElsewhere)
      : undefined,
    readOrReport<Consoles | undefined>('the consoles', undefined, readConsoles),
  ]);
  const { ino } = netns;
  // A name may belong to another namespace by now, which the commands of the findings would then change.
  const name = names.find((named) => named.name === netns.name && named.ino === ino)?.name;
  return {
    ...{ netns: { ino, name }, links, addrs, routes, sysctls, ruleset, memberNetns },
    ...{ networks, guarded, networksSeen: seen !== undefined },
    ...{ names, mounts, mountedElsewhere, consoles, unseen },
  };
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

/** Devices, without `lo`, that have an address of global scope. */
export function addressed({ links, addrs }: Facts, family: Family): Link[] {
  const found = new Set(
    addrs.filter((addr) => addr.family === family && addr.scope === 'global').map(({ index }) => index),
  );
  return links.filter(({ index, flags }) => found.has(index) && !flags.includes('loopback'));
}

// The two halves of all addresses, by which VPNs override a default route.
const HALVES = { 4: ['0.0.0.0/1', '128.0.0.0/1'], 6: ['::/1', '8000::/1'] } as const;

/** Whether there is a default route, or two routes that cover all addresses together. */
export function hasDefaultRoute({ routes }: Facts, family: Family): boolean {
  const ways = routes.filter((route) => route.family === family && route.type === 'unicast');
  const leadsTo = (wanted: string) => ways.some(({ to }) => to === wanted);
  return leadsTo('default') || HALVES[family].every(leadsTo);
}
