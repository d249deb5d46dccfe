import { attributes, list } from '../../attributes';
import { choice, mac, s32, u16, u32, type ValueOf } from '../../codec';
import { flagValues, maskedFlags } from '../../../common/flags';
import { defined } from '../../../common/objects';
import { integerFrom, isText, listOf, oneOf, trueOrFalse } from '../../../common/options';
import type { LinkKind } from './link-kind';

/** linux/if_link.h, MACVLAN_MODE_* */
const MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 } as const;

/** linux/if_link.h, MACVLAN_FLAG_* */
const FLAGS = {
  noPromiscuous: 1, // MACVLAN_FLAG_NOPROMISC
  noDestinationCheck: 2, // MACVLAN_FLAG_NODST
} as const;

/** What becomes of the addresses that were given before: linux/if_link.h, MACVLAN_MACADDR_*. */
const MACADDR = {
  add: 0,
  del: 1,
  flush: 2,
  set: 3,
} as const;

const table = attributes({
  mode: [1, choice(u32, MODES)], // IFLA_MACVLAN_MODE
  flags: [2, u16], // IFLA_MACVLAN_FLAGS
  macsMode: [3, choice(u32, MACADDR)], // IFLA_MACVLAN_MACADDR_MODE
  mac: [4, mac], // IFLA_MACVLAN_MACADDR
  macs: [5, list(4 /* IFLA_MACVLAN_MACADDR */, mac)], // IFLA_MACVLAN_MACADDR_DATA
  macCount: [6, u32], // IFLA_MACVLAN_MACADDR_COUNT
  broadcastQueueLength: [7, u32], // IFLA_MACVLAN_BC_QUEUE_LEN
  broadcastQueueLengthUsed: [8, u32], // IFLA_MACVLAN_BC_QUEUE_LEN_USED
  broadcastCutoff: [9, s32], // IFLA_MACVLAN_BC_CUTOFF
});

type Data = ValueOf<typeof table>;

/** A device with a MAC address of its own on a device below. Several of them on one device reach each other as `mode` says. */
export interface MacvlanOptions {
  /** The device below. */
  link: string | number;
  /**
   * Who reaches whom: with 'vepa' (the default) frames between two devices go out to the switch, which may send them back;
   * with 'bridge' they go directly; with 'private' they go nowhere; 'passthru' is one device that takes the whole device below;
   * with 'source' a device receives only what comes from `macs`.
   */
  mode?: keyof typeof MODES | number;
  /** With 'passthru', whether the device below is not made promiscuous; off by default. */
  noPromiscuous?: boolean;
  /** With 'source', whether frames are not also looked at by their destination (5.12); off by default. */
  noDestinationCheck?: boolean;
  /** With 'source', the MAC addresses from which frames are received. They take the place of those before. */
  macs?: readonly string[];
  /** With 'source', one more of these addresses. Of `macs`, `addMac` and `removeMac`, a call has one. */
  addMac?: string;
  /** With 'source', an address that is to be none of them; one that is none already is no failure. */
  removeMac?: string;
  /** How many broadcasts may wait (5.11); 1,000 by default. The longest of all devices on the one below counts. */
  broadcastQueueLength?: number;
  /**
   * Up to how many devices receive a multicast frame at once, and not by the queue (6.4); 1 by default. With 0 multicast is
   * queued always, with a negative number never.
   */
  broadcastCutoff?: number;
}

/** What the kernel reports of a macvlan: its options but `link`, which all links have, and the length that counts. */
export interface MacvlanInfo extends Partial<Omit<MacvlanOptions, 'link' | 'addMac' | 'removeMac'>> {
  /** The longest `broadcastQueueLength` of all devices on the one below. */
  broadcastQueueLengthUsed?: number;
}

export const macvlan: LinkKind<MacvlanOptions, Data, MacvlanInfo> = {
  table,
  ignoresUnknown: ['broadcastQueueLength', 'broadcastCutoff'],
  reported: ['broadcastQueueLengthUsed'],
  words: {
    EBUSY: 'the device below has a master that takes all of its frames, such as a bond or a bridge',
    EINVAL:
      "with 'passthru' a device is the only one on the device below, and it keeps this mode; macs are for 'source'; or an option does not fit",
  },
  options: {
    mode: oneOf(Object.keys(MODES), { number: true }),
    noPromiscuous: trueOrFalse,
    noDestinationCheck: trueOrFalse,
    macs: listOf(isText),
    addMac: isText,
    removeMac: isText,
    broadcastQueueLength: integerFrom(0, 0xffffffff),
    broadcastCutoff: integerFrom(-0x80000000, 0x7fffffff),
  },
  required: ['link'],
  toData({ mode, macs, addMac, removeMac, broadcastQueueLength, broadcastCutoff, ...flags }) {
    const { flags: set, mask } = maskedFlags(FLAGS, flags);
    return defined({
      mode,
      flags: mask === 0 ? undefined : set,
      ...sources({ macs, addMac, removeMac }),
      broadcastQueueLength,
      broadcastCutoff,
    });
  },
  toView: ({ mode, flags, macs, broadcastQueueLength, broadcastQueueLengthUsed, broadcastCutoff }) => ({
    ...defined({ mode, macs, broadcastQueueLength, broadcastQueueLengthUsed, broadcastCutoff }),
    ...(flags !== undefined && flagValues(FLAGS, flags)),
  }),
};

type Sources = Pick<MacvlanOptions, 'macs' | 'addMac' | 'removeMac'>;

/** The kernel takes a list, or one address that is added or removed. */
function sources(given: { [K in keyof Sources]: Sources[K] | undefined }): Data {
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const [name, other] = names;
  if (other !== undefined) throw new TypeError(`${other}: it does not go together with ${name}`);
  const { macs, addMac, removeMac } = given;
  if (macs !== undefined) return { macsMode: 'set', macs };
  if (addMac !== undefined) return { macsMode: 'add', mac: addMac };
  return removeMac === undefined ? {} : { macsMode: 'del', mac: removeMac };
}

/** A macvlan whose frames programs read and write by /dev/tapN. */
export const macvtap = macvlan;
