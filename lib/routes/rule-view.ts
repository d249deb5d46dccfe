import { AF, type Family } from '../common/check';
import { assignDefined } from '../common/objects';
import { type TableName, tableName } from './route-view';
import { type UnknownAttributes, unexpressed } from './unexpressed';
import type { PROTOCOLS } from '../netlink/rtnetlink/route';
import { FIB_RULE, type RULE_ACTIONS, type RuleMessage } from '../netlink/rtnetlink/rule';

/**
 * What a rule does with the packets that it is for.
 *
 * @useDeclaredType
 */
export type RuleAction = keyof typeof RULE_ACTIONS | number;

/** From the first to the last. */
export type Range = readonly [first: number, last: number];

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
  /** The user of the socket. */
  uidRange?: Range;
  /** 6 is TCP, 17 is UDP. */
  ipProtocol?: number;
  /** The ports that they come from. */
  sourcePorts?: Range;
  /** The ports that they go to. */
  destinationPorts?: Range;
  /** All packets but those that the rest is about. */
  not?: boolean;
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
  /** Who made it. */
  protocol?: keyof typeof PROTOCOLS | number;
  /** What the rule has that no other property expresses: a selector like `tunnelId`, for example. */
  unknown?: UnknownAttributes;
}

const EXPRESSED: ReadonlySet<string> = new Set([
  ...['family', 'dstLength', 'srcLength', 'tos', 'table8', 'action', 'flags', 'dst', 'source', 'inputDevice'],
  ...['goto', 'priority', 'mark', 'suppressGroup', 'suppressPrefixLength', 'table', 'mask', 'outputDevice'],
  ...['l3mdev', 'uidRange', 'protocol', 'ipProtocol', 'sourcePorts', 'destinationPorts', 'padding'],
]);
/** The kernel (6.18) reports this mask for each single port. */
const ALL_PORT_BITS = 0xffff;

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
      uidRange: range(message.uidRange),
      ipProtocol: message.ipProtocol,
      sourcePorts: range(message.sourcePorts),
      destinationPorts: range(message.destinationPorts),
      not: (message.flags & FIB_RULE.invert) === 0 ? undefined : true,
      l3mdev: (message.l3mdev ?? 0) === 0 ? undefined : true,
      suppressPrefixLength: suppressPrefixLength === UNSET ? undefined : suppressPrefixLength,
      suppressGroup: suppressGroup === UNSET ? undefined : suppressGroup,
      protocol: message.protocol,
      unknown: unknownOf(message),
    },
  );
}

function unknownOf({
  sourcePortMask,
  destinationPortMask,
  ...rest
}: RuleMessage): UnknownAttributes | undefined {
  const partial = (mask: number | undefined) => (mask === ALL_PORT_BITS ? undefined : mask);
  const masks = {
    sourcePortMask: partial(sourcePortMask),
    destinationPortMask: partial(destinationPortMask),
  };
  return unexpressed({ ...rest, ...masks }, EXPRESSED);
}

function prefix(address: string | undefined, length: number): string | undefined {
  if (address === undefined) return undefined;
  return length === (address.includes(':') ? 128 : 32) ? address : `${address}/${length}`;
}

function range(of: { first: number; last: number } | undefined): Range | undefined {
  return of === undefined ? undefined : [of.first, of.last];
}
