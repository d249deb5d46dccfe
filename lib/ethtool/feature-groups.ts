import { optionTable, trueOrFalse } from '../common/options';

/**
 * Features by short names, as with `ethtool -K`: most are groups of several features. To switch a group on is to switch on those
 * of its features that the device can change.
 */
export interface FeatureGroups {
  /** Received checksums are verified by the device: `rx`. */
  rxChecksum?: boolean;
  /**
   * The device computes the checksums of what is sent: `tx`. A veth does not compute them, and its packets have wrong ones until
   * they leave the machine. Where something looks at the packets before, switch it off.
   */
  txChecksum?: boolean;
  /** Packets may lie in several pieces of memory: `sg`. */
  scatterGather?: boolean;
  /** The device splits what TCP sends: `tso`. */
  tso?: boolean;
  /** The kernel splits what is sent as late as it can: `gso`. */
  gso?: boolean;
  /** The kernel joins received packets: `gro`. */
  gro?: boolean;
  /** The device joins received packets: `lro`. */
  lro?: boolean;
  /** The device takes VLAN tags from what it receives: `rxvlan`. */
  rxVlan?: boolean;
  /** The device puts VLAN tags into what is sent: `txvlan`. */
  txVlan?: boolean;
  /** The device directs received packets by filters: `ntuple`. */
  ntuple?: boolean;
  /** The device computes a hash of what it receives: `rxhash`. */
  rxHash?: boolean;
  /** The kernel's feature of that name: the device reaches all memory. */
  highdma?: boolean;
  /** The kernel's feature of that name: what is sent comes back. */
  loopback?: boolean;
}

/**
 * Features to be switched on or off, by their groups, or by the names that the kernel has for them:
 * `{ tso: false, 'tx-gso-list': false }`. A feature by its own name takes precedence over its group.
 */
export type FeatureSettings = FeatureGroups & Readonly<Partial<Record<`${string}-${string}`, boolean>>>;

export const FEATURE_GROUPS = optionTable<FeatureGroups>({
  rxChecksum: trueOrFalse,
  txChecksum: trueOrFalse,
  scatterGather: trueOrFalse,
  tso: trueOrFalse,
  gso: trueOrFalse,
  gro: trueOrFalse,
  lro: trueOrFalse,
  rxVlan: trueOrFalse,
  txVlan: trueOrFalse,
  ntuple: trueOrFalse,
  rxHash: trueOrFalse,
  highdma: trueOrFalse,
  loopback: trueOrFalse,
});

/** The features of each group, as ethtool(8) has them. */
const MEMBERS: Readonly<Record<string, RegExp>> = {
  rxChecksum: /^rx-checksum$/,
  txChecksum: /^tx-checksum-/,
  scatterGather: /^tx-scatter-gather/,
  tso: /^tx-tcp.*-segmentation$/,
  gso: /^tx-generic-segmentation$/,
  gro: /^rx-gro$/,
  lro: /^rx-lro$/,
  rxVlan: /^rx-vlan-hw-parse$/,
  txVlan: /^tx-vlan-hw-insert$/,
  ntuple: /^rx-ntuple-filter$/,
  rxHash: /^rx-hashing$/,
};

/** The features that an option means, of those that the kernel has. */
export function featuresOf(option: string, names: readonly string[]): string[] {
  const member = MEMBERS[option];
  return names.filter((name) => (member === undefined ? name === option : member.test(name)));
}
