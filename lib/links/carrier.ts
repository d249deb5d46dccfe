import type { Link } from './link-view';
import { openUnlessAborted, unlessAborted, withDeadline } from '../common/abort';
import type { Attempt } from '../netlink/error';
import type { Request } from '../netlink/object';
import { NetnsChanges } from '../netns/changes';
import type { Netns } from '../netns/netns';
import { NetnsError } from '../netns/netns-error';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { IFF, link, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';

// A device that is up before it has a carrier drops what it is to send until the kernel has noticed the carrier: the end of
// a veth pair that was up first, the port of a bridge, and a bridge with its first port. The kernel leaves that to a worker,
// which comes after a millisecond, or tens of them on a busy machine. Where one link is asked for, the kernel (since 6.8)
// notices at once; a dump does not have this effect.

/** The kernel is not waited for any longer than these milliseconds. */
const LONGEST = 2000;

const linkState = link.reading('carrier', 'operState');

/** Asks for one link, and so has the kernel notice its carrier. What the answer says is nobody's concern. */
export function carrierSeen(index: number, attempt: Attempt): Request<unknown> {
  return linkState.get({ index, extMask: RTEXT_FILTER_SKIP_STATS }, attempt);
}

/**
 * Lets devices send that have a carrier by now, in this order: a bridge comes after its ports.
 *
 * @throws the signal's reason, and {@link NetnsError} ERR_NETNS_CLOSED where the handle is closed, both at once.
 */
export async function seeCarrier(
  netns: Netns,
  indexes: readonly (number | undefined)[],
  attempt: Attempt,
  signal?: AbortSignal,
): Promise<void> {
  const given = indexes.filter((index) => index !== undefined);
  if ((await unseenOf(netns, given, attempt)).length === 0) return;
  const timeUp = new Error('the kernel has not seen the carrier');
  const limits = { timeout: LONGEST, signal, closing: netns.closing };
  await withDeadline(
    limits,
    () => timeUp,
    async (limit) => waitUntilSeen(netns, given, attempt, limit),
  ).catch((error: unknown) => {
    if (error !== timeUp) throw error;
  });
}

/** The same for a bridge and those of its ports that the kernel has not come to. */
export async function seeCarrierOfPorts(
  netns: Netns,
  bridge: number,
  attempt: Attempt,
  signal?: AbortSignal,
): Promise<void> {
  const dump = linkState.dump({ master: bridge, extMask: RTEXT_FILTER_SKIP_STATS }, attempt);
  const ports = (await netns.request(dump)).filter(isUnseen).map(({ index }) => index);
  await seeCarrier(netns, [...ports, bridge], attempt, signal);
}

async function waitUntilSeen(
  netns: Netns,
  indexes: readonly number[],
  attempt: Attempt,
  limit: AbortSignal,
): Promise<void> {
  const isLink = ({ type }: { type: number }) => type === link.verbs.add;
  const opening = NetnsChanges.open(netns, attempt.operation, [GROUPS.link], isLink);
  const changes = await openUnlessAborted(limit, opening, (late) => late.close()).catch(ignoringRefusal);
  if (changes === undefined) return;
  try {
    let unseen = await unlessAborted(limit, unseenOf(netns, indexes, attempt));
    while (unseen.length > 0) {
      await unlessAborted(limit, changes.next());
      unseen = await unlessAborted(limit, unseenOf(netns, unseen, attempt));
    }
  } finally {
    changes.close();
  }
}

/**
 * Where the system has no socket left to wait by, nobody waits: the devices are whole, and the kernel's worker comes all the
 * same. That is no reason to take them back.
 */
function ignoringRefusal(error: unknown): undefined {
  if (!(error instanceof NetnsError && error.errno !== undefined)) throw error;
}

async function unseenOf(netns: Netns, indexes: readonly number[], attempt: Attempt): Promise<number[]> {
  const requests = indexes.map((index) =>
    linkState.get({ index, extMask: RTEXT_FILTER_SKIP_STATS }, attempt),
  );
  const links = await Promise.all(requests.map(async (request) => netns.request(request)));
  return links.flatMap((one) => (one !== undefined && isUnseen(one) ? [one.index] : []));
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

type LinkState = ReturnType<typeof linkState.read>;

/** Of an end of a pair, or of a bridge. */
function isUnseen({ flags, carrier, operState }: LinkState): boolean {
  return (flags & IFF.up) !== 0 && carrier === true && UNSEEN.has(operState);
}
