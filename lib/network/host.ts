import { cidr, ipAddress } from '../common/ip-address';
import { createBridge } from '../links/bridge';
import { ignoring } from '../netlink/error';
import { parsePrefix } from '../common/check';
import { NetnsError } from '../netns/netns-error';
import type { Link } from '../links/link-view';
import { getLink } from '../links/links';
import { setLink } from '../links/set-link';
import type { Netns } from '../netns/netns';
import type { Route } from '../routes/route-view';
import { listRoutes } from '../routes/list-routes';
import { ensureSysctls, getSysctl, isReadOnly } from '../sysctl/sysctls';
import { NetworkError } from './network-error';
import type { NetworkPlan } from './plan';

// What a network needs of its host: a bridge, forwarding, and a subnet that no route uses.

/** Returns the bridge of a network. A device of that name that is not the network's bridge is an error. */
export async function findBridge(host: Netns, name: string, mac: string): Promise<Link | undefined> {
  const link = await getLink(host, name).catch(ignoring('ENODEV'));
  if (link === undefined || (link.kind === 'bridge' && link.mac === mac)) return link;
  const reason = `there is a device of that name, which is not a bridge of ours (${link.kind ?? 'a device'})`;
  throw new NetworkError({
    code: 'ERR_NETWORK_NAME_TAKEN',
    operation: 'create',
    network: name,
    option: 'name',
    reason,
  });
}

export async function ensureBridge(host: Netns, plan: NetworkPlan, mac: string): Promise<Link> {
  const { name, subnets } = plan;
  const mtu = plan.mtu ?? (await outgoingMtu(host));
  const addrs = subnets.map(({ gateway, prefixLength }) => `${gateway}/${prefixLength}`);
  const { found } = await createBridge(host, name, {
    mac,
    ...(mtu !== undefined && { mtu }),
    ifExists: 'ignore',
  });
  // A bridge that is not up yet may be that of a process that crashed before it set the MTU.
  if (found && mtu !== undefined && (await findBridge(host, name, mac))?.up === false) {
    await setLink(host, name, { mtu });
  }
  // Before the bridge is up, because members could otherwise give the host routes by router advertisements.
  await ignoreAdvertisements(host, name);
  await createBridge(host, name, { mac, up: true, addrs, ifExists: 'ignore' });
  const link = await findBridge(host, name, mac);
  if (link === undefined) throw removedMeanwhile('create', name);
  if (plan.mtu !== undefined && link.mtu !== plan.mtu) throw mismatch(name, 'mtu', `its MTU is ${link.mtu}`);
  return link;
}

export function mismatch(network: string, option: string, reason: string): NetworkError {
  const code = 'ERR_NETWORK_MISMATCH';
  return new NetworkError({
    code,
    operation: 'create',
    network,
    option,
    reason: `it exists already: ${reason}`,
  });
}

export function removedMeanwhile(operation: string, network: string, cause?: unknown): NetworkError {
  const reason = 'somebody removed it meanwhile';
  return new NetworkError({ code: 'ERR_NETWORK_REMOVED', operation, network, reason }, { cause });
}

/** Resolves to undefined where a sysctl does not exist, because the kernel has no IPv6 or no br_netfilter. */
export async function ignoreMissing<T>(attempt: Promise<T>): Promise<T | undefined> {
  return attempt.catch((error: unknown) => {
    if (error instanceof NetnsError && error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Has a device of the host take no router advertisements of members. */
export async function ignoreAdvertisements(host: Netns, device: string): Promise<void> {
  const acceptRa = keyOf(device, 'accept_ra');
  await ignoreMissing(ensureSysctls(host, { [acceptRa]: 0 })).catch(async (error: unknown) => {
    if (!isReadOnly(error) || (await takesAdvertisements(host, device))) throw error;
  });
}

/** Whether router advertisements of members would give the host routes by this device. */
export async function takesAdvertisements(host: Netns, device: string): Promise<boolean> {
  const [acceptRa, disabled] = [keyOf(device, 'accept_ra'), keyOf(device, 'disable_ipv6')];
  const forwarding = keyOf(device, 'forwarding');
  const now = await ignoreMissing(getSysctl(host, [acceptRa, disabled, forwarding]));
  if (now === undefined || now[disabled] === '1' || now[acceptRa] === '0') return false;
  // a router takes advertisements only with the value 2
  return now[forwarding] === '0' || now[acceptRa] === '2';
}

const keyOf = (device: string, name: string) => `net/ipv6/conf/${device}/${name}`;

/** The sysctls by which br_netfilter passes frames that stay on a bridge to the chains of IPv4 and of IPv6. */
export const BR_NETFILTER = [
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
] as const;

/** Whether br_netfilter is loaded and on: then netfilter also sees, and translates, frames that stay on a bridge. */
export async function bridgesAreFiltered(host: Netns): Promise<boolean> {
  const values = await ignoreMissing(getSysctl(host, BR_NETFILTER));
  return values !== undefined && BR_NETFILTER.some((key) => values[key] === '1');
}

/** The MTU of the device that the default route leads to; of several next hops, the smallest one. */
async function outgoingMtu(host: Netns): Promise<number | undefined> {
  const devicesOf = ({ index, nexthops = [] }: Route) =>
    [index, ...nexthops.map((nexthop) => nexthop.index)].filter((device) => device !== undefined);
  const routes = (await listRoutes(host)).filter(({ to }) => to === 'default');
  const devices = routes.map(devicesOf).find(({ length }) => length > 0) ?? [];
  if (devices.length === 0) return undefined;
  const links = await Promise.all(devices.map(async (device) => getLink(host, device)));
  return Math.min(...links.map(({ mtu }) => mtu));
}

/** Refuses a subnet that overlaps with the destination of a route of the host. */
export async function checkOverlap(host: Netns, plan: NetworkPlan, own: Link | undefined): Promise<void> {
  const { name, subnets, allowOverlap } = plan;
  if (allowOverlap) return;
  const routes = (await listRoutes(host)).filter(({ index }) => index === undefined || index !== own?.index);
  for (const { family, subnet } of subnets) {
    const prefix = cidr(subnet);
    const found = routes.find(({ to }) => to !== 'default' && overlaps(prefix, to));
    if (found === undefined) continue;
    const option = family === 6 && subnets.length > 1 ? 'ipv6' : 'subnet';
    const reason = `${subnet} overlaps with the route to ${found.to} (allowOverlap makes it all the same)`;
    throw new NetworkError({
      code: 'ERR_SUBNET_OVERLAP',
      operation: 'create',
      network: name,
      option,
      reason,
    });
  }
}

function overlaps([address, length]: ReturnType<typeof cidr>, to: string): boolean {
  const { family, address: other, length: otherLength } = parsePrefix(to, 'to', { bare: true });
  if ((family === 4) !== (address.kind() === 'ipv4')) return false;
  const shorter = Math.min(length, otherLength);
  return address.match(ipAddress(other), shorter);
}
