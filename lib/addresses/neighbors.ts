import { AF, checkDevice, parseIp } from '../common/check';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { addFlags, IF_MISSING, type IfMissing, onExisting, onMissing } from '../netlink/existence';
import { neighbor, NTF } from '../netlink/rtnetlink/neighbor';
import { checkNetns } from '../netns/check-netns';
import { type Device, NO_DEVICE, requestFor } from '../netns/device';
import { requireAttribute } from '../netns/known-attribute';
import type { Netns } from '../netns/netns';
import { findNeighbors, isListed, isPassing, NEIGHBOR_FILTER, type NeighborFilter } from './neighbor-filter';
import { ADD_OPTIONS, type AddNeighborOptions, LISTED, neighborMessage } from './neighbor-request';
import { type Neighbor, shownNeighbor, toNeighbor, toNeighborWithStatistics } from './neighbor-view';

/** Which neighbors are listed, and with what; all by default. */
export interface ListNeighborsOptions extends NeighborFilter {
  /** Each with its `statistics`, as `ip -s neigh` shows them. */
  statistics?: boolean;
}

const LIST_OPTIONS = optionTable<ListNeighborsOptions>({ ...NEIGHBOR_FILTER, statistics: trueOrFalse });

/**
 * The neighbors that a namespace knows, or has tried to reach. Entries for which the kernel asks no host (state
 * 'noarp') are left out unless their state is asked for, as with `ip neigh`.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see rtnetlink(7) RTM_GETNEIGH, ip-neighbour(8)
 * @example
 * ```ts
 * await ping(red, '10.0.0.2');
 * const [neighbor] = await listNeighbors(red, { device: 'eth0', family: 4 });
 * console.log(neighbor?.address, neighbor?.state); // 10.0.0.2 reachable
 * ```
 */
export async function listNeighbors(netns: Netns, options: ListNeighborsOptions = {}): Promise<Neighbor[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { statistics = false, ...filter } = options;
  const replies = await findNeighbors(netns, filter, 'list', isListed);
  return replies.map(statistics ? toNeighborWithStatistics : toNeighbor);
}

/** Which entry is meant of those for one address. */
export interface GetNeighborOptions {
  /** The one by which this namespace answers for the address. */
  proxy?: boolean;
}

const GET_OPTIONS = optionTable<GetNeighborOptions>({ proxy: trueOrFalse });

const NO_ENTRY = { ...NO_DEVICE, ENOENT: 'there is no entry for this address' } as const;

/**
 * One neighbor, with its statistics, whatever its state.
 *
 * @throws {@link NetlinkError} ENOENT where there is no entry for the address; ENODEV.
 * @see ip-neighbour(8), `ip neigh get`
 * @example
 * ```ts
 * await addNeighbor(red, 'eth0', '10.0.0.9', { mac: '02:00:00:00:00:09' });
 * const { mac, state } = await getNeighbor(red, 'eth0', '10.0.0.9');
 * console.log(mac, state); // 02:00:00:00:00:09 permanent
 * ```
 */
export async function getNeighbor(
  netns: Netns,
  device: Device,
  address: string,
  options: GetNeighborOptions = {},
): Promise<Neighbor> {
  checkNetns(netns);
  checkDevice(device);
  const to = parseIp(address, 'address');
  checkOptions(options, GET_OPTIONS);
  const value = { family: AF[to.family], address: to.address, flags: options.proxy === true ? NTF.proxy : 0 };
  const attempt = { operation: `get neighbor ${address} of`, device, words: NO_ENTRY };
  const reply = await requestFor(netns, device, (index) => shownNeighbor.get({ ...value, index }, attempt));
  return toNeighborWithStatistics(reply as NonNullable<typeof reply>);
}

/**
 * Adds a neighbor: the MAC address by which an address is reached. The options may be an entry as `listNeighbors` returns
 * it; where it is and what it is, device and address say.
 *
 * @throws {@link NetlinkError} EEXIST where there is an entry for the address, even one that the kernel made on its own;
 * ENODEV; EINVAL for what cannot be a neighbor; EOPNOTSUPP for `managed` before Linux 5.16.
 * @see rtnetlink(7) RTM_NEWNEIGH, ip-neighbour(8)
 * @example
 * ```ts
 * await addNeighbor(red, 'eth0', '10.0.0.9', { mac: '02:00:00:00:00:09' });
 * await addNeighbor(red, 'eth0', '10.0.0.10', { proxy: true });
 * ```
 */
export async function addNeighbor(
  netns: Netns,
  device: Device,
  address: string,
  options: AddNeighborOptions,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  parseIp(address, 'address');
  checkOptions(options, ADD_OPTIONS);
  const value = neighborMessage(address, options);
  const { ifExists = 'fail' } = options;
  const words = { ...NO_DEVICE, EEXIST: 'the device has an entry for this address already' };
  const attempt = { operation: `add neighbor ${address} to`, device, words };
  const build = (index: number) => neighbor.add({ ...value, index }, addFlags(ifExists), attempt);
  const { family, extendedFlags } = value;
  if (extendedFlags !== undefined) {
    build(0); // what it refuses is refused before any system call
    await requireAttribute(netns, 'managed', neighbor.dump({ family, extendedFlags }, attempt));
  }
  await requestFor(netns, device, build).catch(onExisting(ifExists));
}

/** Which neighbor is removed; an entry that was listed is one, too. */
export interface RemoveNeighborOptions extends Partial<Omit<Neighbor, 'flags'>> {
  /** The one by which this namespace answers for the address. */
  proxy?: boolean;
  /** Those of a listed entry: 'proxy' is as the option above. */
  flags?: readonly string[];
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveNeighborOptions>({
  ...LISTED,
  proxy: trueOrFalse,
  ifMissing: IF_MISSING,
});

/**
 * Forgets a neighbor. The options may be an entry as `listNeighbors` returns it.
 *
 * @throws {@link NetlinkError} ENOENT where there is no such entry; ENODEV.
 * @example
 * ```ts
 * await addNeighbor(red, 'eth0', '10.0.0.9', { mac: '02:00:00:00:00:09' });
 * await removeNeighbor(red, 'eth0', '10.0.0.9');
 * ```
 */
export async function removeNeighbor(
  netns: Netns,
  device: Device,
  address: string,
  options: RemoveNeighborOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const to = parseIp(address, 'address');
  checkOptions(options, REMOVE_OPTIONS);
  const { flags = [], proxy = flags.includes('proxy'), ifMissing = 'fail' } = options;
  const attempt = { operation: `remove neighbor ${address} from`, device, words: NO_ENTRY };
  const value = { family: AF[to.family], flags: proxy ? NTF.proxy : 0, address: to.address };
  await requestFor(netns, device, (index) => neighbor.remove({ ...value, index }, attempt)).catch(
    onMissing(ifMissing, 'ENOENT'),
  );
}

/**
 * Forgets all neighbors that the filter means, which has to say something. Entries that somebody has made to last, 'permanent' and
 * 'noarp', are left unless their state is in the filter, as with `ip neigh flush`.
 *
 * @returns how many there were.
 * @throws {@link NetlinkError} ENODEV.
 * @example
 * ```ts
 * await ping(red, '10.0.0.2');
 * console.log(await flushNeighbors(red, { device: 'eth0', to: '10.0.0.0/24' })); // 1
 * ```
 */
export async function flushNeighbors(netns: Netns, filter: NeighborFilter): Promise<number> {
  checkNetns(netns);
  checkOptions(filter, NEIGHBOR_FILTER, { whole: 'filter' });
  if (Object.values(filter).every((value) => value === undefined || value === false)) {
    throw new TypeError('filter: expected what the neighbors have, such as their device');
  }
  const found = await findNeighbors(netns, filter, 'flush', isPassing);
  const flags = filter.proxy === true ? NTF.proxy : 0;
  const removals = found.map(async ({ family, index, address = '' }) => {
    const attempt = { operation: `flush neighbor ${address} of`, device: index };
    return netns
      .request(neighbor.remove({ family, index, flags, address }, attempt))
      .catch(onMissing('ignore', 'ENOENT'))
      .catch(onMissing('ignore', 'ENODEV')); // it went with its device
  });
  await Promise.all(removals);
  return found.length;
}
