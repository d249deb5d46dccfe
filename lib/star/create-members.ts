import { toBytes } from '../common/byte-text';
import { isSystemError } from '../common/system-error';
import { takingBack } from '../common/take-back';
import { type Descriptor, type MemberRest, native, type OpenedNetns } from '../addon/native';
import { deleteLink } from '../links/links';
import { namesTaken } from '../links/name-taken';
import { anyIndex } from '../links/new-device';
import { traced } from '../netlink/diagnostics';
import { NetlinkError } from '../netlink/error';
import { Pack } from '../netlink/pack';
import { routeSocket } from '../netlink/sockets';
import { backlogDrained } from '../netns/backlog';
import { closeAndDelete, deleteOnDispose } from '../netns/create-netns';
import { UNUSED_INDEX } from '../netns/device';
import { whileLocked } from '../netns/directory';
import { Netns, NETNS_DIRECTORY } from '../netns/netns';
import { NAMING_WORDS, toNetnsError } from '../netns/netns-error';
import { takingBackIn } from '../netns/still-open';
import { datagramsOf, type EncodedMember, encodedByTables, numberOuter } from './member-datagrams';
import { memberRequests, type MemberRequests, namesOf, type Place, type StarHub } from './member-requests';
import type { CreatedMember } from './star-member';

/** A member that was made, or why it was not. */
export type Made = ({ status: 'created' } & CreatedMember) | { status: 'failed'; error: unknown };

/** What became of a member in the addon. */
interface Sent {
  /** The number of its first request in the bridge's namespace. */
  first: number;
  opened: OpenedNetns | undefined;
  /** Why there is no namespace, or the kernel's replies where it has not acknowledged all requests; nothing where all went well. */
  rest: MemberRest | undefined;
}

const CREATE = 'create namespace';

/**
 * Creates members in one trip to the addon: their namespaces, and for each one datagram to the bridge's namespace and one to
 * the new one, which hold all that is asked for.
 */
export async function createMembers(hub: StarHub, members: readonly EncodedMember[]): Promise<Made[]> {
  const sent = await send(hub, members);
  return Promise.all(
    sent.map(async ({ first, opened, rest }, i) => {
      const member = members[i] as EncodedMember;
      if (opened === undefined || rest !== undefined)
        return settled(finish(hub, member, { first, opened, rest }));
      return { status: 'created', ...created(member.place, opened) } as const;
    }),
  );
}

/** Creates a member whose messages somebody follows. */
export async function createFollowed(hub: StarHub, place: Place): Promise<Made> {
  const requests = memberRequests(hub, place);
  const member = { place, datagrams: datagramsOf(requests) };
  const [pair] = requests.outer;
  const work = async (): Promise<CreatedMember> => finish(hub, member, await sendOne(hub, member, requests));
  return settled(traced(hub.host.toString(), pair.attempt, pair, work));
}

async function settled(work: Promise<CreatedMember>): Promise<Made> {
  try {
    return { status: 'created', ...(await work) };
  } catch (error) {
    return { status: 'failed', error };
  }
}

function created(place: Place, opened: OpenedNetns): CreatedMember {
  const { device, port } = namesOf(place);
  const netns = new Netns({ opened, name: place.member.name, dispose: deleteOnDispose });
  return { netns, device: { index: UNUSED_INDEX, name: device }, port: { index: place.index, name: port } };
}

// The addon finds no such count in the replies, and so hands over all of them.
const ALL_REPLIES = 0xffffffff;

async function send(
  { host, socket }: StarHub,
  members: readonly EncodedMember[],
  followed?: MemberRequests,
): Promise<Sent[]> {
  const behind = backlogDrained();
  if (behind !== undefined) await behind;
  const numbers = host.numbers(routeSocket);
  const firsts = members.map(({ datagrams }) => {
    const first = numbers.take(datagrams.outerStarts.length);
    numberOuter(datagrams, first);
    return first;
  });
  const layout = members.flatMap(({ datagrams }) => {
    const { bytes, outerBytes, outerStarts, fdAt, innerRequests } = datagrams;
    const innerReplies = followed === undefined ? innerRequests : ALL_REPLIES;
    return [outerBytes, outerStarts.length, fdAt, bytes.length - outerBytes, innerReplies];
  });
  const names = members.map(({ place: { member } }) => member.name);
  if (followed !== undefined) {
    new Pack(followed.outer, firsts[0]).print(host.toString());
    new Pack(followed.inner).print(names[0] ?? 'the new namespace');
  }
  try {
    const { netns, identities, rest } = await native().createMembers(
      NETNS_DIRECTORY,
      names.map((name) => (name === undefined ? null : toBytes(name))),
      routeSocket,
      socket,
      Buffer.concat(members.map(({ datagrams }) => datagrams.bytes)),
      Uint32Array.from(layout),
    );
    const rests = new Map(rest.map((one) => [one.at, one]));
    return firsts.map((first, i) => ({ first, opened: openedAt(netns, identities, i), rest: rests.get(i) }));
  } catch (error) {
    return firsts.map((first) => ({ first, opened: undefined, rest: { error } }));
  }
}

function openedAt(
  netns: readonly (Descriptor | undefined)[],
  identities: Float64Array,
  at: number,
): OpenedNetns | undefined {
  const descriptor = netns[at];
  const [dev = 0, ino = 0] = identities.subarray(2 * at);
  return descriptor && { netns: descriptor, dev, ino };
}

async function sendOne(hub: StarHub, member: EncodedMember, followed?: MemberRequests): Promise<Sent> {
  const [sent] = await send(hub, [member], followed);
  return sent as Sent;
}

/** Where somebody holds the lock on the directory of the names, the member is sent until it is free. */
async function unlocked(hub: StarHub, member: EncodedMember, sent: Sent): Promise<Sent> {
  const { name } = member.place.member;
  if (name === undefined || !isLock(sent)) return sent;
  return whileLocked(CREATE, name, async () => {
    const again = await sendOne(hub, member);
    if (isLock(again)) throw again.rest?.error;
    return again;
  });
}

function isLock({ rest }: Sent): boolean {
  return isSystemError(rest?.error) && rest.error.syscall === 'flock';
}

/** Reads the kernel's replies. Where they have an error, what was made is taken back. */
async function finish(hub: StarHub, member: EncodedMember, sent: Sent): Promise<CreatedMember> {
  const { host, hostFd } = hub;
  const { place } = member;
  const { name } = place.member;
  const refuse = (error: unknown): never => {
    throw toNetnsError(error, CREATE, name ?? '(without a name)', NAMING_WORDS);
  };
  const { first, opened, rest } = await unlocked(hub, member, sent).catch(refuse);
  if (opened === undefined) return refuse(rest?.error);
  const made = created(place, opened);
  if (rest?.outer === undefined || rest.inner === undefined) return made;
  const { netns, device, port } = made;
  const { outer, inner } = memberRequests(hub, place);
  const outcomes = [
    ...new Pack(outer, first).outcomes(rest.outer, host.toString()),
    ...new Pack(inner).outcomes(rest.inner, netns.toString()),
  ];
  const failed = outcomes.find((one) => 'error' in one);
  if (failed === undefined) return made;
  const removeNetns = async (): Promise<void> => closeAndDelete(netns);
  if (failed !== outcomes[0]) {
    // the kernel would free the pair with the namespace, but later
    const removePair = async (open: Netns): Promise<void> =>
      deleteLink(open, port.index, { ifMissing: 'ignore' });
    return takingBackIn(host, hostFd, failed.error, removePair, removeNetns);
  }
  if (!isTaken(failed.error)) return takingBack(failed.error, removeNetns);
  const taken = await namesTaken([
    { name: port.name, netns: host },
    // a namespace is born with lo, and with devices of tunnels whose modules are loaded: tunl0, sit0
    { name: device.name, netns },
  ]);
  await removeNetns();
  if (taken !== '') throw failed.error.explained(taken);
  // it was not the name, but the index
  const other = encodedByTables(hub, { ...place, index: anyIndex() });
  return finish(hub, other, await sendOne(hub, other));
}

function isTaken(error: unknown): error is NetlinkError {
  return error instanceof NetlinkError && error.code === 'EEXIST';
}
