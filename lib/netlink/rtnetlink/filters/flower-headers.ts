import { maskedFlags } from '../../../common/flags';
import { defined } from '../../../common/objects';
import {
  integerFrom,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../../../common/options';
import { ipFamily } from '../../../common/ip-text';
import { shown } from '../../../common/shown';
import type { Values } from '../../attributes';
import { be16, bool8, ipv4, mac, u32, u8 } from '../../codec';
import { be32 } from '../../network-order';
import { fromMac, fromPrefix, isMacMatch, isPrefix, toMac, toPrefix } from './flower-match';
import {
  type FlowerPart,
  fromMasked,
  isMasked,
  type MaskedNumber,
  some,
  toBits,
  toMasked,
} from './flower-part';
import type { IpProtocol } from '../ip-protocol';

// Keys of flower in the headers of ARP, MPLS, IP, ICMP and TCP.

export const headerRows = {
  ipFlags: [47, be32], // TCA_FLOWER_KEY_FLAGS
  ipFlagsMask: [48, be32], // TCA_FLOWER_KEY_FLAGS_MASK
  icmp4Code: [49, u8], // TCA_FLOWER_KEY_ICMPV4_CODE
  icmp4CodeMask: [50, u8], // TCA_FLOWER_KEY_ICMPV4_CODE_MASK
  icmp4Type: [51, u8], // TCA_FLOWER_KEY_ICMPV4_TYPE
  icmp4TypeMask: [52, u8], // TCA_FLOWER_KEY_ICMPV4_TYPE_MASK
  icmp6Code: [53, u8], // TCA_FLOWER_KEY_ICMPV6_CODE
  icmp6CodeMask: [54, u8], // TCA_FLOWER_KEY_ICMPV6_CODE_MASK
  icmp6Type: [55, u8], // TCA_FLOWER_KEY_ICMPV6_TYPE
  icmp6TypeMask: [56, u8], // TCA_FLOWER_KEY_ICMPV6_TYPE_MASK
  arpSource: [57, ipv4], // TCA_FLOWER_KEY_ARP_SIP
  arpSourceMask: [58, ipv4], // TCA_FLOWER_KEY_ARP_SIP_MASK
  arpTarget: [59, ipv4], // TCA_FLOWER_KEY_ARP_TIP
  arpTargetMask: [60, ipv4], // TCA_FLOWER_KEY_ARP_TIP_MASK
  arpOperation: [61, u8], // TCA_FLOWER_KEY_ARP_OP
  arpOperationMask: [62, u8], // TCA_FLOWER_KEY_ARP_OP_MASK
  arpSourceMac: [63, mac], // TCA_FLOWER_KEY_ARP_SHA
  arpSourceMacMask: [64, mac], // TCA_FLOWER_KEY_ARP_SHA_MASK
  arpTargetMac: [65, mac], // TCA_FLOWER_KEY_ARP_THA
  arpTargetMacMask: [66, mac], // TCA_FLOWER_KEY_ARP_THA_MASK
  mplsTtl: [67, u8], // TCA_FLOWER_KEY_MPLS_TTL
  mplsBottom: [68, bool8], // TCA_FLOWER_KEY_MPLS_BOS
  mplsClass: [69, u8], // TCA_FLOWER_KEY_MPLS_TC
  // in the machine's order, other than the header says
  mplsLabel: [70, u32], // TCA_FLOWER_KEY_MPLS_LABEL
  tcpFlags: [71, be16], // TCA_FLOWER_KEY_TCP_FLAGS
  tcpFlagsMask: [72, be16], // TCA_FLOWER_KEY_TCP_FLAGS_MASK
  tos: [73, u8], // TCA_FLOWER_KEY_IP_TOS
  tosMask: [74, u8], // TCA_FLOWER_KEY_IP_TOS_MASK
  ttl: [75, u8], // TCA_FLOWER_KEY_IP_TTL
  ttlMask: [76, u8], // TCA_FLOWER_KEY_IP_TTL_MASK
} as const;

type Data = Values<typeof headerRows>;

/** linux/if_arp.h, ARPOP_* */
const OPERATIONS = {
  request: 1, // ARPOP_REQUEST
  reply: 2, // ARPOP_REPLY
} as const;

/** linux/pkt_cls.h, TCA_FLOWER_KEY_FLAGS_* */
const IP_FLAGS = {
  fragment: 1, // TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT
  firstFragment: 2, // TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST
} as const;

/** What an ARP packet says. */
export interface FlowerArp {
  /** Whether it asks or answers; another operation by its number, or bits of it. */
  operation?: keyof typeof OPERATIONS | MaskedNumber;
  /** The IPv4 address of who sends it: '10.0.0.0/8'. */
  source?: string;
  /** The IPv4 address that is asked for. */
  target?: string;
  /** The MAC address of who sends it, also with a mask: '02:00:00:00:00:00/ff:00:00:00:00:00'. */
  sourceMac?: string;
  /** The MAC address that is asked for. */
  targetMac?: string;
}

/** What an ICMP packet is about. */
export interface FlowerIcmp {
  /** Its type; of ICMP 8 asks for an echo, of ICMPv6 128 does. */
  type?: MaskedNumber;
  /** Its code. */
  code?: MaskedNumber;
}

/** The outermost entry of a stack of MPLS labels. */
export interface FlowerMpls {
  /** The label, from 0 to 1048575. */
  label?: number;
  /** The traffic class, from 0 to 7. */
  trafficClass?: number;
  /** Whether it is the last one of the stack. */
  bottom?: boolean;
  /** How many hops are left. */
  ttl?: number;
}

/** What IP says of fragments. */
export interface FlowerIpFlags {
  /** Whether the packet is a fragment. */
  fragment?: boolean;
  /** Whether it is the first one of its fragments. */
  firstFragment?: boolean;
}

/** Keys in the headers of a packet. */
export interface FlowerHeaders {
  /** What an ARP packet says; `protocol` has to be 'arp'. */
  arp?: FlowerArp;
  /** The outermost entry of its MPLS labels; `protocol` has to be 'mpls_uc' or 'mpls_mc'. */
  mpls?: FlowerMpls;
  /** The byte of the type of service, or of the traffic class. */
  tos?: MaskedNumber;
  /** How many hops are left to it. */
  ttl?: MaskedNumber;
  /** What IP says of fragments. */
  ipFlags?: FlowerIpFlags;
  /** What an ICMP packet is about; `ipProtocol` has to be 'icmp' or 'icmpv6'. */
  icmp?: FlowerIcmp;
  /** The flags of TCP: 0x02 is SYN, 0x10 is ACK; `ipProtocol` has to be 'tcp'. */
  tcpFlags?: MaskedNumber;
}

const isIpv4Match: OptionCheck = (value, path) => {
  isPrefix(value, path);
  const [address = ''] = String(value).split('/');
  if (ipFamily(address) !== 4) throw new RangeError(`${path}: expected an IPv4 address, got ${shown(value)}`);
};

const isByte = isMasked(0xff);
const isOperation = oneOf(Object.keys(OPERATIONS), { number: true });
const LARGEST_LABEL = 0xfffff;
const LARGEST_FLAGS = 0xfff;

const ARP = optionTable<FlowerArp>({
  operation: (value, path) => (typeof value === 'string' ? isOperation : isByte)(value, path),
  source: isIpv4Match,
  target: isIpv4Match,
  sourceMac: isMacMatch,
  targetMac: isMacMatch,
});
const ICMP = optionTable<FlowerIcmp>({ type: isByte, code: isByte });
const MPLS = optionTable<FlowerMpls>({
  label: integerFrom(0, LARGEST_LABEL),
  trafficClass: integerFrom(0, 7),
  bottom: trueOrFalse,
  ttl: integerFrom(0, 0xff),
});
const FLAGS = optionTable<FlowerIpFlags>({ fragment: trueOrFalse, firstFragment: trueOrFalse });

function fromArp({ operation, source, target, sourceMac, targetMac }: FlowerArp): Data {
  const address = (name: string, prefix: string | undefined) => {
    if (prefix === undefined) return {};
    const { address: value, mask } = fromPrefix(prefix);
    return { [name]: value, [`${name}Mask`]: mask };
  };
  const link = (name: string, match: string | undefined) => {
    if (match === undefined) return {};
    const { address: value, mask } = fromMac(match);
    return { [name]: value, [`${name}Mask`]: mask };
  };
  return {
    ...fromMasked('arpOperation', typeof operation === 'string' ? OPERATIONS[operation] : operation, 0xff),
    ...address('arpSource', source),
    ...address('arpTarget', target),
    ...link('arpSourceMac', sourceMac),
    ...link('arpTargetMac', targetMac),
  };
}

function toArp(found: Data): FlowerArp | undefined {
  const operation = toMasked(found.arpOperation, found.arpOperationMask, 0xff);
  const names = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[];
  return some({
    operation: names.find((name) => OPERATIONS[name] === operation) ?? operation,
    source: toPrefix(found.arpSource, found.arpSourceMask),
    target: toPrefix(found.arpTarget, found.arpTargetMask),
    sourceMac: toMac(found.arpSourceMac, found.arpSourceMacMask),
    targetMac: toMac(found.arpTargetMac, found.arpTargetMacMask),
  });
}

function fromIcmp(above: IpProtocol | undefined, { type, code }: FlowerIcmp): Data {
  const name = above === 'icmpv6' ? 'icmp6' : 'icmp4';
  return { ...fromMasked(`${name}Type`, type, 0xff), ...fromMasked(`${name}Code`, code, 0xff) };
}

const fromMpls = ({ label, trafficClass, bottom, ttl }: FlowerMpls): Data =>
  defined({ mplsLabel: label, mplsClass: trafficClass, mplsBottom: bottom, mplsTtl: ttl });

function fromIpFlags(given: FlowerIpFlags): Data {
  const { flags, mask } = maskedFlags(IP_FLAGS, { ...given });
  return { ipFlags: flags, ipFlagsMask: mask };
}

type WithProtocol = FlowerHeaders & { ipProtocol?: IpProtocol };

export const headers: FlowerPart<FlowerHeaders, Data> = {
  options: {
    arp: optionsOf(ARP),
    mpls: optionsOf(MPLS),
    tos: isByte,
    ttl: isByte,
    ipFlags: optionsOf(FLAGS),
    icmp: optionsOf(ICMP),
    tcpFlags: isMasked(LARGEST_FLAGS),
  },
  toData: ({ arp, mpls, tos, ttl, ipFlags, icmp, tcpFlags, ipProtocol }: WithProtocol) => ({
    ...(arp && fromArp(arp)),
    ...(mpls && fromMpls(mpls)),
    ...fromMasked('tos', tos, 0xff),
    ...fromMasked('ttl', ttl, 0xff),
    ...(ipFlags && fromIpFlags(ipFlags)),
    ...(icmp && fromIcmp(ipProtocol, icmp)),
    ...fromMasked('tcpFlags', tcpFlags, LARGEST_FLAGS),
  }),
  toView: (found) =>
    defined({
      arp: toArp(found),
      mpls: some({
        label: found.mplsLabel,
        trafficClass: found.mplsClass,
        bottom: found.mplsBottom,
        ttl: found.mplsTtl,
      }),
      tos: toMasked(found.tos, found.tosMask, 0xff),
      ttl: toMasked(found.ttl, found.ttlMask, 0xff),
      ipFlags: toBits(IP_FLAGS, found.ipFlags, found.ipFlagsMask),
      icmp: some({
        type: toMasked(found.icmp4Type ?? found.icmp6Type, found.icmp4TypeMask ?? found.icmp6TypeMask, 0xff),
        code: toMasked(found.icmp4Code ?? found.icmp6Code, found.icmp4CodeMask ?? found.icmp6CodeMask, 0xff),
      }),
      tcpFlags: toMasked(found.tcpFlags, found.tcpFlagsMask, LARGEST_FLAGS),
    }),
};
