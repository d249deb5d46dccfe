import type { Addr } from '../addresses/addr-view';
import { type EventIterator, EventQueue } from '../common/event-queue';
import type { Link } from '../links/link-view';
import { native } from '../addon/native';
import type { Neighbor } from '../addresses/neighbor-view';
import { checkOptions, isSignal, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { during } from '../netns/netns-error';
import { checkInteger } from '../common/check';
import type { Route } from '../routes/route-view';
import type { Rule } from '../routes/rule-view';
import type { Qdisc } from '../traffic/qdisc-view';
import { type Kind, KINDS } from './kinds';
import { OPERATION, WatchSession } from './session';
import type { Difference } from './store';

/** The kinds of objects to watch; all of them where none is given. */
export interface WatchSelection {
  links?: boolean;
  /** Of both families, of all devices. */
  addrs?: boolean;
  /** Of both families, in all tables. */
  routes?: boolean;
  neighbors?: boolean;
  /** Of the routing policy. */
  rules?: boolean;
  /** The numbers that other namespaces have here. */
  nsids?: boolean;
  /** What decides when packets leave, such as an impairment. What the kernel gives a device is not among them. */
  qdiscs?: boolean;
}

/** How a namespace is watched. */
export interface WatchOptions {
  /** Ends the watch: the loop throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * Bytes of events that the kernel keeps until they are read, 8 MiB by default: some thousands of events of links.
   * Without CAP_NET_ADMIN the kernel takes no more than net.core.rmem_max. Events that do not fit are lost, and `watch`
   * finds the differences by dumps.
   */
  receiveBuffer?: number;
}

const SELECTION = optionTable<WatchSelection>({
  links: trueOrFalse,
  addrs: trueOrFalse,
  routes: trueOrFalse,
  neighbors: trueOrFalse,
  rules: trueOrFalse,
  nsids: trueOrFalse,
  qdiscs: trueOrFalse,
});

const OPTIONS = optionTable<WatchOptions>({ signal: isSignal, receiveBuffer: true });

/**
 * What has become of an object: it was there when the watch began ('present'), it is new, it has changed, or it is gone
 * and the event has its last state.
 */
export type ObjectEvent<Name extends string, T> = {
  kind: Name;
  /** Events were lost: this is the difference between before and after. */
  recovered?: true;
} & Record<Name, T> &
  (
    | { change: 'present' | 'new' | 'gone' }
    | {
        change: 'changed';
        before: T;
        /** The properties that are different. */
        changes: (keyof T & string)[];
      }
  );

/** What `watch` reports: `kind` names the object, or is 'ready' once all objects that were there have been reported. */
export type WatchEvent =
  | ObjectEvent<'link', Link>
  | ObjectEvent<'addr', Addr>
  | ObjectEvent<'route', Route>
  | ObjectEvent<'neighbor', Neighbor>
  | ObjectEvent<'rule', Rule>
  | ObjectEvent<'qdisc', Qdisc>
  /** A number that another namespace has here. */
  | { kind: 'nsid'; change: 'present' | 'new' | 'gone'; nsid: number; recovered?: true }
  /** All objects that were there have been reported; from now on events are changes. */
  | { kind: 'ready' };

/**
 * Reports the objects in a namespace, and then each change, none left out and none twice. Objects are as `listLinks`,
 * `listAddrs`, `listRoutes`, `listNeighbors`, `listRules` and `listQdiscs` return them; a change that does not show there is none.
 * First comes an event with `change: 'present'` for each object, then one of the kind 'ready', then changes.
 *
 * The watch begins with the first `next()` of the iterator, so with the loop, and ends when the loop is left, when the
 * signal is aborted, or when the handle is closed.
 *
 * Where more happens than fits the socket's buffer, the kernel drops events; where some 16,000 events wait for the
 * consumer, the watch closes its socket until they have been taken. Both times all objects are then dumped again, and
 * the differences are reported as ordinary events with `recovered: true`: objects that came and went meanwhile are not
 * among them, but the state that all events add up to is right.
 *
 * @throws {@link NetnsError} ERR_NETNS_CLOSED when the handle is closed; {@link NetlinkError} what the kernel refuses;
 * the signal's reason. The first `next()` after the failure rejects, and the iterator is done.
 * @see rtnetlink(7), netlink(7) NETLINK_ADD_MEMBERSHIP, ip-monitor(8)
 * @example
 * ```ts
 * for await (const event of watch(red, { links: true, addrs: true })) {
 *   if (event.kind === 'ready') break; // from here on, changes would come
 *   if (event.kind === 'link') console.log(event.change, event.link.name);
 * }
 * ```
 */
export function watch(
  netns: Netns,
  selection: WatchSelection = {},
  options: WatchOptions = {},
): EventIterator<WatchEvent> {
  checkNetns(netns);
  checkOptions(selection, SELECTION, { whole: 'selection' });
  checkOptions(options, OPTIONS);
  const kinds = selected(selection);
  const { signal, receiveBuffer = RECEIVE_BUFFER } = options;
  checkInteger('receiveBuffer', receiveBuffer, 1, MOST_BYTES);
  native();
  const session = new WatchSession(netns, kinds, receiveBuffer, {
    changed: (kind, differences, recovered) => {
      queue.push(differences.map((difference) => toEvent(kind, difference, recovered)));
    },
    ready: () => queue.push([{ kind: 'ready' }]),
    failed: (error) => queue.fail(error),
    waiting: () => queue.length,
  });
  const queue = new EventQueue<WatchEvent>(
    {
      start: () => session.start(),
      stop: () => session.stop(),
      drained: () => session.resume(),
    },
    [signal, netns.closing],
    (error) => during(error, OPERATION),
  );
  return queue;
}

function selected(selection: WatchSelection): readonly Kind[] {
  const names = Object.keys(KINDS) as (keyof typeof KINDS)[];
  if (Object.keys(selection).length === 0) return Object.values(KINDS);
  const wanted = names.filter((name) => selection[name] === true);
  if (wanted.length === 0) throw new RangeError(`selection: expected at least one of ${names.join(', ')}`);
  return wanted.map((name) => KINDS[name]);
}

const RECEIVE_BUFFER = 8 * 1024 * 1024;
const MOST_BYTES = 0x3fffffff; // the kernel doubles it

function toEvent({ name }: Kind, { value, ...rest }: Difference, recovered: boolean): WatchEvent {
  return { kind: name, ...rest, [name]: value, ...(recovered && { recovered }) } as unknown as WatchEvent;
}
