import type { Netns } from '../../netns/netns';
import type { Addresses } from '../members/address-book';
import type { NetworkPlan } from '../plan';
import { type PlacedElement, readElements } from '../table/elements';
import type { PublishProtocol } from '../table/published-ports';
import type { SetName } from '../table/sets';
import type { Grant } from './grants';
import { isPublic } from './public-address';

// The elements by which packets of limited members pass: those of addresses that names have led to, which the kernel deletes in time,
// and those of the network's resolver.

/** A member, as the elements name it. */
export interface Reaching {
  network: string;
  addresses: Addresses;
}

const REACH_SETS: readonly SetName[] = ['allowed4', 'allowed6', 'reached4', 'reached6'];

/** No pattern has a colon. */
const DNS_COMMENT = 'port:53';
const DNS = [
  { protocol: 'udp', port: 53 },
  { protocol: 'tcp', port: 53 },
] as const;

/** What an element lets pass. */
export interface Reach {
  address: string;
  /** Undefined: all. */
  protocol?: PublishProtocol;
  port?: number;
}

/** The element by which a member reaches something. */
export function reachElement(
  { network, addresses }: Reaching,
  { address, protocol, port }: Reach,
  { comment, timeout }: { comment: string; timeout?: number },
): PlacedElement | undefined {
  const family = address.includes(':') ? 6 : 4;
  const own = addresses[family];
  if (own === undefined) return undefined;
  const more = { comment, ...(timeout !== undefined && { timeout }) };
  if (protocol === undefined || port === undefined) {
    return { set: `reached${family}`, element: { key: [network, own, address], ...more } };
  }
  return { set: `allowed${family}`, element: { key: [network, own, address, protocol, port], ...more } };
}

const keyOf = ({ element }: PlacedElement) => element.key as readonly (string | number)[];

export function toReach(placed: PlacedElement): Reach {
  const [, , address, protocol, port] = keyOf(placed);
  if (port === undefined) return { address: String(address) };
  return { address: String(address), protocol: protocol as PublishProtocol, port: Number(port) };
}

/** The elements by which a member reaches the resolver of its network. */
export function resolverElements({ subnets }: NetworkPlan, member: Reaching): PlacedElement[] {
  return subnets.flatMap(({ gateway: address }) =>
    DNS.flatMap((by) => reachElement(member, { address, ...by }, { comment: DNS_COMMENT }) ?? []),
  );
}

/** Reads what members reach at the moment. */
export async function readReached(host: Netns, members: readonly Reaching[]): Promise<PlacedElement[]> {
  const own = new Set(
    members.flatMap(({ network, addresses }) =>
      Object.values(addresses).map((address) => `${network} ${address}`),
    ),
  );
  const placed = await readElements(host, REACH_SETS);
  return placed.filter((one) => own.has(keyOf(one).slice(0, 2).join(' ')));
}

/** Whether an element is what one of these grants allows, or that of the resolver. */
export function isGranted(placed: PlacedElement, grants: readonly Grant[]): boolean {
  const { comment = '' } = placed.element;
  if (comment === DNS_COMMENT) return true;
  const { address, protocol, port } = toReach(placed);
  const patterns = comment.split(' ');
  return grants.some(
    ({ domains, ports, privateAddresses }) =>
      domains.some((one) => patterns.includes(one)) &&
      (privateAddresses || isPublic(address)) &&
      (ports === undefined || ports.some((one) => one.port === port && one.protocol === protocol)),
  );
}
