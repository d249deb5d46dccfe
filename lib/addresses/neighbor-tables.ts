import { AF, checkDevice, checkFamily, checkU32, type Family, familyNumber } from '../common/check';
import { assignDefined, defined } from '../common/objects';
import { checkOptions, integerFrom, isText, optionTable } from '../common/options';
import type { Attempt } from '../netlink/error';
import {
  neighborTable,
  type NeighborTableMessage,
  neighborTableSettings,
} from '../netlink/rtnetlink/neighbor-table';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf } from '../netns/device';
import { notSupported } from '../netns/known-attribute';
import type { Netns } from '../netns/netns';

/** How the kernel deals with the neighbors on a device. Times are in milliseconds. */
export interface NeighborParameters {
  /** For how long a neighbor is known to be reachable; each time between half of it and one and a half (RFC 4861). */
  baseReachableTime?: number;
  /** Between two questions for a neighbor. */
  retransmitTime?: number;
  /** After which an entry that nobody uses may be forgotten. */
  gcStaleTime?: number;
  /** For which a stale neighbor that is used may answer by itself, before it is asked. */
  delayProbeTime?: number;
  /** Between two questions for a neighbor that the kernel keeps up to date (`managed`). Since Linux 6.0. */
  intervalProbeTime?: number;
  /** Packets that wait for one neighbor to be found; the kernel keeps it as bytes. */
  queueLength?: number;
  /** The same in bytes. */
  queueBytes?: number;
  /** Questions that go to a program before others. */
  appProbes?: number;
  /** Questions to the neighbor itself. */
  unicastProbes?: number;
  /** Questions to all that follow. */
  multicastProbes?: number;
  /** Questions to all of a neighbor that has been known. */
  multicastReprobes?: number;
  /** IPv6: the longest time before an answer for an anycast address. */
  anycastDelay?: number;
  /** The longest time before an answer in the place of another host. */
  proxyDelay?: number;
  /** Questions that may wait for such an answer. */
  proxyQueueLength?: number;
  /** For which an entry does not change again. */
  lockTime?: number;
}

/** What is swept out of a table, of all devices and all namespaces. */
export interface NeighborGc {
  /** With fewer entries, none is forgotten. */
  gcThreshold1?: number;
  /** With more entries, those that nobody has used for five seconds are forgotten at once. */
  gcThreshold2?: number;
  /** There are never more entries. */
  gcThreshold3?: number;
  /** Milliseconds between two looks for what can be forgotten. */
  gcInterval?: number;
}

/** One table of neighbors, as it is for a device, or where there is no `index`, for devices that are made later. */
export interface NeighborTable extends NeighborParameters, NeighborGc {
  /** 'arp_cache' or 'ndisc_cache' */
  name: string;
  family: Family;
  /** Index of the device. */
  index?: number;
  /** How many in the kernel hold the parameters. */
  references?: number;
  /** Milliseconds for which a neighbor is now known to be reachable: made of `baseReachableTime` by chance. */
  reachableTime?: number;
  /** How the table is, of all namespaces; where there is no `index`. Times are milliseconds ago. */
  config?: NonNullable<NeighborTableMessage['config']>;
  /** What has happened in the table, of all namespaces; where there is no `index`. */
  statistics?: NonNullable<NeighborTableMessage['statistics']>;
}

const TIME = integerFrom(0, Number.MAX_SAFE_INTEGER);

const PARAMETERS = optionTable<NeighborParameters>({
  baseReachableTime: TIME,
  retransmitTime: TIME,
  gcStaleTime: TIME,
  delayProbeTime: TIME,
  intervalProbeTime: TIME,
  queueLength: checkU32,
  queueBytes: checkU32,
  appProbes: checkU32,
  unicastProbes: checkU32,
  multicastProbes: checkU32,
  multicastReprobes: checkU32,
  anycastDelay: TIME,
  proxyDelay: TIME,
  proxyQueueLength: checkU32,
  lockTime: TIME,
});

const GC = optionTable<NeighborGc>({
  gcThreshold1: checkU32,
  gcThreshold2: checkU32,
  gcThreshold3: checkU32,
  gcInterval: TIME,
});

/** Which tables are listed; all by default. */
export interface ListNeighborTablesOptions {
  /** Only that of this family. */
  family?: Family;
  /** Only as they are for this device. */
  device?: Device;
}

const LIST_OPTIONS = optionTable<ListNeighborTablesOptions>({ family: checkFamily, device: checkDevice });

/**
 * The tables of neighbors of both families, with their parameters: for devices that are made later, and for each device.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see ip-ntable(8), arp(7)
 * @example
 * ```ts
 * const [table] = await listNeighborTables(red, { family: 4, device: 'eth0' });
 * console.log(table?.name, table?.baseReachableTime); // arp_cache 30000
 * ```
 */
export async function listNeighborTables(
  netns: Netns,
  options: ListNeighborTablesOptions = {},
): Promise<NeighborTable[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { family, device } = options;
  const attempt = { operation: 'list neighbor tables', device };
  const index = device === undefined ? undefined : await indexOf(netns, device, attempt);
  const tables = await findTables(netns, family, attempt);
  return tables.filter((table) => index === undefined || table.index === index);
}

async function findTables(netns: Netns, family: Family | undefined, attempt: Attempt) {
  const replies = await netns.request(neighborTable.dump({ family: familyNumber(family) }, attempt));
  return replies.filter((reply) => reply.family === AF[4] || reply.family === AF[6]).map(toTable);
}

function toTable(message: NeighborTableMessage): NeighborTable {
  const { index, padding: _, unknown: __, ...parameters } = message.parameters ?? {};
  const { name = '', family, config, statistics } = message;
  const { gcThreshold1, gcThreshold2, gcThreshold3, gcInterval } = message;
  return assignDefined(
    { name, family: family === AF[4] ? (4 as const) : (6 as const), ...parameters },
    // the kernel has 0 for no device
    {
      index: index === 0 ? undefined : index,
      gcThreshold1,
      gcThreshold2,
      gcThreshold3,
      gcInterval,
      config,
      statistics,
    },
  );
}

/** What is set of a table; a listed table is that, too. */
export interface SetNeighborTableOptions extends Partial<NeighborTable> {
  /** For which device the parameters are; by default that of a listed table, or else those that are made later. */
  device?: Device;
}

const SET_OPTIONS = optionTable<SetNeighborTableOptions>({
  ...PARAMETERS,
  ...GC,
  device: checkDevice,
  index: checkDevice,
  name: isText,
  family: checkFamily,
  references: true,
  reachableTime: true,
  config: true,
  statistics: true,
});

const NAMES: Readonly<Record<Family, string>> = { 4: 'arp_cache', 6: 'ndisc_cache' };

const WORDS = {
  ENOENT:
    'it is set in the first namespace of the machine alone, where it is not of a device; or there is no such device',
} as const;

/**
 * Sets how the neighbors of a family are dealt with on a device. What is not of a device holds for the whole machine, and is set in its first
 * namespace alone: the parameters for devices that are made later, and what is swept out (`gcThreshold1` and others).
 *
 * @throws {@link NetlinkError} ENOENT for what is not of a device, in another namespace than the first one; ENODEV; EOPNOTSUPP for
 * `intervalProbeTime` before Linux 6.0.
 * @see ip-ntable(8), `ip ntable change`
 * @example
 * ```ts
 * await setNeighborTable(red, 4, { device: 'eth0', baseReachableTime: 5000, unicastProbes: 1 });
 * ```
 */
export async function setNeighborTable(
  netns: Netns,
  family: Family,
  options: SetNeighborTableOptions,
): Promise<void> {
  checkNetns(netns);
  checkFamily(family);
  checkOptions(options, SET_OPTIONS);
  const { device = options.index } = options;
  const [gc, parameters] = [chosen<NeighborGc>(GC, options), chosen<NeighborParameters>(PARAMETERS, options)];
  const hasParameters = Object.keys(parameters).length > 0;
  if (!hasParameters && Object.keys(gc).length === 0) {
    throw new TypeError('options: expected what is to be set, such as baseReachableTime');
  }
  const of = device === undefined ? '' : ' of';
  const attempt = { operation: `set neighbor table ${NAMES[family]}${of}`, device, words: WORDS };
  const index = device === undefined ? undefined : await indexOf(netns, device, attempt);
  if (parameters.intervalProbeTime !== undefined) {
    const [table] = await findTables(netns, family, attempt);
    if (table?.intervalProbeTime === undefined) throw notSupported(netns, 'intervalProbeTime', attempt);
  }
  const whole = { family: AF[family], name: NAMES[family] };
  // apart, because the kernel has set the parameters already when it refuses the rest
  if (Object.keys(gc).length > 0) {
    await netns.request(neighborTableSettings.add({ ...whole, ...gc }, 0, attempt));
  }
  if (!hasParameters) return;
  const value = { ...whole, parameters: { ...defined({ index }), ...parameters } };
  await netns.request(neighborTableSettings.add(value, 0, attempt));
}

/** The options that a table has, as far as they are given. */
function chosen<T extends object>(
  table: Readonly<Record<keyof T, unknown>>,
  options: Partial<T>,
): Partial<T> {
  const names = (Object.keys(table) as (keyof T)[]).filter((name) => options[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, options[name]])) as Partial<T>;
}
