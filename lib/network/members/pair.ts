import { setBridgePort } from '../../links/bridge-port';
import { deleteLink } from '../../links/links';
import { setLink } from '../../links/set-link';
import { type CreatedLink, createVeth } from '../../links/veth';
import { ignoring } from '../../netlink/error';
import { waitForLink } from '../../events/wait-for-link';
import { NetnsError } from '../../netns/netns-error';
import type { Netns } from '../../netns/netns';
import { addRoute } from '../../routes/routes';
import { bridgesAreFiltered, ignoreAdvertisements } from '../host';
import { withDefaultSysctl } from '../unwritten-sysctls';
import type { Addresses } from './address-book';
import type { NetworkContext } from './context';
import type { MemberPlan } from './member-plan';

// The pair of devices between a member and the bridge.

/** Creates the pair, and returns the member's end. */
export async function createPair(
  { host, plan: network, mtu }: NetworkContext,
  { netns, device, port, alias, mac }: MemberPlan,
  addresses: Addresses,
): Promise<CreatedLink> {
  const addrs = network.subnets.map(({ family, prefixLength }) => `${addresses[family]}/${prefixLength}`);
  // Without icc, the port stays down until it is isolated, because it would forward the first frames to other members.
  const up = network.icc;
  const outer = {
    netns: host,
    name: port,
    bridge: network.name,
    mtu,
    alias,
    ipv6: false,
    up,
  } as const;
  // a link-local address is announced and looked for on all ports, which costs each member of a large network the same again
  const ipv6 = network.subnets.some(({ family }) => family === 6);
  const inner = { netns, name: device, mac, mtu, addrs, up: true, ipv6 };
  const pair = await createVeth(outer, inner).catch(ignoring('EEXIST'));
  if (pair !== undefined) return pair[1];
  // A pair of that name is a remnant from before the table was flushed, because the table reserves the member for us.
  await deletePair(host, port);
  return (await createVeth(outer, inner))[1];
}

/** Sets what can be set only when both devices exist. */
export async function configurePair(
  { host, plan: network }: NetworkContext,
  { netns, device, port, defaultRoute, hairpin }: MemberPlan,
): Promise<void> {
  const configurePort = async () => {
    const back = hairpin ?? (await bridgesAreFiltered(host));
    const settings = { ...(!network.icc && { isolated: true }), ...(back && { hairpin: true }) };
    if (Object.keys(settings).length > 0) await setBridgePort(host, port, settings);
    if (!network.icc) await setLink(host, port, { up: true });
  };
  const routes = defaultRoute ? network.subnets.map(({ gateway: via }) => via) : [];
  const results = await Promise.allSettled([
    ignoreAdvertisements(host, port).catch(async (error: unknown) => {
      throw await withDefaultSysctl(error, host, network.name);
    }),
    setLink(netns, 'lo', { up: true }),
    configurePort(),
    ...routes.map(async (via) => addRoute(netns, { to: 'default', via, device, ifExists: 'ignore' })),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

const FORWARDING_MS = 200;

/**
 * Waits until the bridge forwards by the port. A pair gets its carrier a moment after both of its ends are up, and the
 * bridge drops every frame for the port before that, the announcement of the member's addresses among them.
 */
export async function waitForForwarding(host: Netns, port: string): Promise<void> {
  const wanted = { bridgePortState: 'forwarding', timeout: FORWARDING_MS } as const;
  await waitForLink(host, port, wanted).catch((error: unknown) => {
    // Somebody turned on the bridge's spanning tree protocol, which then decides when the port forwards.
    if (!(error instanceof NetnsError && error.code === 'ETIMEDOUT')) throw error;
  });
}

export async function deletePair(host: Netns, port: string): Promise<void> {
  await deleteLink(host, port, { ifMissing: 'ignore' });
}
