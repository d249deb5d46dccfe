import { AF_UNSPEC } from '../addon/socket-constants';
import { unlessAborted } from '../common/abort';
import { ignoring } from '../netlink/error';
import type { Descriptor } from '../addon/native';
import type { Message } from '../netlink/message';
import { makeNetns } from './open';
import { checkOptions, isSignal, optionTable } from '../common/options';
import { checkNetns } from './check-netns';
import { UNUSED_INDEX } from './device';
import type { Netns } from './netns';
import { addFlags } from '../netlink/existence';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { link, linkHeader } from '../netlink/rtnetlink/link';
import { nsid } from '../netlink/rtnetlink/nsid';
import { openEventSocket, readEvents } from './event-socket';
import { NetnsError } from './netns-error';

/** How long it is waited. */
export interface WaitGoneOptions {
  /** Ends the waiting: the call is rejected with the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<WaitGoneOptions>({ signal: isSignal });

/**
 * Resolves when the kernel has freed these namespaces, and all devices that were in them or had their other
 * ends there, so that the devices' names can be used again. Call it before the namespaces are deleted, or delete
 * them with `deleteNetns(…, { wait: true })`. It waits as long as a process, a handle or a name holds one of them.
 *
 * How it works: another namespace, made for this, gives each of them a number. The kernel reports there when it
 * takes a number back (RTM_DELNSID), which is when it begins to free the namespace. One thread of the kernel frees
 * namespaces in the order in which they were released. So a last namespace, with one end of a veth pair, is
 * released after that: when the other end vanishes (RTM_DELLINK), all namespaces before it are freed.
 *
 * @throws the signal's reason; {@link NetnsError} ERR_NETNS_CLOSED for a handle that was closed before, EPERM without
 * CAP_SYS_ADMIN, which it takes to make that other namespace.
 * @example
 * ```ts
 * const gone = waitGone([red, blue]);
 * await deleteNetns([red, blue]);
 * await gone; // the kernel has freed both, and their devices
 * ```
 */
export async function waitGone(
  netns: Netns | readonly Netns[],
  options: WaitGoneOptions = {},
): Promise<void> {
  const targets: readonly Netns[] = isList(netns) ? netns : [netns];
  for (const [i, target] of targets.entries())
    checkNetns(target, targets === netns ? `netns[${i}]` : 'netns');
  checkOptions(options, OPTIONS);
  const { signal } = options;
  signal?.throwIfAborted();
  const inWords = (error: unknown): never => {
    throw error instanceof NetnsError ? error.asStep(WAITING, namesOf(targets), PURPOSE) : error;
  };
  const opening = NamespaceEndObserver.open().catch(inWords);
  // lent from this very moment on, so that they may be deleted in the next
  const numbering = targets.map(async (target, i) =>
    target.lend(WAITING, async ({ fd }) => (await opening).number(fd, i)),
  );
  const [numbered, opened] = await Promise.allSettled([Promise.all(numbering), opening]);
  if (opened.status === 'rejected') throw opened.reason;
  const observer = opened.value;
  try {
    if (numbered.status === 'rejected') throw numbered.reason;
    await observer.allGone(signal).catch((error: unknown) => {
      // the reason is the caller's own
      if (signal?.aborted === true) throw error;
      inWords(error);
    });
  } finally {
    observer.close();
  }
}

const WAITING = 'wait for the end of namespace';
const PURPOSE = 'the kernel reports the end to another namespace, which the wait makes for itself';

/** 'red', 'red and 3 others' */
function namesOf([first, ...others]: readonly Netns[]): string {
  if (first === undefined) return '(none given)';
  const more = others.length === 1 ? '1 other' : `${others.length} others`;
  return others.length === 0 ? first.toString() : `${first.toString()} and ${more}`;
}

function isList(netns: Netns | readonly Netns[]): netns is readonly Netns[] {
  return Array.isArray(netns);
}

/** Resolves when the kernel has cleaned up what was let go of before. */
export async function untilCleanedUp(): Promise<void> {
  await waitGone([]);
}

const WATCHING = 'watch namespaces from';

/** Sees other namespaces go, from a namespace of its own where nothing else happens. */
class NamespaceEndObserver {
  readonly #netns: Netns;
  readonly #stopWatching: () => void;
  readonly #numbers = new Set<number>();
  #last: number | undefined;
  /** Called when there is something to check again, or when the observation has failed. */
  #settle: () => void = () => undefined;
  #failure: Error | undefined;

  static async open(): Promise<NamespaceEndObserver> {
    const netns = await makeNetns();
    try {
      const groups = [GROUPS.link, GROUPS.nsid];
      return new NamespaceEndObserver(netns, await openEventSocket(netns, WATCHING, groups));
    } catch (error) {
      netns.close();
      throw error;
    }
  }

  private constructor(netns: Netns, socket: Descriptor) {
    this.#netns = netns;
    this.#stopWatching = readEvents(netns, WATCHING, 'route', socket, {
      message: (message) => this.#take(message),
      lost: () => void this.#lookAgain().catch((error: unknown) => this.#fail(error)),
      failed: (error) => this.#fail(error),
      caughtUp: () => this.#settle(),
    });
  }

  close(): void {
    this.#stopWatching();
    this.#netns.close();
  }

  async number(fd: number, id: number): Promise<void> {
    this.#numbers.add(id);
    const request = nsid.add({ nsid: id, fd }, 0, { operation: 'number a namespace' });
    // one namespace may have been given by two handles
    const added = await this.#netns.request(request).then(() => true, ignoring('EEXIST'));
    if (added !== true) this.#numbers.delete(id);
  }

  /** Only the waiting ends with the signal, so that nothing is made or left after the end. */
  async allGone(signal: AbortSignal | undefined): Promise<void> {
    await unlessAborted(
      signal,
      this.#until(() => this.#numbers.size === 0),
    );
    const netns = await makeNetns();
    try {
      this.#last = await this.#joinTo(netns);
    } finally {
      netns.close();
    }
    await unlessAborted(
      signal,
      this.#until(() => this.#last === undefined),
    );
  }

  async #until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#settle = () => {
        if (this.#failure !== undefined) reject(this.#failure);
        else if (condition()) resolve();
      };
      this.#settle();
    });
  }

  /** A pair with one end here. @returns its index. */
  async #joinTo(netns: Netns): Promise<number> {
    const operation = 'create veth';
    return netns.lend(operation, async ({ fd: netnsFd }) => {
      const info = { kind: 'veth', data: { peer: { index: UNUSED_INDEX, netnsFd } } };
      const value = { index: UNUSED_INDEX, info };
      await this.#netns.request(linkHeader.add(value, addFlags('fail'), { operation }));
      return UNUSED_INDEX;
    });
  }

  #take(message: Message): void {
    if (message.type === nsid.verbs.remove) this.#numbers.delete(nsid.read(message).nsid ?? -1);
    if (message.type !== link.verbs.remove) return;
    const { family, index } = linkHeader.read(message);
    if (family === AF_UNSPEC && index === this.#last) this.#last = undefined;
  }

  #fail(error: unknown): void {
    this.#failure ??= error as Error;
    this.#settle();
  }

  /** Events were lost: what is still there? */
  async #lookAgain(): Promise<void> {
    const listed = await this.#netns.request(nsid.dump({}, { operation: 'list nsids' }));
    const there = new Set(listed.map(({ nsid: number }) => number));
    for (const number of this.#numbers) if (!there.has(number)) this.#numbers.delete(number);
    if (this.#last !== undefined) {
      const request = linkHeader.get({ index: this.#last }, { operation: 'get link' });
      const found = await this.#netns.request(request).catch(ignoring('ENODEV'));
      if (found === undefined) this.#last = undefined;
    }
    this.#settle();
  }
}
