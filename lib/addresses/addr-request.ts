import { AF, checkU32, type Family, parseIp, parsePrefix, type Prefix, refuse, shown } from '../common/check';
import { ipText } from '../common/ip-text';
import { defined } from '../common/objects';
import { isText, listOf, oneOf, optionTable, trueOrFalse } from '../common/options';
import { edgeOf } from '../common/subnet';
import { addFlags, IF_EXISTS_OR_REPLACE, type IfExists } from '../netlink/existence';
import type { Words } from '../netlink/error';
import type { Request } from '../netlink/object';
import { address, ADDRESS_PROTOCOLS, IFA_F, SCOPES } from '../netlink/rtnetlink/address';
import { type Device, NO_DEVICE } from '../netns/device';
import { type Addr, type AddrFlag, FOREVER, type Scope } from './addr-view';

/** How an address is added; an address that was listed is one, too. */
export interface AddAddrOptions extends Partial<Pick<Addr, 'addr' | 'family' | 'index'>> {
  /** 'global' by default, 'host' for loopback addresses. */
  scope?: Scope;
  /** The other end's address of a point-to-point link. */
  peer?: string;
  /**
   * IPv4 only: the broadcast address; none by default, as with `ip addr add`. '+' is the last address of the subnet, '-' the
   * first one; a subnet of one or two addresses has neither, and gets none.
   */
  broadcast?: string;
  /** IPv4 only: a name for old tools. It has to begin with the device's name, unless the address was listed. */
  label?: string;
  /**
   * IPv6: duplicate address detection (RFC 4862), which asks for a second or more whether another host on the link
   * has the address. The address cannot be used before. Off by default, because a namespace of one's own has no
   * unknown hosts.
   */
  dad?: boolean;
  /**
   * IPv6: the address can be used while duplicate address detection, which this option turns on, is under way (RFC 4429). A
   * kernel that is built without CONFIG_IPV6_OPTIMISTIC_DAD pays no attention to it.
   */
  optimistic?: boolean;
  /** IPv6: it is the home address of a mobile host (RFC 6275). */
  home?: boolean;
  /**
   * IPv6: the kernel makes temporary addresses of the same subnet (RFC 8981), and replaces them in time. The prefix has 64 bits,
   * and the sysctl use_tempaddr of the device is not 0.
   */
  manageTemporary?: boolean;
  /** The kernel does not make the route to the subnet. */
  noPrefixRoute?: boolean;
  /** The device joins the multicast group that the address is. */
  autojoin?: boolean;
  /** Metric of the route to the subnet. */
  metric?: number;
  /** Seconds for which the address may be used; for ever by default. */
  validLifetime?: number;
  /** Seconds for which it is chosen for new connections; as long as it is valid by default. */
  preferredLifetime?: number;
  /**
   * Who adds it, since Linux 5.18: earlier kernels refuse the option. With `ifExists: 'replace'`, 6.1 keeps the protocol of an IPv4
   * address as it was.
   */
  protocol?: Addr['protocol'];
  /**
   * Those of a listed address. 'nodad', 'noprefixroute', 'optimistic', 'homeaddress', 'mngtmpaddr' and 'autojoin' are as the
   * options above, unless these are given; the kernel sets the others itself.
   */
  flags?: readonly string[];
  /**
   * Where the device has the address: 'fail' (default) with EEXIST, 'ignore', or 'replace' its settings. The kernel makes no
   * difference between `ip addr replace` and `ip addr change`: both add an address that is missing.
   */
  ifExists?: IfExists | 'replace';
}

/** @internal What an address is listed with. */
export const LISTED = {
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
  protocol: oneOf(Object.keys(ADDRESS_PROTOCOLS), { number: true }),
} as const;

/** @internal */
export const ADD_OPTIONS = optionTable<AddAddrOptions>({
  ...LISTED,
  dad: trueOrFalse,
  optimistic: trueOrFalse,
  home: trueOrFalse,
  manageTemporary: trueOrFalse,
  noPrefixRoute: trueOrFalse,
  autojoin: trueOrFalse,
  ifExists: IF_EXISTS_OR_REPLACE,
});

/** The options that are flags, but for `dad`, whose flag is its opposite. */
const FLAG_OPTIONS = {
  noPrefixRoute: 'noprefixroute',
  autojoin: 'autojoin',
  optimistic: 'optimistic',
  home: 'homeaddress',
  manageTemporary: 'mngtmpaddr',
} as const satisfies Partial<Record<keyof AddAddrOptions, AddrFlag>>;

type FlagOption = keyof typeof FLAG_OPTIONS;

const OF_IPV6_ONLY: readonly FlagOption[] = ['optimistic', 'home', 'manageTemporary'];

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

/** The kernel (6.1) has one number for lifetimes that do not fit and for a device without IPv6. */
function wordsOf(family: Family, { validLifetime, preferredLifetime }: AddAddrOptions): Words {
  const words = ADD_WORDS[family];
  if (family === 4 || (validLifetime ?? preferredLifetime) === undefined) return words;
  return { ...words, EINVAL: `validLifetime is 0 or less than preferredLifetime; or ${NO_IPV6}` };
}

/** @internal What adds it, once the device's index is known. */
export function addrRequest(
  device: Device,
  addr: string,
  { ifExists = 'fail', ...options }: AddAddrOptions = {},
): (index: number) => Request<undefined> {
  const prefix = parsePrefix(addr, 'addr');
  const { scope, label, metric, protocol } = options;
  checkFits(prefix, options);
  checkLabel(device, options);
  const of = target(prefix, options.peer);
  const value = {
    ...of,
    scope: scope ?? (isLoopback(prefix) ? 'host' : 'global'),
    ...defined({ label, metric, broadcast: broadcast(of, options), protocol }),
    ...lifetimes(options),
    ...addressFlags(prefix.family, options),
  };
  const words = wordsOf(prefix.family, options);
  const attempt = { operation: `add address ${addr} to`, device, words, called: called(options) };
  return (index) => address.add({ index, ...value }, addFlags(ifExists), attempt);
}

/** Refuses what the kernel would ignore of an address of this family. */
function checkFits({ family }: Prefix, options: AddAddrOptions): void {
  const { label, broadcast, optimistic, dad } = options;
  if (family === 6) {
    if (label !== undefined) refuse('label', 'an IPv6 address has none', label);
    if (broadcast !== undefined) refuse('broadcast', 'an IPv6 address has none', broadcast);
  } else {
    const wrong = OF_IPV6_ONLY.find((name) => options[name] === true);
    if (wrong !== undefined) throw new RangeError(`${wrong}: an IPv4 address cannot be so`);
  }
  if (optimistic === true && dad === false) {
    throw new RangeError('optimistic: it is about duplicate address detection, which `dad: false` turns off');
  }
}

/** A listed address has its index, and the label of the device that it was listed at. */
function checkLabel(device: Device, { label, index }: AddAddrOptions): void {
  if (label === undefined || typeof device === 'number' || index !== undefined) return;
  if (!label.startsWith(device)) {
    refuse('label', `it has to begin with the device's name, ${shown(device)}`, label);
  }
}

/** @internal What the attributes of an address's message are called: `address` is the other end's, where there is one. */
export function called({ peer }: { peer?: string }) {
  return { local: 'addr', address: peer === undefined ? 'addr' : 'peer' };
}

/** @internal */
export function target({ family, address: local, length }: Prefix, peer?: string) {
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

const LONGEST_WITH_BROADCAST = 30;

/** The subnet is that of the other end, where there is one. */
function broadcast(of: ReturnType<typeof target>, { broadcast: given }: AddAddrOptions): string | undefined {
  if (given === undefined) return undefined;
  if (given !== '+' && given !== '-') return parseIp(given, 'broadcast').address;
  const { address: text, prefixLength: length } = of;
  if (length > LONGEST_WITH_BROADCAST) return undefined;
  return ipText(edgeOf({ address: text, length }, given === '+' ? 'last' : 'first'));
}

function isLoopback({ family, address: text }: Prefix): boolean {
  return family === 4 && text.startsWith('127.');
}

// the header has room for the first eight; the kernel takes the attribute instead where there is one
function addressFlags(family: Family, options: AddAddrOptions) {
  const { flags: listed } = options;
  const isSet = (name: FlagOption) => options[name] ?? listed?.includes(FLAG_OPTIONS[name]) ?? false;
  const set = (Object.keys(FLAG_OPTIONS) as FlagOption[]).filter(
    (name) => isSet(name) && (family === 6 || !OF_IPV6_ONLY.includes(name)),
  );
  const { dad = set.includes('optimistic') || listed?.includes('nodad') === false } = options;
  const nodad = family === 6 && !dad ? IFA_F.nodad : 0;
  const flags = set.reduce((bits, name) => bits | IFA_F[FLAG_OPTIONS[name]], nodad);
  return flags <= 0xff ? { flags8: flags } : { flags };
}

function lifetimes({ validLifetime, preferredLifetime }: AddAddrOptions) {
  if (validLifetime === undefined && preferredLifetime === undefined) return {};
  const valid = validLifetime ?? FOREVER;
  return { lifetime: { preferred: preferredLifetime ?? valid, valid, created: 0, updated: 0 } };
}
