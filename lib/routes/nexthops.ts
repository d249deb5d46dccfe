import { checkDevice, checkFamily, type Family, familyNumber } from '../common/check';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { withoutZone } from '../netns/zone';
import { defined } from '../common/objects';
import { checkOptions, oneOf, optionTable, trueOrFalse } from '../common/options';
import type { Attempt, Words } from '../netlink/error';
import {
  addFlags,
  IF_EXISTS_OR_REPLACE,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { nexthop, NEXTHOP_STATS, type NexthopMessage } from '../netlink/rtnetlink/nexthop';
import { PROTOCOLS } from '../netlink/rtnetlink/route';
import { encapDevice } from './encap';
import { checkId, NEXTHOP_OBJECT, type NexthopObjectOptions, toNexthopMessage } from './nexthop-request';
import { type Nexthop, toNexthopObject } from './nexthop-view';
import { deviceOf } from './route-ways';

/** How a next hop is added. */
export interface AddNexthopOptions extends NexthopObjectOptions {
  /** Its number; by default one that is free. */
  id?: number;
  /** Where there is one of that number: 'fail' (default) with EEXIST, 'ignore', or 'replace' it for all of its routes. */
  ifExists?: IfExists | 'replace';
}

const ADD_OPTIONS = optionTable<AddNexthopOptions>({
  ...NEXTHOP_OBJECT,
  id: checkId,
  ifExists: IF_EXISTS_OR_REPLACE,
});

const CALLED = { gateway: 'via', index: 'device', groupType: 'resilient' };

const ADD_WORDS: Words = {
  ENETDOWN: 'the device is down; lo is the device of a black hole',
  EEXIST: 'there is a next hop of this number already',
  EHOSTUNREACH: 'the gateway is on no link: its device has to be up, and to have an address of its subnet',
  ENETUNREACH: 'the gateway is on no link: its device has to be up, and to have an address of its subnet',
};

const ADD_SENTENCES = { 'Reserved fields in nexthop_grp': 'weights above 256 need Linux 6.12' } as const;

/**
 * Adds a next hop object, which routes name by its number: `addRoute(netns, { to, nexthopId })`. Where many routes have one
 * way, replacing the object changes them all at once. A group spreads its traffic over other next hops.
 *
 * @returns its number.
 * @throws {@link NetlinkError} EEXIST where there is one of that number; EINVAL for what makes no sense together, and for
 * members of a group that do not exist; ENETUNREACH, ENETDOWN, ENODEV; EOPNOTSUPP where the kernel has none (before 5.3).
 * @see ip-nexthop(8): `ip nexthop add`, `replace`
 * @example
 * ```ts
 * const one = await addNexthop(red, { via: '10.0.0.2', device: 'eth0' });
 * const both = await addNexthop(red, { group: [{ id: one, weight: 3 }] });
 * await addRoute(red, { to: '10.9.0.0/16', nexthopId: both });
 * ```
 */
export async function addNexthop(netns: Netns, options: AddNexthopOptions): Promise<number> {
  checkNetns(netns);
  checkOptions(options, ADD_OPTIONS);
  const { id, ifExists = 'fail' } = options;
  const { address, device: zoned } = withoutZone(options.via, deviceOf(options), 'via');
  const asked = { ...options, ...defined({ via: address, device: zoned }) };
  const device = options.group === undefined ? deviceOf(asked) : undefined;
  const wraps = encapDevice(options.encap);
  const attempt = { ...attemptTo('add', id, ADD_WORDS), sentences: ADD_SENTENCES };
  // once before a device is looked up, so that what is wrong is refused before any system call
  nexthop.addEcho(
    toNexthopMessage(asked, () => 1),
    0,
    attempt,
  );
  const [index, wrapped] = await Promise.all([
    device === undefined ? undefined : indexOf(netns, device, attempt),
    wraps === undefined ? undefined : indexOf(netns, wraps, attempt, 'encap.device'),
  ]);
  const value = { ...defined({ id }), ...toNexthopMessage(asked, () => wrapped), ...defined({ index }) };
  const request = nexthop.addEcho(value, addFlags(ifExists), attempt);
  const added = await netns.request(request).catch(onExisting(ifExists));
  return added?.id ?? id ?? 0;
}

/** Which next hop is removed. */
export interface RemoveNexthopOptions {
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveNexthopOptions>({ ifMissing: IF_MISSING });

const MISSING: Words = { ENOENT: 'there is no next hop of this number' };

/**
 * Removes a next hop object, and with it the routes that have it. Groups lose it; a group that has lost its last next hop is
 * removed, too.
 *
 * @throws {@link NetlinkError} ENOENT where there is none.
 * @see ip-nexthop(8): `ip nexthop del`
 * @example
 * ```ts
 * await addNexthop(red, { id: 7, blackhole: true });
 * await removeNexthop(red, 7);
 * ```
 */
export async function removeNexthop(
  netns: Netns,
  id: number,
  options: RemoveNexthopOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkId(id, 'id');
  checkOptions(options, REMOVE_OPTIONS);
  const { ifMissing = 'fail' } = options;
  await netns
    .request(nexthop.remove({ id }, attemptTo('remove', id, MISSING)))
    .catch(onMissing(ifMissing, 'ENOENT'));
}

/** What is asked of a next hop. */
export interface GetNexthopOptions {
  /** The members of a group have `packets`: how many have gone by them (Linux 6.9). */
  stats?: boolean;
}

const GET_OPTIONS = optionTable<GetNexthopOptions>({ stats: trueOrFalse });

const NO_STATS: Words = {
  EINVAL: "the kernel counts no packets of next hops, which came with Linux 6.9: option 'stats'",
};

/** Only where it is asked for, because an earlier kernel refuses the attribute. */
const statsAttribute = (stats: boolean) =>
  stats ? { operationFlags: NEXTHOP_STATS.software | NEXTHOP_STATS.hardware } : {};

/**
 * Returns a next hop object by its number.
 *
 * @throws {@link NetlinkError} ENOENT where there is none; EINVAL for `stats`, where the kernel has none.
 * @see ip-nexthop(8): `ip nexthop get`
 * @example
 * ```ts
 * await addNexthop(red, { id: 7, via: '10.0.0.2', device: 'eth0' });
 * console.log((await getNexthop(red, 7)).via); // 10.0.0.2
 * ```
 */
export async function getNexthop(
  netns: Netns,
  id: number,
  options: GetNexthopOptions = {},
): Promise<Nexthop> {
  checkNetns(netns);
  checkId(id, 'id');
  checkOptions(options, GET_OPTIONS);
  const { stats = false } = options;
  const attempt = attemptTo('get', id, stats ? { ...MISSING, ...NO_STATS } : MISSING);
  const found = await netns.request(nexthop.get({ id, ...statsAttribute(stats) }, attempt));
  return toNexthopObject(found as NexthopMessage);
}

/** Which next hops are meant; all by default. */
export interface NexthopFilter {
  /** Those of this family; groups have none. */
  family?: Family;
  /** Those by this device. */
  device?: Device;
  /** Those by the ports of this bridge, or by the devices of this VRF. */
  master?: Device;
  /** Groups alone. */
  groups?: boolean;
  /** Those for entries of forwarding tables alone (Linux 5.8). */
  fdb?: boolean;
  /** Those that this one has made. */
  protocol?: Nexthop['protocol'];
}

/** Which next hops are listed, and with what. */
export interface ListNexthopsOptions extends NexthopFilter {
  /** The members of groups have `packets`: how many have gone by them (Linux 6.9). */
  stats?: boolean;
}

const FILTER = optionTable<NexthopFilter>({
  family: checkFamily,
  device: checkDevice,
  master: checkDevice,
  groups: trueOrFalse,
  fdb: trueOrFalse,
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
});

const LIST_OPTIONS = optionTable<ListNexthopsOptions>({ ...FILTER, ...GET_OPTIONS });

/**
 * The next hop objects of a namespace, in the order of their numbers.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP where the kernel has none (before 5.3); EINVAL for `stats` before 6.9.
 * @see ip-nexthop(8): `ip nexthop show`
 * @example
 * ```ts
 * await addNexthop(red, { id: 7, via: '10.0.0.2', device: 'eth0' });
 * for (const { id, via, group } of await listNexthops(red)) console.log(id, via, group?.length); // 7 10.0.0.2 undefined
 * ```
 */
export async function listNexthops(netns: Netns, options: ListNexthopsOptions = {}): Promise<Nexthop[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const words = options.stats === true ? NO_STATS : {};
  return findNexthops(netns, options, { operation: 'list next hops', words });
}

async function findNexthops(
  netns: Netns,
  { family, device, master, groups = false, fdb = false, protocol, stats = false }: ListNexthopsOptions,
  attempt: Attempt,
): Promise<Nexthop[]> {
  const [index, masterIndex] = await Promise.all([
    device === undefined ? undefined : indexOf(netns, device, attempt),
    master === undefined ? undefined : indexOf(netns, master, attempt, 'master'),
  ]);
  const filter = {
    family: familyNumber(family),
    ...defined({ index, master: masterIndex, groups: groups || undefined, fdb: fdb || undefined }),
    ...statsAttribute(stats),
  };
  const found = await netns.request(nexthop.dump(filter, attempt));
  const wanted = typeof protocol === 'string' ? PROTOCOLS[protocol] : protocol;
  return found.map(toNexthopObject).filter((one) => {
    const number = typeof one.protocol === 'string' ? PROTOCOLS[one.protocol] : one.protocol;
    // the kernel (6.18) takes the filter `fdb`, and lists all nevertheless
    return (wanted === undefined || number === wanted) && (!fdb || one.fdb === true);
  });
}

/**
 * Removes all next hop objects that a filter chooses, those that `listNexthops` returns for it, and with them their routes. One that
 * has gone since is no failure. An empty filter is refused, because it would remove those of all programs.
 *
 * @returns how many there were.
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP where the kernel has none (before 5.3).
 * @see ip-nexthop(8): `ip nexthop flush`
 * @example
 * ```ts
 * await addNexthop(red, { id: 7, via: '10.0.0.2', device: 'eth0', protocol: 'static' });
 * console.log(await flushNexthops(red, { protocol: 'static' })); // 1
 * ```
 */
export async function flushNexthops(netns: Netns, filter: NexthopFilter): Promise<number> {
  checkNetns(netns);
  checkOptions(filter, FILTER, { whole: 'filter' });
  if (Object.values(filter).every((value) => value === undefined || value === false)) {
    throw new TypeError("filter: expected what the next hops have, such as { protocol: 'static' }");
  }
  const attempt = { operation: 'flush next hops' };
  const listed = await findNexthops(netns, filter, attempt);
  const removals = listed.map(async ({ id }) => netns.request(nexthop.remove({ id }, attempt)));
  const results = await Promise.allSettled(removals);
  for (const result of results) {
    // one that has gone since, or a group that has lost its last next hop
    if (result.status === 'rejected' && (result.reason as { code?: string }).code !== 'ENOENT') {
      throw result.reason;
    }
  }
  return listed.length;
}

function attemptTo(verb: string, id: number | undefined, words: Words): Attempt {
  return { operation: `${verb} next hop${id === undefined ? '' : ` ${id}`}`, words, called: CALLED };
}
