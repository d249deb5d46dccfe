import { attributes, headed } from '../attributes';
import { bytes, choice, ip, text, u16, u32, u8 } from '../codec';
import { be64 } from '../network-order';
import { NetlinkObject } from '../object';
import { struct } from '../struct';
import { IFNAMSIZ } from '../../common/limits';
import { PROTOCOLS } from './route';

/** What a rule does with its packets: linux/fib_rules.h, FR_ACT_*. */
export const RULE_ACTIONS = {
  unspec: 0,
  table: 1, // FR_ACT_TO_TBL
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
} as const;

/** linux/fib_rules.h, FIB_RULE_* */
export const FIB_RULE = {
  permanent: 0x01,
  invert: 0x02,
  unresolved: 0x04,
  iif_detached: 0x08,
  oif_detached: 0x10,
} as const;

/** struct fib_rule_hdr */
const fibRuleHdr = struct([
  ['family', u8, 1],
  ['dstLength', u8, 1],
  ['srcLength', u8, 1],
  ['tos', u8, 1],
  ['table8', u8, 1],
  2,
  ['action', choice(u8, RULE_ACTIONS), 1],
  ['flags', u32, 4],
]);

/** struct fib_rule_uid_range, from the first to the last. */
const uidRange = struct([
  ['first', u32, 4],
  ['last', u32, 4],
]);

/** struct fib_rule_port_range, from the first to the last. */
const portRange = struct([
  ['first', u16, 2],
  ['last', u16, 2],
]);

/** rtnetlink(7), RTM_NEWRULE and its kin. */
export const rule = new NetlinkObject(
  { add: 32, remove: 33, get: 34 },
  headed(
    fibRuleHdr,
    attributes({
      dst: [1, ip], // FRA_DST
      source: [2, ip], // FRA_SRC
      inputDevice: [3, text(IFNAMSIZ - 1)], // FRA_IIFNAME
      goto: [4, u32], // FRA_GOTO
      priority: [6, u32], // FRA_PRIORITY
      mark: [10, u32], // FRA_FWMARK
      flow: [11, u32], // FRA_FLOW
      tunnelId: [12, be64], // FRA_TUN_ID
      suppressGroup: [13, u32], // FRA_SUPPRESS_IFGROUP
      suppressPrefixLength: [14, u32], // FRA_SUPPRESS_PREFIXLEN
      table: [15, u32], // FRA_TABLE
      mask: [16, u32], // FRA_FWMASK
      outputDevice: [17, text(IFNAMSIZ - 1)], // FRA_OIFNAME
      /** Before attributes of 64 bits, on machines that read none at an odd place. */
      padding: [18, bytes], // FRA_PAD
      l3mdev: [19, u8], // FRA_L3MDEV
      uidRange: [20, uidRange], // FRA_UID_RANGE
      protocol: [21, choice(u8, PROTOCOLS)], // FRA_PROTOCOL
      ipProtocol: [22, u8], // FRA_IP_PROTO
      sourcePorts: [23, portRange], // FRA_SPORT_RANGE
      destinationPorts: [24, portRange], // FRA_DPORT_RANGE
      dscp: [25, u8], // FRA_DSCP
      flowLabel: [26, bytes], // FRA_FLOWLABEL
      flowLabelMask: [27, bytes], // FRA_FLOWLABEL_MASK
      sourcePortMask: [28, u16], // FRA_SPORT_MASK
      destinationPortMask: [29, u16], // FRA_DPORT_MASK
      dscpMask: [30, u8], // FRA_DSCP_MASK
    }),
  ),
);

export type RuleMessage = ReturnType<typeof rule.read>;
