import { attributes } from '../../attributes';
import { choice, u16, type ValueOf } from '../../codec';
import { defined } from '../../../common/objects';
import { oneOf } from '../../../common/options';
import type { LinkKind } from './link-kind';

/** linux/if_link.h, IPVLAN_MODE_* */
const MODES = { l2: 0, l3: 1, l3s: 2 } as const;

/** linux/if_link.h, IPVLAN_F_*; 'bridge' is none of them. */
const FLAGS = { bridge: 0, private: 1, vepa: 2 } as const;

const table = attributes({
  mode: [1, choice(u16, MODES)], // IFLA_IPVLAN_MODE
  flag: [2, choice(u16, FLAGS)], // IFLA_IPVLAN_FLAGS
});

type Data = ValueOf<typeof table>;

/** A device with addresses of its own, and with the MAC address of the device below. */
export interface IpvlanOptions {
  /** The device below. All devices on it have one mode, and one flag: the last that was given. */
  link: string | number;
  /**
   * Where packets of the device are routed: 'l3' (the default) by the device below and without broadcasts, 'l3s' the same with the
   * netfilter hooks of the namespace below, 'l2' in this namespace.
   */
  mode?: keyof typeof MODES | number;
  /**
   * Whether several devices on one reach each other: directly with 'bridge' (the default), not at all with 'private', by the switch
   * outside with 'vepa'.
   */
  flag?: keyof typeof FLAGS | number;
}

/** What the kernel reports of an ipvlan: its options but `link`, which all links have. */
export type IpvlanInfo = Partial<Omit<IpvlanOptions, 'link'>>;

export const ipvlan: LinkKind<IpvlanOptions, Data, IpvlanInfo> = {
  table,
  words: { EBUSY: 'the device below has a master, or a macvlan on it, that takes all of its frames' },
  options: {
    mode: oneOf(Object.keys(MODES), { number: true }),
    flag: oneOf(Object.keys(FLAGS), { number: true }),
  },
  required: ['link'],
  toData: ({ mode, flag }) => defined({ mode, flag }),
  toView: ({ mode, flag }) => defined({ mode, flag }),
};

/** An ipvlan whose packets programs read and write by /dev/tapN. */
export const ipvtap = ipvlan;
