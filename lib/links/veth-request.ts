import { addrRequest } from '../addresses/addresses';
import {
  attributesOf,
  flagsOf,
  LINK_WORDS,
  type LinkOptions,
  MASTER_WORDS,
  setRequests,
  splitForCreation,
} from './link-request';
import type { Device } from '../netns/device';
import { defined } from '../common/objects';
import { randomMac } from './mac';
import type { Netns } from '../netns/netns';
import type { Attempt } from '../netlink/error';
import type { Request } from '../netlink/object';

export interface VethEnd extends LinkOptions {
  /** Where this end is born; the calling thread's namespace by default. */
  netns?: Netns;
  /** Without one the kernel chooses: 'veth0'. 'port%d' lets it fill in a number. */
  name?: string;
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
}

/** What a pair is told apart from its ends. */
export interface PairDetails {
  /** Descriptor of the second end's namespace. */
  netnsFd: number;
  /** Index of the first end's bridge: the kernel enslaves none but the first. */
  master?: number;
  /** Of the first and the second end. The kernel takes one from the caller only if it gets both (6.18). */
  indexes?: readonly [number, number];
}

/** The pair in one message, whose last four bytes are `netnsFd`. */
export function pairMessage(
  first: VethEnd,
  second: VethEnd,
  { netnsFd, master, indexes = [0, 0] }: PairDetails,
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

export function pairAttempt(operation: string, { name, bridge }: VethEnd): Attempt {
  const words = bridge === undefined ? LINK_WORDS : { ...LINK_WORDS, ...MASTER_WORDS };
  return { operation, device: name, words };
}

function endAttributes(end: VethEnd) {
  const { name, mac = randomMac() } = end;
  return { ...defined({ name }), ...attributesOf({ ...end, mac }), ...queuesOf(end) };
}

export const queuesOf = ({ txQueues = 1, rxQueues = 1 }: VethEnd) => ({ txQueues, rxQueues });

/** The addresses of the first end, and what else creation has not done. */
export function firstSettings(index: number, end: VethEnd): Request<undefined>[] {
  return [...addrRequests(index, end), ...setRequests(index, splitForCreation(end)[1], 'set link')];
}

export function secondSettings(index: number, end: VethEnd): Request<undefined>[] {
  const { alias, addrGenMode, up, promiscuous, arp } = end;
  const late = defined({ alias, addrGenMode, up, promiscuous, arp });
  return [...addrRequests(index, end), ...setRequests(index, late, 'set link')];
}

function addrRequests(index: number, { addrs = [] }: VethEnd): Request<undefined>[] {
  return addrs.map((addr) => addrRequest(index, addr)(index));
}
