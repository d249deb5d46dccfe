import type { Words } from '../netlink/error';
import { type Device, deviceRef, NO_DEVICE } from '../netns/device';
import { checkInteger } from '../common/check';
import { maskedFlags } from '../common/flags';
import { defined } from '../common/objects';
import { isText, oneOf, type OptionCheck, optionTable, trueOrFalse } from '../common/options';
import type { Request } from '../netlink/object';
import { IFF, link } from '../netlink/rtnetlink/link';

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
  /** Whether the device answers and asks by ARP; true by default. */
  arp?: boolean;
  /**
   * How the device makes its IPv6 link-local address when it comes up; 'none' makes none. Takes effect before
   * the device is brought up by the same call.
   */
  addrGenMode?: 'eui64' | 'none' | 'stable_secret' | 'random';
}

/** Flags of a device. */
const FLAGS = { up: IFF.up, promiscuous: IFF.promisc, arp: IFF.noarp } as const;

/** Attributes of the same name. */
const ATTRIBUTES = ['mac', 'mtu', 'alias', 'txQueueLength', 'group'] as const;

type AttributeName = (typeof ATTRIBUTES)[number];

/** All options of all links. */
export const LINK_OPTIONS = optionTable<LinkOptions>({
  up: trueOrFalse,
  mac: isText,
  mtu: true,
  alias: isText,
  txQueueLength: true,
  group: true,
  promiscuous: trueOrFalse,
  arp: trueOrFalse,
  addrGenMode: oneOf(['eui64', 'none', 'stable_secret', 'random']),
});

/** The MTUs that the kernel gives an Ethernet device that has no hardware: ETH_MIN_MTU and ETH_MAX_MTU. */
export const checkMtu: OptionCheck = (value, path) => checkInteger(path, value, 68, 65535);

/** The flags to set, and which of them are meant. */
export function flagsOf(options: LinkOptions): { flags?: number; change?: number } {
  const { flags, mask } = maskedFlags(FLAGS, options);
  // IFF_NOARP is set where the option is false
  return mask === 0 ? {} : { flags: flags ^ (mask & IFF.noarp), change: mask };
}

/** The options that are attributes. */
export function attributesOf(options: LinkOptions): Pick<LinkOptions, AttributeName> {
  const attributes: Partial<Record<AttributeName, unknown>> = {};
  for (const name of ATTRIBUTES) if (options[name] !== undefined) attributes[name] = options[name];
  return attributes as Pick<LinkOptions, AttributeName>;
}

/** The MTU of a bridge that is created without one. */
const ETH_DATA_LEN = 1500;

/**
 * The options that go into the request that creates a device, and those that have to follow: in that request the
 * kernel ignores the alias and refuses addrGenMode (6.18), and a device has to come up after addrGenMode is set. A bridge
 * keeps its MTU, when ports come and leave, only if the MTU was changed after the creation, to another value (6.18).
 */
export function splitForCreation(
  { alias, addrGenMode, up, mtu, ...rest }: LinkOptions,
  kind?: string,
): [early: LinkOptions, late: LinkOptions] {
  const waits = addrGenMode !== undefined;
  const changes = kind === 'bridge' && mtu !== undefined;
  const first = changes && mtu === ETH_DATA_LEN ? ETH_DATA_LEN - 1 : undefined;
  return [
    { ...rest, ...defined({ up: waits ? undefined : up, mtu: changes ? first : mtu }) },
    defined({ alias, addrGenMode, up: waits ? up : undefined, mtu: changes ? mtu : undefined }),
  ];
}

/**
 * The requests that set options of a device. addrGenMode goes in one of its own before the others, since the kernel
 * makes the IPv6 address by it when the device comes up.
 */
export function setRequests(
  device: Device,
  options: LinkOptions,
  operation: string,
  ref = deviceRef(device),
): Request<undefined>[] {
  const { addrGenMode } = options;
  const changes = [
    addrGenMode === undefined ? {} : { perFamily: { inet6: { addrGenMode } } },
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
  EADDRNOTAVAIL: 'the device does not take this MAC address: it has to be a unicast one, and not zero',
};

/** Of requests that name a master. */
export const MASTER_WORDS: Words = {
  EOPNOTSUPP: 'the master is no bridge, bond or VRF',
  EXFULL: 'a bridge has no more than 1,023 ports',
};
