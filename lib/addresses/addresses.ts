import { AF, checkDevice, checkInteger, parsePrefix } from '../common/check';
import { checkOptions, optionTable } from '../common/options';
import { NetlinkError } from '../netlink/error';
import { IF_MISSING, type IfMissing, onExisting, onMissing } from '../netlink/existence';
import { address } from '../netlink/rtnetlink/address';
import { checkNetns } from '../netns/check-netns';
import { type Device, NO_DEVICE, requestFor } from '../netns/device';
import { requireAttribute } from '../netns/known-attribute';
import type { Netns } from '../netns/netns';
import { ADDR_FILTER, type AddrFilter, findAddrs } from './addr-filter';
import { ADD_OPTIONS, type AddAddrOptions, addrRequest, called, LISTED, target } from './addr-request';
import type { Addr } from './addr-view';

/**
 * Adds an address to a device: '10.0.1.1/24' or 'fd00::1/64'. While the device is up, the kernel makes the route to
 * the subnet, too. The options may be an address as `listAddrs` returns it; where it is and what it is, device and
 * address say.
 *
 * @throws {@link NetlinkError} EEXIST where the device has it; ENODEV; EOPNOTSUPP for `protocol` before Linux 5.18.
 * @see rtnetlink(7) RTM_NEWADDR, ip-address(8)
 * @example
 * ```ts
 * await addAddr(red, 'eth0', '10.0.1.1/24');
 * await addAddr(red, 'eth0', 'fd00::1/64', { ifExists: 'ignore' });
 * await addAddr(red, 'eth0', 'fd00::1/64', { ifExists: 'replace', preferredLifetime: 3600 });
 * ```
 */
export async function addAddr(
  netns: Netns,
  device: Device,
  addr: string,
  options: AddAddrOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, ADD_OPTIONS);
  const build = addrRequest(device, addr, options);
  const { protocol, ifExists } = options;
  if (protocol !== undefined && protocol !== 'unspec' && protocol !== 0) {
    const { attempt } = build(0);
    await requireAttribute(netns, 'protocol', address.dump({ family: AF[4], protocol }, attempt));
  }
  await requestFor(netns, device, build).catch(onExisting(ifExists));
}

/** Which address is removed; an address that was listed is one, too. */
export interface RemoveAddrOptions extends Partial<Addr> {
  /** The other end's address, where it was added with one. */
  peer?: string;
  /** Where the device does not have it: 'fail' (default) with EADDRNOTAVAIL, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveAddrOptions>({ ...LISTED, ifMissing: IF_MISSING });

const REMOVE_WORDS = {
  ...NO_DEVICE,
  EADDRNOTAVAIL: 'the device does not have this address with this prefix length',
} as const;

/**
 * Removes an address from a device. The options may be an address as `listAddrs` returns it, of which only `peer` counts.
 *
 * @throws {@link NetlinkError} EADDRNOTAVAIL where the device does not have it; ENODEV.
 * @example
 * ```ts
 * await removeAddr(red, 'eth0', '10.0.0.1/24');
 * await removeAddr(red, 'eth0', '10.0.0.1/24', { ifMissing: 'ignore' });
 * ```
 */
export async function removeAddr(
  netns: Netns,
  device: Device,
  addr: string,
  options: RemoveAddrOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, REMOVE_OPTIONS);
  const { peer, ifMissing = 'fail' } = options;
  const prefix = parsePrefix(addr, 'addr');
  const value = target(prefix, peer);
  const operation = `remove address ${addr} from`;
  const attempt = { operation, device, words: REMOVE_WORDS, called: called(options) };
  await requestFor(netns, device, (index) => address.remove({ index, ...value }, attempt)).catch(
    onMissing(ifMissing, 'EADDRNOTAVAIL'),
  );
}

/** Which addresses are listed; all by default. */
export interface ListAddrsOptions extends AddrFilter {
  /**
   * Those of another namespace, by the number that it has in this one (`getNsid`). The device is then one of that namespace, and
   * is given by its index.
   */
  targetNsid?: number;
}

const LIST_OPTIONS = optionTable<ListAddrsOptions>({
  ...ADDR_FILTER,
  targetNsid: (value, path) => checkInteger(path, value, 0, 0x7fffffff),
});

/**
 * The addresses of a namespace, or those that the options mean: those of IPv4 first, in the order of their devices' indexes.
 *
 * @throws {@link NetlinkError} ENODEV; EINVAL where no namespace has the number `targetNsid`.
 * @see rtnetlink(7) RTM_GETADDR, ip-address(8)
 * @example
 * ```ts
 * for (const { addr, scope } of await listAddrs(red, { device: 'eth0', family: 4 })) {
 *   console.log(addr, scope); // 10.0.0.1/24 global
 * }
 * ```
 */
export async function listAddrs(netns: Netns, options: ListAddrsOptions = {}): Promise<Addr[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { targetNsid, ...filter } = options;
  if (targetNsid !== undefined && typeof filter.device === 'string') {
    throw new TypeError('device: with `targetNsid`, it is given by its index');
  }
  const addrs = await findAddrs(netns, filter, 'list', targetNsid);
  // before 6.6 the kernel lists the devices of a family by the last eight bits of their indexes
  return addrs.sort((one, other) => one.family - other.family || one.index - other.index);
}

/**
 * Removes all addresses that the filter means. It has to say something, because the addresses of all devices are seldom
 * meant. With an IPv4 address, the kernel removes the later ones of the same subnet, too, unless the device's sysctl
 * promote_secondaries is 1.
 *
 * @returns how many there were.
 * @throws {@link NetlinkError} ENODEV.
 * @see ip-address(8), `ip addr flush`
 * @example
 * ```ts
 * const removed = await flushAddrs(red, { device: 'eth0', family: 4 });
 * console.log(removed); // 1
 * ```
 */
export async function flushAddrs(netns: Netns, filter: AddrFilter): Promise<number> {
  checkNetns(netns);
  checkOptions(filter, ADDR_FILTER, { whole: 'filter' });
  if (Object.values(filter).every((value) => value === undefined)) {
    throw new TypeError('filter: expected what the addresses have, such as their device');
  }
  const addrs = await findAddrs(netns, filter, 'flush');
  const results = await Promise.allSettled(
    addrs.map(async (one) => {
      const { addr, index, peer } = one;
      const value = { index, ...target(parsePrefix(addr, 'addr'), peer) };
      const attempt = { operation: `flush address ${addr} of`, device: index, words: REMOVE_WORDS };
      return netns.request(address.remove(value, attempt));
    }),
  );
  for (const result of results) if (result.status === 'rejected') refuseUnlessGone(result.reason);
  return addrs.length;
}

/** One that went with another one, or with its device, is gone as well. */
function refuseUnlessGone(error: unknown): void {
  if (error instanceof NetlinkError && ['EADDRNOTAVAIL', 'ENODEV'].includes(error.code)) return;
  throw error;
}
