import { AF, checkDevice, checkFamily, type Family, familyNumber, parseIp } from '../common/check';
import { checkOptions, isText, listOf, oneOf, optionTable, trueOrFalse } from '../common/options';
import {
  addFlags,
  IF_EXISTS_OR_REPLACE,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { type Device, indexOf, NO_DEVICE, requestFor } from '../netns/device';
import { assignDefined, flagNames } from '../common/objects';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { shown } from '../common/shown';
import { neighbor, NTF, NUD } from '../netlink/rtnetlink/neighbor';

/**
 * What is known of a neighbor (RFC 4861, 7.3.2; arp(7)); a number is a combination that has no name.
 *
 * @useDeclaredType
 */
export type NeighborState = keyof typeof NUD | number;

/** Who has an address on a link: an entry of the ARP or the neighbor discovery table. */
export interface Neighbor {
  /** '10.0.1.2' */
  address: string;
  family: Family;
  /** Index of the device. */
  index: number;
  /** 'aa:bb:cc:dd:ee:ff'; undefined while it is not known. */
  mac?: string;
  state: NeighborState;
  /** 'router', 'extern_learn', … */
  flags: string[];
}

const STATES = new Map<number, NeighborState>();
for (const name of Object.keys(NUD) as (keyof typeof NUD)[]) STATES.set(NUD[name], name);

/** @internal Requests whose replies become a `Neighbor`. */
export const shownNeighbor = neighbor.reading('address', 'mac');

type ShownNeighborMessage = ReturnType<typeof shownNeighbor.read>;

/** @internal */
export function toNeighbor(message: ShownNeighborMessage): Neighbor {
  return assignDefined(
    {
      address: message.address ?? '',
      family: message.family === AF[4] ? 4 : 6,
      index: message.index,
      state: STATES.get(message.state) ?? message.state,
      flags: flagNames(NTF, message.flags),
    },
    { mac: message.mac },
  );
}

/**
 * @internal Whether `ip neigh` shows the entry. It leaves out the forwarding tables of bridges, and entries for which the
 * kernel asks no host, such as multicast addresses.
 */
export function isNeighbor({ family, state }: ShownNeighborMessage): boolean {
  return (family === AF[4] || family === AF[6]) && (state & ~NUD.noarp) !== 0;
}

/** Which neighbors are listed; all by default. */
export interface ListNeighborsOptions {
  /** Only those of this family. */
  family?: Family;
  /** Only those on this device. */
  device?: Device;
}

const LIST_OPTIONS = optionTable<ListNeighborsOptions>({ family: checkFamily, device: checkDevice });

/**
 * The neighbors that a namespace knows, or has tried to reach. Entries for which the kernel asks no host (state
 * 'noarp') are left out, as with `ip neigh`.
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
  const { family, device } = options;
  const attempt = { operation: device === undefined ? 'list neighbors' : 'list neighbors of', device };
  const filter = {
    family: familyNumber(family),
    ...(device !== undefined && { outputIndex: await indexOf(netns, device, attempt) }),
  };
  const replies = await netns.request(shownNeighbor.dump(filter, attempt));
  return replies.filter(isNeighbor).map(toNeighbor);
}

/** How a neighbor is added; an entry that was listed is one, too. */
export interface AddNeighborOptions extends Partial<Pick<Neighbor, 'address' | 'family' | 'index'>> {
  /** 'aa:bb:cc:dd:ee:ff' */
  mac: string;
  /** 'permanent' by default: the entry is not checked and does not expire. 'reachable' and 'stale' are checked in time. */
  state?: NeighborState;
  /** IPv6: it is a router. */
  router?: boolean;
  /** Those of a listed entry: 'router' is as the option above, 'extern_learn' leaves the entry to a program. */
  flags?: readonly string[];
  /** Where there is an entry for the address: 'fail' (default) with EEXIST, 'ignore', or 'replace' it. */
  ifExists?: IfExists | 'replace';
}

/** What an entry is listed with. */
const LISTED = {
  address: true,
  family: true,
  index: true,
  mac: isText,
  state: oneOf(Object.keys(NUD), { number: true }),
  flags: listOf(isText),
} as const;

const ADD_OPTIONS = optionTable<AddNeighborOptions>({
  ...LISTED,
  router: trueOrFalse,
  ifExists: IF_EXISTS_OR_REPLACE,
});

/**
 * Adds a neighbor: the MAC address by which an address is reached. The options may be an entry as `listNeighbors` returns
 * it; where it is and what it is, device and address say.
 *
 * @throws {@link NetlinkError} EEXIST where there is an entry for the address, even one that the kernel made on its own;
 * ENODEV; EINVAL for what cannot be a neighbor.
 * @see rtnetlink(7) RTM_NEWNEIGH, ip-neighbour(8)
 * @example
 * ```ts
 * await addNeighbor(red, 'eth0', '10.0.0.9', { mac: '02:00:00:00:00:09' });
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
  const to = parseIp(address, 'address');
  checkOptions(options, ADD_OPTIONS);
  const { mac, state = 'permanent', flags = [], ifExists = 'fail' } = options;
  const { router = flags.includes('router') } = options;
  if (typeof mac !== 'string') throw new TypeError(`mac: expected a MAC address, got ${shown(mac)}`);
  const words = { ...NO_DEVICE, EEXIST: 'the device has an entry for this address already' };
  const attempt = { operation: `add neighbor ${address} to`, device, words };
  const bits = (router ? NTF.router : 0) | (flags.includes('extern_learn') ? NTF.extern_learn : 0);
  const value = { family: AF[to.family], state: typeof state === 'number' ? state : NUD[state], flags: bits };
  await requestFor(netns, device, (index) =>
    neighbor.add({ ...value, index, address: to.address, mac }, addFlags(ifExists), attempt),
  ).catch(onExisting(ifExists));
}

/** Which neighbor is removed; an entry that was listed is one, too. */
export interface RemoveNeighborOptions extends Partial<Neighbor> {
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveNeighborOptions>({ ...LISTED, ifMissing: IF_MISSING });

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
  const { ifMissing = 'fail' } = options;
  const words = { ...NO_DEVICE, ENOENT: 'there is no entry for this address' };
  const attempt = { operation: `remove neighbor ${address} from`, device, words };
  await requestFor(netns, device, (index) =>
    neighbor.remove({ family: AF[to.family], index, address: to.address }, attempt),
  ).catch(onMissing(ifMissing, 'ENOENT'));
}
