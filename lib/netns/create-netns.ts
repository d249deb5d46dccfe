import { toBytes } from '../common/byte-text';
import { checkNetnsName } from '../common/check';
import { NAMING_WORDS, NetnsError, toNetnsError } from './netns-error';
import { waitGone } from './wait-gone';
import { native } from '../addon/native';
import { makeNetns, openNetns } from './open';
import { Netns, NETNS_DIRECTORY } from './netns';
import { IFF, link } from '../netlink/rtnetlink/link';
import { takingBack } from '../common/take-back';
import { IF_MISSING, type IfMissing } from '../netlink/existence';
import { checkOptions, isSignal, optionTable, trueOrFalse } from '../common/options';
import { checkNetnsOrName } from './check-netns';
import { LOOPBACK } from './device';
import { backlogDrained, namespaceDeleted } from './backlog';

/** What a new namespace is like. */
export interface CreateNetnsOptions {
  /** true brings `lo` up, without which the namespace does not reach its own addresses. Down by default, as with `ip netns add`. */
  lo?: boolean;
  /**
   * false turns IPv6 off: no device of the namespace gets an IPv6 address, not even a link-local one, whoever makes the device,
   * and `addAddr` of one is refused with EACCES. That is the sysctl net.ipv6.conf.all.disable_ipv6; each device has its own
   * (net.ipv6.conf.eth0.disable_ipv6), by which IPv6 can be turned on again. On a kernel without IPv6 it changes nothing.
   */
  ipv6?: boolean;
}

const CREATE_OPTIONS = optionTable<CreateNetnsOptions>({ lo: trueOrFalse, ipv6: trueOrFalse });

const CREATE = 'create namespace';

/**
 * Creates a network namespace. It holds nothing but `lo`, which is down unless `lo: true` says otherwise.
 *
 * A namespace with a name is what `ip netns add NAME` makes: a file in /run/netns with the namespace mounted on it.
 * It stays until it is deleted; `await using` deletes it at the end of the block. A namespace without a name lives
 * as long as its handle, or anything in the namespace, and is gone with the process, even after SIGKILL.
 *
 * The kernel frees namespaces later than they are deleted, and more slowly than they can be made. Where the kernel
 * has yet to free some hundreds, `createNetns` waits until they are freed.
 *
 * @throws {@link NetnsError} EEXIST where the name is taken, EPERM without CAP_SYS_ADMIN, ENOSPC at a limit
 * (user.max_net_namespaces); EROFS with `ipv6: false` where /proc/sys is mounted read-only, as in a container. Nothing is left
 * behind then.
 * @see network_namespaces(7), ip-netns(8), unshare(2)
 * @example
 * ```ts
 * await using green = await createNetns('green'); // as `ip netns add green` makes it
 * await using nameless = await createNetns(); // gone with its handle, or with the process
 * await using fast = await createNetns(undefined, { lo: true, ipv6: false }); // its devices come up with less work for the kernel
 * ```
 */
export async function createNetns(name?: string, options: CreateNetnsOptions = {}): Promise<Netns> {
  if (name !== undefined) checkNetnsName(name);
  checkOptions(options, CREATE_OPTIONS);
  const behind = backlogDrained();
  if (behind !== undefined) await behind;
  const { lo = false, ...others } = options;
  const netns = await makeNetns(name, { ...others, dispose: deleteOnDispose });
  if (lo) {
    const up = { index: LOOPBACK, flags: IFF.up, change: IFF.up };
    await netns
      .request(link.add(up, 0, { operation: CREATE, device: 'lo' }))
      .catch(async (error: unknown) => takingBack(error, async () => closeAndDelete(netns)));
  }
  return netns;
}

/** @internal What `await using` does at the end of the block with a namespace that we have made. */
export async function deleteOnDispose(netns: Netns): Promise<void> {
  await deleteNetns(netns, { ifMissing: 'ignore' });
}

/** How a namespace is deleted. */
export interface DeleteNetnsOptions {
  /** Where there is no such namespace: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
  /**
   * Resolve only when the kernel has freed them: see {@link waitGone}. Whoever holds one keeps the call waiting, another
   * handle of this process included. A failure ends the waiting.
   */
  wait?: boolean;
  /** Ends the waiting; the names are gone by then. */
  signal?: AbortSignal;
}

const DELETE_OPTIONS = optionTable<DeleteNetnsOptions>({
  ifMissing: IF_MISSING,
  wait: trueOrFalse,
  signal: isSignal,
});

/**
 * Removes a namespace's name, as `ip netns delete` does, and closes the handle where one is given. The kernel
 * frees the namespace, and what is in it, as soon as nothing else holds it: no process, no socket, no handle.
 * A name in /run/netns that is a stale file, left by a crash, is removed, too. Given a handle, or with `wait`, the name is
 * removed only while it still stands for the namespace that the handle, or the wait, has opened. A handle without a name is only closed.
 *
 * Of a list, all are tried, and the first failure is thrown. To delete many namespaces that are joined by a bridge,
 * bring the bridge down first, delete them by one call, and then delete the bridge, as `deleteStar` does.
 *
 * @throws {@link NetnsError} ENOENT where there is no such name; ERR_NETNS_CLOSED for a handle that was closed: the
 * namespace may be gone, and its number given to another one.
 * @see ip-netns(8), umount2(2)
 * @example
 * ```ts
 * await deleteNetns([red, blue], { wait: true });
 * await deleteNetns('red', { ifMissing: 'ignore' });
 * ```
 */
export async function deleteNetns(
  netns: Netns | string | readonly (Netns | string)[],
  options: DeleteNetnsOptions = {},
): Promise<void> {
  const all = isList(netns) ? netns : [netns];
  for (const [i, one] of all.entries()) {
    checkNetnsOrName(one, all === netns ? `netns[${i}]` : 'netns');
    if (typeof one === 'string') checkNetnsName(one);
  }
  checkOptions(options, DELETE_OPTIONS);
  await deleteAll(all, options);
}

/**
 * @internal Deletes as `deleteNetns` does. When no name is left and all handles are closed, `released` is called, before any waiting for
 * the kernel.
 */
export async function deleteAll(
  all: readonly (Netns | string)[],
  { ifMissing = 'fail', wait = false, signal }: DeleteNetnsOptions,
  released?: () => Promise<void>,
): Promise<void> {
  const targets: readonly Target[] = wait ? await openNamed(all) : all;
  const open = targets.filter((one): one is Netns => one instanceof Netns && one.open);
  const failed = new AbortController();
  const ends = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const gone = wait ? waitGone(open, { signal: ends }) : undefined;
  const deleting = targets.map(async (one) => {
    await deleteOne(one, ifMissing).catch((error: unknown) => {
      failed.abort(error); // what has not been deleted does not go
      throw error;
    });
  });
  // both the wait and the deletion have been lent them by now
  closeOpened(all, targets);
  const waited = Promise.allSettled([gone]); // at once, because the wait may fail before the names are deleted
  const deleted = await Promise.allSettled(deleting);
  // All in one turn: each closed one wakes the kernel's one worker, which frees all that it finds in one batch, and a batch takes
  // tens of milliseconds. Closed one after another, they went in many (6.18).
  for (const [i, one] of targets.entries())
    if (typeof one !== 'string' && deleted[i]?.status === 'fulfilled') one.close();
  const results = [...deleted, ...(await Promise.allSettled([released?.()])), ...(await waited)];
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** Codes of names behind which there is no namespace to wait for: whether that is an error, the deletion finds out. */
const NOTHING_THERE: readonly string[] = ['ENOENT', 'ERR_NOT_A_NETNS'];

/** @internal Opens the namespace of a name; undefined where there is none. */
export async function openIfThere(name: string): Promise<Netns | undefined> {
  try {
    return await openNetns(name);
  } catch (error) {
    if (error instanceof NetnsError && NOTHING_THERE.includes(error.code)) return undefined;
    throw error;
  }
}

/** What is deleted: a namespace, whose name is removed only while it stands for it, or whatever has the name. */
type Target = Netns | string;

/**
 * Opens the namespaces of names that are to be deleted, so that their ends can be waited for, and that no other namespace is
 * deleted that gets the name meanwhile.
 */
async function openNamed(all: readonly Target[]): Promise<Target[]> {
  const results = await Promise.allSettled(
    all.map(async (one) => (typeof one === 'string' ? ((await openIfThere(one)) ?? one) : one)),
  );
  const opened = results.map((result, i) => (result.status === 'fulfilled' ? result.value : (all[i] ?? '')));
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    closeOpened(all, opened);
    throw result.reason;
  }
  return opened;
}

/** Closes the handles that have taken the places of names. */
function closeOpened(all: readonly Target[], targets: readonly Target[]): void {
  for (const [i, one] of targets.entries()) if (typeof one !== 'string' && one !== all[i]) one.close();
}

function isList(netns: Netns | string | readonly (Netns | string)[]): netns is readonly (Netns | string)[] {
  return Array.isArray(netns);
}

/**
 * @internal Closes a handle that nobody else has, and then deletes its name. Where descriptors are scarce, the deletion needs
 * the one that is free then.
 */
export async function closeAndDelete(netns: Netns): Promise<void> {
  const { name, ino } = netns;
  netns.close();
  if (name === undefined) return;
  try {
    await native().removeNetns(NETNS_DIRECTORY, toBytes(name), ino);
    namespaceDeleted();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return;
    throw toNetnsError(error, 'delete namespace', name, NAMING_WORDS);
  }
}

async function deleteOne(netns: Netns | string, ifMissing: IfMissing): Promise<void> {
  const operation = 'delete namespace';
  try {
    if (typeof netns === 'string') {
      await native().removeNetns(NETNS_DIRECTORY, toBytes(netns), null);
    } else {
      // while it is lent it is open, and while it is open no other namespace has its number
      await netns.lend(operation, async () => {
        const { name, ino } = netns;
        if (name !== undefined) await native().removeNetns(NETNS_DIRECTORY, toBytes(name), ino);
      });
    }
    namespaceDeleted();
  } catch (error) {
    const missing = (error as { code?: unknown }).code === 'ENOENT';
    if (!(missing && ifMissing === 'ignore')) {
      throw toNetnsError(error, operation, netns.toString(), NAMING_WORDS);
    }
  }
}
