import type { VlanOptions } from './vlan';

/** A bridge's own settings; times are in hundredths of a second. */
export interface BridgeSettings {
  /** Spanning tree protocol (IEEE 802.1D); off by default. */
  stp?: boolean;
  /** How long a MAC address is remembered that no frame came from; 30,000 by default. */
  ageingTime?: number;
  /**
   * How long a port listens, and then learns, before it forwards; 1,500 by default. It counts with `stp` only, and is 200 to
   * 3,000 then.
   */
  forwardDelay?: number;
  /** Between two messages of the root of the spanning tree, 100 to 1,000; 200 by default. */
  helloTime?: number;
  /** How old the root's last message may be, 600 to 4,000; 2,000 by default. */
  maxAge?: number;
  /** The bridge with the lowest becomes the root; 32,768 by default. */
  priority?: number;
  /**
   * To which address messages of the spanning tree go: '01:80:c2:00:00:00' (the default), or one from '01:80:c2:00:00:04' to
   * '01:80:c2:00:00:0f'.
   */
  groupAddress?: string;
  /**
   * Which of the 16 reserved addresses 01:80:c2:00:00:0X are forwarded, a bit for each; none by default. The first three bits,
   * of STP, pause frames and LACP, have to be 0.
   */
  groupForwardMask?: number;
  /** Whether nothing is learned from frames to those reserved addresses; off by default. */
  noLinkLocalLearning?: boolean;
  /** How many MAC addresses the bridge learns at most (6.7); 0 by default, which is no limit. */
  fdbMaxLearned?: number;
  /** Whether VLAN tags decide which ports a frame may pass; off by default. */
  vlanFiltering?: boolean;
  /** Which kind of tags the bridge's VLANs have; '802.1Q' by default. */
  vlanProtocol?: VlanOptions['protocol'];
  /** The VLAN of frames without a tag, 1 to 4094; 1 by default, 0 for none. It changes only while VLANs are not filtered. */
  vlanDefaultPvid?: number;
  /** Whether frames and bytes of each VLAN are counted; off by default. */
  vlanStats?: boolean;
  /** Whether they are counted for each port; off by default. It changes only while no port has VLANs. */
  vlanStatsPerPort?: boolean;
  /**
   * Whether VLANs have spanning trees of their own (IEEE 802.1Q MST, 5.18); off by default. It changes only while no port has
   * VLANs.
   */
  mst?: boolean;
  /** Whether multicast is forwarded only to ports that asked for it (IGMP, MLD); on by default. */
  multicastSnooping?: boolean;
  /** Whether VLANs have snooping of their own (5.15); off by default. It needs `vlanFiltering`. */
  multicastVlanSnooping?: boolean;
  /**
   * Whether the bridge itself is taken for a multicast router, which gets all groups: 'auto' (the default) where it has seen
   * that, 'always', or 'disabled'.
   */
  multicastRouter?: 'disabled' | 'auto' | 'always' | number;
  /** Whether the bridge itself asks who wants multicast; off by default. */
  multicastQuerier?: boolean;
  /** Whether it asks with its own IPv4 address as the source, in the place of 0.0.0.0; off by default. */
  multicastQueryUseIfaddr?: boolean;
  /** How many groups there may be; 4,096 by default. */
  multicastHashMax?: number;
  /** How many times the bridge asks whether others want a group that somebody leaves; 2 by default. */
  multicastLastMemberCount?: number;
  /** How many times it asks at short intervals when it begins; 2 by default. */
  multicastStartupQueryCount?: number;
  /** Between two such questions about a group that somebody leaves; 100 by default. */
  multicastLastMemberInterval?: number;
  /** After how long without an answer a group is forgotten; 26,000 by default. */
  multicastMembershipInterval?: number;
  /** After how long without a question of another querier the bridge asks itself; 25,500 by default. */
  multicastQuerierInterval?: number;
  /** Between two questions; 12,500 by default. Linux 5.16 and newer take less than 100 for 100. */
  multicastQueryInterval?: number;
  /** In which time hosts have to answer; 1,000 by default. */
  multicastQueryResponseInterval?: number;
  /** Between two questions when the bridge begins; a quarter of 12,500 by default. Linux 5.16 and newer take less than 100 for 100. */
  multicastStartupQueryInterval?: number;
  /** Whether messages of IGMP and MLD are counted; off by default. */
  multicastStats?: boolean;
  /** Version of IGMP: 2 (the default), or 3, which groups with a source need. */
  multicastIgmpVersion?: number;
  /** Version of MLD: 1 (the default), or 2, which groups with a source need. */
  multicastMldVersion?: number;
  /** Whether programs are told where a switch's hardware does not take a group (6.16); off by default. */
  mdbOffloadFailNotification?: boolean;
  /** Whether bridged IPv4 packets pass the namespace's iptables rules, too; off by default. */
  nfCallIptables?: boolean;
  /** The same of IPv6. */
  nfCallIp6tables?: boolean;
  /** The same of ARP, and arptables. */
  nfCallArptables?: boolean;
}
