/** Packets that a device has received. */
export interface ReceiveStatistics {
  bytes: number;
  packets: number;
  /** Packets with an error, those below among them. */
  errors: number;
  /** Packets that were dropped for want of room, or because nobody wanted them. */
  dropped: number;
  /** Packets to a group, which hardware counts. */
  multicast: number;
  lengthErrors: number;
  overErrors: number;
  crcErrors: number;
  frameErrors: number;
  fifoErrors: number;
  missedErrors: number;
  compressed: number;
  /** Packets of a protocol that nobody receives. */
  noHandler: number;
}

/** Packets that a device has sent. */
export interface TransmitStatistics {
  bytes: number;
  packets: number;
  /** Packets with an error, those below among them. */
  errors: number;
  dropped: number;
  collisions: number;
  abortedErrors: number;
  carrierErrors: number;
  fifoErrors: number;
  heartbeatErrors: number;
  windowErrors: number;
  compressed: number;
}

/** What a device has counted: struct rtnl_link_stats64. */
export interface LinkStatistics {
  rx: ReceiveStatistics;
  tx: TransmitStatistics;
}

/** What few programs want to know of a device. */
export interface LinkDetails {
  /** The type of its hardware in linux/if_arp.h, ARPHRD_*: 1 is Ethernet, 772 the loopback device. */
  hardware: number;
  /** The link-layer address of all. */
  broadcast?: string;
  /** The name of its root qdisc: 'noqueue', 'fq_codel'. */
  qdisc?: string;
  /** 'default', or 'dormant': whether the device stays dormant until a program has done its part (RFC 2863). */
  linkMode?: 'default' | 'dormant' | 'testing' | number;
  /** How many have asked for what is meant for others. */
  promiscuity?: number;
  /** How many have asked for all multicast. */
  allMulticast?: number;
  txQueues?: number;
  rxQueues?: number;
  /** The least MTU that it takes; 0 where it has none. */
  minMtu?: number;
  /** The largest MTU that it takes; 0 where it has none. */
  maxMtu?: number;
  /** Bytes of a packet that is cut only when it leaves (generic segmentation offload). */
  gsoMaxSize?: number;
  gsoMaxSegments?: number;
  gsoIpv4MaxSize?: number;
  /** Bytes of a packet that hardware cuts. */
  tsoMaxSize?: number;
  tsoMaxSegments?: number;
  /** Bytes of a packet that is put together of received ones (generic receive offload). */
  groMaxSize?: number;
  groIpv4MaxSize?: number;
  /** How many times the carrier came and went. */
  carrierChanges?: number;
  carrierUpCount?: number;
  carrierDownCount?: number;
  /** The MAC address that hardware was made with. */
  permanentMac?: string;
  /** Whether a program keeps the device down. */
  protoDown?: boolean;
  /** How it makes its IPv6 link-local address; undefined where it has no IPv6. */
  addrGenMode?: 'eui64' | 'none' | 'stable_secret' | 'random' | number;
  /** The last 64 bits of the addresses that it gives itself by router advertisements, where they are fixed. */
  ipv6Token?: string;
  /** The bus and the name of the device in it, of hardware: 'virtio', 'virtio0'. */
  parentBusName?: string;
  parentDeviceName?: string;
}
