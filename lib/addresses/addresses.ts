import {
  AF,
  checkDevice,
  checkFamily,
  checkU32,
  type Family,
  familyNumber,
  parseIp,
  parsePrefix,
  type Prefix,
  refuse,
  shown,
} from '../common/check';
import { type Device, indexOf, NO_DEVICE, requestFor } from '../netns/device';
import { defined } from '../common/objects';
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
import { type Addr, FOREVER, type Scope, shownAddr, toAddr } from './addr-view';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import type { Request } from '../netlink/object';
import { address, IFA_F, SCOPES } from '../netlink/rtnetlink/address';

/** How an address is added; an address that was listed is one, too. */
export interface AddAddrOptions extends Partial<Pick<Addr, 'addr' | 'family' | 'index'>> {
  /** 'global' by default, 'host' for loopback addresses. */
  scope?: Scope;
  /** The other end's address of a point-to-point link. */
  peer?: string;
  /** IPv4 only: the broadcast address; none by default, as with `ip addr add`. */
  broadcast?: string;
  /** IPv4 only: a name for old tools. It has to begin with the device's name, unless the address was listed. */
  label?: string;
  /**
   * IPv6: duplicate address detection (RFC 4862), which asks for a second or more whether another host on the link
   * has the address. The address cannot be used before. Off by default, because a namespace of one's own has no
   * unknown hosts.
   */
  dad?: boolean;
  /** The kernel does not make the route to the subnet. */
  noPrefixRoute?: boolean;
  /** Metric of the route to the subnet. */
  metric?: number;
  /** Seconds for which the address may be used; for ever by default. */
  validLifetime?: number;
  /** Seconds for which it is chosen for new connections; as long as it is valid by default. */
  preferredLifetime?: number;
  /** Those of a listed address: 'nodad' and 'noprefixroute' are as the options above, unless these are given. */
  flags?: readonly string[];
  /** Where the device has the address: 'fail' (default) with EEXIST, 'ignore', or 'replace' its settings. */
  ifExists?: IfExists | 'replace';
}

/** What an address is listed with. */
const LISTED = {
  addr: true,
  family: true,
  index: true,
  scope: oneOf(Object.keys(SCOPES), { number: true }),
  flags: listOf(isText),
  peer: true,
  broadcast: true,
  label: isText,
  metric: true,
  validLifetime: checkU32,
  preferredLifetime: checkU32,
} as const;

const ADD_OPTIONS = optionTable<AddAddrOptions>({
  ...LISTED,
  dad: trueOrFalse,
  noPrefixRoute: trueOrFalse,
  ifExists: IF_EXISTS_OR_REPLACE,
});

/** The kernel (6.18) gives no sentence where it has no IPv6 for a device. */
const NO_IPV6 =
  'the device has no IPv6, as where its MTU is below 1280 (RFC 8200), or an option does not fit';

// Many kernels (6.1) give no sentence with these either.
const TAKEN = { ...NO_DEVICE, EEXIST: 'the device has this address already' } as const;

const ADD_WORDS = {
  4: {
    ...TAKEN,
    EINVAL:
      'a lifetime is 0, the address is preferred for longer than it is valid, or the device has it with another scope',
  },
  6: {
    ...TAKEN,
    EACCES: 'IPv6 is turned off for the device, by its sysctl disable_ipv6',
    EADDRNOTAVAIL: 'no device takes :: or a multicast address, and only lo or a VRF takes ::1',
    EINVAL: NO_IPV6,
  },
} as const;

const REMOVE_WORDS = {
  ...NO_DEVICE,
  EADDRNOTAVAIL: 'the device does not have this address with this prefix length',
} as const;

/**
 * Adds an address to a device: '10.0.1.1/24' or 'fd00::1/64'. While the device is up, the kernel makes the route to
 * the subnet, too. The options may be an address as `listAddrs` returns it; where it is and what it is, device and
 * address say.
 *
 * @throws {@link NetlinkError} EEXIST where the device has it; ENODEV.
 * @see rtnetlink(7) RTM_NEWADDR, ip-address(8)
 * @example
 * ```ts
 * await addAddr(red, 'eth0', '10.0.1.1/24');
 * await addAddr(red, 'eth0', 'fd00::1/64', { ifExists: 'ignore' });
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
  await requestFor(netns, device, build).catch(onExisting(options.ifExists));
}

/** @internal What adds it, once the device's index is known. */
export function addrRequest(
  device: Device,
  addr: string,
  { ifExists = 'fail', ...options }: AddAddrOptions = {},
): (index: number) => Request<undefined> {
  const prefix = parsePrefix(addr, 'addr');
  const { scope, label, metric } = options;
  checkOldNames(device, prefix, options);
  const value = {
    ...target(prefix, options.peer),
    scope: scope ?? (isLoopback(prefix) ? 'host' : 'global'),
    ...defined({ label, metric }),
    ...(options.broadcast !== undefined && { broadcast: parseIp(options.broadcast, 'broadcast').address }),
    ...lifetimes(options),
    ...addressFlags(prefix.family, options),
  };
  const words = ADD_WORDS[prefix.family];
  const attempt = { operation: `add address ${addr} to`, device, words, called: called(options) };
  return (index) => address.add({ index, ...value }, addFlags(ifExists), attempt);
}

/** Refuses what the kernel would ignore of an IPv6 address, and a label that `ip` refuses. */
function checkOldNames(
  device: Device,
  { family }: Prefix,
  { label, broadcast, index }: AddAddrOptions,
): void {
  if (family === 6) {
    if (label !== undefined) refuse('label', 'an IPv6 address has none', label);
    if (broadcast !== undefined) refuse('broadcast', 'an IPv6 address has none', broadcast);
  }
  // A listed address has its index, and the label of the device that it was listed at.
  if (label === undefined || typeof device === 'number' || index !== undefined) return;
  if (!label.startsWith(device)) {
    refuse('label', `it has to begin with the device's name, ${shown(device)}`, label);
  }
}

/** What the attributes of an address's message are called: `address` is the other end's, where there is one. */
function called({ peer }: { peer?: string }) {
  return { local: 'addr', address: peer === undefined ? 'addr' : 'peer' };
}

/** Which address is removed; an address that was listed is one, too. */
export interface RemoveAddrOptions extends Partial<Addr> {
  /** The other end's address, where it was added with one. */
  peer?: string;
  /** Where the device does not have it: 'fail' (default) with EADDRNOTAVAIL, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveAddrOptions>({ ...LISTED, ifMissing: IF_MISSING });

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
export interface ListAddrsOptions {
  /** Only those of this device. */
  device?: Device;
  /** Only those of this family. */
  family?: Family;
}

const LIST_OPTIONS = optionTable<ListAddrsOptions>({ device: checkDevice, family: checkFamily });

/**
 * The addresses of a namespace, or of one device: those of IPv4 first, in the order of their devices' indexes.
 *
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
  const { device, family } = options;
  const attempt = { operation: device === undefined ? 'list addresses' : 'list addresses of', device };
  const filter = {
    family: familyNumber(family),
    ...(device !== undefined && { index: await indexOf(netns, device, attempt) }),
  };
  const replies = await netns.request(shownAddr.dump(filter, attempt));
  // a kernel without IPv6 lists those of all families where it is asked for those of IPv6
  const addrs = replies.map(toAddr).filter((addr) => family === undefined || addr.family === family);
  // before 6.6 the kernel lists the devices of a family by the last eight bits of their indexes
  return addrs.sort((one, other) => one.family - other.family || one.index - other.index);
}

function target({ family, address: local, length }: Prefix, peer?: string) {
  const other = peer === undefined ? undefined : parsePrefix(peer, 'peer', { bare: true });
  if (other !== undefined && other.family !== family) {
    throw new RangeError(`peer: expected an IPv${family} address as well, got ${shown(peer)}`);
  }
  const peerLength = peer?.includes('/') ? other?.length : undefined;
  return {
    family: AF[family],
    prefixLength: peerLength ?? length,
    local,
    address: other?.address ?? local,
  };
}

function isLoopback({ family, address: text }: Prefix): boolean {
  return family === 4 && text.startsWith('127.');
}

// the header has room for the first eight; the kernel takes the attribute instead where there is one
function addressFlags(family: Family, { flags: listed, ...options }: AddAddrOptions) {
  const { dad = listed?.includes('nodad') === false, noPrefixRoute = listed?.includes('noprefixroute') } =
    options;
  const flags = (family === 6 && !dad ? IFA_F.nodad : 0) | (noPrefixRoute === true ? IFA_F.noprefixroute : 0);
  return flags <= 0xff ? { flags8: flags } : { flags };
}

function lifetimes({ validLifetime, preferredLifetime }: AddAddrOptions) {
  if (validLifetime === undefined && preferredLifetime === undefined) return {};
  const valid = validLifetime ?? FOREVER;
  return { lifetime: { preferred: preferredLifetime ?? valid, valid, created: 0, updated: 0 } };
}
