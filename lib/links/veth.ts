import { constants } from 'node:os';
import { checkObject, checkOptions } from '../common/options';
import { indexOf } from '../netns/device';
import { setRequests } from './link-request';
import { defined } from '../common/objects';
import { carrierSeen, seeCarrier } from './carrier';
import { takingBack } from '../common/take-back';
import { withLinkLocal } from './link-local';
import { enslaveLink, getLink, readLink, takeBack } from './links';
import type { Link } from './link-view';
import { randomMac } from './mac';
import { explainTaken, indexTaken, takenWords } from './name-taken';
import { chooseIndexes, type CreatedLink } from './new-device';
import { checkNetns } from '../netns/check-netns';
import { Netns, type NetnsAccess } from '../netns/netns';
import { openNetns } from '../netns/open';
import { located } from '../netlink/codec';
import { type Attempt, ignoring, NetlinkError } from '../netlink/error';
import { addFlags } from '../netlink/existence';
import { link } from '../netlink/rtnetlink/link';
import {
  firstSettings,
  type PairDetails,
  pairAttempt,
  pairMessage,
  queuesOf,
  secondSettings,
  VETH_END,
  type VethEnd,
  type VethEndSettings,
} from './veth-end';

const { ENODEV } = constants.errno;

export type { CreatedLink } from './new-device';
export type { VethEnd, VethEndSettings } from './veth-end';

/**
 * Creates a veth pair: two Ethernet devices with a cable between them. Each end may be in a namespace of its
 * own, where it is born, not moved to. The pair is one request; addresses, and what the kernel cannot do for
 * the second end at creation, follow in one more for each namespace. If any of it fails, nothing is left. The library
 * chooses the indexes, which count up from a random number, so that nothing has to be read back.
 *
 * Where both ends are up, both can send when the promise resolves, and the port of a bridge forwards, unless the bridge has
 * a spanning tree (`stp`): then `waitForLink(netns, port, { bridgePortState: 'forwarding' })` waits for that.
 *
 * @returns both ends, with the names and indexes that the kernel reports.
 * @throws {@link NetlinkError} EEXIST where a name is taken, ENODEV for a bridge that is not there, EXFULL for one
 * with 1,023 ports.
 * @see veth(4), ip-link(8): `ip link add NAME type veth peer name NAME`
 * @example
 * ```ts
 * const [inside, outside] = await createVeth(
 *   { netns: red, name: 'eth1', up: true, addrs: ['10.0.1.2/24'] },
 *   { netns: host, name: 'port1', up: true, addrs: ['10.0.1.1/24'] },
 * );
 * ```
 */
export async function createVeth(first: VethEnd, second: VethEnd): Promise<[CreatedLink, CreatedLink]> {
  checkEnd(first, 'first');
  checkEnd(second, 'second');
  const ends = [withLinkLocal(first), withLinkLocal(second)] as const;
  // the kernel enslaves the first end of the message only, so the one with a bridge goes first
  if (first.bridge === undefined && second.bridge !== undefined) {
    const [b, a] = await createPair(ends[1], ends[0]);
    return [a, b];
  }
  return createPair(...ends);
}

function checkEnd(end: VethEnd, option: string): void {
  if ((end as unknown) instanceof Netns) {
    const rule = `expected an end, such as { netns: ${option === 'first' ? 'red' : 'blue'}, name: 'eth0' }`;
    throw new TypeError(
      `${option}: ${rule}, got the handle of a namespace, which belongs in the end's netns`,
    );
  }
  checkObject(end, option);
  // before the other options, because nothing can be done without the place
  checkNetns(end.netns, `${option}.netns`);
  checkOptions(end, VETH_END, { path: option });
  const { txQueues, rxQueues } = end;
  try {
    setRequests(1, end, 'check');
    if (txQueues !== undefined || rxQueues !== undefined) link.add(queuesOf(end), 0, { operation: 'check' });
  } catch (error) {
    throw located(error, option);
  }
}

async function createPair(first: VethEnd, other: VethEnd): Promise<[CreatedLink, CreatedLink]> {
  const second = { ...other, mac: other.mac ?? randomMac() };
  const { netns } = first;
  const { netns: peerNetns } = second;
  const taken = indexTaken(first.index, second.index);
  const asked = pairAttempt('create veth', first);
  const attempt = { ...asked, words: { ...asked.words, ...takenWords(taken) } };
  const [master, peerMaster] = await Promise.all([
    first.bridge === undefined ? undefined : indexOf(netns, first.bridge, attempt, 'bridge'),
    second.bridge === undefined ? undefined : indexOf(peerNetns, second.bridge, attempt, 'bridge'),
  ]);

  // both are lent: the pair can be taken back even if a handle is closed meanwhile
  const work = async (
    { fd }: NetnsAccess,
    { fd: netnsFd }: NetnsAccess,
  ): Promise<[CreatedLink, CreatedLink]> => {
    const pair = { netnsFd, ...defined({ master }) };
    const [index, peer] = await makePair(first, second, pair, attempt).catch(
      explainTaken([first, second], taken ?? BOTH),
    );
    try {
      const late = secondSettings(peer, second);
      const isSet = late.length > 0 || peerMaster !== undefined;
      if (isSet && second.index !== undefined) {
        await checkPeer(netns, peerNetns, { index: peer, mac: second.mac });
      }
      const [name] = await Promise.all([
        nameOf(netns, index, first),
        ...firstSettings(index, first).map((request) => netns.request(request)),
      ]);
      const made = { operation: 'create veth', device: name };
      const bothUp = first.up === true && second.up === true;
      const set = late.map((request) => peerNetns.request(request));
      const [peerName, isSeen] = await Promise.all([
        nameOf(peerNetns, peer, second),
        // behind the request that brings the end up, in the same datagram
        bothUp ? peerNetns.request(carrierSeen(peer, made)) : true,
        peerMaster === undefined ? undefined : enslaveLink(peerNetns, peer, peerMaster),
        ...set,
      ]);
      if (bothUp) {
        await Promise.all([
          seeCarrier(netns, [index, master], made),
          isSeen && peerMaster === undefined ? undefined : seeCarrier(peerNetns, [peer, peerMaster], made),
        ]);
      }
      return [
        { index, name },
        { index: peer, name: peerName },
      ];
    } catch (error) {
      return takingBack(error, async () => {
        // one end takes the other with it
        if (await takeBack(netns, fd, index)) return;
        // somebody has moved it away, or deleted it
        await using there = await openNetns({ fd: netnsFd });
        const found = await getLink(there, peer).catch(ignoring('ENODEV'));
        if (found !== undefined && isPeer(found, second)) await takeBack(there, netnsFd, peer);
      });
    }
  };
  return netns.lend(attempt, async (here) => peerNetns.lend(attempt, async (there) => work(here, there)));
}

const BOTH = 'both ends are to have one name in one namespace, or a name was taken and is free again';

/** Makes the pair. An index that was to be free and is not is chosen again. */
async function makePair(
  first: VethEnd,
  second: VethEnd,
  details: Omit<PairDetails, 'indexes'>,
  attempt: Attempt,
): Promise<[index: number, peer: number]> {
  const [index, peer] = chooseIndexes();
  const indexes: [number, number] = [first.index ?? index, second.index ?? peer];
  const message = pairMessage(first, second, { ...details, indexes });
  try {
    await first.netns.request(link.add(message, addFlags('fail'), attempt));
    return indexes;
  } catch (error) {
    if (!(error instanceof NetlinkError) || !TAKEN.includes(error.code)) throw error;
    const chosen = [first, second].map((end, i) => (end.index === undefined ? indexes[i] : undefined));
    const found = await Promise.all([
      isThere(first.netns, chosen[0], attempt),
      isThere(second.netns, chosen[1], attempt),
    ]);
    if (!found.includes(true)) throw error;
    return makePair(first, second, details, attempt);
  }
}

/** The codes for an index that is taken: the first and the second end's (6.18). */
const TAKEN: readonly string[] = ['EEXIST', 'EBUSY'];

async function isThere(netns: Netns, index: number | undefined, attempt: Attempt): Promise<boolean> {
  if (index === undefined) return false;
  const found = await readLink(netns, index, attempt).catch(ignoring('ENODEV'));
  return found !== undefined;
}

/**
 * Where the caller has chosen the second end's index, the owner of the first end's namespace may delete the pair, and another
 * device may get the index. Before anything is set by it in another namespace, the device there has to be the one that was made,
 * which its random MAC address shows. An index that we choose is no other device's, because the kernel counts up from small ones.
 */
async function checkPeer(
  netns: Netns,
  peerNetns: Netns,
  { index, mac }: { index: number; mac: string },
): Promise<void> {
  if (netns.ofCurrentThread || netns.ino === peerNetns.ino) return;
  const found = await getLink(peerNetns, index).catch(ignoring('ENODEV'));
  if (found !== undefined && isPeer(found, { mac })) return;
  const sentence = notThePeer(found, netns);
  throw new NetlinkError({
    operation: 'create veth',
    device: index,
    errno: ENODEV,
    netns: peerNetns.toString(),
    sentence,
  });
}

/** Why what was found in the second end's namespace is not the end that was made. */
function notThePeer(found: Link | undefined, netns: Netns): string {
  if (found === undefined) return 'the end was deleted, or moved away, as soon as the pair was made';
  const another = `namespace ${netns.toString()} reports another device as the peer`;
  if (found.kind !== 'veth') return another;
  return `the MAC address of the end was changed as soon as the pair was made, or ${another}`;
}

function isPeer({ kind, mac }: Link, made: { mac: string }): boolean {
  return kind === 'veth' && mac === made.mac.toLowerCase();
}

async function nameOf(netns: Netns, index: number, { name }: VethEndSettings): Promise<string> {
  if (name !== undefined && !name.includes('%')) return name;
  return (await getLink(netns, index)).name;
}
