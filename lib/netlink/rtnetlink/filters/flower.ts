import { defined } from '../../../common/objects';
import { integerFrom, optionsOf, optionTable, wordOrInteger } from '../../../common/options';
import { IFNAMSIZ } from '../../../common/limits';
import { attributes } from '../../attributes';
import { be16, ipv4, ipv6, mac, text, u16, u32, u8, type ValueOf } from '../../codec';
import type { RawAttribute } from '../../rows';
import { actions } from '../actions';
import { ETHER_TYPES, type EtherType, etherType, etherTypeName } from '../ether-type';
import type { FilterKind } from './filter-kind';
import { connection, connectionRows, type FlowerConnection } from './flower-connection';
import { type FlowerHeaders, headerRows, headers } from './flower-headers';
import {
  fromMac,
  fromPort,
  fromPrefix,
  isMacMatch,
  isPortMatch,
  isPrefix,
  type PortMatch,
  toMac,
  toPort,
  toPrefix,
} from './flower-match';
import { type FlowerTunnelKeys, tunnelKeys, tunnelRows } from './flower-tunnel';
import { ipProtocol, type IpProtocol, ipProtocolName, isIpProtocol } from '../ip-protocol';
import { INPUT, type InputOptions, OFFLOAD, offloadFlags, offloadOf, type OffloadOptions } from './shared';

const codec = attributes({
  classId: [1, u32], // TCA_FLOWER_CLASSID
  device: [2, text(IFNAMSIZ - 1)], // TCA_FLOWER_INDEV
  actions: [3, actions], // TCA_FLOWER_ACT
  destinationMac: [4, mac], // TCA_FLOWER_KEY_ETH_DST
  destinationMacMask: [5, mac], // TCA_FLOWER_KEY_ETH_DST_MASK
  sourceMac: [6, mac], // TCA_FLOWER_KEY_ETH_SRC
  sourceMacMask: [7, mac], // TCA_FLOWER_KEY_ETH_SRC_MASK
  etherType: [8, etherType], // TCA_FLOWER_KEY_ETH_TYPE
  ipProtocol: [9, ipProtocol], // TCA_FLOWER_KEY_IP_PROTO
  source4: [10, ipv4], // TCA_FLOWER_KEY_IPV4_SRC
  source4Mask: [11, ipv4], // TCA_FLOWER_KEY_IPV4_SRC_MASK
  destination4: [12, ipv4], // TCA_FLOWER_KEY_IPV4_DST
  destination4Mask: [13, ipv4], // TCA_FLOWER_KEY_IPV4_DST_MASK
  source6: [14, ipv6], // TCA_FLOWER_KEY_IPV6_SRC
  source6Mask: [15, ipv6], // TCA_FLOWER_KEY_IPV6_SRC_MASK
  destination6: [16, ipv6], // TCA_FLOWER_KEY_IPV6_DST
  destination6Mask: [17, ipv6], // TCA_FLOWER_KEY_IPV6_DST_MASK
  tcpSource: [18, be16], // TCA_FLOWER_KEY_TCP_SRC
  tcpDestination: [19, be16], // TCA_FLOWER_KEY_TCP_DST
  udpSource: [20, be16], // TCA_FLOWER_KEY_UDP_SRC
  udpDestination: [21, be16], // TCA_FLOWER_KEY_UDP_DST
  flags: [22, u32], // TCA_FLOWER_FLAGS
  // in the machine's order, other than the header says
  vlanId: [23, u16], // TCA_FLOWER_KEY_VLAN_ID
  vlanPriority: [24, u8], // TCA_FLOWER_KEY_VLAN_PRIO
  vlanEtherType: [25, etherType], // TCA_FLOWER_KEY_VLAN_ETH_TYPE
  tcpSourceMask: [35, be16], // TCA_FLOWER_KEY_TCP_SRC_MASK
  tcpDestinationMask: [36, be16], // TCA_FLOWER_KEY_TCP_DST_MASK
  udpSourceMask: [37, be16], // TCA_FLOWER_KEY_UDP_SRC_MASK
  udpDestinationMask: [38, be16], // TCA_FLOWER_KEY_UDP_DST_MASK
  sctpSourceMask: [39, be16], // TCA_FLOWER_KEY_SCTP_SRC_MASK
  sctpDestinationMask: [40, be16], // TCA_FLOWER_KEY_SCTP_DST_MASK
  sctpSource: [41, be16], // TCA_FLOWER_KEY_SCTP_SRC
  sctpDestination: [42, be16], // TCA_FLOWER_KEY_SCTP_DST
  hardwareCount: [86, u32], // TCA_FLOWER_IN_HW_COUNT
  sourceMin: [87, be16], // TCA_FLOWER_KEY_PORT_SRC_MIN
  sourceMax: [88, be16], // TCA_FLOWER_KEY_PORT_SRC_MAX
  destinationMin: [89, be16], // TCA_FLOWER_KEY_PORT_DST_MIN
  destinationMax: [90, be16], // TCA_FLOWER_KEY_PORT_DST_MAX
  ...headerRows,
  ...connectionRows,
  ...tunnelRows,
});

type Data = ValueOf<typeof codec>;

/** The tag of a frame's VLAN. */
export interface FlowerVlan {
  /** The VLAN, from 0 to 4095. */
  id?: number;
  /** The priority, from 0 to 7. */
  priority?: number;
  /** What is behind the tag; addresses and ports need it. */
  etherType?: EtherType;
}

/** Packets by what is in their headers. What is not given may be anything. */
export interface FlowerOptions
  extends InputOptions, OffloadOptions, FlowerHeaders, FlowerConnection, FlowerTunnelKeys {
  /** The protocol of the frame; that of the filter by default, if that is not 'all'. Of a frame with a tag it is in `vlan`. */
  etherType?: EtherType;
  /** The MAC address that it comes from, also with a mask: '02:00:00:00:00:00/ff:00:00:00:00:00'. */
  sourceMac?: string;
  /** The MAC address that it goes to. */
  destinationMac?: string;
  /** The tag of its VLAN; the protocol of the filter has to be '802.1Q' or '802.1ad'. */
  vlan?: FlowerVlan;
  /** Where it comes from: '10.0.0.0/8', 'fd00::1'. */
  source?: string;
  /** Where it goes: '10.0.0.0/8', 'fd00::1'. */
  destination?: string;
  /** The protocol above IP. */
  ipProtocol?: IpProtocol;
  /** The port that it comes from; `ipProtocol` has to be 'tcp', 'udp' or 'sctp'. */
  sourcePort?: PortMatch;
  /** The port that it goes to; `ipProtocol` has to be 'tcp', 'udp' or 'sctp'. */
  destinationPort?: PortMatch;
  /** Attributes that the library has no names for, by the kernel's numbers: of an inner VLAN, of PPPoE, of inner MPLS labels. */
  unknown?: readonly RawAttribute[];
}

const isEtherType = wordOrInteger(Object.keys(ETHER_TYPES), 0, 0xffff);

const VLAN = optionTable<FlowerVlan>({
  id: integerFrom(0, 4095),
  priority: integerFrom(0, 7),
  etherType: isEtherType,
});

const IP: readonly unknown[] = ['ip', 'ipv6'];
const WITH_PORTS: readonly unknown[] = ['tcp', 'udp', 'sctp'];

/** What the kernel looks at in frames of these protocols only: of others it would ignore it. */
const OF_FRAMES: Readonly<Partial<Record<keyof FlowerOptions, readonly unknown[]>>> = {
  ...{ source: IP, destination: IP, ipProtocol: IP, tos: IP, ttl: IP },
  arp: ['arp'],
  mpls: ['mpls_uc', 'mpls_mc'],
};

/** And this only in frames of these, before their tag. */
const TAGGED: typeof OF_FRAMES = { vlan: ['802.1Q', '802.1ad'] };

/** And what in packets of these. */
const ABOVE_IP: typeof OF_FRAMES = {
  ...{ sourcePort: WITH_PORTS, destinationPort: WITH_PORTS },
  icmp: ['icmp', 'icmpv6'],
  tcpFlags: ['tcp'],
};

/** The filter's protocol, which stands beside the options of its own. */
type WithProtocol = FlowerOptions & { protocol?: EtherType | 'all' };

/** Refuses an option for packets of another protocol than there is. */
function requireProtocol(
  options: FlowerOptions,
  table: typeof OF_FRAMES,
  protocol: EtherType | IpProtocol | undefined,
  where: string,
): void {
  const given = Object.entries(table).filter(([name]) => options[name as keyof FlowerOptions] !== undefined);
  const wrong = given.find(([, protocols]) => !protocols.includes(protocol));
  if (wrong === undefined) return;
  const [name, protocols] = wrong;
  const words = protocols
    .map((one) => `'${String(one)}'`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
  throw new TypeError(`${name}: ${where} has to be ${words}`);
}

const familyOf = (prefix: string | undefined) =>
  prefix === undefined ? undefined : fromPrefix(prefix).family;

function check(options: WithProtocol): void {
  const { source, destination, vlan, icmp, tunnel } = options;
  const above = ipProtocolName(options.ipProtocol);
  const frame = etherTypeName(frameOf(options));
  // a template has no protocol beside it
  const where = 'protocol' in options ? "'protocol'" : "'etherType'";
  const type = vlan?.etherType === undefined ? frame : etherTypeName(vlan.etherType);
  requireProtocol(options, TAGGED, frame, where);
  requireProtocol(options, ABOVE_IP, above, "'ipProtocol'");
  requireProtocol(options, OF_FRAMES, type, vlan === undefined ? where : "'vlan.etherType'");
  const family = type === 'ip' ? 4 : 6;
  if (icmp !== undefined && (above === 'icmpv6') !== (family === 6)) {
    throw new TypeError(`icmp: 'ipProtocol' has to be '${family === 6 ? 'icmpv6' : 'icmp'}' here`);
  }
  for (const [name, prefix] of Object.entries(defined({ source, destination }))) {
    if (familyOf(prefix) !== family)
      throw new RangeError(`${name}: an address of another family than the protocol's`);
  }
  const families = defined({ from: familyOf(tunnel?.source), to: familyOf(tunnel?.destination) });
  if (families.from !== undefined && families.to !== undefined && families.from !== families.to) {
    throw new RangeError('tunnel.destination: addresses of IPv4 and IPv6 at once');
  }
}

function frameOf({ etherType: given, protocol }: WithProtocol): EtherType | undefined {
  return given ?? (protocol === 'all' ? undefined : protocol);
}

function ports(
  above: IpProtocol | undefined,
  way: 'source' | 'destination',
  match: PortMatch | undefined,
): Data {
  const { port, mask, min, max } = fromPort(match);
  const name = `${ipProtocolName(above)}${way === 'source' ? 'Source' : 'Destination'}`;
  return { [name]: port, [`${name}Mask`]: mask, [`${way}Min`]: min, [`${way}Max`]: max };
}

function addressOf(way: 'source' | 'destination', prefix: string | undefined): Data {
  if (prefix === undefined) return {};
  const { family, address, mask } = fromPrefix(prefix);
  return { [`${way}${family}`]: address, [`${way}${family}Mask`]: mask };
}

function macOf(way: 'source' | 'destination', given: string | undefined): Data {
  if (given === undefined) return {};
  const { address, mask } = fromMac(given);
  return { [`${way}Mac`]: address, [`${way}MacMask`]: mask };
}

export const flower: FilterKind<FlowerOptions, Data, FlowerOptions> = {
  codec,
  options: {
    etherType: isEtherType,
    sourceMac: isMacMatch,
    destinationMac: isMacMatch,
    vlan: optionsOf(VLAN),
    source: isPrefix,
    destination: isPrefix,
    ipProtocol: isIpProtocol,
    sourcePort: isPortMatch,
    destinationPort: isPortMatch,
    ...headers.options,
    ...connection.options,
    ...tunnelKeys.options,
    ...INPUT,
    ...OFFLOAD,
    unknown: true,
  },
  check,
  toData: (options: WithProtocol) => ({
    ...defined({
      etherType: frameOf(options),
      vlanId: options.vlan?.id,
      vlanPriority: options.vlan?.priority,
      vlanEtherType: options.vlan?.etherType,
      ipProtocol: options.ipProtocol,
      device: options.inputDevice,
      flags: offloadFlags(options.offload),
      unknown: options.unknown,
    }),
    ...macOf('destination', options.destinationMac),
    ...macOf('source', options.sourceMac),
    ...addressOf('source', options.source),
    ...addressOf('destination', options.destination),
    ...ports(options.ipProtocol, 'source', options.sourcePort),
    ...ports(options.ipProtocol, 'destination', options.destinationPort),
    ...headers.toData(options),
    ...connection.toData(options),
    ...tunnelKeys.toData(options),
  }),
  toView(found) {
    const { vlanId: id, vlanPriority: priority, vlanEtherType } = found;
    const vlan = defined({ id, priority, etherType: vlanEtherType });
    const tagged = Object.keys(vlan).length > 0;
    return defined({
      // of a frame with a tag the kernel reports what is behind it
      etherType: tagged ? undefined : found.etherType,
      sourceMac: toMac(found.sourceMac, found.sourceMacMask),
      destinationMac: toMac(found.destinationMac, found.destinationMacMask),
      vlan: tagged ? vlan : undefined,
      source: toPrefix(found.source4 ?? found.source6, found.source4Mask ?? found.source6Mask),
      destination: toPrefix(
        found.destination4 ?? found.destination6,
        found.destination4Mask ?? found.destination6Mask,
      ),
      ipProtocol: found.ipProtocol,
      sourcePort: toPort(
        found.tcpSource ?? found.udpSource ?? found.sctpSource,
        found.tcpSourceMask ?? found.udpSourceMask ?? found.sctpSourceMask,
        found.sourceMin,
        found.sourceMax,
      ),
      destinationPort: toPort(
        found.tcpDestination ?? found.udpDestination ?? found.sctpDestination,
        found.tcpDestinationMask ?? found.udpDestinationMask ?? found.sctpDestinationMask,
        found.destinationMin,
        found.destinationMax,
      ),
      ...headers.toView(found),
      ...connection.toView(found),
      ...tunnelKeys.toView(found),
      inputDevice: found.device,
      offload: offloadOf(found.flags),
      unknown: found.unknown,
    });
  },
};
