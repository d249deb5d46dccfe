import { defined } from '../../../common/objects';
import { integerFrom, optionsOf, optionTable } from '../../../common/options';
import type { Values } from '../../attributes';
import { be16, bytes, ipv4, ipv6, u8 } from '../../codec';
import { be32 } from '../../network-order';
import { fromPrefix, isPrefix, toPrefix } from './flower-match';
import { type FlowerPart, fromMasked, isMasked, type MaskedNumber, some, toMasked } from './flower-part';

// Keys of flower of the tunnel by which a packet came, which a device of an external tunnel has told.

export const tunnelRows = {
  tunnelId: [26, be32], // TCA_FLOWER_KEY_ENC_KEY_ID
  tunnelSource4: [27, ipv4], // TCA_FLOWER_KEY_ENC_IPV4_SRC
  tunnelSource4Mask: [28, ipv4], // TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK
  tunnelDestination4: [29, ipv4], // TCA_FLOWER_KEY_ENC_IPV4_DST
  tunnelDestination4Mask: [30, ipv4], // TCA_FLOWER_KEY_ENC_IPV4_DST_MASK
  tunnelSource6: [31, ipv6], // TCA_FLOWER_KEY_ENC_IPV6_SRC
  tunnelSource6Mask: [32, ipv6], // TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK
  tunnelDestination6: [33, ipv6], // TCA_FLOWER_KEY_ENC_IPV6_DST
  tunnelDestination6Mask: [34, ipv6], // TCA_FLOWER_KEY_ENC_IPV6_DST_MASK
  tunnelSourcePort: [43, be16], // TCA_FLOWER_KEY_ENC_UDP_SRC_PORT
  tunnelSourcePortMask: [44, be16], // TCA_FLOWER_KEY_ENC_UDP_SRC_PORT_MASK
  tunnelDestinationPort: [45, be16], // TCA_FLOWER_KEY_ENC_UDP_DST_PORT
  tunnelDestinationPortMask: [46, be16], // TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK
  tunnelTos: [80, u8], // TCA_FLOWER_KEY_ENC_IP_TOS
  tunnelTosMask: [81, u8], // TCA_FLOWER_KEY_ENC_IP_TOS_MASK
  tunnelTtl: [82, u8], // TCA_FLOWER_KEY_ENC_IP_TTL
  tunnelTtlMask: [83, u8], // TCA_FLOWER_KEY_ENC_IP_TTL_MASK
  /** What GENEVE, VXLAN and ERSPAN say more, in bytes. */
  tunnelOptions: [84, bytes], // TCA_FLOWER_KEY_ENC_OPTS
  tunnelOptionsMask: [85, bytes], // TCA_FLOWER_KEY_ENC_OPTS_MASK
} as const;

type Data = Values<typeof tunnelRows>;

/** What the header of the tunnel says by which a packet came. */
export interface FlowerTunnel {
  /** The number of the tunnel: the VNI of a vxlan, the key of a gre. */
  id?: number;
  /** Where the tunnel comes from: '10.0.0.0/8', 'fd00::1'. */
  source?: string;
  /** Where the tunnel goes, of the same family. */
  destination?: string;
  /** The port of UDP that it comes from. */
  sourcePort?: MaskedNumber;
  /** The port of UDP that it goes to. */
  destinationPort?: MaskedNumber;
  /** The byte of the type of service, or of the traffic class. */
  tos?: MaskedNumber;
  /** How many hops are left to it. */
  ttl?: MaskedNumber;
  /** What GENEVE, VXLAN or ERSPAN say more: the bytes of TCA_FLOWER_KEY_ENC_OPTS. */
  data?: Uint8Array;
  /** The mask of `data`: the bytes of TCA_FLOWER_KEY_ENC_OPTS_MASK. */
  dataMask?: Uint8Array;
}

/** Keys of the tunnel by which the packet came. */
export interface FlowerTunnelKeys {
  /** The tunnel that it came by, through a device that leaves that to filters (`external`). */
  tunnel?: FlowerTunnel;
}

const isByte = isMasked(0xff);
const isPort = isMasked(0xffff);

const TUNNEL = optionTable<FlowerTunnel>({
  id: integerFrom(0, 0xffffffff),
  ...{ source: isPrefix, destination: isPrefix, sourcePort: isPort, destinationPort: isPort },
  ...{ tos: isByte, ttl: isByte, data: true, dataMask: true },
});

function address(name: string, prefix: string | undefined): Data {
  if (prefix === undefined) return {};
  const { family, address: value, mask } = fromPrefix(prefix);
  return { [`${name}${family}`]: value, [`${name}${family}Mask`]: mask };
}

const fromTunnel = ({
  id,
  source,
  destination,
  sourcePort,
  destinationPort,
  ...rest
}: FlowerTunnel): Data => ({
  ...defined({ tunnelId: id, tunnelOptions: rest.data, tunnelOptionsMask: rest.dataMask }),
  ...address('tunnelSource', source),
  ...address('tunnelDestination', destination),
  ...fromMasked('tunnelSourcePort', sourcePort, 0xffff),
  ...fromMasked('tunnelDestinationPort', destinationPort, 0xffff),
  ...fromMasked('tunnelTos', rest.tos, 0xff),
  ...fromMasked('tunnelTtl', rest.ttl, 0xff),
});

function toTunnel(found: Data): FlowerTunnel | undefined {
  return some({
    id: found.tunnelId,
    source: toPrefix(
      found.tunnelSource4 ?? found.tunnelSource6,
      found.tunnelSource4Mask ?? found.tunnelSource6Mask,
    ),
    destination: toPrefix(
      found.tunnelDestination4 ?? found.tunnelDestination6,
      found.tunnelDestination4Mask ?? found.tunnelDestination6Mask,
    ),
    sourcePort: toMasked(found.tunnelSourcePort, found.tunnelSourcePortMask, 0xffff),
    destinationPort: toMasked(found.tunnelDestinationPort, found.tunnelDestinationPortMask, 0xffff),
    tos: toMasked(found.tunnelTos, found.tunnelTosMask, 0xff),
    ttl: toMasked(found.tunnelTtl, found.tunnelTtlMask, 0xff),
    data: found.tunnelOptions,
    dataMask: found.tunnelOptionsMask,
  });
}

export const tunnelKeys: FlowerPart<FlowerTunnelKeys, Data> = {
  options: { tunnel: optionsOf(TUNNEL) },
  toData: ({ tunnel }) => (tunnel === undefined ? {} : fromTunnel(tunnel)),
  toView: (found) => defined({ tunnel: toTunnel(found) }),
};
