import { deleteConntrack } from '../../netfilter/conntrack';
import * as nft from '../../nft';
import type { NetworkContext } from './context';
import { adding, deleting, type Placed, readElements } from '../table/elements';
import { type Attachment, changingState, isPublished, type MemberRecord } from '../table/member-records';
import { NetworkError } from '../network-error';
import { portElements, type PublishedPort, publishedPorts } from '../table/published-ports';
import { repairMembers } from './repair';

/** No program of the host takes them from now on. @returns those that are held only now. */
export async function holdPorts(
  { plan, reservations }: NetworkContext,
  ports: readonly PublishedPort[],
): Promise<PublishedPort[]> {
  if (ports.length > 0 && plan.internal) {
    const reason = 'nothing is published of an internal network';
    const details = { operation: 'publish in', network: plan.name, option: 'publish', reason };
    throw new NetworkError({ ...details, code: 'ERR_NETWORK_INTERNAL' });
  }
  return reservations.reserve(
    ports,
    plan.subnets.map(({ family }) => family),
  );
}

/** Publishes ports of a member that is attached: an element each, in one transaction. All of them, or none. */
export async function publishMore(
  context: NetworkContext,
  { port, state, addresses }: Attachment,
  ports: readonly PublishedPort[],
): Promise<void> {
  if (ports.length === 0) return;
  const fresh = await holdPorts(context, ports);
  try {
    const elements = ports.flatMap((one) => portElements(one, addresses, port));
    // taken out and put in again, which fails where it is none any more
    const member = changingState(port, state, state);
    await addPorts(context, elements, async () => nft.apply(context.host, [...member, ...adding(elements)]));
  } catch (error) {
    context.reservations.release(fresh);
    throw error instanceof nft.NftError && error.code === 'ENOENT' ? notMember(context, port, error) : error;
  }
}

export function notMember({ plan }: NetworkContext, who: string, cause?: unknown): NetworkError {
  const details = { operation: 'publish in', network: plan.name, reason: `${who} is not a member` };
  return new NetworkError({ ...details, code: 'ERR_NOT_A_MEMBER' }, { cause });
}

/** Makes an attempt at what adds these elements. What a member that is gone has left of them is cleared away. */
export async function addPorts(
  context: NetworkContext,
  elements: readonly Placed[],
  attempt: () => Promise<unknown>,
): Promise<void> {
  const { host, plan, sign } = context;
  const isTaken = (error: unknown) => error instanceof nft.NftError && error.code === 'EEXIST';
  try {
    await attempt().catch(async (error: unknown) => {
      if (!isTaken(error)) throw error;
      await repairMembers(host, plan.name, sign);
      await attempt();
    });
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw await portTaken(context, elements, error);
  }
  const ports = publishedPorts(elements).filter(({ protocol }) => protocol === 'udp');
  // what came before it was published goes on as it began, without being translated
  const families = plan.subnets.map(({ family }) => family);
  const forgotten = ports.flatMap(({ protocol, hostPort: destinationPort }) =>
    families.map(async (family) => deleteConntrack(host, { family, protocol, destinationPort })),
  );
  await Promise.all(forgotten);
}

async function portTaken(
  { host, plan }: NetworkContext,
  elements: readonly Placed[],
  cause: unknown,
): Promise<NetworkError> {
  const nameOf = ({ set, element }: Placed) => `${set} ${JSON.stringify(element.key)}`;
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

/** Takes back what is published of a member, and lets go of the connections that came by it. */
export async function unpublish(
  { host, reservations }: NetworkContext,
  { port, addresses, elements }: MemberRecord,
  ports: readonly PublishedPort[],
): Promise<void> {
  const nameOf = ({ set, element: { key, value } }: Placed) => JSON.stringify([set, key, value]);
  const wanted = new Set(ports.flatMap((one) => portElements(one, addresses, port)).map(nameOf));
  const own = elements.filter((one) => isPublished(one) && wanted.has(nameOf(one)));
  const taken = publishedPorts(own);
  await nft.apply(host, deleting(own));
  reservations.release(taken);
  await Promise.all(
    taken.flatMap(({ protocol, port: sourcePort }) =>
      Object.values(addresses).map(async (source) =>
        deleteConntrack(host, { protocol, reply: { source, sourcePort } }),
      ),
    ),
  );
}
