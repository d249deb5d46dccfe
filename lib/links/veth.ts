import { checkAddrs, checkDevice, checkDeviceName } from '../common/check';
import { indexOf } from '../netns/device';
import { here } from '../netns/open';
import { createRequest, setRequests, createdLink } from './link-request';
import { defined } from '../common/objects';
import { enslaveLink, getLink, takeBack } from './links';
import type { Netns } from '../netns/netns';
import { located } from '../netlink/codec';
import { NetlinkError } from '../netlink/error';
import { link } from '../netlink/rtnetlink/link';
import {
  firstSettings,
  pairAttempt,
  pairMessage,
  queuesOf,
  secondSettings,
  type VethEnd,
} from './veth-request';

export type { VethEnd } from './veth-request';

/** An end as it was made. */
export interface CreatedLink {
  index: number;
  name: string;
}

/**
 * Creates a veth pair: two Ethernet devices with a cable between them. Each end may be in a namespace of its
 * own, where it is born, not moved to. The pair is one request; addresses, and what the kernel cannot do for
 * the second end at creation, follow in one more for each namespace. If any of it fails, nothing is left.
 *
 * @returns both ends, with the names and indexes that the kernel tells back.
 * @throws {@link NetlinkError} EEXIST where a name is taken, ENODEV for a bridge that is not there, EXFULL for one
 * with 1,023 ports.
 * @see veth(4), ip-link(8): `ip link add NAME type veth peer name NAME`
 */
export async function createVeth(a: VethEnd = {}, b: VethEnd = {}): Promise<[CreatedLink, CreatedLink]> {
  checkEnd(a, 'first');
  checkEnd(b, 'second');
  // the kernel enslaves the first end of the message only, so the one with a bridge goes first
  if (a.bridge === undefined && b.bridge !== undefined) {
    const [second, first] = await createPair(b, a);
    return [first, second];
  }
  return createPair(a, b);
}

function checkEnd(end: VethEnd, option: string): void {
  const { name, bridge, addrs, txQueues, rxQueues } = end;
  if (name !== undefined) checkDeviceName(name, `${option}.name`, { pattern: true });
  if (bridge !== undefined) checkDevice(bridge, `${option}.bridge`);
  if (addrs !== undefined) checkAddrs(addrs, `${option}.addrs`);
  try {
    setRequests(1, end, 'check');
    if (txQueues !== undefined || rxQueues !== undefined) link.add(queuesOf(end), 0, { operation: 'check' });
  } catch (error) {
    throw located(error, option);
  }
}

async function createPair(first: VethEnd, second: VethEnd): Promise<[CreatedLink, CreatedLink]> {
  const netns = first.netns ?? (await here());
  const peerNetns = second.netns ?? (await here());
  const operation = 'create veth';
  const [master, peerMaster] = await Promise.all([
    first.bridge === undefined ? undefined : indexOf(netns, first.bridge, 'bridge'),
    second.bridge === undefined ? undefined : indexOf(peerNetns, second.bridge, 'bridge'),
  ]);

  return peerNetns.lend(operation, async (netnsFd) => {
    const message = pairMessage(first, second, { netnsFd, ...defined({ master }) });
    const created = await netns
      .request(createRequest(message, pairAttempt(operation, first)))
      .catch((error: unknown) => explainTaken(error, first, netns, second, peerNetns));
    const end = createdLink(created);
    const peer = created?.link ?? 0;
    try {
      const [peerName] = await Promise.all([
        nameOf(peerNetns, peer, second),
        peerMaster === undefined ? undefined : enslaveLink(peerNetns, peer, peerMaster),
        ...firstSettings(end.index, first).map((request) => netns.request(request)),
        ...secondSettings(peer, second).map((request) => peerNetns.request(request)),
      ]);
      return [end, { index: peer, name: peerName }];
    } catch (error) {
      // one end takes the other with it
      await takeBack(peerNetns, netnsFd, peer);
      throw error;
    }
  });
}

async function nameOf(netns: Netns, index: number, { name }: VethEnd): Promise<string> {
  if (name !== undefined && !name.includes('%')) return name;
  return (await getLink(netns, index)).name;
}

async function explainTaken(
  error: unknown,
  a: VethEnd,
  aNetns: Netns,
  b: VethEnd,
  bNetns: Netns,
): Promise<never> {
  if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
  const found = await namesTaken([
    { name: a.name, netns: aNetns },
    { name: b.name, netns: bNetns },
  ]);
  throw error.explained(
    found || 'both ends are to have one name in one namespace, or a name was taken and is free again',
  );
}

/** @internal Which of the names are taken, in a sentence; '' if none is. */
export async function namesTaken(
  ends: readonly { name?: string | undefined; netns: Netns }[],
): Promise<string> {
  const checked = await Promise.all(
    ends.map(async ({ name, netns }) => {
      const found = name === undefined ? undefined : await getLink(netns, name).catch(() => undefined);
      return found && `'${found.name}' exists already in namespace ${netns.toString()}`;
    }),
  );
  return checked.filter(Boolean).join(', and ');
}
