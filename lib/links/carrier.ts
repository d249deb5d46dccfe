import { AF_BRIDGE } from '../addon/socket-constants';
import type { Link } from './link-view';
import type { Attempt } from '../netlink/error';
import type { Message } from '../netlink/message';
import type { Request } from '../netlink/object';
import type { Netns } from '../netns/netns';
import { seeDone } from '../netns/see';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { IFF, link, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';

// A device that is up before it has a carrier drops what it is to send until the kernel has noticed the carrier: the end of
// a veth pair that was up first, the port of a bridge, and a bridge with its first port. The kernel leaves that to a worker,
// which comes after a millisecond, or tens of them on a busy machine. Where one link is asked for, the kernel (since 6.8)
// notices at once; a dump does not have this effect.

const linkState = link.reading('operState');
const portState = link.reading('master', 'operState');

/** Asks for one link, and so has the kernel notice its carrier: whether it has. */
export function carrierSeen(index: number, attempt: Attempt): Request<boolean> {
  const request = linkState.get({ index, extMask: RTEXT_FILTER_SKIP_STATS }, attempt);
  return {
    ...request,
    parse: (replies) => {
      const state = request.parse(replies);
      return state === undefined || !isUnseen(state);
    },
  };
}

/**
 * Lets devices send that have a carrier by now, in this order: a bridge comes after its ports.
 *
 * @throws the signal's reason, and NetnsError ERR_NETNS_CLOSED where the handle is closed, both at once.
 */
export async function seeCarrier(
  netns: Netns,
  indexes: readonly (number | undefined)[],
  attempt: Attempt,
  signal?: AbortSignal,
): Promise<void> {
  let unseen = indexes.filter((index) => index !== undefined);
  const deed = {
    attempt,
    groups: [GROUPS.link],
    concerns: ({ type }: Message) => type === link.verbs.add,
    look: async () => {
      unseen = await unseenOf(netns, unseen, attempt);
      return unseen.length === 0;
    },
  };
  await seeDone(netns, deed, signal);
}

/** The same for a bridge and those of its ports that the kernel has not come to. */
export async function seeCarrierOfPorts(
  netns: Netns,
  bridge: number,
  attempt: Attempt,
  signal?: AbortSignal,
): Promise<void> {
  // by AF_BRIDGE a port has 200 bytes, and otherwise 1,500, which for a thousand ports takes tens of milliseconds
  const all = await netns.request(portState.dump({ family: AF_BRIDGE }, attempt));
  const unseen = all.filter((port) => port.master === bridge && isUnseen(port));
  const ports = unseen.map(({ index }) => index);
  await seeCarrier(netns, [...ports, bridge], attempt, signal);
}

async function unseenOf(netns: Netns, indexes: readonly number[], attempt: Attempt): Promise<number[]> {
  const requests = indexes.map((index) => carrierSeen(index, attempt));
  const seen = await Promise.all(requests.map(async (request) => netns.request(request)));
  return indexes.filter((_, i) => seen[i] === false);
}

/**
 * As the kernel calls a device before it has noticed the carrier: 'unknown' where it has not come to the device since the
 * device was created. A dormant one, for example, is not waited for.
 */
const UNSEEN: ReadonlySet<unknown> = new Set(['unknown', 'down', 'lowerlayerdown']);

/** Others, such as lo, may stay 'unknown' for ever. */
const NOTICED_KINDS: ReadonlySet<unknown> = new Set(['veth', 'bridge']);

/** Whether a device that is up has a carrier which the kernel has not noticed. */
export function carrierIsUnseen({ carrier, operState, kind }: Link): boolean {
  return carrier === true && UNSEEN.has(operState) && (operState !== 'unknown' || NOTICED_KINDS.has(kind));
}

const UP_WITH_CARRIER = IFF.up | IFF.lower_up;

/** Of an end of a pair, or of a bridge. */
function isUnseen({ flags, operState }: ReturnType<typeof linkState.read>): boolean {
  return (flags & UP_WITH_CARRIER) === UP_WITH_CARRIER && UNSEEN.has(operState);
}
