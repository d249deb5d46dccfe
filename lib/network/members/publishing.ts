import { takingBackIn } from '../../netns/still-open';
import * as nft from '../../nft';
import { forgetEarlierFlows, forgetUnpublished } from './connections';
import type { NetworkContext } from './context';
import { closeLocalnet, openLocalnet } from './localnet';
import type { MemberIdentity } from './member-plan';
import { addOperations, deleteOperations, type PlacedElement, readElements } from '../table/elements';
import {
  type Attachment,
  stateChange,
  isPublished,
  type MemberRecord,
  readMember,
} from '../table/member-records';
import { NetworkError } from '../network-error';
import { portElements, type PublishedPort, publishedPorts } from '../table/published-ports';
import { repairMembers } from './repair';

/**
 * Holds ports of the host, so that no program of the host binds them.
 *
 * @returns the ports that were not held before.
 */
export async function holdPorts(
  { plan, heldPorts }: NetworkContext,
  ports: readonly PublishedPort[],
): Promise<PublishedPort[]> {
  if (ports.length > 0 && plan.internal) {
    const reason = 'nothing is published of an internal network';
    const details = { operation: 'publish in', network: plan.name, option: 'publish', reason };
    throw new NetworkError({ ...details, code: 'ERR_NETWORK_INTERNAL' });
  }
  return heldPorts.hold(
    ports,
    plan.subnets.map(({ family }) => family),
  );
}

/** Publishes ports of a member, as it was attached here, or as the table has it: all ports, or none. */
export async function publish(
  context: NetworkContext,
  member: MemberIdentity,
  ports: readonly PublishedPort[],
): Promise<void> {
  const { attachedHere } = context;
  const attachment = attachedHere.get(member.port);
  if (attachment !== undefined) {
    try {
      await publishMore(context, attachment, ports);
      return;
    } catch (error) {
      if (!(error instanceof NetworkError && error.code === 'ERR_NOT_A_MEMBER')) throw error;
      // Other processes may have detached the member and attached it again, with another number in `states`.
      attachedHere.delete(member.port);
    }
  }
  await publishMore(context, await requireMember(context, member), ports);
}

/** Publishes ports of a member that is attached, by one element for each family, in one transaction: all ports, or none. */
export async function publishMore(
  context: NetworkContext,
  { port, state, addresses }: Attachment,
  ports: readonly PublishedPort[],
): Promise<void> {
  if (ports.length === 0) return;
  const held = await holdPorts(context, ports);
  try {
    const elements = ports.flatMap((one) => portElements(one, addresses, port));
    // The member's state is deleted and added again, because that fails with ENOENT where the member was detached.
    await applyPorts(context, { port, from: state, to: state }, elements);
  } catch (error) {
    context.heldPorts.release(held);
    throw error instanceof nft.NftError && error.code === 'ENOENT' ? notMember(context, port, error) : error;
  }
}

async function requireMember(
  context: NetworkContext,
  { netns, device, port }: MemberIdentity,
): Promise<MemberRecord> {
  const member = await readMember(context.host, context.plan.name, port);
  if (member === undefined) throw notMember(context, `${device} of ${netns.toString()}`);
  return member;
}

function notMember({ plan }: NetworkContext, who: string, cause?: unknown): NetworkError {
  const details = { operation: 'publish in', network: plan.name, reason: `${who} is not a member` };
  return new NetworkError({ ...details, code: 'ERR_NOT_A_MEMBER' }, { cause });
}

/**
 * Adds the elements of published ports, in one transaction with the change of the member's state. Where elements exist
 * already, what is left of members that are gone is removed first. Where a step after the transaction fails, the
 * transaction is taken back.
 */
export async function applyPorts(
  context: NetworkContext,
  { port, from, to }: { port: string; from: number; to: number },
  elements: readonly PlacedElement[],
): Promise<void> {
  const { host, hostFd, plan } = context;
  const apply = async () => nft.apply(host, [...stateChange(port, from, to), ...addOperations(elements)]);
  const exists = (error: unknown) => error instanceof nft.NftError && error.code === 'EEXIST';
  try {
    await apply().catch(async (error: unknown) => {
      if (!exists(error)) throw error;
      await repairMembers(context, plan.name);
      await apply();
    });
  } catch (error) {
    if (!exists(error)) throw error;
    throw await portTaken(context, elements, error);
  }
  try {
    await openLocalnet(host, plan.name, elements);
    await forgetEarlierFlows(host, elements);
  } catch (error) {
    const changeBack = [...deleteOperations(elements), ...stateChange(port, to, from)];
    await takingBackIn(
      host,
      hostFd,
      error,
      async (open) => nft.apply(open, changeBack),
      async (open) => closeLocalnet(open, plan.name, elements),
    );
  }
}

async function portTaken(
  { host, plan }: NetworkContext,
  elements: readonly PlacedElement[],
  cause: unknown,
): Promise<NetworkError> {
  const nameOf = ({ set, element }: PlacedElement) => `${set} ${JSON.stringify(element.key)}`;
  const there = new Set((await readElements(host, [...new Set(elements.map(({ set }) => set))])).map(nameOf));
  const found = elements.find((one) => there.has(nameOf(one)));
  const [one] = publishedPorts(found === undefined ? elements : [found]);
  const { hostPort: port, protocol, hostAddress: address } = one ?? {};
  const reason = `${protocol} port ${port} of the host is published by another member`;
  const details = {
    operation: 'publish in',
    network: plan.name,
    option: 'hostPort',
    address,
    port,
    protocol,
  };
  return new NetworkError({ ...details, code: 'EADDRINUSE', reason }, { cause });
}

/**
 * Takes published ports of a member back, and deletes the conntrack entries of connections to them. Where a step after the
 * transaction fails, the ports are published again, so that another call finds them.
 */
export async function unpublish(
  context: NetworkContext,
  member: MemberIdentity,
  ports: readonly PublishedPort[],
): Promise<void> {
  const { host, hostFd, plan, heldPorts } = context;
  const { port, state, addresses, elements } = await requireMember(context, member);
  const nameOf = ({ set, element: { key, value } }: PlacedElement) => JSON.stringify([set, key, value]);
  const wanted = new Set(ports.flatMap((one) => portElements(one, addresses, port)).map(nameOf));
  const published = elements.filter(isPublished);
  const own = published.filter((one) => wanted.has(nameOf(one)));
  const left = published.filter((one) => !wanted.has(nameOf(one)));
  await nft.apply(host, deleteOperations(own));
  try {
    await closeLocalnet(host, plan.name, own);
    await forgetUnpublished(host, own, left);
  } catch (error) {
    await takingBackIn(
      host,
      hostFd,
      error,
      async (open) => nft.apply(open, [...stateChange(port, state, state), ...addOperations(own)]),
      async (open) => openLocalnet(open, plan.name, own),
    );
  }
  heldPorts.release(publishedPorts(own));
}
