import type { Family } from '../common/check';
import { listLinks } from '../links/links';
import type { Netns } from '../netns/netns';
import { ignoring } from '../netlink/error';
import * as nft from '../nft';
import { listRoutes } from '../routes/list-routes';
import { ensureSysctls, getSysctl } from '../sysctl/sysctls';
import type { NetworkPlan } from './plan';
import { readElements } from './table/elements';
import { SETS } from './table/sets';

// A host that did not forward before its first network is not to become a router between its other devices. So the element
// of a family in the set `guarded` records that the library turned on forwarding, and makes the rules drop what is neither
// from nor to a network. The last network turns forwarding off again.

/** A sysctl that was changed. */
export interface SysctlChange {
  /** 'net.ipv4.ip_forward' */
  key: string;
  /** The value before. */
  from: string;
  /** The value since. */
  to: string;
}

export const FORWARDING = { 4: 'net/ipv4/ip_forward', 6: 'net/ipv6/conf/all/forwarding' } as const;

const FAMILIES: Readonly<Record<string, Family>> = { ipv4: 4, ipv6: 6 };

/** What turns on forwarding where it is off. */
export async function forwardingChanges(
  host: Netns,
  { subnets, internal }: NetworkPlan,
): Promise<SysctlChange[]> {
  if (internal) return [];
  const keys = subnets.map(({ family }) => FORWARDING[family]);
  const now = await getSysctl(host, keys);
  const off = keys.filter((key) => now[key] === '0').map((key) => ({ key, from: '0', to: '1' }));
  // A router ignores router advertisements unless accept_ra is 2: the host would lose its own default route.
  const heeding = off.some(({ key }) => key === FORWARDING[6]) ? await heedingAdvertisements(host) : [];
  return [...heeding, ...off];
}

/**
 * Turns on forwarding where it is off. What this process has turned on before, for a network that was removed meanwhile, is guarded as
 * well, because the removal of that network could not turn it off.
 *
 * @returns the sysctls that were changed.
 */
export async function enableForwarding(
  host: Netns,
  plan: NetworkPlan,
  before: readonly SysctlChange[],
): Promise<SysctlChange[]> {
  const changed = await forwardingChanges(host, plan);
  const isNew = ({ key }: SysctlChange) => !changed.some((one) => one.key === key);
  const changes = [...before.filter(isNew), ...changed];
  if (changes.length === 0) return [];
  const off = plan.subnets.map(({ family }) => family).filter(isChanged(changes));
  const guards = off.map((family) => ({ key: `ipv${family}` }));
  const guarded = await nft
    .apply(host, [nft.addElements(SETS.guarded, guards, { ifExists: 'ignore' })])
    .catch(ignoring('ENOENT'));
  if (guarded === undefined) return [...before]; // another process removed the table, and this network with it
  await ensureSysctls(host, Object.fromEntries(changes.map(({ key, to }) => [key, to])));
  return changes;
}

const isChanged = (changes: readonly SysctlChange[]) => (family: Family) =>
  changes.some(({ key }) => key === FORWARDING[family]);

/** The families that networks turned on forwarding of. */
export async function readGuarded(host: Netns): Promise<Family[]> {
  const guarded = await readElements(host, ['guarded']);
  return guarded.flatMap(({ element: { key } }) => (typeof key === 'string' ? (FAMILIES[key] ?? []) : []));
}

/** Turns off the forwarding that networks turned on. @returns a function that turns it on again, by a handle that is open. */
export async function disableForwarding(host: Netns): Promise<(open: Netns) => Promise<void>> {
  const families = await readGuarded(host);
  const setAll = async (netns: Netns, value: number) =>
    ensureSysctls(netns, Object.fromEntries(families.map((family) => [FORWARDING[family], value])));
  await setAll(host, 0);
  return async (open) => setAll(open, 1);
}

async function heedingAdvertisements(host: Netns): Promise<SysctlChange[]> {
  const routes = await listRoutes(host, { family: 6 });
  const devices = new Set(routes.flatMap(({ protocol, index }) => (protocol === 'ra' ? [index] : [])));
  const links = (await listLinks(host)).filter(({ index }) => devices.has(index));
  const keys = links.map(({ name }) => `net/ipv6/conf/${name}/accept_ra`);
  const values = await getSysctl(host, keys);
  return keys.filter((key) => values[key] === '1').map((key) => ({ key, from: '1', to: '2' }));
}
