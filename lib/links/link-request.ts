import { LINK_WORDS } from '../catching';
import type { Device } from '../netns/device';
import { defined } from './link-view';
import type { Netns } from '../netns/netns';
import { shown } from '../netlink/codec';
import type { Attempt } from '../netlink/error';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message';
import type { Request } from '../netlink/object';
import { IFF, link, type LinkMessage } from '../netlink/rtnetlink/link';

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

/** The flags to set, and which of them are meant. */
export function flagsOf({ up, promiscuous, arp }: LinkOptions): { flags?: number; change?: number } {
  const wanted = [
    ['up', up, IFF.up, true],
    ['promiscuous', promiscuous, IFF.promisc, true],
    ['arp', arp, IFF.noarp, false],
  ] as const;
  let flags = 0;
  let change = 0;
  for (const [name, value, bit, set] of wanted) {
    if (value === undefined) continue;
    if (typeof value !== 'boolean') {
      throw new TypeError(`${name}: expected true or false, got ${shown(value)}`);
    }
    change |= bit;
    if (value === set) flags |= bit;
  }
  return change === 0 ? {} : { flags, change };
}

/** What LinkOptions say, but for the flags, in the attributes' terms. */
export function attributesOf({ mac, mtu, alias, txQueueLength, group }: LinkOptions) {
  return defined({ mac, mtu, alias, txQueueLength, group });
}

/**
 * What is told of a device in the request that creates it, and what only later: its alias the kernel ignores then
 * (6.18), addrGenMode it refuses, and what has that set comes up after it.
 */
export function split(options: LinkOptions): [early: LinkOptions, late: LinkOptions] {
  const { alias, addrGenMode, up, ...rest } = options;
  const waits = addrGenMode !== undefined;
  return [
    { ...rest, ...defined({ up: waits ? undefined : up }) },
    defined({ alias, addrGenMode, up: waits ? up : undefined }),
  ];
}

/** The requests that set them: the way to make IPv6 addresses in one of its own, before the device comes up. */
export function settings(device: Device, options: LinkOptions, operation: string): Request<undefined>[] {
  const { addrGenMode } = options;
  const changes = [
    addrGenMode === undefined ? {} : { perFamily: { inet6: { addrGenMode } } },
    { ...flagsOf(options), ...attributesOf(options) },
  ];
  return changes
    .filter((change) => Object.keys(change).length > 0)
    .map((change) => link.add({ ...named(device), ...change }, 0, { operation, device, words: LINK_WORDS }));
}

/** How a request names a device. */
export function named(device: Device): { index: number } | { name: string } {
  return typeof device === 'number' ? { index: device } : { name: device };
}

/** A new device, of which the kernel tells back what a caller needs: its index, its name and its peer's index. */
export function creation(value: Parameters<typeof link.add>[0], attempt: Attempt) {
  return link.addEcho(value, NLM_F_CREATE | NLM_F_EXCL, attempt, TOLD);
}

const TOLD: ReadonlySet<string> = new Set(['name', 'link']);

/** The kernel's echo of a created link. */
export function told(created: LinkMessage | undefined): { index: number; name: string } {
  if (created?.name === undefined)
    throw new Error('the kernel did not tell the new link back: Linux 6.2 or newer is needed');
  return { index: created.index, name: created.name };
}

/** What EEXIST means where a name is given. */
export function taken(name: string, netns: Netns): string {
  return `a device named '${name}' exists already in namespace ${netns.toString()}`;
}
