import type { Words } from '../netlink/error';
import { type Device, deviceRef, NO_DEVICE } from '../netns/device';
import { checkInteger } from '../common/check';
import { maskedFlags } from '../common/flags';
import { defined } from '../common/objects';
import { integerFrom, isText, oneOf, type OptionCheck, optionTable, trueOrFalse } from '../common/options';
import type { Request } from '../netlink/object';
import { IFF, link } from '../netlink/rtnetlink/link';
import { isMac } from './mac';

/** What can be set of every device, new or not. */
export interface LinkOptions {
  /** Up (true) or down (false). */
  up?: boolean;
  /** 'aa:bb:cc:dd:ee:ff' */
  mac?: string;
  /** Bytes. */
  mtu?: number;
  /** Free text of up to 255 bytes; '' removes it. */
  alias?: string;
  /** Packets. */
  txQueueLength?: number;
  /** For acting on many at once; 0 is the default group. */
  group?: number;
  /** Receive what is meant for others, too. */
  promiscuous?: boolean;
  /** Receive all multicast, whether somebody has joined the group or not. */
  allMulticast?: boolean;
  /** Whether the device has multicast at all; true by default, where its kind has it. */
  multicast?: boolean;
  /** The link-layer address of all: 'ff:ff:ff:ff:ff:ff' by default. */
  broadcast?: string;
  /** Whether the device answers and asks by ARP; true by default. */
  arp?: boolean;
  /**
   * How the device makes its IPv6 link-local address when it comes up; 'none' makes none. Takes effect before
   * the device is brought up by the same call.
   */
  addrGenMode?: 'eui64' | 'none' | 'stable_secret' | 'random';
}

/** What few programs set of a device, by `setLink` or `createLink`. */
export interface AllLinkOptions extends LinkOptions {
  /** Whether there is a signal, of a device whose kind lets programs say so, such as a dummy device. */
  carrier?: boolean;
  /** Whether a program keeps the device down, of kinds that know it, such as macvlan and vxlan. */
  protoDown?: boolean;
  /** 'default', or 'dormant': the device that comes up stays dormant until a program has done its part (RFC 2863). */
  linkMode?: 'default' | 'dormant' | 'testing' | number;
  /** Bytes of a packet that is cut only when it leaves (generic segmentation offload), up to `details.tsoMaxSize`. */
  gsoMaxSize?: number;
  /** Segments of such a packet, up to `details.tsoMaxSegments`. */
  gsoMaxSegments?: number;
  /** The same as `gsoMaxSize` of IPv4 alone, which that changes, too, up to 65,536 (6.3). */
  gsoIpv4MaxSize?: number;
  /** Bytes of a packet that is put together of received ones (generic receive offload) (5.19). */
  groMaxSize?: number;
  /** The same of IPv4 alone (6.3). */
  groIpv4MaxSize?: number;
  /**
   * The last 64 bits of the IPv6 addresses that the device gives itself by router advertisements: '::1'; '::' leaves them to
   * `addrGenMode`. It needs the sysctl accept_ra, and no loopback device has one.
   */
  ipv6Token?: string;
}

/** What a device is created with, and keeps. */
export interface NewDeviceOptions {
  /** A number that no device of the namespace has. By default one that is free. */
  index?: number;
  /** Queues to send by, 1 to 4,096; as many as the kind has by default. */
  txQueues?: number;
  /** Queues to receive by, 1 to 4,096; as many as the kind has by default. */
  rxQueues?: number;
  /**
   * false: the device makes no IPv6 link-local address, and so it comes up with less work for the kernel; it takes IPv6 addresses
   * that are added. An `addrGenMode` that is given counts more.
   */
  ipv6?: boolean;
}

/** Flags of a device. */
const FLAGS = {
  up: IFF.up,
  promiscuous: IFF.promisc,
  allMulticast: IFF.allmulti,
  multicast: IFF.multicast,
  arp: IFF.noarp,
} as const;

/** Attributes of the same name that the kernel takes in the request that creates a device. */
const EARLY = ['mac', 'mtu', 'txQueueLength', 'group', 'broadcast', 'linkMode'] as const;

/** Those that it ignores there, or may ignore, because they are newer than the kernel. */
const LATE = [
  'alias',
  'carrier',
  'protoDown',
  'gsoMaxSize',
  'gsoMaxSegments',
  'gsoIpv4MaxSize',
  'groMaxSize',
  'groIpv4MaxSize',
] as const;

const ATTRIBUTES = [...EARLY, ...LATE] as const;

type AttributeName = (typeof ATTRIBUTES)[number];

/** All options of all links. */
export const LINK_OPTIONS = optionTable<LinkOptions>({
  up: trueOrFalse,
  mac: isMac,
  mtu: true,
  alias: isText,
  txQueueLength: true,
  group: true,
  promiscuous: trueOrFalse,
  allMulticast: trueOrFalse,
  multicast: trueOrFalse,
  broadcast: isMac,
  arp: trueOrFalse,
  addrGenMode: oneOf(['eui64', 'none', 'stable_secret', 'random']),
});

/** All that `setLink` sets of all links. */
export const ALL_LINK_OPTIONS = optionTable<AllLinkOptions>({
  ...LINK_OPTIONS,
  carrier: trueOrFalse,
  protoDown: trueOrFalse,
  linkMode: oneOf(['default', 'dormant', 'testing'], { number: true }),
  gsoMaxSize: true,
  gsoMaxSegments: true,
  gsoIpv4MaxSize: true,
  groMaxSize: true,
  groIpv4MaxSize: true,
  ipv6Token: isText,
});

const QUEUES = integerFrom(1, 4096);

/** What is given at creation only. */
export const NEW_DEVICE_OPTIONS = optionTable<NewDeviceOptions>({
  index: integerFrom(1, 0x7fffffff),
  txQueues: QUEUES,
  rxQueues: QUEUES,
  ipv6: trueOrFalse,
});

/** The MTUs that the kernel gives an Ethernet device that has no hardware: ETH_MIN_MTU and ETH_MAX_MTU. */
export const checkMtu: OptionCheck = (value, path) => checkInteger(path, value, 68, 65535);

/** The flags to set, and which of them are meant. */
export function flagsOf(options: AllLinkOptions): { flags?: number; change?: number } {
  const { flags, mask } = maskedFlags(FLAGS, options);
  // IFF_NOARP is set where the option is false
  return mask === 0 ? {} : { flags: flags ^ (mask & IFF.noarp), change: mask };
}

/** The options that are attributes. */
export function attributesOf(options: AllLinkOptions): Pick<AllLinkOptions, AttributeName> {
  const attributes: Partial<Record<AttributeName, unknown>> = {};
  for (const name of ATTRIBUTES) if (options[name] !== undefined) attributes[name] = options[name];
  return attributes as Pick<AllLinkOptions, AttributeName>;
}

/** The MTU of a bridge that is created without one. */
const ETH_DATA_LEN = 1500;

/**
 * The options that go into the request that creates a device, and those that have to follow: in that request the
 * kernel ignores some and refuses addrGenMode (6.18), and a device has to come up after addrGenMode is set. A bridge
 * keeps its MTU, when ports come and leave, only if the MTU was changed after the creation, to another value (6.18). A device of
 * WireGuard opens its port when it comes up, and has to know it by then.
 */
export function splitForCreation(
  options: AllLinkOptions,
  kind?: string,
): [early: AllLinkOptions, late: AllLinkOptions] {
  const { addrGenMode, ipv6Token, up, mtu, ...rest } = options;
  const waits = addrGenMode !== undefined || ipv6Token !== undefined || kind === 'wireguard';
  const changes = kind === 'bridge' && mtu !== undefined;
  const first = changes && mtu === ETH_DATA_LEN ? ETH_DATA_LEN - 1 : undefined;
  const early = omit(rest, LATE);
  return [
    { ...early, ...defined({ up: waits ? undefined : up, mtu: changes ? first : mtu }) },
    {
      ...omit(rest, Object.keys(early)),
      ...defined({ addrGenMode, ipv6Token, up: waits ? up : undefined, mtu: changes ? mtu : undefined }),
    },
  ];
}

/** Those that follow in any case where the kernel takes attributes at creation, but no flags: of a pair's second end. */
export const withoutEarly = (options: AllLinkOptions): AllLinkOptions => omit(options, EARLY);

function omit(options: AllLinkOptions, names: readonly string[]): AllLinkOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
}

/**
 * The requests that set options of a device. addrGenMode goes in one of its own before the others, since the kernel
 * makes the IPv6 address by it when the device comes up.
 */
export function setRequests(
  device: Device,
  options: AllLinkOptions,
  operation: string,
  ref = deviceRef(device),
): Request<undefined>[] {
  const { addrGenMode, ipv6Token } = options;
  const inet6 = defined({ addrGenMode, token: ipv6Token });
  const changes = [
    Object.keys(inet6).length === 0 ? {} : { perFamily: { inet6 } },
    { ...flagsOf(options), ...attributesOf(options) },
  ];
  return changes
    .filter((change) => Object.keys(change).length > 0)
    .map((change) => link.add({ ...ref, ...change }, 0, { operation, device, words: LINK_WORDS }));
}

// What refusals mean, for the attempt of a request; handlers for catch() of one.

/** Of requests that set what every device has. */
export const LINK_WORDS: Words = {
  ...NO_DEVICE,
  EADDRINUSE: "the tunnel's port is taken in the namespace of its socket",
  EADDRNOTAVAIL: 'the device does not take this MAC address: it has to be a unicast one, and not zero',
  ERANGE: 'the MTU is above that of the device below',
};

/** Of requests that name a master. */
export const MASTER_WORDS: Words = {
  EOPNOTSUPP: 'the master is no bridge, bond or VRF',
  EPERM: 'a bond takes a device only while it is down',
  EXFULL: 'a bridge has no more than 1,023 ports',
};
