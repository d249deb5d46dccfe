import {
  CREATE_BRIDGE_OPTIONS,
  createBridge,
  type CreatedBridge,
  type CreateBridgeOptions,
  setBridge,
} from '../links/bridge';
import { seeCarrierOfPorts } from '../links/carrier';
import { ignoring } from '../netlink/error';
import { checkNewDeviceName } from '../common/check';
import { randomBetween } from '../common/random';
import {
  checkOptions,
  isSignal,
  listOf,
  oneOf,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { withoutLinkLocal } from '../links/link-local';
import { deleteLink } from '../links/links';
import { setLink } from '../links/set-link';
import { anyIndex } from '../links/new-device';
import { routeSocket } from '../netlink/sockets';
import { checkNetns } from '../netns/check-netns';
import { takingBackIn, withStillOpen } from '../netns/still-open';
import type { Netns, NetnsAccess } from '../netns/netns';
import { link } from '../netlink/rtnetlink/link';
import { rollbackErrorsOf } from '../common/take-back';
import { closeAndDelete, deleteAll, openIfThere } from '../netns/create-netns';
import { checkStar } from './check-star';
import type { Made } from './create-members';
import { fillStar } from './fill-star';
import { type CreatedMember, STAR_MEMBER, type StarMember } from './star-member';

export type { CreatedMember, StarMember } from './star-member';

/** The bridge, its members, and what becomes of failures. */
export interface CreateStarOptions {
  /** The bridge in the middle, by the options of `createBridge`; with `ifExists: 'ignore'` one that is there. */
  bridge: CreateBridgeOptions & { name: string };
  members: readonly StarMember[];
  /**
   * false leaves IPv6 out: no device makes a link-local address. At a thousand members that saves seconds of
   * work that the kernel would go on with after the creation.
   */
  ipv6?: boolean;
  /** Called when another member is made, or has failed. An error that it throws ends the work, and all is deleted. */
  onProgress?: (done: number, total: number) => void;
  /**
   * Aborts: no further member is begun; those under way are finished, then it is a failure like any other. The last wait, in
   * which the kernel notices the carriers, ends at once.
   */
  signal?: AbortSignal;
  /**
   * 'rollback' (default): the first failure stops the work, and all that was made is deleted. 'keep': the other
   * members are made all the same, and each member has a result.
   */
  onFailure?: 'rollback' | 'keep';
}

const CREATE_OPTIONS = optionTable<CreateStarOptions>(
  {
    bridge: optionsOf(
      optionTable<CreateStarOptions['bridge']>({
        ...CREATE_BRIDGE_OPTIONS,
        name: (name, path) => checkNewDeviceName(name, path, { pattern: true }),
      }),
    ),
    members: listOf(optionsOf(STAR_MEMBER)),
    ipv6: trueOrFalse,
    onProgress: true,
    signal: isSignal,
    onFailure: oneOf(['rollback', 'keep']),
  },
  ['bridge', 'members'],
);

/** What became of a member. */
export type MemberResult =
  | ({ status: 'created' } & CreatedMember)
  | { status: 'failed'; error: unknown }
  /** Not begun: the work was aborted before. */
  | { status: 'skipped' };

/** A star as it was made: `deleteStar` takes it. */
export interface Star {
  /** `found` is whether the bridge was there before: then it is nobody's to delete. */
  bridge: CreatedBridge;
  /** In the order of the members asked for. */
  members: MemberResult[];
}

/**
 * Creates a star: namespaces, each joined by a veth pair to one bridge. `createNetns`, `createVeth` and `addRoute` for
 * each member make the same; a star is made in the order that costs the kernel least.
 *
 * The bridge is brought up last, because a bridge that is up floods each new port's IPv6 multicast to all other ports:
 * a thousand members would cost a million packets. The bridge begins to snoop multicast when it is up, because a
 * bridge that snoops goes over all ports for each port that comes up (Linux 6.18). For a thousand ports this takes
 * 60 ms, in which the kernel does not yield the CPU.
 *
 * More than 1,000 members get no answer by ARP from the bridge, unless net.core.netdev_max_backlog of the machine is raised.
 *
 * @returns the bridge and, for each member, its handle and the two ends of its pair.
 * @throws {@link NetlinkError} {@link NetnsError} the first failure, when the bridge, the pairs and the names have been
 * taken back (what could not be is in its `rollbackErrors`); with `onFailure: 'keep'` only what concerns the bridge. The
 * signal's reason, with 'rollback'. The kernel frees the namespaces themselves when nobody holds them any more.
 * @example
 * ```ts
 * const members = [2, 3, 4].map((i) => ({ name: `web${i}`, device: { addrs: [`10.1.0.${i}/24`] } }));
 * const bridge = { name: 'br0', addrs: ['10.1.0.1/24'] };
 * const star = await createStar(host, { bridge, members });
 * console.log(star.members.length); // 3
 * console.log((await ping(host, '10.1.0.4')).received); // 1
 * ```
 */
export async function createStar(netns: Netns, options: CreateStarOptions): Promise<Star> {
  checkNetns(netns);
  checkOptions(options, CREATE_OPTIONS);
  options.signal?.throwIfAborted();
  return netns.lend('create star in namespace', async (access) => buildStar(netns, options, access));
}

async function buildStar(
  netns: Netns,
  options: CreateStarOptions,
  { socket: socketOf, fd }: NetnsAccess,
): Promise<Star> {
  const { bridge, members, ipv6 = true, onProgress, signal, onFailure = 'rollback' } = options;
  const { name, up = true, multicastSnooping = true, ...settings } = bridge;
  const common = ipv6 ? {} : withoutLinkLocal();
  const asked = { ...common, ...settings, multicastSnooping: false }; // until it is up
  const created = await createBridge(netns, name, asked);

  const results: MemberResult[] = members.map(() => ({ status: 'skipped' }));
  let failure: { error: unknown } | undefined;
  let thrown: { error: unknown } | undefined;
  let done = 0;
  const goesOn = (): boolean => {
    if (signal?.aborted === true) failure ??= { error: signal.reason };
    return (
      thrown === undefined && (failure === undefined || (onFailure === 'keep' && signal?.aborted !== true))
    );
  };
  const onResult = (at: number, made: Made): void => {
    results[at] = made;
    if (made.status === 'failed') failure ??= made;
    try {
      onProgress?.(++done, members.length);
    } catch (error) {
      thrown ??= { error };
    }
  };
  try {
    const hub = {
      host: netns,
      hostFd: fd,
      socket: await socketOf(routeSocket),
      bridge: created.index,
      common,
    };
    await fillStar(hub, { members, firstIndex: anyIndex(), goesOn, onResult });
    if (thrown !== undefined) throw thrown.error;
    if (failure !== undefined && onFailure === 'rollback') throw failure.error;
    const last: Promise<void>[] = [];
    if (up) last.push(setLink(netns, created.index, { up }));
    if (multicastSnooping && !created.found)
      last.push(setBridge(netns, created.index, { multicastSnooping }));
    await Promise.all(last);
    if (up) {
      const attempt = { operation: 'create star', device: created.name };
      await seeCarrierOfPorts(netns, created.index, attempt, signal).catch((error: unknown) => {
        if (onFailure === 'rollback' || error !== signal?.reason) throw error;
      });
    }
    if (onFailure === 'rollback') signal?.throwIfAborted();
  } catch (error) {
    return takingBackIn(
      netns,
      fd,
      error,
      async (hub) => (created.found ? undefined : deleteBridge(hub, created)),
      async (hub) => deletePorts(hub, results),
      ...removals(results, error),
    );
  }
  return { bridge: created, members: results };
}

/** How a star is deleted. */
export interface DeleteStarOptions {
  /** Resolve only when the kernel has freed the namespaces, and every device with them: see `waitGone`. */
  wait?: boolean;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

const DELETE_OPTIONS = optionTable<DeleteStarOptions>({ wait: trueOrFalse, signal: isSignal });

/**
 * Deletes a star: its bridge, its namespaces and their names, and closes their handles. The bridge is brought down first, then the
 * names are removed, then all handles are closed at once, and the bridge is deleted last: the kernel frees the namespaces in the
 * fewest batches then. A bridge that was there before the star (`ifExists: 'ignore'`) stays, with its other ports: of that
 * only the star's own pairs are deleted.
 *
 * A member whose handle was closed is deleted by its name, if its namespace still has that name.
 *
 * @throws TypeError for what is no star of `createStar`, before anything is deleted.
 * @example
 * ```ts
 * const star = await createStar(host, { bridge: { name: 'br0' }, members: [{}, {}] });
 * await deleteStar(host, star);
 * ```
 */
export async function deleteStar(netns: Netns, star: Star, options: DeleteStarOptions = {}): Promise<void> {
  checkNetns(netns);
  checkStar(star);
  checkOptions(options, DELETE_OPTIONS);
  const { bridge, members } = star;
  await netns.lend('delete star in namespace', async ({ fd }) => {
    if (bridge.found) {
      await withStillOpen(netns, fd, async (hub) => deletePorts(hub, members));
      await deleteMembers(members, options);
    } else {
      await withStillOpen(netns, fd, async (hub) => setLink(hub, bridge.index, { up: false })).catch(
        ignoring('ENODEV'),
      );
      await deleteMembers(members, options, async () =>
        withStillOpen(netns, fd, async (hub) => deleteLink(hub, bridge.index, { ifMissing: 'ignore' })),
      );
    }
  });
}

async function deleteBridge(netns: Netns, { index }: CreatedBridge): Promise<void> {
  const down = setLink(netns, index, { up: false }).catch(ignoring('ENODEV'));
  await Promise.all([down, deleteLink(netns, index, { ifMissing: 'ignore' })]);
}

/**
 * Deletes the pairs at once, though somebody may hold a member's namespace. All of them go in one request, by a group of
 * their own, because the kernel waits for its readers once for each request (6.18).
 */
async function deletePorts(netns: Netns, members: readonly MemberResult[]): Promise<void> {
  const ports = created(members).map(({ port }) => port.index);
  if (ports.length === 0) return;
  const group = randomBetween(0x10000, 0x7fffffff);
  await Promise.all(ports.map(async (port) => setLink(netns, port, { group }).catch(ignoring('ENODEV'))));
  await netns.request(link.remove({ group }, { operation: 'delete the ports' })).catch(ignoring('ENODEV'));
}

async function deleteMembers(
  members: readonly MemberResult[],
  options: DeleteStarOptions,
  released?: () => Promise<void>,
): Promise<void> {
  const given = created(members).map(({ netns }) => netns);
  const reopened = await Promise.all(given.filter(({ open }) => !open).map(openAgain));
  const others = reopened.filter((netns) => netns !== undefined);
  try {
    const open = [...given.filter((netns) => netns.open), ...others];
    await deleteAll(open, { ifMissing: 'ignore', ...options }, released);
  } finally {
    for (const netns of others) netns.close();
  }
}

/** Another handle of a member whose own was closed, if its namespace still has the name. */
async function openAgain({ name, ino, dev }: Netns): Promise<Netns | undefined> {
  if (name === undefined) return undefined;
  const found = await openIfThere(name);
  if (found?.ino === ino && found.dev === dev) return found;
  found?.close();
  return undefined;
}

/**
 * The steps that delete the names of all members, one for each, so that each name that is left has its error. All handles are
 * closed before the first deletion, which may need a descriptor. What the failed members could not take back is an error as well.
 */
function removals(members: readonly MemberResult[], failure: unknown): (() => unknown)[] {
  const made = created(members).map(({ netns }) => netns);
  const left = members.flatMap((member) =>
    member.status === 'failed' && member.error !== failure ? rollbackErrorsOf(member.error) : [],
  );
  const close = () => made.forEach((netns) => netns.close());
  return [
    close,
    ...made.map((netns) => async () => closeAndDelete(netns)),
    ...left.map((error) => async () => Promise.reject(error)),
  ];
}

function created(members: readonly MemberResult[]): CreatedMember[] {
  return members.filter((member) => member.status === 'created');
}
