import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, isText, optionTable } from '../common/options';
import { takingBack } from '../common/take-back';
import { type Attempt, ignoring } from '../netlink/error';
import {
  addFlags,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { type FilterKindName, type FilterKindOptions } from '../netlink/rtnetlink/filters';
import { filter } from '../netlink/rtnetlink/traffic';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { type Action, withIndexes } from './actions';
import { dumpPlaces } from './filter-places';
import { checkNew, meaningsOf, message, PLACE, placeMessage } from './filter-request';
import {
  type Filter,
  FILTER_KINDS,
  type FilterProtocol,
  isFilter,
  shownFilter,
  toFilter,
} from './filter-view';
import { type Asked, findIn } from './kind-request';
import { asOptions, isListed } from './listed';
import { notThere, requireReported } from './refusals';
import { withPrograms } from './pinned-programs';
import { addNumbered, placed } from './u32-number';

/** Where a filter stands. */
interface FilterPlace {
  /**
   * 'ingress' is for what the device receives, 'egress' for what leaves it: both stand in a queueing discipline of the kind `clsact`, which
   * `addQdisc` adds. Otherwise the queueing discipline whose classes it chooses: '1:', or 'root'; or a class, '1:1'.
   */
  parent: string;
  /** The protocol of the frames that it looks at; 'all' by default. */
  protocol?: FilterProtocol;
  /** Filters with a lower number are asked first, from 1 to 65535. By default the kernel chooses one below all others, from 49152 on downwards. */
  priority?: number;
  /** Its number among those of its priority; by default the kernel chooses one. */
  handle?: number;
  /** The filters that it is one of; 0 by default, where a packet begins. An action leads to others: `{ chain: 5 }`. */
  chain?: number;
}

/** What every new filter of a kind that this library knows has. */
export interface NewFilterOptions extends FilterPlace {
  /** The class that its packets belong to: '1:10'. */
  classId?: string;
  /** What is done with its packets, one after another; at most 32. */
  actions?: readonly Action[];
  /**
   * Where there is one of this priority and handle: 'fail' (default) with EEXIST, 'ignore', or 'replace', where the kernel changes it, if
   * the kind can be changed.
   */
  ifExists?: IfExists | 'replace';
}

/** A filter of a kind that this library knows: its options stand beside those of all. */
export type KnownFilterOptions = {
  [K in FilterKindName]: NewFilterOptions & { kind: K } & FilterKindOptions[K];
}[FilterKindName];

/** A filter of another kind. */
export interface RawFilterOptions extends FilterPlace {
  /** The kernel's name for the kind: 'basic', 'flow'. */
  kind: string;
  /** TCA_OPTIONS in bytes, the class and the actions among them. */
  data: Uint8Array;
  /**
   * Where there is one of this priority and handle: 'fail' (default) with EEXIST, 'ignore', or 'replace', where the kernel changes it, if
   * the kind can be changed.
   */
  ifExists?: IfExists | 'replace';
}

/** A new filter: of a kind that this library knows, with its options, or of another one, with its bytes. */
export type AddFilterOptions = KnownFilterOptions | RawFilterOptions;

/**
 * Adds a filter to a device: it finds packets, gives them to a class, or does something with them:
 * `{ kind: 'flower', parent: 'ingress', protocol: 'ip', source: '10.0.0.0/8', actions: [{ kind: 'gact', control: 'drop' }] }`.
 * The options may be one as `listFilters` returns it.
 *
 * @throws TypeError for an option that neither all kinds nor this one has.
 * @throws {@link NetlinkError} EEXIST where there is one of the priority and handle, which the kernel may not change, as of matchall; ENOENT
 * where the kernel has no such kind of filter or action; EINVAL where there is no such queueing discipline, or the filters of the priority
 * are of another kind or protocol; ENODEV.
 * @see tc(8), `tc filter add`; rtnetlink(7) RTM_NEWTFILTER
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'htb', handle: '1:' });
 * await addClass(red, 'eth0', { kind: 'htb', handle: '1:10', rate: 1_000_000 });
 * const keys = u32Keys({ destination: '10.0.0.2' });
 * await addFilter(red, 'eth0', { kind: 'u32', parent: '1:', protocol: 'ip', keys, classId: '1:10' });
 * ```
 */
export async function addFilter(
  netns: Netns,
  device: Device,
  options: AddFilterOptions | Filter,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const given = asOptions<AddFilterOptions>(options, FILTER_KINDS);
  const asked = checkNew(given);
  const actions = 'actions' in given ? (given.actions ?? []) : [];
  // what does not fit is refused before any device is looked up
  message(
    asked,
    given,
    actions.map((action) => ('device' in action ? { ...action, device: 1 } : action)),
  );
  const { ifExists = 'fail' } = given;
  const { words, ...meanings } = meaningsOf(asked.kind);
  const attempt = {
    ...{ operation: `add ${asked.kind} to`, device, ...meanings },
    words: { ...words, ...(ifExists === 'replace' && { EEXIST: notChanged(asked.kind) }) },
  };
  const [index, found] = await Promise.all([
    indexOf(netns, device, attempt),
    withIndexes(netns, actions, attempt),
  ]);
  const flags = addFlags(ifExists);
  const add = async (one: Parameters<typeof addNew>[1]) => addNew(netns, one, asked, flags, attempt);
  await withPrograms(netns, { asked, actions: found }, attempt, async (opened) => {
    const whole = { ...message(opened.asked, given, opened.actions), index };
    const value = isListed(options) ? await placed(netns, whole, attempt) : whole;
    await addNumbered(netns, value, add, ifExists === 'replace', attempt);
  }).catch(onExisting(ifExists));
}

const notChanged = (kind: string) => `the kernel changes no such filter of the kind ${kind}: remove it first`;

/** Adds one, and takes it back where the kernel has ignored an option. */
async function addNew(
  netns: Netns,
  value: Parameters<typeof filter.add>[0],
  asked: Asked,
  flags: number,
  attempt: Attempt,
): Promise<void> {
  const known = findIn(FILTER_KINDS, asked.kind);
  if (known?.ignored?.some((name) => asked.own[name] !== undefined) !== true) {
    return netns.request(filter.add(value, flags, attempt));
  }
  const added = await netns.request(shownFilter.addEcho(value, flags, attempt));
  if (added === undefined) return;
  try {
    requireReported(asked, known, known.toView(added.options as object), attempt, netns);
  } catch (error) {
    const { index, parent, handle, info, chain } = added;
    const place = { index, parent, handle, info, ...defined({ chain }), kind: asked.kind };
    const back = { ...attempt, operation: `remove ${asked.kind} again from` };
    await takingBack(error, async () => netns.request(filter.remove(place, back)).catch(ignoring('ENOENT')));
  }
}

/** Which filter is removed; one that was listed is one, too. */
export interface RemoveFilterOptions extends Partial<Filter> {
  /** Where it stands. */
  parent: string;
  /** Its priority. Without one, all filters of the chain are removed. */
  priority?: number;
  /** Its number. Without one, all filters of the priority are removed. */
  handle?: number;
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveFilterOptions>(
  {
    ...PLACE,
    ...{ index: true, kind: isText, classId: isText, inHardware: true, actions: true, data: true },
    ...{ matchall: true, u32: true, flower: true, fw: true, bpf: true },
    ifMissing: IF_MISSING,
  },
  ['parent'],
);

/**
 * Removes a filter, all filters of a priority, or all of a chain. The options may be one as `listFilters` returns it.
 *
 * @throws {@link NetlinkError} ENOENT where there is none; EINVAL where it is of another kind, or there is no such queueing discipline;
 * ENODEV.
 * @see tc(8), `tc filter delete`
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'clsact' });
 * await addFilter(red, 'eth0', { kind: 'u32', parent: 'ingress', priority: 5, keys: [] });
 * await removeFilter(red, 'eth0', { parent: 'ingress', priority: 5 });
 * ```
 */
export async function removeFilter(
  netns: Netns,
  device: Device,
  options: RemoveFilterOptions,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, REMOVE_OPTIONS);
  const { kind, protocol, priority, handle, ifMissing = 'fail' } = options;
  if (priority === undefined && [kind, protocol, handle].some((one) => one !== undefined)) {
    throw new TypeError("priority: it has to be given with 'kind', 'protocol' or 'handle'");
  }
  const words = {
    ...NO_DEVICE,
    ENOENT: 'there is none',
    EINVAL: 'it is of another kind, or there is no such place',
  };
  const attempt = { operation: 'remove filter from', device, words };
  const value = { ...placeMessage(options), ...(kind !== undefined && { kind }) };
  const index = await indexOf(netns, device, attempt);
  const place = { ...value, index };
  if (priority !== undefined) {
    await netns.request(filter.remove(place, attempt)).catch(onMissing(ifMissing, 'ENOENT'));
    return;
  }
  // of a chain where there are none the kernel says nothing; else it echoes each priority, but no filter, which may be too large
  const removed = await netns
    .request(shownFilter.removeEcho(place, attempt))
    .catch(onMissing(ifMissing, 'ENOENT'));
  if (removed === undefined && ifMissing === 'fail') throw notThere(attempt, netns);
}

/** Which filters are listed. */
export interface ListFiltersOptions {
  /** Only those that stand there. A class's own are listed only so. */
  parent?: string;
}

const LIST_OPTIONS = optionTable<ListFiltersOptions>({ parent: PLACE.parent });

/**
 * The filters of a device, in the order in which they are asked, with what passed their actions: those of all its queueing disciplines, or
 * those that stand at one place.
 *
 * The kernel (6.1) lists no filter that takes more than about 32 KiB of a message. One with three actions `pedit` of 255 edits is left out,
 * and the kernel says nothing; for a program `bpf` of 4050 instructions it has EMSGSIZE. `removeFilter` removes such filters all the same.
 *
 * @throws {@link NetlinkError} ENODEV; EMSGSIZE where a filter is too large to be listed.
 * @see tc(8), `tc -s filter show`; rtnetlink(7) RTM_GETTFILTER
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'clsact' });
 * await addFilter(red, 'eth0', { kind: 'u32', parent: 'egress', priority: 5, keys: u32Keys({ source: '10.0.0.1' }) });
 * for (const { kind, parent, priority, u32 } of await listFilters(red, 'eth0')) {
 *   console.log(kind, parent, priority, u32?.keys.length); // u32 egress 5 1
 * }
 * ```
 */
export async function listFilters(
  netns: Netns,
  device: Device,
  options: ListFiltersOptions = {},
): Promise<Filter[]> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, LIST_OPTIONS);
  const words = { ...NO_DEVICE, EMSGSIZE: 'a filter is too large for the kernel to list it' };
  const attempt = { operation: 'list filters of', device, words };
  const listed = await dumpPlaces(netns, device, options.parent, attempt, (from) =>
    shownFilter.dump(from, attempt),
  );
  return listed
    .flatMap(({ found }) => found)
    .filter(isFilter)
    .map(toFilter);
}
