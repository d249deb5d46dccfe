import { attributes, list } from '../../attributes';
import { be16, choice, u16, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { flagValues, maskedFlags } from '../../../common/flags';
import { defined } from '../../../common/objects';
import { integerFrom, listOf, oneOf, optionsOf, optionTable, trueOrFalse } from '../../../common/options';
import type { LinkKind } from './link-kind';

/** linux/if_ether.h, ETH_P_8021Q and ETH_P_8021AD */
export const VLAN_PROTOCOLS = {
  '802.1Q': 0x8100, // ETH_P_8021Q
  '802.1ad': 0x88a8, // ETH_P_8021AD
} as const;

/** IEEE 802.1Q keeps 4095 for itself. */
const LAST_ID = 4094;

/** linux/if_vlan.h, VLAN_FLAG_* */
const FLAGS = {
  reorderHeader: 1, // VLAN_FLAG_REORDER_HDR
  gvrp: 2,
  looseBinding: 4,
  mvrp: 8,
  bridgeBinding: 16,
} as const;

/** struct ifla_vlan_flags: bits, and which of them are meant. */
const flags = struct([
  ['flags', u32, 4],
  ['mask', u32, 4],
]);

/** struct ifla_vlan_qos_mapping */
const priority = struct([
  ['from', u32, 4],
  ['to', u32, 4],
]);
const priorities = list(1, priority); // IFLA_VLAN_QOS_MAPPING

const table = attributes({
  id: [1, u16], // IFLA_VLAN_ID
  flags: [2, flags], // IFLA_VLAN_FLAGS
  egressPriorities: [3, priorities], // IFLA_VLAN_EGRESS_QOS
  ingressPriorities: [4, priorities], // IFLA_VLAN_INGRESS_QOS
  protocol: [5, choice(be16, VLAN_PROTOCOLS)], // IFLA_VLAN_PROTOCOL
});

type Data = ValueOf<typeof table>;

/** A VLAN on a device below: frames that pass that device with the VLAN's tag pass this one without it. */
export interface VlanOptions {
  /** The device below. */
  link: string | number;
  /** The number of the VLAN, 0 to 4094. The kernel does not change it later. */
  id: number;
  /** Which kind of tag: '802.1Q' by default, or '802.1ad' for the outer one of two. The kernel does not change it later. */
  protocol?: keyof typeof VLAN_PROTOCOLS | number;
  /** Whether programs see frames without the tag; true by default. */
  reorderHeader?: boolean;
  /** Whether the VLAN is registered with switches by GVRP; off by default. */
  gvrp?: boolean;
  /** Whether the VLAN is registered with switches by MVRP; off by default. */
  mvrp?: boolean;
  /** Whether the VLAN stays up when the device below goes down; off by default. */
  looseBinding?: boolean;
  /** Whether the VLAN has a carrier only while a port of the bridge below that is in the VLAN has one; off by default. */
  bridgeBinding?: boolean;
  /** The priority that a packet gets, by the priority of its tag (0 to 7) when it is received. */
  ingressPriorities?: readonly { from: number; to: number }[];
  /** The priority that a tag gets (0 to 7), by that of the packet when it is sent. */
  egressPriorities?: readonly { from: number; to: number }[];
}

const PRIORITY = optionTable<{ from: number; to: number }>({ from: true, to: true });

/** What the kernel reports of a VLAN: all of its options but `link`, which all links have. */
export type VlanInfo = Partial<Omit<VlanOptions, 'link'>>;

export const vlan: LinkKind<VlanOptions, Data, VlanInfo> = {
  table,
  options: {
    id: integerFrom(0, LAST_ID),
    protocol: oneOf(Object.keys(VLAN_PROTOCOLS), { number: true }),
    reorderHeader: trueOrFalse,
    gvrp: trueOrFalse,
    mvrp: trueOrFalse,
    looseBinding: trueOrFalse,
    bridgeBinding: trueOrFalse,
    ingressPriorities: listOf(optionsOf(PRIORITY)),
    egressPriorities: listOf(optionsOf(PRIORITY)),
  },
  required: ['link', 'id'],
  creationOnly: ['id', 'protocol'],
  toData({ id, protocol, ingressPriorities, egressPriorities, ...options }) {
    const flags = maskedFlags(FLAGS, options);
    return defined({
      id,
      flags: flags.mask === 0 ? undefined : flags,
      egressPriorities,
      ingressPriorities,
      protocol,
    });
  },
  toView: ({ id, protocol, flags, ingressPriorities, egressPriorities }) => ({
    ...defined({ id, protocol, ingressPriorities, egressPriorities }),
    ...(flags !== undefined && flagValues(FLAGS, flags.flags)),
  }),
};
