import { constants } from 'node:os';
import { addrRequest } from '../addresses/addr-request';
import { checkAddrs, checkDevice, checkNewDeviceName } from '../common/check';
import { checkObject, checkOptions, optionTable } from '../common/options';
import { type Device, indexOf } from '../netns/device';
import {
  attributesOf,
  checkMtu,
  flagsOf,
  LINK_OPTIONS,
  LINK_WORDS,
  type LinkOptions,
  MASTER_WORDS,
  NEW_DEVICE_OPTIONS,
  setRequests,
  splitForCreation,
  withoutEarly,
} from './link-request';
import { defined } from '../common/objects';
import { seeCarrier } from './carrier';
import { takingBack } from '../common/take-back';
import { enslaveLink, getLink, takeBack } from './links';
import type { Link } from './link-view';
import { randomMac } from './mac';
import { explainTaken, indexTaken, takenWords } from './name-taken';
import { createDevice, type CreatedLink } from './new-device';
import { checkNetns } from '../netns/check-netns';
import { Netns, type NetnsAccess } from '../netns/netns';
import { openNetns } from '../netns/open';
import { located } from '../netlink/codec';
import { type Attempt, ignoring, NetlinkError } from '../netlink/error';
import type { Request } from '../netlink/object';
import { link } from '../netlink/rtnetlink/link';

const { ENODEV } = constants.errno;

export type { CreatedLink } from './new-device';

/** One end of a veth pair. */
export interface VethEnd extends LinkOptions {
  /** Where this end is born. */
  netns: Netns;
  /** Without one the kernel chooses: 'veth0'. 'port%d' lets it fill in a number. */
  name?: string;
  /** A number that no device of its namespace has. By default one that is free. */
  index?: number;
  /** The bridge that it becomes a port of, in its namespace. */
  bridge?: Device;
  /**
   * '10.0.1.1/24', 'fd00::1/64'. IPv6 addresses can be bound at once, without duplicate address detection; the
   * kernel may take a second or two, though, until it answers to them on a new link.
   */
  addrs?: readonly string[];
  /** Queues to send by; 1 by default, which makes creation cheaper than the kernel's default of one per CPU. */
  txQueues?: number;
  /** Queues to receive by; 1 by default. */
  rxQueues?: number;
}

/** What an end has besides its place. */
export type VethEndSettings = Omit<VethEnd, 'netns' | 'bridge' | 'index'>;

/** @internal */
export const VETH_END_SETTINGS = optionTable<VethEndSettings>({
  ...LINK_OPTIONS,
  mtu: checkMtu,
  name: (name, path) => checkNewDeviceName(name, path, { pattern: true }),
  addrs: checkAddrs,
  txQueues: true,
  rxQueues: true,
});

const VETH_END = optionTable<VethEnd>({
  ...VETH_END_SETTINGS,
  netns: checkNetns,
  bridge: checkDevice,
  index: NEW_DEVICE_OPTIONS.index,
});

/**
 * Creates a veth pair: two Ethernet devices with a cable between them. Each end may be in a namespace of its
 * own, where it is born, not moved to. The pair is one request; addresses, and what the kernel cannot do for
 * the second end at creation, follow in one more for each namespace. If any of it fails, nothing is left.
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
  // the kernel enslaves the first end of the message only, so the one with a bridge goes first
  if (first.bridge === undefined && second.bridge !== undefined) {
    const [b, a] = await createPair(second, first);
    return [a, b];
  }
  return createPair(first, second);
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
    // the kernel takes the second end's index only together with that of the first
    const index = first.index ?? (second.index === undefined ? undefined : true);
    const build = (chosen: number) =>
      pairMessage(first, second, { ...pair, ...indexesOf(chosen, first, second) });
    const { peer, ...end } = await createDevice({
      netns,
      fd,
      kind: 'veth',
      name: first.name,
      index,
      build,
      attempt,
    }).catch(explainTaken([first, second], taken ?? BOTH));
    const late = secondSettings(peer, second);
    try {
      if (late.length > 0 || peerMaster !== undefined) {
        await checkPeer(netns, peerNetns, { index: peer, mac: second.mac });
      }
      const [peerName] = await Promise.all([
        nameOf(peerNetns, peer, second),
        peerMaster === undefined ? undefined : enslaveLink(peerNetns, peer, peerMaster),
        ...firstSettings(end.index, first).map((request) => netns.request(request)),
        ...late.map((request) => peerNetns.request(request)),
      ]);
      if (first.up && second.up) {
        const made = { operation: 'create veth', device: end.name };
        await Promise.all([
          seeCarrier(netns, [end.index, master], made),
          seeCarrier(peerNetns, [peer, peerMaster], made),
        ]);
      }
      return [end, { index: peer, name: peerName }];
    } catch (error) {
      return takingBack(error, async () => {
        // one end takes the other with it
        if (await takeBack(netns, fd, end.index)) return;
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

/**
 * The second end's index comes from the first end's namespace, which may be somebody else's. Before anything is set by
 * that index in another namespace, the device there has to be the one that was made, which its random MAC address shows.
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

/** Where the library chooses the first end's index, the one below is free as well; where the caller does, it may not be. */
function indexesOf(chosen: number, first: VethEnd, second: VethEnd): { indexes?: [number, number] } {
  if (chosen === 0) return {};
  return { indexes: [chosen, second.index ?? (first.index === undefined ? chosen - 1 : 0)] };
}

// The requests that make a pair. A star sends them in packs of its own.

/** @internal What a pair needs besides its ends. */
export interface PairDetails {
  /** Descriptor of the second end's namespace. */
  netnsFd: number;
  /** Index of the first end's bridge: the kernel enslaves none but the first. */
  master?: number;
  /** Of the first and the second end. The kernel takes one from the caller only if it gets both (6.18). */
  indexes?: readonly [number, number];
}

/** @internal The pair in one message, whose last four bytes are `netnsFd`. */
export function pairMessage(
  first: VethEndSettings,
  second: VethEndSettings,
  { netnsFd, master, indexes = [0, 0] }: PairDetails,
) {
  return {
    index: indexes[0],
    ...flagsOf(splitForCreation(first)[0]),
    ...endAttributes(first),
    ...defined({ master }),
    // IFF_UP on the peer is refused (ENOTCONN, 6.18): its flags are set on their own, by secondSettings
    info: {
      kind: 'veth',
      data: { peer: { index: indexes[1], ...endAttributes(second), netnsFd } },
    },
  };
}

/** @internal */
export function pairAttempt(operation: string, { name, bridge }: Pick<VethEnd, 'name' | 'bridge'>): Attempt {
  const words = bridge === undefined ? LINK_WORDS : { ...LINK_WORDS, ...MASTER_WORDS };
  return { operation, device: name, words };
}

function endAttributes(end: VethEndSettings) {
  const { name, mac = randomMac() } = end;
  return { ...defined({ name }), ...attributesOf({ ...end, mac }), ...queuesOf(end) };
}

const queuesOf = ({ txQueues = 1, rxQueues = 1 }: VethEndSettings) => ({ txQueues, rxQueues });

/** @internal The addresses of the first end, and what else creation has not done. */
export function firstSettings(index: number, end: VethEndSettings): Request<undefined>[] {
  return [...addrRequests(index, end), ...setRequests(index, splitForCreation(end)[1], 'set link')];
}

/** @internal The same for the second end, whose flags the kernel does not take at creation. */
export function secondSettings(index: number, end: VethEndSettings): Request<undefined>[] {
  return [...addrRequests(index, end), ...setRequests(index, withoutEarly(end), 'set link')];
}

/** In errors, the device has the name that the caller gave. A pattern is the name of no device. */
function addrRequests(index: number, { addrs = [], name = '%' }: VethEndSettings): Request<undefined>[] {
  const device = name.includes('%') ? index : name;
  return addrs.map((addr) => addrRequest(device, addr)(index));
}
