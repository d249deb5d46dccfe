import { type EventIterator, EventQueue } from '../common/event-queue';
import { receivingEnded } from '../netns/event-socket';
import { toNetnsError } from '../netns/netns-error';
import { native } from '../addon/native';
import { checkOptions, isSignal, optionTable } from '../common/options';
import { NETNS_DIRECTORY } from '../netns/netns';
import { listNetns } from '../netns/names';

/** What `watchNetns` reports: a name, or 'ready' once all names that were there have been reported. */
export type NetnsEvent =
  /** A namespace has a name: since before the watch began, since now, or not any more. */
  | { kind: 'netns'; change: 'present' | 'new' | 'gone'; name: string; ino: number }
  /** All names that were there have been reported; from now on events are changes. */
  | { kind: 'ready' };

/** How long the names are watched. */
export interface WatchNetnsOptions {
  /** Ends the watch: the loop throws the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<WatchNetnsOptions>({ signal: isSignal });

/**
 * Reports the namespaces that have names in /run/netns: first the names that are there, then those that come and go,
 * whoever makes them. A namespace is there once it can be opened: its file appears before, and vanishes after that. A
 * name that is given to another namespace is gone, and new. A name that comes and goes before the directory is read is
 * not reported.
 *
 * A namespace is mounted on its name, and the kernel reports every mount and unmount in the mount namespace of the
 * process (poll(2) of /proc/self/mountinfo). So the directory need not exist yet, and may be mounted over, as the first
 * `ip netns add` does.
 *
 * The watch begins with the first `next()` of the iterator, so with the loop, and ends when the loop is left or the
 * signal is aborted.
 *
 * @throws {@link NetnsError} where the directory may not be read; the signal's reason.
 * @see ip-netns(8): `ip netns monitor`; proc_pid_mountinfo(5)
 * @example
 * ```ts
 * for await (const event of watchNetns()) {
 *   if (event.kind === 'ready') break; // from here on, changes would come
 *   if (event.kind === 'netns') console.log(event.change, event.name);
 * }
 * ```
 */
export function watchNetns(options: WatchNetnsOptions = {}): EventIterator<NetnsEvent> {
  checkOptions(options, OPTIONS);
  native();
  let stop: () => void = () => undefined;
  const names = new Names((events) => queue.push(events));
  const look = () => names.look().catch((error: unknown) => queue.fail(error));
  const queue = new EventQueue<NetnsEvent>(
    {
      start() {
        try {
          stop = native().watchFile('/proc/self/mountinfo', true, ([failure]) => {
            if (failure === undefined) void look();
            else queue.fail(receivingEnded(NETNS_DIRECTORY, 'watch', failure.errno));
          });
          void look();
        } catch (error) {
          queue.fail(toNetnsError(error, 'watch', NETNS_DIRECTORY));
        }
      },
      stop: () => stop(),
    },
    [options.signal],
  );
  return queue;
}

/** The names that have been reported. */
class Names {
  readonly #report: (events: NetnsEvent[]) => void;
  #known: ReadonlyMap<string, number> | undefined;
  #looking = false;
  #again = false;

  constructor(report: (events: NetnsEvent[]) => void) {
    this.#report = report;
  }

  /** Reads the directory, and reads it once more where a mount has changed meanwhile. */
  async look(): Promise<void> {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#compare(await listNetns());
      }
    } finally {
      this.#looking = false;
    }
  }

  #compare(listed: Awaited<ReturnType<typeof listNetns>>): void {
    const before = this.#known ?? new Map<string, number>();
    const first = this.#known === undefined;
    const now = new Map(listed.flatMap(({ name, ino }) => (ino === undefined ? [] : [[name, ino] as const])));
    const namesOnlyIn = (
      change: 'present' | 'new' | 'gone',
      from: typeof before,
      to: typeof before,
    ): NetnsEvent[] =>
      [...from]
        .filter(([name, ino]) => to.get(name) !== ino)
        .map(([name, ino]) => ({ kind: 'netns', change, name, ino }));
    const events = [
      ...namesOnlyIn('gone', before, now),
      ...namesOnlyIn(first ? 'present' : 'new', now, before),
    ];
    this.#known = now;
    this.#report(first ? [...events, { kind: 'ready' }] : events);
  }
}
