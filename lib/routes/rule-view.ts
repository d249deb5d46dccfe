import { AF, type Family } from '../common/check';
import { assignDefined } from '../common/objects';
import { type TableName, tableName } from './route-table';
import { type UnknownAttributes, unexpressed } from './unexpressed';
import { type IpProtocol, ipProtocolName } from '../netlink/rtnetlink/ip-protocol';
import type { PROTOCOLS } from '../netlink/rtnetlink/route';
import { FIB_RULE, type RULE_ACTIONS, type RuleMessage } from '../netlink/rtnetlink/rule';

/**
 * What a rule does with the packets that it is for.
 *
 * @useDeclaredType
 */
export type RuleAction = keyof typeof RULE_ACTIONS | number;

/** Several in a row, the last included. */
export interface Range {
  from: number;
  to: number;
}

/** Which packets a rule is for: those for which all of this is so. */
export interface RuleSelectors {
  /** '10.0.0.0/8' or an address that they come from; undefined for any. */
  from?: string;
  /** … that they go to. */
  to?: string;
  /** The device that they came in by: its name, as it need not exist; 'lo' for what this namespace itself sends. */
  iif?: string;
  /** The device that the socket is bound to. */
  oif?: string;
  /** Firewall mark. */
  mark?: number;
  /** Which of the mark's bits count: all (0xffffffff) by default. */
  mask?: number;
  /** The type of service, or the traffic class. */
  tos?: number;
  /** The whole DSCP, from 0 to 63: the upper six bits of what `tos` is of. Since Linux 6.13. */
  dscp?: number;
  /** The number of the tunnel that they came by (lightweight tunnels): the VNI of VXLAN, the key of GRE. */
  tunnelId?: number;
  /** The user of the socket, or several in a row. */
  uid?: number | Range;
  /** The protocol above IP. */
  ipProtocol?: IpProtocol;
  /** The port that they come from, or several in a row. */
  sourcePort?: number | Range;
  /** The port that they go to, or several in a row. */
  destinationPort?: number | Range;
  /** All packets but those that the rest is about. */
  not?: boolean;
}

/** Where the packets come from and go to, as routing has classes of it (tc-route(8)); 0 is none. */
export interface Realms {
  from: number;
  to: number;
}

/** A rule of the routing policy: which table is asked for which packets. See ip-rule(8). */
export interface Rule extends RuleSelectors {
  /** The lowest is asked first. */
  priority: number;
  family: Family;
  action: RuleAction;
  /** Which is asked, with the action 'table'. */
  table?: TableName;
  /** The priority of the rule to go on with, with the action 'goto'. */
  goto?: number;
  /** Whether the table is that of the packet's VRF. */
  l3mdev?: boolean;
  /** Routes that are no longer than this do not count. */
  suppressPrefixLength?: number;
  /** Routes by devices of this group do not count. */
  suppressGroup?: number;
  /** IPv4: the realms of packets that the rule is for. */
  realms?: Realms;
  /** With the action 'goto': there is no rule of that priority, and so this one does nothing. */
  unresolved?: boolean;
  /** There is no device `iif`, and so the rule is for no packet. */
  iifDetached?: boolean;
  /** There is no device `oif`, and so the rule is for no packet. */
  oifDetached?: boolean;
  /** Who made it. */
  protocol?: keyof typeof PROTOCOLS | number;
  /** What the rule has that no other property expresses: a selector like `flowLabel`, for example. */
  unknown?: UnknownAttributes;
}

const EXPRESSED: ReadonlySet<string> = new Set([
  ...['family', 'dstLength', 'srcLength', 'tos', 'table8', 'action', 'flags', 'dst', 'source', 'inputDevice'],
  ...['goto', 'priority', 'mark', 'suppressGroup', 'suppressPrefixLength', 'table', 'mask', 'outputDevice'],
  ...['l3mdev', 'uidRange', 'protocol', 'ipProtocol', 'sourcePorts', 'destinationPorts', 'padding'],
  ...['tunnelId', 'flow', 'dscp'],
]);
/** The kernel (6.18) reports these masks for each single port, and for each DSCP. */
const WHOLE = { sourcePortMask: 0xffff, destinationPortMask: 0xffff, dscpMask: 0x3f } as const;

const UNSET = 0xffffffff;
/** @internal The mask of a mark of which all bits count. */
export const ALL_BITS = 0xffffffff;

/** @internal */
export function toRule(message: RuleMessage): Rule {
  const { suppressPrefixLength, suppressGroup, action } = message;
  const table = message.table ?? message.table8;
  return assignDefined(
    {
      priority: message.priority ?? 0,
      family: message.family === AF[4] ? 4 : 6,
      action,
    },
    {
      table: action === 'table' && table !== 0 ? tableName(table) : undefined,
      goto: message.goto,
      from: prefix(message.source, message.srcLength),
      to: prefix(message.dst, message.dstLength),
      iif: message.inputDevice,
      oif: message.outputDevice,
      // the kernel reports no mark that is 0, but the mask of such a mark
      mark: message.mark ?? (message.mask === undefined ? undefined : 0),
      mask: message.mask === ALL_BITS ? undefined : message.mask,
      tos: message.tos === 0 ? undefined : message.tos,
      dscp: message.dscp,
      tunnelId: message.tunnelId,
      uid: range(message.uidRange),
      ipProtocol: ipProtocolName(message.ipProtocol),
      sourcePort: range(message.sourcePorts),
      destinationPort: range(message.destinationPorts),
      not: flag(message, 'invert'),
      l3mdev: (message.l3mdev ?? 0) === 0 ? undefined : true,
      suppressPrefixLength: suppressPrefixLength === UNSET ? undefined : suppressPrefixLength,
      suppressGroup: suppressGroup === UNSET ? undefined : suppressGroup,
      realms: realms(message.flow),
      unresolved: flag(message, 'unresolved'),
      iifDetached: flag(message, 'iif_detached'),
      oifDetached: flag(message, 'oif_detached'),
      protocol: message.protocol,
      unknown: unknownOf(message),
    },
  );
}

/** @internal A rule without what devices and other rules make of it: the kernel sends no event when that changes. */
export function lasting({ unresolved, iifDetached, oifDetached, ...rule }: Rule): Rule {
  return rule;
}

function unknownOf(message: RuleMessage): UnknownAttributes | undefined {
  const partial = Object.fromEntries(
    (Object.keys(WHOLE) as (keyof typeof WHOLE)[]).map((name) => [
      name,
      message[name] === WHOLE[name] ? undefined : message[name],
    ]),
  );
  return unexpressed({ ...message, ...partial }, EXPRESSED);
}

function flag({ flags }: RuleMessage, name: keyof typeof FIB_RULE): true | undefined {
  return (flags & FIB_RULE[name]) === 0 ? undefined : true;
}

function realms(flow: number | undefined): Realms | undefined {
  return flow === undefined ? undefined : { from: flow >>> 16, to: flow & 0xffff };
}

function prefix(address: string | undefined, length: number): string | undefined {
  if (address === undefined) return undefined;
  return length === (address.includes(':') ? 128 : 32) ? address : `${address}/${length}`;
}

/** A number where it is one alone. */
function range(of: { first: number; last: number } | undefined): number | Range | undefined {
  if (of === undefined || of.first === of.last) return of?.first;
  return { from: of.first, to: of.last };
}
