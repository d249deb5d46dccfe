import { CREATE_BRIDGE_OPTIONS, createBridge, type CreateBridgeOptions, setBridge } from '../links/bridge';
import { seeCarrierOfPorts } from '../links/carrier';
import { checkNewDeviceName } from '../common/check';
import {
  checkOptions,
  isFunction,
  isSignal,
  listOf,
  oneOf,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { setLink } from '../links/set-link';
import { randomMac } from '../links/mac';
import { anyIndex } from '../links/new-device';
import { routeSocket } from '../netlink/sockets';
import { checkNetns } from '../netns/check-netns';
import { takingBackIn } from '../netns/still-open';
import type { Netns, NetnsAccess } from '../netns/netns';
import { rollbackErrorsOf } from '../common/take-back';
import { closeAndDelete } from '../netns/create-netns';
import type { Made } from './create-members';
import { createdMembers, deleteBridge, deletePorts } from './delete-star';
import { fillStar } from './fill-star';
import { type MemberResult, type Star, STAR_MEMBER, type StarMember } from './star-member';

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
    onProgress: isFunction,
    signal: isSignal,
    onFailure: oneOf(['rollback', 'keep']),
  },
  ['bridge', 'members'],
);

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
 * taken back (what could not be is in its `rollbackErrors`), such as EXFULL for more than 1,023 members; with `onFailure: 'keep'` only what concerns the bridge. The
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
  const { name, up = true, multicastSnooping = true, mac = randomMac(), ...settings } = bridge;
  const asked = { ipv6, ...settings, mac, multicastSnooping: false }; // until it is up
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
      ipv6,
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
  const known = created.found || mac === 'kernel' ? {} : { mac };
  return { bridge: { ...created, ...known }, members: results };
}

/**
 * The steps that delete the names of all members, one for each, so that each name that is left has its error. All handles are
 * closed before the first deletion, which may need a descriptor. What the failed members could not take back is an error as well.
 */
function removals(members: readonly MemberResult[], failure: unknown): (() => unknown)[] {
  const made = createdMembers(members).map(({ netns }) => netns);
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
