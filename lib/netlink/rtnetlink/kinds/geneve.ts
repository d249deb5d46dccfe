import { defined } from '../../../common/objects';
import { integerFrom, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { be16, bool8, flag, ipv4, ipv6, u32, u8, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import type { LinkKind } from './link-kind';
import {
  BYTE_OR_INHERIT,
  byFamily,
  DONT_FRAGMENT,
  dontFragment,
  type DontFragment,
  FLOW_LABEL,
  isIp,
  isPresent,
  PORT,
  present,
  tos,
} from './tunnel';

const table = attributes({
  id: [1, u32], // IFLA_GENEVE_ID
  remote: [2, ipv4], // IFLA_GENEVE_REMOTE
  ttl: [3, u8], // IFLA_GENEVE_TTL
  tos: [4, tos], // IFLA_GENEVE_TOS
  port: [5, be16], // IFLA_GENEVE_PORT
  external: [6, flag], // IFLA_GENEVE_COLLECT_METADATA
  remote6: [7, ipv6], // IFLA_GENEVE_REMOTE6
  udpChecksum: [8, bool8], // IFLA_GENEVE_UDP_CSUM
  udpZeroChecksum6Sent: [9, bool8], // IFLA_GENEVE_UDP_ZERO_CSUM6_TX
  udpZeroChecksum6Received: [10, bool8], // IFLA_GENEVE_UDP_ZERO_CSUM6_RX
  flowLabel: [11, be32], // IFLA_GENEVE_LABEL
  ttlInherit: [12, bool8], // IFLA_GENEVE_TTL_INHERIT
  dontFragment: [13, dontFragment], // IFLA_GENEVE_DF
  innerProtocolInherit: [14, flag], // IFLA_GENEVE_INNER_PROTO_INHERIT
});

type Data = ValueOf<typeof table>;

/** A network of Ethernet over UDP to one other machine (Generic Network Virtualization Encapsulation, RFC 8926). */
export interface GeneveOptions {
  /** The number of the network (VNI), 0 to 16,777,215. It has to be given, unless the device is `external`. The kernel does not change it later. */
  id?: number;
  /** The other machine. */
  remote?: string;
  /** The UDP port of the receiver; 6,081 by default. */
  port?: number;
  /** Hops; 0 (the default) is the kernel's choice, 'inherit' those of the packet inside. */
  ttl?: number | 'inherit';
  /** The type of service; 0 by default, 'inherit' is that of the packet inside. */
  tos?: number | 'inherit';
  /** Whether packets over IPv4 may not be split: 'unset' by default, 'inherit' as the packet inside says. */
  dontFragment?: DontFragment | number;
  /** The flow label of packets over IPv6. */
  flowLabel?: number;
  /** Whether packets over IPv4 have a UDP checksum. */
  udpChecksum?: boolean;
  /** Whether packets over IPv6 are sent without a UDP checksum; off by default. */
  udpZeroChecksum6Sent?: boolean;
  /** Whether packets over IPv6 are received that have none; off by default. */
  udpZeroChecksum6Received?: boolean;
  /** Whether routes, filters and programs of BPF say the VNI and where each packet goes; off by default. */
  external?: boolean;
  /** Whether the packets inside need be no Ethernet (5.18); off by default. */
  innerProtocolInherit?: boolean;
}

/** What the kernel reports of a geneve. */
export type GeneveInfo = Partial<GeneveOptions>;

export const geneve: LinkKind<GeneveOptions, Data, GeneveInfo> = {
  table,
  requiredUnless: ['id', 'external'],
  ignoresUnknown: ['innerProtocolInherit'],
  options: {
    id: integerFrom(0, 0xffffff),
    remote: isIp,
    port: PORT,
    ttl: BYTE_OR_INHERIT,
    tos: BYTE_OR_INHERIT,
    dontFragment: DONT_FRAGMENT,
    flowLabel: FLOW_LABEL,
    udpChecksum: trueOrFalse,
    udpZeroChecksum6Sent: trueOrFalse,
    udpZeroChecksum6Received: trueOrFalse,
    external: trueOrFalse,
    innerProtocolInherit: trueOrFalse,
  },
  creationOnly: ['id', 'external', 'innerProtocolInherit'],
  toData: ({ remote, ttl, external, innerProtocolInherit, ...rest }) =>
    defined({
      ...rest,
      ...byFamily('remote', remote),
      ttl: ttl === 'inherit' ? undefined : ttl,
      // the kernel looks at the number only where this is missing
      ttlInherit: present(ttl === 'inherit'),
      external: present(external),
      innerProtocolInherit: present(innerProtocolInherit),
    }),
  toView({ remote6, ttl, ttlInherit, external, ...rest }) {
    const { remote = remote6 } = rest;
    return {
      ...defined({ ...rest, remote, ttl: ttlInherit === true ? ('inherit' as const) : ttl }),
      external: isPresent(external),
    };
  },
};
