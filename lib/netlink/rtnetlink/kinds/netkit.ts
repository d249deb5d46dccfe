import { defined } from '../../../common/objects';
import { integerFrom, oneOf, optionsOf } from '../../../common/options';
import { attributes } from '../../attributes';
import { bool8, choice, u16, u32, type ValueOf } from '../../codec';
import type { LinkKind } from './link-kind';
import { type Peer, PEER, peerLink } from './veth';

/** linux/if_link.h: what becomes of packets where no program of BPF says so. The kernel takes no other action here. */
const POLICIES = {
  pass: 0, // NETKIT_PASS
  drop: 2, // NETKIT_DROP
} as const;

/** linux/if_link.h: whether packets have the header of Ethernet. */
const MODES = {
  l2: 0, // NETKIT_L2
  l3: 1, // NETKIT_L3
} as const;

/** linux/if_link.h, NETKIT_SCRUB_* */
const SCRUBS = {
  none: 0, // NETKIT_SCRUB_NONE
  default: 1, // NETKIT_SCRUB_DEFAULT
} as const;

/** linux/if_link.h, NETKIT_DEVICE_* */
const PAIRINGS = {
  pair: 0, // NETKIT_DEVICE_PAIR
  single: 1, // NETKIT_DEVICE_SINGLE
} as const;

const table = attributes({
  peer: [1, peerLink], // IFLA_NETKIT_PEER_INFO
  primary: [2, bool8], // IFLA_NETKIT_PRIMARY
  policy: [3, choice(u32, POLICIES)], // IFLA_NETKIT_POLICY
  peerPolicy: [4, choice(u32, POLICIES)], // IFLA_NETKIT_PEER_POLICY
  mode: [5, choice(u32, MODES)], // IFLA_NETKIT_MODE
  scrub: [6, choice(u32, SCRUBS)], // IFLA_NETKIT_SCRUB
  peerScrub: [7, choice(u32, SCRUBS)], // IFLA_NETKIT_PEER_SCRUB
  headroom: [8, u16], // IFLA_NETKIT_HEADROOM
  tailroom: [9, u16], // IFLA_NETKIT_TAILROOM
  pairing: [10, choice(u32, PAIRINGS)], // IFLA_NETKIT_PAIRING
});

type Data = ValueOf<typeof table>;

/**
 * A pair of devices as veth is (6.7), in which programs of BPF decide about each packet before it leaves its namespace. The first
 * one, which is the primary, has the settings of both. Both are made in one namespace, and `moveLink` moves the other one.
 */
export interface NetkitOptions {
  /** The other end; named by the kernel by default. */
  peer?: Peer;
  /** 'l3' (the default) has packets without the header of Ethernet, and no MAC addresses; 'l2' is as veth. */
  mode?: keyof typeof MODES | number;
  /** What becomes of packets that this end sends, where no program says so: 'pass' by default. */
  policy?: keyof typeof POLICIES | number;
  /** The same of the other end. */
  peerPolicy?: keyof typeof POLICIES | number;
  /** Whether mark and priority of packets are cleared before they go on: 'default', or not: 'none' (6.13). */
  scrub?: keyof typeof SCRUBS | number;
  /** The same of the other end (6.13). */
  peerScrub?: keyof typeof SCRUBS | number;
  /** Bytes that are free before each packet, of both ends; 0 by default (6.14). */
  headroom?: number;
  /** Bytes that are free behind each packet, of both ends; 0 by default (6.14). */
  tailroom?: number;
  /** 'pair' by default; 'single' is a device without another end. Seen on Linux 7.2. */
  pairing?: keyof typeof PAIRINGS | number;
}

/** What the kernel reports of a netkit device: `policy` and `scrub` are those of this end. */
export interface NetkitInfo extends Partial<Omit<NetkitOptions, 'peer'>> {
  /** Whether the device is the one that has the settings of both. */
  primary?: boolean;
}

const POLICY = oneOf(Object.keys(POLICIES), { number: true });
const SCRUB = oneOf(Object.keys(SCRUBS), { number: true });
const ROOM = integerFrom(0, 0xffff);

export const netkit: LinkKind<NetkitOptions, Data, NetkitInfo> = {
  table,
  ignoresUnknown: ['scrub', 'peerScrub', 'headroom', 'tailroom', 'pairing'],
  options: {
    peer: optionsOf(PEER),
    mode: oneOf(Object.keys(MODES), { number: true }),
    policy: POLICY,
    peerPolicy: POLICY,
    scrub: SCRUB,
    peerScrub: SCRUB,
    headroom: ROOM,
    tailroom: ROOM,
    pairing: oneOf(Object.keys(PAIRINGS), { number: true }),
  },
  creationOnly: ['peer', 'mode', 'scrub', 'peerScrub', 'headroom', 'tailroom', 'pairing'],
  creationWords: {
    EOPNOTSUPP:
      'this kernel has no netkit (CONFIG_NETKIT), or a MAC address was given, or another end, to one that has none',
  },
  words: { EACCES: 'settings are changed by the primary device of the pair' },
  toData: (options) => options,
  toView: ({ peer: _, unknown: __, ...view }) => defined(view),
};
