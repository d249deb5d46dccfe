import { setTimeout as pause } from 'node:timers/promises';
import { setBridgePort } from '../../links/bridge';
import { ignoring } from '../../netlink/error';
import type { Family } from '../../common/check';
import { NetnsError } from '../../netns/netns-error';
import { deleteLink, getLink, setLink } from '../../links/links';
import type { Netns } from '../../netns/netns';
import { addRoute } from '../../routes/routes';
import { setSysctl } from '../../sysctl/sysctls';
import { type CreatedLink, createVeth, type VethEnd } from '../../links/veth';
import { waitForLink } from '../../events/wait-for-link';
import { type Claim, claimMember, completeClaim, dropClaim, LOOK_AGAIN_MS } from './claim';
import type { NetworkContext } from './context';
import { bridgesAreFiltered, ignoreMissing } from '../host';
import type { AttachPlan } from './member-options';
import { type MemberRecord, readMembers } from '../table/member-records';
import { NetworkError } from '../network-error';
import { writeOwner } from './port-alias';
import { portElements, type PublishedPort } from '../table/published-ports';
import { addPorts, holdPorts, publishMore } from './publishing';
import { dropIfSame, stateOf } from './repair';

/** A member as it is attached. */
export interface NetworkMember {
  /** Its device. */
  device: string;
  index: number;
  /** The host's end of the pair. */
  port: string;
  /** '10.200.0.2', and of IPv6. */
  addresses: Partial<Record<Family, string>>;
  mac: string;
  published: PublishedPort[];
  /** Whether it was there before. */
  found: boolean;
}

/** Attaches a member, or finds it attached. If it fails, nothing of it is left. */
export async function attachMember(
  context: NetworkContext,
  netns: Netns,
  port: string,
  plan: AttachPlan,
): Promise<NetworkMember> {
  const result = await claimMember(context, port, plan);
  if ('attached' in result) return adoptMember(context, netns, result.attached, plan);
  const { claim } = result;
  let fresh: PublishedPort[] = [];
  try {
    fresh = await holdPorts(context, plan.publish);
    const [, device] = await createPair(context, netns, port, plan, claim);
    await configurePair(context, netns, port, plan);
    await untilForwarding(context.host, port);
    const elements = plan.publish.flatMap((one) => portElements(one, claim.addresses, port));
    await addPorts(context, elements, async () => completeClaim(context, port, claim.addresses, elements));
    const { addresses, mac } = claim;
    const { publish: published } = plan;
    return { device: device.name, index: device.index, port, addresses, mac, published, found: false };
  } catch (error) {
    await deleteLink(context.host, port, { ifMissing: 'ignore' });
    await dropClaim(context, port, claim);
    context.reservations.release(fresh);
    throw error;
  }
}

async function createPair(
  { host, plan: network, mtu }: NetworkContext,
  netns: Netns,
  port: string,
  plan: AttachPlan,
  { addresses, mac }: Claim,
): Promise<[CreatedLink, CreatedLink]> {
  const addrs = network.subnets.map(({ family, prefixLength }) => `${addresses[family]}/${prefixLength}`);
  // a port that is to keep its frames from others is not to be up before it does
  const outer: VethEnd = { netns: host, name: port, bridge: network.name, mtu, addrGenMode: 'none' };
  const inner: VethEnd = { netns, name: plan.device, mac, mtu, addrs, up: true };
  const alias = writeOwner({ netns: netns.ino, device: plan.device, aliases: plan.aliases });
  const end = { ...outer, alias, up: network.icc };
  const pair = await createVeth(end, inner).catch(ignoring('EEXIST'));
  if (pair !== undefined) return pair;
  // one that is left of before the table was lost: this member is nobody's but ours now
  await deleteLink(host, port, { ifMissing: 'ignore' });
  return createVeth(end, inner);
}

/** What is to be set when the devices are there. */
async function configurePair(
  { host, plan: network }: NetworkContext,
  netns: Netns,
  port: string,
  { device, defaultRoute, hairpin }: AttachPlan,
): Promise<void> {
  const port6 = ignoreMissing(setSysctl(host, `net/ipv6/conf/${port}/accept_ra`, 0));
  const routes =
    defaultRoute && !network.internal
      ? network.subnets.map(async ({ gateway }) =>
          addRoute(netns, { to: 'default', via: gateway, device, ifExists: 'ignore' }),
        )
      : [];
  const own = async () => {
    const back = hairpin ?? (await bridgesAreFiltered(host));
    const settings = { ...(!network.icc && { isolated: true }), ...(back && { hairpin: true }) };
    if (Object.keys(settings).length > 0) await setBridgePort(host, port, settings);
    if (!network.icc) await setLink(host, port, { up: true });
  };
  const results = await Promise.allSettled([port6, setLink(netns, 'lo', { up: true }), own(), ...routes]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

// The carrier of a pair comes a moment after both of its ends are up, and only then the bridge sends by its port: what is
// sent before is lost, the announcement of the addresses to begin with.
const FORWARDING_MS = 200;

async function untilForwarding(host: Netns, port: string): Promise<void> {
  const wanted = { bridgePortState: 'forwarding', timeout: FORWARDING_MS } as const;
  await waitForLink(host, port, wanted).catch((error: unknown) => {
    // it is somebody else's spanning tree that decides
    if (!(error instanceof NetnsError && error.code === 'ETIMEDOUT')) throw error;
  });
}

/** It is attached already: so it is as it is asked for, or that is an error. */
async function adoptMember(
  context: NetworkContext,
  netns: Netns,
  record: MemberRecord,
  plan: AttachPlan,
): Promise<NetworkMember> {
  const { port, addresses, mac, published } = record;
  const different = (option: string, is: string | undefined): NetworkError => {
    const reason = `it is a member already, with ${is ?? 'none'}`;
    const code = 'ERR_MEMBER_EXISTS';
    return new NetworkError({ code, operation: 'attach to', network: context.plan.name, option, reason });
  };
  for (const [family, address] of Object.entries(plan.addresses)) {
    const is = addresses[Number(family) as Family];
    if (is !== address) throw different('address', is);
  }
  if (plan.mac !== undefined && plan.mac !== mac) throw different('mac', mac);
  const { index } = await getLink(netns, plan.device);
  const same = (one: PublishedPort) =>
    JSON.stringify([one.protocol, one.hostAddress, one.hostPort, one.port]);
  const there = new Set(published.map(same));
  const missing = plan.publish.filter((one) => !there.has(same(one)));
  await publishMore(context, record, missing);
  const all = [...published, ...missing];
  return { device: plan.device, index, port, addresses, mac, published: all, found: true };
}

/** @returns whether there was such a member. */
export async function detachMember(context: NetworkContext, port: string): Promise<boolean> {
  const { host, plan, sign, book, known, reservations } = context;
  for (;;) {
    const record = (await readMembers(host, plan.name)).find((one) => one.port === port);
    if (record === undefined) return false;
    if ((await stateOf(host, record)) === 'changing') await pause(LOOK_AGAIN_MS);
    else if (await dropIfSame(host, record, sign)) {
      known.delete(port);
      reservations.release(record.published);
      await book.release(port);
      return true;
    }
  }
}
