import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice, parseIp } from '../common/check';
import { defined } from '../common/objects';
import {
  checkOptions,
  integerFrom,
  isText,
  listOf,
  oneOf,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { shown } from '../common/shown';
import { type Attempt, NetlinkError } from '../netlink/error';
import {
  addFlags,
  IF_EXISTS_OR_REPLACE,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
} from '../netlink/existence';
import type { Request } from '../netlink/object';
import { mdb, MDB_PERMANENT, mdbChange } from '../netlink/rtnetlink/mdb';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import {
  type MdbEntry,
  type MdbSource,
  type MulticastRouter,
  toMdbEntries,
  toMulticastRouters,
} from './mdb-view';

/** How a port gets a multicast group; an entry that was listed is one, too. */
export interface AddMdbOptions extends Partial<
  Omit<MdbEntry, 'bridge' | 'port' | 'flags' | 'filterMode' | 'sources'>
> {
  /** The port; the bridge itself by default, which then receives the group's packets. */
  port?: Device;
  /** The VLAN; all that the port has by default. */
  vlan?: number;
  /**
   * Whether it stays; on by default for a port. What the bridge itself wants never stays. bridge(8) has it off: the entry
   * is then forgotten as if a host had asked for the group once.
   */
  permanent?: boolean;
  /** The sender whose packets to the group are wanted; those of all by default. The bridge needs IGMPv3 or MLDv2. */
  source?: string;
  /** Of a listed entry; the bridge argument says which bridge it is. */
  bridge?: number;
  /** Those of a listed entry; the kernel sets them. */
  flags?: readonly string[];
  /**
   * Whose packets are wanted: with 'include' those of `sources`, with 'exclude' (the default) those of all others. 'include', and
   * 'exclude' with sources, needs Linux 6.3. Of an entry with a `source` it is what the kernel says, and is not sent.
   */
  filterMode?: MdbEntry['filterMode'];
  /** The senders that `filterMode` is about. Their timers are the kernel's to set. */
  sources?: readonly MdbSource[];
  /** Where the port has the group: 'fail' (default) with EEXIST, 'ignore', or since Linux 6.3 'replace' it. */
  ifExists?: IfExists | 'replace';
}

/** What an entry is listed with. */
const LISTED = {
  bridge: true,
  group: isText,
  port: checkDevice,
  vlan: integerFrom(1, 4094),
  permanent: trueOrFalse,
  source: isText,
  flags: listOf(isText),
  filterMode: oneOf(['include', 'exclude'], { number: true }),
  sources: listOf(optionsOf(optionTable<MdbSource>({ address: isText, timer: true }, ['address']))),
  protocol: oneOf(['kernel', 'static'], { number: true }),
  timer: true,
} as const;

const ADD_OPTIONS = optionTable<AddMdbOptions>({ ...LISTED, ifExists: IF_EXISTS_OR_REPLACE });

const WORDS = {
  ...NO_DEVICE,
  EOPNOTSUPP: 'it is not a bridge, or this kernel is built without multicast snooping',
} as const;

const ADD_WORDS = { ...WORDS, EEXIST: 'the port has this group already' } as const;

/** 5.10 gives no sentence. */
const GUESSES = {
  EINVAL:
    'the group is no multicast address, the bridge has no such port, the port no such VLAN or no such group, or the bridge is down',
} as const;

const OLDER = 'this kernel takes no filterMode and sources (Linux has them since 6.3)';

/** Of a request with `sources`. */
const OF_SOURCES = {
  sentences: { 'Unknown attribute type': OLDER },
  guesses: { EINVAL: `${OLDER}, or ${GUESSES.EINVAL}` },
} as const;

/**
 * Adds a multicast group to a port of a bridge: the bridge sends packets of the group there, as if a host had asked for them. The
 * options may be an entry as `listMdb` returns it. With `sources`, the kernel adds an entry for each of them as well.
 *
 * @throws {@link NetlinkError} EEXIST where the port has the group; ENODEV; EINVAL where the bridge has no such port, for an
 * address that is no multicast group, and for `sources` before Linux 6.3.
 * @see bridge(8): `bridge mdb add`
 * @example
 * ```ts
 * await createBridge(red, 'br0', { up: true });
 * await enslaveLink(red, 'eth0', 'br0');
 * await addMdb(red, 'br0', '239.1.1.1', { port: 'eth0' });
 * ```
 */
export async function addMdb(
  netns: Netns,
  bridge: Device,
  group: string,
  options: AddMdbOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(bridge, 'bridge');
  checkGroup(group);
  checkOptions(options, ADD_OPTIONS);
  const { ifExists = 'fail', permanent } = options;
  const filter = filterOf(options);
  const meanings = filter === undefined ? { guesses: GUESSES } : OF_SOURCES;
  const attempt = { operation: `add group ${group} to`, device: bridge, words: ADD_WORDS, ...meanings };
  await change(netns, bridge, group, options, attempt, ({ index, entry, options: source, ...rest }) => {
    const stays = permanent ?? entry.port !== index;
    const value = { ...rest, index, entry: { ...entry, state: stays ? MDB_PERMANENT : 0 } };
    const all = { ...value, ...defined({ options: filter ?? source }) };
    return mdbChange.add(all, addFlags(ifExists), attempt);
  }).catch(onExisting(ifExists));
}

/** Which senders are wanted, where it is not all: a kernel before 6.3 takes nothing else, and lists no more than the mode. */
function filterOf({ source, filterMode, sources = [] }: AddMdbOptions) {
  if (source !== undefined) {
    if (sources.length > 0) throw new TypeError('sources: they do not go together with source');
    return undefined;
  }
  const isDefault = filterMode === undefined || filterMode === 'exclude' || filterMode === 0;
  if (isDefault && sources.length === 0) return undefined;
  const addresses = sources.map(({ address }, i) => ({
    address: parseIp(address, `sources[${i}].address`).address,
  }));
  return { sources: addresses, filterMode: filterMode ?? 'exclude' } as const;
}

/** Which group is removed; an entry that was listed is one, too. */
export interface RemoveMdbOptions extends Omit<AddMdbOptions, 'ifExists'> {
  /** Where the port does not have the group: 'fail' (default) with ENOENT or EINVAL, as the kernel is, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveMdbOptions>({ ...LISTED, ifMissing: IF_MISSING });

/**
 * Takes a multicast group from a port of a bridge. The options may be an entry as `listMdb` returns it.
 *
 * @throws {@link NetlinkError} ENOENT, or EINVAL with many kernels (6.1), where the port does not have the group; ENODEV.
 * @see bridge(8): `bridge mdb del`
 * @example
 * ```ts
 * await createBridge(red, 'br0', { up: true });
 * await enslaveLink(red, 'eth0', 'br0');
 * await addMdb(red, 'br0', '239.1.1.1', { port: 'eth0' });
 * await removeMdb(red, 'br0', '239.1.1.1', { port: 'eth0' });
 * ```
 */
export async function removeMdb(
  netns: Netns,
  bridge: Device,
  group: string,
  options: RemoveMdbOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(bridge, 'bridge');
  checkGroup(group);
  checkOptions(options, REMOVE_OPTIONS);
  const { ifMissing = 'fail' } = options;
  const words = { ...WORDS, ENOENT: 'the port does not have this group' };
  const attempt = { operation: `remove group ${group} from`, device: bridge, words, guesses: GUESSES };
  await change(netns, bridge, group, options, attempt, (value) => mdbChange.remove(value, attempt)).catch(
    (error: unknown) => {
      const missing =
        error instanceof NetlinkError &&
        // 6.1 refuses a port that is not there, and so on, with a sentence, and what is missing with none
        (error.code === 'ENOENT' || (error.code === 'EINVAL' && error.extack === undefined));
      if (ifMissing === 'fail' || !missing) throw error;
    },
  );
}

/** Which bridges' groups are listed; those of all by default. */
export interface ListMdbOptions {
  /** Only those of this bridge. */
  bridge?: Device;
}

const LIST_OPTIONS = optionTable<ListMdbOptions>({ bridge: checkDevice });

/**
 * The multicast groups of bridges: those that hosts have asked for (IGMP, MLD), and those that were added. Entries with a `source`
 * are last, because those of a group's `sources` come and go with the group: `ifMissing` and `ifExists` take that for done.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see bridge(8): `bridge mdb show`
 * @example
 * ```ts
 * await createBridge(red, 'br0', { up: true });
 * await enslaveLink(red, 'eth0', 'br0');
 * await addMdb(red, 'br0', '239.1.1.1', { port: 'eth0' });
 * const groups = (await listMdb(red, { bridge: 'br0' })).map(({ group }) => group);
 * console.log(groups.includes('239.1.1.1')); // true
 * ```
 */
export async function listMdb(netns: Netns, options: ListMdbOptions = {}): Promise<MdbEntry[]> {
  const entries = (await read(netns, options, 'list multicast groups')).flatMap(toMdbEntries);
  return entries.sort((one, other) => Number(one.source !== undefined) - Number(other.source !== undefined));
}

/**
 * The ports of bridges that lead to multicast routers.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see bridge(8): `bridge -details mdb show`
 * @example
 * ```ts
 * await createBridge(red, 'br0', { up: true });
 * await enslaveLink(red, 'eth0', 'br0');
 * await setBridgePort(red, 'eth0', { multicastRouter: 'always' });
 * console.log((await listMulticastRouters(red)).length); // 1
 * ```
 */
export async function listMulticastRouters(
  netns: Netns,
  options: ListMdbOptions = {},
): Promise<MulticastRouter[]> {
  return (await read(netns, options, 'list multicast routers')).flatMap(toMulticastRouters);
}

async function read(netns: Netns, options: ListMdbOptions, operation: string) {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { bridge } = options;
  const attempt = { operation, words: NO_DEVICE };
  const index = bridge === undefined ? undefined : await indexOf(netns, bridge, attempt, 'bridge');
  // the kernel refuses to filter by a bridge (6.18)
  const replies = await netns.request(mdb.dump({ family: AF_BRIDGE }, attempt));
  return index === undefined ? replies : replies.filter((one) => one.index === index);
}

/** @internal */
export function checkGroup(group: unknown): asserts group is string {
  if (typeof group !== 'string') throw new TypeError(`group: expected an address, got ${shown(group)}`);
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(group)) parseIp(group, 'group');
}

interface Target {
  family: number;
  index: number;
  entry: { port: number; state: number; flags: number; vlan: number; group: string };
  options?: { source: string };
}

/** Sends what `build` makes for a group, which it makes once before any system call, so that what it refuses is refused there. */
async function change(
  netns: Netns,
  bridge: Device,
  group: string,
  { port, vlan = 0, source }: AddMdbOptions,
  attempt: Attempt,
  build: (target: Target) => Request<undefined>,
): Promise<void> {
  const options = source === undefined ? undefined : { source: parseIp(source, 'source').address };
  const target = (index: number, portIndex: number) =>
    build({
      family: AF_BRIDGE,
      index,
      entry: { port: portIndex, state: 0, flags: 0, vlan, group },
      ...defined({ options }),
    });
  target(0, 0);
  const [index, portIndex] = await Promise.all([
    indexOf(netns, bridge, attempt, 'bridge'),
    port === undefined ? undefined : indexOf(netns, port, attempt, 'port'),
  ]);
  await netns.request(target(index, portIndex ?? index));
}
