import { attributes } from '../../attributes';
import { bool8, choice, u32, u8, type ValueOf } from '../../codec';
import { integerFrom, oneOf, trueOrFalse } from '../../../common/options';
import type { LinkKind } from './link-kind';

/** linux/if_tun.h, IFF_TUN and IFF_TAP */
export const TUN_MODES = {
  tun: 0x0001, // IFF_TUN
  tap: 0x0002, // IFF_TAP
} as const;

/**
 * What a program reads and writes by a TUN or TAP device: packets of IP, or frames of Ethernet.
 *
 * @useDeclaredType
 */
export type TunMode = keyof typeof TUN_MODES;

const table = attributes({
  uid: [1, u32], // IFLA_TUN_OWNER
  gid: [2, u32], // IFLA_TUN_GROUP
  mode: [3, choice(u8, TUN_MODES)], // IFLA_TUN_TYPE
  packetInfo: [4, bool8], // IFLA_TUN_PI
  vnetHeader: [5, bool8], // IFLA_TUN_VNET_HDR
  persistent: [6, bool8], // IFLA_TUN_PERSIST
  multiQueue: [7, bool8], // IFLA_TUN_MULTI_QUEUE
  queues: [8, u32], // IFLA_TUN_NUM_QUEUES
  disabledQueues: [9, u32], // IFLA_TUN_NUM_DISABLED_QUEUES
});

type Data = ValueOf<typeof table>;

/**
 * A device whose packets a program reads and writes, in the place of a cable: see `openTun`. It is persistent: it stays when no
 * program has it open, until `deleteLink`. The kernel changes none of this later, but for what `openTun` says.
 */
export interface TunOptions {
  /** What the program reads and writes: 'tun' has packets of IP, 'tap' frames of Ethernet. */
  mode: TunMode;
  /** The user who may open the device without CAP_NET_ADMIN. */
  uid?: number;
  /** The group whose members may open the device without CAP_NET_ADMIN. */
  gid?: number;
  /** Whether several programs, or threads, may have queues of the device; off by default. */
  multiQueue?: boolean;
  /**
   * Whether four bytes precede each packet, struct tun_pi, with its protocol; off by default, as few programs want them, and as
   * with `ip tuntap`.
   */
  packetInfo?: boolean;
  /**
   * Whether a struct virtio_net_hdr precedes each packet, by which large packets and packets without checksums pass, as between
   * virtual machines; off by default.
   */
  vnetHeader?: boolean;
}

/** What the kernel reports of a TUN or TAP device. */
export interface TunInfo extends Partial<Omit<TunOptions, 'mode'>> {
  /** A number is of a mode that this library does not know. */
  mode?: TunMode | number;
  /** Whether the device stays when no program has it open. */
  persistent?: boolean;
  /** With `multiQueue`: how many queues are open. */
  queues?: number;
  /** With `multiQueue`: how many of them are detached. */
  disabledQueues?: number;
}

const ID = integerFrom(0, 0xfffffffe); // the last number is nobody's

export const tun: LinkKind<TunOptions, Data, TunInfo> = {
  table,
  options: {
    mode: oneOf(Object.keys(TUN_MODES)),
    uid: ID,
    gid: ID,
    multiQueue: trueOrFalse,
    packetInfo: trueOrFalse,
    vnetHeader: trueOrFalse,
  },
  reported: ['persistent', 'queues', 'disabledQueues'],
  required: ['mode'],
  creationOnly: ['mode', 'uid', 'gid', 'multiQueue', 'packetInfo', 'vnetHeader'],
  toData: (options) => options,
  toView: (data) => data,
};
