import type { Family } from '../../common/check';
import { getLink } from '../../links/links';
import { NetlinkError } from '../../netlink/error';
import type { Netns } from '../../netns/netns';
import { takingBackIn } from '../../netns/still-open';
import { removedMeanwhile } from '../host';
import { NetworkError } from '../network-error';
import type { MemberRecord } from '../table/member-records';
import { type PublishedPort, portsNotAmong } from '../table/published-ports';
import type { NetworkContext } from './context';
import type { MemberPlan } from './member-plan';
import { configurePair, createPair, deletePair, waitForForwarding } from './pair';
import { remember } from './change-member';
import { holdPorts, publish } from './publishing';
import { completeMember, releaseMember, reserveMember } from './reserve';

/** A member as it is attached. */
export interface NetworkMember {
  /** Name of the member's device. */
  device: string;
  /** Index of that device. */
  index: number;
  /** The host's end of the pair. */
  port: string;
  /** '10.200.0.2', and the address of IPv6. */
  addresses: Partial<Record<Family, string>>;
  mac: string;
  published: PublishedPort[];
  /** Whether the member was attached before. */
  found: boolean;
}

/** Attaches a member, or finds it attached. A step that fails has the steps before it undone, the last one first. */
export async function attachMember(context: NetworkContext, plan: MemberPlan): Promise<NetworkMember> {
  const { host, hostFd, heldPorts } = context;
  const { device, port, mac, published } = plan;
  const result = await reserveMember(context, plan);
  if ('attached' in result) return adoptMember(context, plan, result.attached);
  const { addresses } = result;
  const undo: ((open: Netns) => unknown)[] = [
    async (open) => releaseMember({ ...context, host: open }, plan, addresses),
  ];
  try {
    const held = await holdPorts(context, published);
    undo.push(() => heldPorts.release(held));
    const { index } = await createPair(context, plan, addresses);
    undo.push(async (open) => deletePair(open, port));
    await configurePair(context, plan);
    await waitForForwarding(host, port);
    await completeMember(context, plan, addresses);
    return { device, index, port, addresses, mac, published: [...published], found: false };
  } catch (refusal) {
    return takingBackIn(host, hostFd, await orRemoved(context, refusal), ...undo.reverse());
  }
}

/** The kernel's refusal, or what it means where the bridge is gone. */
async function orRemoved({ host, plan: { name } }: NetworkContext, refusal: unknown): Promise<unknown> {
  if (!(refusal instanceof NetlinkError)) return refusal;
  const isGone = await getLink(host, name).then(
    () => false,
    (error: unknown) => error instanceof NetlinkError && error.code === 'ENODEV',
  );
  return isGone ? removedMeanwhile('attach to', name, refusal) : refusal;
}

/** Takes over a member that is attached already, and publishes what it lacks. Other options than asked for are an error. */
async function adoptMember(
  context: NetworkContext,
  plan: MemberPlan,
  attached: MemberRecord,
): Promise<NetworkMember> {
  const { device, port } = plan;
  const { addresses, mac, published } = attached;
  const different = (option: string, is: string | undefined): NetworkError => {
    const reason = `it is a member already, with ${is ?? 'none'}`;
    const code = 'ERR_MEMBER_EXISTS';
    return new NetworkError({ code, operation: 'attach to', network: context.plan.name, option, reason });
  };
  for (const [family, address] of Object.entries(plan.addresses)) {
    const is = addresses[Number(family) as Family];
    if (is !== address) throw different('address', is);
  }
  if (plan.macAskedFor && plan.mac !== mac) throw different('mac', mac);
  const { index } = await getLink(plan.netns, device);
  const missing = portsNotAmong(plan.published, published);
  if (missing.length > 0) {
    remember(context, attached);
    await publish(context, plan, missing);
  }
  return { device, index, port, addresses, mac, published: [...published, ...missing], found: true };
}
