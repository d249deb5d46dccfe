import { addrRequest } from '../addresses/addr-request';
import { checkAddrs, checkDevice, checkNewDeviceName } from '../common/check';
import { defined } from '../common/objects';
import { optionTable } from '../common/options';
import type { Attempt } from '../netlink/error';
import type { Request } from '../netlink/object';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import {
  attributesOf,
  checkMtu,
  flagsOf,
  LINK_OPTIONS,
  LINK_WORDS,
  type LinkOptions,
  MASTER_WORDS,
  NEW_DEVICE_OPTIONS,
  setRequests,
  splitForCreation,
  withoutEarly,
} from './link-request';
import { randomMac } from './mac';

// An end of a pair, and the requests that make it. A star sends them in packs of its own.

/** One end of a veth pair. */
export interface VethEnd extends LinkOptions {
  /** Where this end is born. */
  netns: Netns;
  /** Without one the kernel chooses: 'veth0'. 'port%d' lets it fill in a number. */
  name?: string;
  /** A number that no device of its namespace has. By default a free one above 16,777,215. */
  index?: number;
  /** The bridge that it becomes a port of, in its namespace. */
  bridge?: Device;
  /**
   * '10.0.1.1/24', 'fd00::1/64'. IPv6 addresses can be bound at once, without duplicate address detection; the
   * kernel may take a second or two, though, until it answers to them on a new link.
   */
  addrs?: readonly string[];
  /** Queues to send by; 1 by default, which makes creation cheaper than the kernel's default of one per CPU. */
  txQueues?: number;
  /** Queues to receive by; 1 by default. */
  rxQueues?: number;
  /**
   * false: this end makes no IPv6 link-local address. It takes IPv6 addresses that are added. On a bridge that is up, each address of
   * an end is announced to all ports, so that hundreds of pairs are made in less time without. An `addrGenMode` that is given
   * counts more.
   */
  ipv6?: boolean;
}

/** What an end has besides its place. */
export type VethEndSettings = Omit<VethEnd, 'netns' | 'bridge' | 'index'>;

/** @internal */
export const VETH_END_SETTINGS = optionTable<VethEndSettings>({
  ...LINK_OPTIONS,
  mtu: checkMtu,
  name: (name, path) => checkNewDeviceName(name, path, { pattern: true }),
  addrs: checkAddrs,
  txQueues: true,
  rxQueues: true,
  ipv6: NEW_DEVICE_OPTIONS.ipv6,
});

/** @internal */
export const VETH_END = optionTable<VethEnd>({
  ...VETH_END_SETTINGS,
  netns: checkNetns,
  bridge: checkDevice,
  index: NEW_DEVICE_OPTIONS.index,
});

/** @internal What a pair needs besides its ends. */
export interface PairDetails {
  /** Descriptor of the second end's namespace. */
  netnsFd: number;
  /** Index of the first end's bridge: the kernel enslaves none but the first. */
  master?: number;
  /** Of the first and the second end. The kernel takes one from the caller only if it gets both (6.18). */
  indexes: readonly [number, number];
}

/** @internal The pair in one message, whose last four bytes are `netnsFd`. */
export function pairMessage(
  first: VethEndSettings,
  second: VethEndSettings,
  { netnsFd, master, indexes }: PairDetails,
) {
  return {
    index: indexes[0],
    ...flagsOf(splitForCreation(first)[0]),
    ...endAttributes(first),
    ...defined({ master }),
    // IFF_UP on the peer is refused (ENOTCONN, 6.18): its flags are set on their own, by secondSettings
    info: {
      kind: 'veth',
      data: { peer: { index: indexes[1], ...endAttributes(second), netnsFd } },
    },
  };
}

/** @internal */
export function pairAttempt(operation: string, { name, bridge }: Pick<VethEnd, 'name' | 'bridge'>): Attempt {
  const words = bridge === undefined ? LINK_WORDS : { ...LINK_WORDS, ...MASTER_WORDS };
  return { operation, device: name, words };
}

function endAttributes(end: VethEndSettings) {
  const { name, mac = randomMac() } = end;
  return { ...defined({ name }), ...attributesOf({ ...end, mac }), ...queuesOf(end) };
}

/** @internal */
export const queuesOf = ({ txQueues = 1, rxQueues = 1 }: VethEndSettings) => ({ txQueues, rxQueues });

/** @internal The addresses of the first end, and what else creation has not done. */
export function firstSettings(index: number, end: VethEndSettings): Request<undefined>[] {
  return [...addrRequests(index, end), ...setRequests(index, splitForCreation(end)[1], 'set link')];
}

/** @internal The same for the second end, whose flags the kernel does not take at creation. */
export function secondSettings(index: number, end: VethEndSettings): Request<undefined>[] {
  return [...addrRequests(index, end), ...setRequests(index, withoutEarly(end), 'set link')];
}

/** In errors, the device has the name that the caller gave. A pattern is the name of no device. */
function addrRequests(index: number, { addrs = [], name = '%' }: VethEndSettings): Request<undefined>[] {
  const device = name.includes('%') ? index : name;
  return addrs.map((addr) => addrRequest(device, addr)(index));
}
