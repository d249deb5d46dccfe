import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, isText, optionTable } from '../common/options';
import { takingBack } from '../common/take-back';
import { type Attempt, ignoring } from '../netlink/error';
import {
  addFlags,
  IF_EXISTS_OR_REPLACE,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import type { ClassKindName, ClassKindOptions } from '../netlink/rtnetlink/qdiscs';
import { TC_H, trafficClass } from '../netlink/rtnetlink/traffic';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE, requestFor } from '../netns/device';
import { inTurn } from '../netns/device-turns';
import type { Netns } from '../netns/netns';
import { CLASS_KINDS as KINDS, parentsFirst, shownClass, toClass, type TrafficClass } from './class-view';
import { handleText, parseClassHandle, parseParent } from './handle';
import { findIn, kindRequests } from './kind-request';
import { asOptions, changesOf, isListed, READ_ONLY } from './listed';
import { notThere, otherKind } from './refusals';

/** A new class, with the options of its kind. */
export type AddClassOptions = {
  [K in ClassKindName]: {
    /** The kind of the queueing discipline. */
    kind: K;
    /** Its number: '1:10', in hexadecimal. */
    handle: string;
    /** The class, or the queueing discipline, that it is a part of; the queueing discipline by default: '1:' of '1:10'. */
    parent?: string;
    /** Where there is a class of the number: 'fail' (default) with EEXIST, 'ignore', or 'replace' all of its settings. */
    ifExists?: IfExists | 'replace';
  } & ClassKindOptions[K];
}[ClassKindName];

/** What is changed of a class. */
export type SetClassOptions = {
  [K in ClassKindName]: {
    /** The kind of the queueing discipline. */
    kind: K;
    /** Its number: '1:10', in hexadecimal. */
    handle: string;
  } & Partial<ClassKindOptions[K]>;
}[ClassKindName];

const HANDLE = (value: unknown, path: string) => void parseClassHandle(value, path);
const PARENT = (value: unknown, path: string) => void parseParent(value, path);
const requests = kindRequests(KINDS, {
  new: { ...READ_ONLY.class, handle: HANDLE, parent: PARENT, ifExists: IF_EXISTS_OR_REPLACE },
  change: { handle: HANDLE },
  fixed: { ...READ_ONLY.class, parent: PARENT },
});

const OTHER_KIND = 'the queueing discipline is of another kind, or what is given does not fit it';

const WORDS = {
  ...NO_DEVICE,
  EEXIST: 'there is a class of this number already',
  ENOENT: 'there is no such queueing discipline, parent or class',
  EINVAL: OTHER_KIND,
  ERANGE: OTHER_KIND,
  EBUSY: 'it has classes below, or filters send packets to it',
} as const;

/** Of a class that was not told where it belongs, the queueing discipline. */
function parentOf(handle: number, parent: string | undefined): number {
  return parent === undefined ? handle - (handle % 0x10000) : parseParent(parent);
}

type Message = Parameters<typeof trafficClass.add>[0];

function withOptions(value: Message, data: unknown): Message {
  return data === undefined ? value : { ...value, options: data as NonNullable<Message['options']> };
}

/**
 * Adds a class to a queueing discipline of a device: `{ kind: 'htb', handle: '1:10', rate: 1e6 }`. The options may be one as
 * `listClasses` returns it.
 *
 * @throws {@link NetlinkError} EEXIST where there is a class of the number; ENOENT where there is no such queueing discipline or
 * parent; ENODEV.
 * @see tc(8), `tc class add`; rtnetlink(7) RTM_NEWTCLASS
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'htb', handle: '1:', defaultClass: '10' });
 * await addClass(red, 'eth0', { kind: 'htb', handle: '1:10', rate: 1_000_000, ceil: 10_000_000 });
 * ```
 */
export async function addClass(
  netns: Netns,
  device: Device,
  options: AddClassOptions | Omit<TrafficClass, 'data'>,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const given = asOptions<AddClassOptions>(options, KINDS);
  const asked = requests.checkNew(given);
  const { kind } = asked;
  const handle = parseClassHandle(given.handle);
  const value = withOptions({ kind, handle, parent: parentOf(handle, given.parent) }, requests.data(asked));
  const { ifExists = 'fail' } = given;
  const attempt = { operation: `add class ${given.handle} to`, device, words: WORDS };
  const index = await indexOf(netns, device, attempt);
  await addNew(netns, { ...value, index }, ifExists, attempt).catch(onExisting(ifExists));
}

/** Adds one. Where there is no such parent, htb (6.18) makes it a class at the root: it is taken back. */
async function addNew(
  netns: Netns,
  value: Message,
  ifExists: IfExists | 'replace',
  attempt: Attempt,
): Promise<void> {
  const { index, handle, parent = TC_H.root } = value;
  if (parent === TC_H.root || parent % 0x10000 === 0) {
    return netns.request(trafficClass.add(value, addFlags(ifExists), attempt));
  }
  let added;
  try {
    // a new one at first, so that only what is new is taken back
    added = await netns.request(shownClass.addEcho(value, addFlags('fail'), attempt));
  } catch (error) {
    if (ifExists !== 'replace') throw error;
    ignoring('EEXIST')(error);
    return netns.request(trafficClass.add(value, addFlags(ifExists), attempt));
  }
  if (added === undefined || added.parent === parent) return;
  const back = trafficClass.remove(defined({ index, handle }), {
    ...attempt,
    operation: 'remove class again from',
  });
  await takingBack(notThere(attempt, netns), async () => netns.request(back).catch(ignoring('ENOENT')));
}

/**
 * Changes a class. What is not given stays as it is. The options may be one as `listClasses` returns it: what it has already is not sent.
 *
 * @throws {@link NetlinkError} ENOENT where there is none of the number; EOPNOTSUPP for another parent of one that was listed; ENODEV.
 * @see tc(8), `tc class change`
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'htb', handle: '1:', defaultClass: '10' });
 * await addClass(red, 'eth0', { kind: 'htb', handle: '1:10', rate: 1_000_000, ceil: 10_000_000 });
 * await setClass(red, 'eth0', { kind: 'htb', handle: '1:10', rate: 2_000_000 });
 * ```
 */
export async function setClass(
  netns: Netns,
  device: Device,
  options: SetClassOptions | Omit<TrafficClass, 'data'>,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const given = asOptions<SetClassOptions & { parent?: string }>(options, KINDS);
  const asked = requests.checkChange(given, isListed(options));
  const { kind } = asked;
  const handle = parseClassHandle(given.handle);
  const attempt = { operation: `set class ${given.handle} of`, device, words: WORDS };
  const index = await indexOf(netns, device, attempt);
  await inTurn(netns, index, attempt, async () => {
    const listed = (await netns.request(shownClass.dump({ index }, attempt))).map(toClass);
    const found = listed.find((one) => one.handle === handleText(handle));
    if (found === undefined) throw notThere(attempt, netns);
    if (found.kind !== kind) throw otherKind(attempt, netns, found.kind);
    const now = (found as unknown as Readonly<Record<string, object | undefined>>)[kind];
    const all = { ...asked.own, ...defined({ parent: given.parent }) };
    const there = { ...now, parent: found.parent, data: found.data ?? new Uint8Array() };
    const fixed = { kind: findIn(KINDS, kind), fixed: ['parent'] };
    const own = isListed(options) ? changesOf(all, there, fixed, attempt, netns) : all;
    if (Object.keys(own).length === 0) return;
    const value = { index, kind, handle, parent: parseParent(found.parent) };
    const data = requests.changed({ kind, own }, now);
    await netns.request(trafficClass.add(withOptions(value, data), 0, attempt));
  });
}

/** Which class is removed; one that was listed is one, too. */
export interface RemoveClassOptions extends Partial<TrafficClass> {
  /** Its number: '1:10', in hexadecimal. */
  handle: string;
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveClassOptions>(
  {
    ...{ index: true, kind: isText, parent: isText, leaf: isText, statistics: true, data: true },
    ...{ htb: true, hfsc: true, drr: true, qfq: true },
    handle: HANDLE,
    ifMissing: IF_MISSING,
  },
  ['handle'],
);

/**
 * Removes a class. The options may be one as `listClasses` returns it.
 *
 * @throws {@link NetlinkError} ENOENT where there is none; EBUSY where it has classes below; ENODEV.
 * @see tc(8), `tc class delete`
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'htb', handle: '1:' });
 * await addClass(red, 'eth0', { kind: 'htb', handle: '1:10', rate: 1_000_000 });
 * await removeClass(red, 'eth0', { handle: '1:10' });
 * ```
 */
export async function removeClass(netns: Netns, device: Device, options: RemoveClassOptions): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, REMOVE_OPTIONS);
  const handle = parseClassHandle(options.handle);
  const attempt = { operation: `remove class ${options.handle} from`, device, words: WORDS };
  await requestFor(netns, device, (index) => trafficClass.remove({ index, handle }, attempt)).catch(
    onMissing(options.ifMissing ?? 'fail', 'ENOENT'),
  );
}

/**
 * The classes of all queueing disciplines of a device, with what passed them, each one behind the class that it is a part of, so
 * that `addClass` takes them in this order. Those of kinds that make their classes themselves are among them. What hfsc lists as a class
 * '1:' is left out, because it is the queueing discipline itself.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see tc(8), `tc -s class show`; rtnetlink(7) RTM_GETTCLASS
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'htb', handle: '1:' });
 * await addClass(red, 'eth0', { kind: 'htb', handle: '1:10', rate: 1_000_000 });
 * for (const { handle, htb } of await listClasses(red, 'eth0')) {
 *   console.log(handle, htb?.rate); // 1:10 1000000
 * }
 * ```
 */
export async function listClasses(netns: Netns, device: Device): Promise<TrafficClass[]> {
  checkNetns(netns);
  checkDevice(device);
  const attempt = { operation: 'list classes of', device, words: NO_DEVICE };
  const index = await indexOf(netns, device, attempt);
  const listed = (await netns.request(shownClass.dump({ index }, attempt))).map(toClass);
  return parentsFirst(listed.filter(({ handle }) => !handle.endsWith(':')));
}
