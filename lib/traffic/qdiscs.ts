import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import {
  checkOptions,
  integerFrom,
  isText,
  optionsOf,
  type OptionTable,
  optionTable,
} from '../common/options';
import { NetlinkError } from '../netlink/error';
import {
  IF_EXISTS_OR_REPLACE,
  IF_MISSING,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { type QdiscKindName, qdiscKinds } from '../netlink/rtnetlink/qdiscs';
import { SIZE_TABLE } from '../netlink/rtnetlink/qdiscs/size-table';
import { qdisc, TC_H } from '../netlink/rtnetlink/traffic';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import { inTurn } from '../netns/device-turns';
import type { Netns } from '../netns/netns';
import { handleText, parseHandle, parseParent } from './handle';
import { findIn, kindRequests } from './kind-request';
import {
  addedAt,
  addNew,
  KINDS,
  meaningsOf,
  message,
  type OfAll,
  ofAll,
  placeOf,
  qdiscsOf,
  reportedOf,
  UNNUMBERED,
  withoutSame,
} from './qdisc-request';
import { asOptions, changesOf, isListed, READ_ONLY } from './listed';
import type { AddQdiscOptions, SetQdiscOptions } from './qdisc-options';
import { type Qdisc, shownQdisc, toQdisc } from './qdisc-view';
import { inTheWay, notThere, otherKind, requireReported } from './refusals';

const PLACE = {
  parent: (value: unknown, path: string) => void parseParent(value, path),
  handle: (value: unknown, path: string) => void parseHandle(value, path),
} as const;
const isBlock = integerFrom(1, 0xffffffff);
const OF_ALL: OptionTable<OfAll> = {
  sizeTable: optionsOf(SIZE_TABLE),
  ingressBlock: isBlock,
  egressBlock: isBlock,
};
/** That of what the kernel gave a device is none. */
const LISTED_HANDLE = (value: unknown, path: string) => {
  if (value !== UNNUMBERED) PLACE.handle(value, path);
};
/** What a change may repeat of what was listed. */
const FIXED = { ingressBlock: isBlock, egressBlock: isBlock } as const;
const requests = kindRequests(KINDS, {
  new: {
    ...{ ...READ_ONLY.qdisc, ...PLACE, handle: LISTED_HANDLE, ifExists: IF_EXISTS_OR_REPLACE },
    ...OF_ALL,
  },
  change: { ...PLACE, handle: LISTED_HANDLE, sizeTable: OF_ALL.sizeTable },
  fixed: { ...READ_ONLY.qdisc, ...FIXED },
});

/**
 * Adds a queueing discipline to a device: `{ kind: 'tbf', rate: 1e6, … }`. It takes the place of what the kernel gave the device,
 * and, but with `ifExists: 'replace'`, never that of what somebody has added, of whatever kind. To delay or lose packets,
 * {@link setImpairment} is simpler. A queueing discipline is for what leaves the device. The options may be one as `listQdiscs`
 * returns it.
 *
 * @throws TypeError for an option that neither all kinds nor this one has.
 * @throws {@link NetlinkError} EEXIST where there is one; ENODEV; ENOENT where the kernel has no such kind, or there is no such
 * parent.
 * @see tc(8), `tc qdisc add`; rtnetlink(7) RTM_NEWQDISC
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'tbf', rate: 1_000_000, burst: 3000, latency: 50 });
 * ```
 */
export async function addQdisc(
  netns: Netns,
  device: Device,
  options: AddQdiscOptions | Qdisc,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const given = asOptions<AddQdiscOptions>(options, KINDS);
  const asked = requests.checkNew(given);
  const { kind } = asked;
  const place = { ...placeOf(given, kind), all: ofAll(given) };
  const data = requests.data(asked);
  const attempt = { operation: `add ${kind} to`, device, ...meaningsOf(kind) };
  const index = await indexOf(netns, device, attempt);
  const { ifExists } = given;
  await inTurn(netns, index, attempt, async () => {
    // without a handle, the kernel (6.18) replaces one of another kind, whatever the flags
    if (ifExists !== 'replace' && place.handle === TC_H.unspec) {
      const found = await addedAt(netns, index, place.parent, attempt);
      if (found !== undefined) throw inTheWay(attempt, netns, found);
    }
    const replaces = ifExists === 'replace';
    const wanted = replaces ? await withoutSame(netns, index, place, asked, attempt) : asked;
    const sent = { ...wanted, data: wanted === asked ? data : requests.data(wanted) };
    await addNew(netns, index, place, sent, attempt, ifExists);
  }).catch(onExisting(ifExists));
}

/**
 * Changes a queueing discipline where it stands: packets that wait there stay. What is not given stays as it is. The options may be one
 * as `listQdiscs` returns it: what it has already is not sent.
 *
 * @throws {@link NetlinkError} ENOENT where there is none; EINVAL where it is of another kind, or the kernel changes none of the kind,
 * as of htb and sfq; EOPNOTSUPP for an option that it would ignore, and of one that was listed, for another value of what can be given
 * at creation only; ENODEV.
 * @see tc(8), `tc qdisc change`
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'tbf', rate: 1_000_000, burst: 3000, latency: 50 });
 * await setQdisc(red, 'eth0', { kind: 'tbf', rate: 2_000_000 });
 * ```
 */
export async function setQdisc(
  netns: Netns,
  device: Device,
  options: SetQdiscOptions | Qdisc,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const given = asOptions<SetQdiscOptions & OfAll>(options, KINDS);
  const asked = requests.checkChange(given, isListed(options));
  const { kind } = asked;
  const place = placeOf(given, kind);
  const { words, guesses } = meaningsOf(kind);
  const attempt = {
    ...{ operation: `set ${kind} of`, device, guesses },
    words: { ...words, ENOENT: 'there is none' },
  };
  const index = await indexOf(netns, device, attempt);
  await inTurn(netns, index, attempt, async () => {
    const isMeant = ({ parent, handle }: Qdisc) =>
      place.handle === TC_H.unspec
        ? parseParent(parent) === place.parent && [undefined, handle].includes(given.handle)
        : handle === handleText(place.handle);
    const found = (await qdiscsOf(netns, index, attempt)).find(isMeant);
    if (found === undefined) throw notThere(attempt, netns);
    if (found.kind !== kind) throw otherKind(attempt, netns, found.kind);
    const now = reportedOf(found);
    const known = findIn(KINDS, kind);
    const all = { ...asked.own, ...ofAll(given) };
    const there = { ...now, ...ofAll(found), ...defined({ data: found.data }) };
    const fixed = { kind: known, fixed: Object.keys(FIXED) };
    const changes = isListed(options) ? changesOf(all, there, fixed, attempt, netns) : all;
    if (Object.keys(changes).length === 0) return;
    const { sizeTable: _, ...own } = changes;
    requireReported({ kind, own }, known, now ?? {}, attempt, netns);
    const { sizeTable = found.sizeTable } = given;
    // the kernel takes away a table that a change does not have (6.1)
    const where = { ...placeOf(found), all: ofAll({ ...(sizeTable && { sizeTable }) }) };
    await netns.request(
      qdisc.add(message(index, where, kind, requests.changed({ kind, own }, now)), 0, attempt),
    );
  });
}

/** Which queueing discipline is removed; one that was listed is one, too. */
export interface RemoveQdiscOptions extends Partial<Qdisc> {
  /** 'root' by default, 'ingress' of the kinds `ingress` and `clsact`, or the class that it belongs to. */
  parent?: string;
  /** Its number. Where it is given, another one at the place is left; with '0:', any one. */
  handle?: string;
  /** Its kind. Where it is given, one of another kind is left. */
  kind?: string;
  /** Where there is none, other than what the kernel gave the device: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const LISTED = {
  index: true,
  kind: isText,
  statistics: true,
  data: true,
  sizeTable: true,
  ingressBlock: true,
  egressBlock: true,
  ...(Object.fromEntries(Object.keys(qdiscKinds).map((name) => [name, true])) as Record<QdiscKindName, true>),
} as const;

const REMOVE_OPTIONS = optionTable<RemoveQdiscOptions>({
  ...LISTED,
  parent: PLACE.parent,
  handle: LISTED_HANDLE,
  ifMissing: IF_MISSING,
});

/**
 * Removes a queueing discipline, with all classes and queueing disciplines below. At the root the kernel puts its own there
 * again. The options may be one as `listQdiscs` returns it.
 *
 * @throws {@link NetlinkError} ENOENT where there is none; ENODEV.
 * @see tc(8), `tc qdisc delete`
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'tbf', rate: 1_000_000, burst: 3000, latency: 50 });
 * await removeQdisc(red, 'eth0');
 * await removeQdisc(red, 'eth0', { ifMissing: 'ignore' });
 * ```
 */
export async function removeQdisc(
  netns: Netns,
  device: Device,
  options: RemoveQdiscOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, REMOVE_OPTIONS);
  const { kind, handle, ifMissing = 'fail' } = options;
  const value = { ...placeOf(options, kind), ...(kind !== undefined && { kind }) };
  const words = {
    ...NO_DEVICE,
    ENOENT: 'there is none, or another one, or only what the kernel gave the device',
  };
  const attempt = { operation: 'remove queueing discipline from', device, words };
  const index = await indexOf(netns, device, attempt);
  await inTurn(netns, index, attempt, async () => {
    // the kernel would take this number for any, and remove what somebody has added since
    if (handle === UNNUMBERED) throw notThere(attempt, netns);
    // it has EINVAL for one with another number, or of another kind
    await netns.request(qdisc.remove({ ...value, index }, attempt)).catch((error: unknown) => {
      throw error instanceof NetlinkError && error.code === 'EINVAL' ? notThere(attempt, netns) : error;
    });
  }).catch(onMissing(ifMissing, 'ENOENT'));
}

/** Which queueing disciplines are listed; all by default. */
export interface ListQdiscsOptions {
  /** Only those of this device. */
  device?: Device;
}

const LIST_OPTIONS = optionTable<ListQdiscsOptions>({ device: checkDevice });

/**
 * The queueing disciplines of a namespace, or of one device, with what passed them. What the kernel gave a device is among them:
 * its handle is '0:'.
 *
 * @see tc(8), `tc -s qdisc show`; rtnetlink(7) RTM_GETQDISC
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'tbf', handle: '1:', rate: 1_000_000, burst: 3000, latency: 50 });
 * for (const { kind, handle, parent, tbf } of await listQdiscs(red, { device: 'eth0' })) {
 *   console.log(kind, handle, parent, tbf?.rate); // tbf 1: root 1000000
 * }
 * ```
 */
export async function listQdiscs(netns: Netns, options: ListQdiscsOptions = {}): Promise<Qdisc[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { device } = options;
  const attempt = {
    operation: device === undefined ? 'list queueing disciplines' : 'list queueing disciplines of',
    device,
  };
  const index = device === undefined ? undefined : await indexOf(netns, device, attempt);
  const listed = (await netns.request(shownQdisc.dump({}, attempt))).map(toQdisc);
  // the kernel lists those of all devices, whichever it is asked for (6.18), before 6.6 by the last eight bits of the indexes
  return listed
    .filter((one) => index === undefined || one.index === index)
    .sort((one, other) => one.index - other.index);
}
