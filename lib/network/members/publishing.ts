import { takingBackIn } from '../../netns/still-open';
import * as nft from '../../nft';
import { asNotMember, changeMember, remember, requireUnchanged } from './change-member';
import { forgetEarlierFlows, forgetUnpublished } from './connections';
import type { NetworkContext } from './context';
import { closeLocalnet, openLocalnet } from './localnet';
import type { MemberIdentity } from './member-plan';
import { changeElements } from '../table/change-elements';
import { addOperations, deleteOperations, type PlacedElement, readElements } from '../table/elements';
import {
  changedMember,
  isPublished,
  type MemberRecord,
  nextState,
  stateChange,
} from '../table/member-records';
import { NetworkError } from '../network-error';
import { portElements, portsNotAmong, type PublishedPort, publishedPorts } from '../table/published-ports';
import { repairMembers } from './repair';

const OPERATION = 'publish in';

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
    const details = { operation: OPERATION, network: plan.name, option: 'publish', reason };
    throw new NetworkError({ ...details, code: 'ERR_NETWORK_INTERNAL' });
  }
  return heldPorts.hold(
    ports,
    plan.subnets.map(({ family }) => family),
  );
}

/** Publishes ports of a member: all ports, or none. Those that are published already stay as they are. */
export async function publish(
  context: NetworkContext,
  identity: MemberIdentity,
  ports: readonly PublishedPort[],
): Promise<void> {
  await changeMember(context, identity, OPERATION, async (member) => {
    const missing = portsNotAmong(ports, member.published);
    await (missing.length > 0
      ? publishMore(context, member, missing)
      : requireUnchanged(context, member, OPERATION));
  });
}

/** Publishes ports of a member that is attached, by one element for each family, in one transaction: all ports, or none. */
async function publishMore(
  context: NetworkContext,
  member: MemberRecord,
  ports: readonly PublishedPort[],
): Promise<void> {
  const { port, addresses } = member;
  const held = await holdPorts(context, ports);
  try {
    await addPorts(
      context,
      member,
      ports.flatMap((one) => portElements(one, addresses, port)),
    );
  } catch (error) {
    context.heldPorts.release(held);
    throw asNotMember(context, port, OPERATION, error);
  }
}

/**
 * Adds the elements of published ports, in one transaction with the change of the member's state. Where elements exist
 * already, what is left of members that are gone is removed first. Where a step after the transaction fails, the
 * transaction is taken back.
 */
export async function addPorts(
  context: NetworkContext,
  member: MemberRecord,
  elements: readonly PlacedElement[],
  state = nextState(member),
): Promise<void> {
  const { host, hostFd, plan, known } = context;
  const { port } = member;
  const apply = async () =>
    changeElements(host, [...stateChange(port, member.state, state), ...addOperations(elements)]);
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
  const published = [...member.elements.filter(isPublished), ...elements];
  remember(context, changedMember(member, state, published));
  try {
    await openLocalnet(host, plan.name, elements);
    await forgetEarlierFlows(host, elements);
  } catch (error) {
    known.delete(port);
    const changeBack = [...deleteOperations(elements), ...stateChange(port, state, member.state)];
    await takingBackIn(
      host,
      hostFd,
      error,
      async (open) => changeElements(open, changeBack),
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
    operation: OPERATION,
    network: plan.name,
    option: 'hostPort',
    address,
    port,
    protocol,
  };
  return new NetworkError({ ...details, code: 'EADDRINUSE', reason }, { cause });
}

/** Takes published ports of a member back. */
export async function unpublish(
  context: NetworkContext,
  identity: MemberIdentity,
  ports: readonly PublishedPort[],
): Promise<void> {
  await changeMember(context, identity, OPERATION, async (member) => removePorts(context, member, ports));
}

/**
 * Takes published ports back, and deletes the conntrack entries of connections to them. Where a step after the transaction
 * fails, the ports are published again, so that another call finds them.
 */
async function removePorts(
  context: NetworkContext,
  member: MemberRecord,
  ports: readonly PublishedPort[],
): Promise<void> {
  const { host, hostFd, plan, heldPorts, known } = context;
  const { port, addresses, elements } = member;
  const nameOf = ({ set, element: { key, value } }: PlacedElement) => JSON.stringify([set, key, value]);
  const wanted = new Set(ports.flatMap((one) => portElements(one, addresses, port)).map(nameOf));
  const published = elements.filter(isPublished);
  const own = published.filter((one) => wanted.has(nameOf(one)));
  const left = published.filter((one) => !wanted.has(nameOf(one)));
  const state = nextState(member);
  // also where none of the ports is there, because the state says whether that is still so
  await changeElements(host, [...stateChange(port, member.state, state), ...deleteOperations(own)]).catch(
    (error: unknown) => {
      throw asNotMember(context, port, OPERATION, error);
    },
  );
  remember(context, changedMember(member, state, left));
  try {
    await closeLocalnet(host, plan.name, own, known.values());
    await forgetUnpublished(host, own, left);
  } catch (error) {
    known.delete(port);
    await takingBackIn(
      host,
      hostFd,
      error,
      async (open) =>
        changeElements(open, [...stateChange(port, state, member.state), ...addOperations(own)]),
      async (open) => openLocalnet(open, plan.name, own),
    );
  }
  heldPorts.release(publishedPorts(own));
}
