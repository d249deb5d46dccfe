import { ensureSysctls, getSysctl, isReadOnly } from '../../sysctl/sysctls';
import type { Netns } from '../../netns/netns';
import { ignoreMissing } from '../host';
import { isMember, isThere, type PlacedElement, readElements } from '../table/elements';
import type { MemberRecord } from '../table/member-records';
import { toMapping } from '../table/published-ports';

// The host's own connections from 127.0.0.1 to a published port are routed to the bridge only with the bridge's sysctl
// route_localnet. With it, packets of members for 127.0.0.0/8 would reach the host's own services, if the table's rules did not
// drop them; and somebody may flush the rules. So the sysctl is set only while a port is published at an address of
// 127.0.0.0/8, or at all addresses.

export const routeLocalnet = (bridge: string) => `net/ipv4/conf/${bridge}/route_localnet`;

const isAtLoopback = (placed: PlacedElement): boolean => {
  if (placed.set === 'ports4') return true;
  return placed.set === 'published4' && toMapping(placed).hostAddress?.startsWith('127.') === true;
};

/** Sets route_localnet after ports were published. */
export async function openLocalnet(
  host: Netns,
  network: string,
  added: readonly PlacedElement[],
): Promise<void> {
  if (!added.some(isAtLoopback)) return;
  const now = await ignoreMissing(getSysctl(host, routeLocalnet(network)));
  if (now !== '1') await settleLocalnet(host, network);
}

/**
 * Sets route_localnet as it has to be after ports were taken back. It stays where a port of a member that is known here is still
 * published: one element is read then, and not all of them.
 */
export async function closeLocalnet(
  host: Netns,
  network: string,
  removed: readonly PlacedElement[],
  known: Iterable<MemberRecord> = [],
): Promise<void> {
  if (!removed.some(isAtLoopback)) return;
  for (const { elements } of known) {
    const other = elements.find(isAtLoopback);
    if (other === undefined) continue;
    if (await isThere(host, other)) return;
    break;
  }
  await settleLocalnet(host, network);
}

/**
 * Sets route_localnet to what the table asks for. The table is read again after that, because another process may have
 * published a port, or taken one back, and set the sysctl before this one did.
 */
export async function settleLocalnet(host: Netns, network: string): Promise<void> {
  const read = async () => Number(await isNeeded(host, network));
  for (let wanted = await read(), set = -1; set !== wanted; wanted = await read()) {
    set = wanted;
    // The bridge may be gone, or a network of IPv6 alone may be in a kernel without IPv4.
    await ignoreMissing(ensureSysctls(host, { [routeLocalnet(network)]: set })).catch((error: unknown) => {
      // Where it may not be written, somebody else has set it, and it stays.
      if (wanted !== 0 || !isReadOnly(error)) throw error;
    });
  }
}

async function isNeeded(host: Netns, network: string): Promise<boolean> {
  const placed = await readElements(host, ['members', 'ports4', 'published4']);
  const members = new Set(
    placed.flatMap(({ set, element }) => (isMember(set, element, network) ? [element.key] : [])),
  );
  return placed.some((one) => isAtLoopback(one) && members.has(one.element.comment ?? ''));
}
