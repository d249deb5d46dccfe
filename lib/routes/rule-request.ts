import {
  AF,
  checkDeviceName,
  checkFamily,
  checkInteger,
  checkU32,
  type Family,
  familyNumber,
  parseDestination,
  refuse,
} from '../common/check';
import {
  integerFrom,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  orOptions,
  trueOrFalse,
} from '../common/options';
import { defined } from '../common/objects';
import { shown } from '../common/shown';
import { ipProtocolNumber, isIpProtocol } from '../netlink/rtnetlink/ip-protocol';
import { PROTOCOLS } from '../netlink/rtnetlink/route';
import { FIB_RULE, RULE_ACTIONS } from '../netlink/rtnetlink/rule';
import { type TableName, tableNumber } from './route-table';
import {
  ALL_BITS,
  type Range,
  type Realms,
  type Rule,
  type RuleAction,
  type RuleSelectors,
} from './rule-view';
import { refuseUnknown } from './unexpressed';

/** A rule as it is added, or looked for to be removed. */
export interface RuleOptions extends RuleSelectors {
  /** Needed where neither `from` nor `to` gives the family; 4 by default. */
  family?: Family;
  /** By default the kernel puts a new rule before all others but the first. */
  priority?: number;
  /** The table to ask, with the action 'table'; 'main' by default. */
  table?: TableName;
  /** In place of asking a table. */
  action?: RuleAction;
  /** The priority of the rule to go on with, with the action 'goto'. */
  goto?: number;
  /** In place of a table: the table of the packet's VRF is asked. Only packets of VRFs are concerned. */
  l3mdev?: boolean;
  /** IPv4: the realms of the packets. A kernel that is built without CONFIG_IP_ROUTE_CLASSID pays no attention to them. */
  realms?: Realms;
  /** Who made the rule, as `ip rule` shows it. */
  protocol?: Rule['protocol'];
  /** Routes that are no longer than this do not count: at most 32 with IPv4, 128 with IPv6. */
  suppressPrefixLength?: number;
  /** Routes by devices of this group do not count. */
  suppressGroup?: number;
  /** Of a rule that was listed; without effect. */
  unresolved?: boolean;
  /** Of a rule that was listed; without effect. */
  iifDetached?: boolean;
  /** Of a rule that was listed; without effect. */
  oifDetached?: boolean;
  /** Of a rule that was listed. A rule with anything in it is refused, because another rule may be taken for it. */
  unknown?: Rule['unknown'];
}

/** A number up to this one, or several in a row. */
function numberOrRange(max: number): OptionCheck {
  const isNumber = integerFrom(0, max);
  const isRange = orOptions(optionTable<Range>({ from: isNumber, to: isNumber }, ['from', 'to']), {
    type: 'number',
    expected: 'a number, or a range { from, to }',
  });
  return (value, path) => {
    isRange(value, path);
    if (typeof value === 'number') isNumber(value, path);
    const { from, to } = typeof value === 'number' ? { from: value, to: value } : (value as Range);
    if (to < from) refuse(`${path}.to`, `expected at least 'from', ${from}`, to);
  };
}
const isPorts = numberOrRange(0xffff);

/** @internal Which packets the rule is for. */
export const SELECTORS = {
  from: true,
  to: true,
  iif: checkDeviceName,
  oif: checkDeviceName,
  mark: true,
  mask: true,
  tos: true,
  dscp: integerFrom(0, 63),
  tunnelId: true,
  uid: numberOrRange(0xffffffff),
  ipProtocol: isIpProtocol,
  sourcePort: isPorts,
  destinationPort: isPorts,
  not: trueOrFalse,
} as const;

/** @internal Where these packets are looked up. */
export const TARGETS = {
  table: true,
  action: oneOf(Object.keys(RULE_ACTIONS), { number: true }),
  goto: true,
  l3mdev: trueOrFalse,
} as const;

/** @internal Which routes do not count there. */
export const SUPPRESSORS = {
  suppressPrefixLength: true,
  // the kernel takes the greatest number of 32 bits for no group
  suppressGroup: integerFrom(0, 0xfffffffe),
} as const;

/** @internal What becomes of a rule by itself, which no request changes. */
export const STATES = {
  unresolved: trueOrFalse,
  iifDetached: trueOrFalse,
  oifDetached: trueOrFalse,
} as const;

const REALM = integerFrom(0, 0xffff);
const REALMS = optionTable<Realms>({ from: REALM, to: REALM }, ['from', 'to']);

/** @internal */
export const RULE_OPTIONS = optionTable<RuleOptions>({
  ...SELECTORS,
  ...TARGETS,
  ...SUPPRESSORS,
  family: checkFamily,
  priority: checkU32,
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  realms: optionsOf(REALMS),
  ...STATES,
  unknown: true,
});

type Names = Readonly<Partial<Record<keyof RuleOptions, unknown>>>;

/** Values to which the kernel pays no attention: a rule with nothing else is for all packets. */
const NOTHING: Readonly<Partial<Record<keyof RuleOptions, readonly unknown[]>>> = {
  not: [false],
  l3mdev: [false],
  tos: [0],
  ipProtocol: [0],
  tunnelId: [0],
  unresolved: [false],
  iifDetached: [false],
  oifDetached: [false],
};

/** @internal By these no rule is found either: the kernel (6.18) takes 0 for any. */
export const FINDS_NOTHING: typeof NOTHING = {
  ...NOTHING,
  action: ['unspec', 0],
  protocol: ['unspec', 0],
};

const isAnywhere = (prefix: unknown) => typeof prefix === 'string' && prefix.endsWith('/0');

/** @internal Whether one of these options is given, and with a value that says something. */
export function saysOneOf(options: RuleOptions, names: Names, nothing = NOTHING): boolean {
  return (Object.keys(names) as (keyof RuleOptions)[]).some((name) => {
    const value = options[name];
    if (value === undefined) return false;
    if (name === 'from' || name === 'to') return !isAnywhere(value);
    if (name === 'mark' || name === 'mask') return options.mask !== 0;
    return nothing[name]?.includes(value) !== true;
  });
}

/** @internal What the attributes of a rule's message are called as options. */
export const CALLED = {
  ...{ flow: 'realms', dst: 'to', inputDevice: 'iif', outputDevice: 'oif', source: 'from' },
  ...{ uidRange: 'uid', sourcePorts: 'sourcePort', destinationPorts: 'destinationPort' },
};

/** @internal */
export function named({ priority }: RuleOptions): string {
  return priority === undefined ? '' : ` ${priority}`;
}

/** Whether an action is this one, by its word or by its number. */
const isAction = (action: RuleAction, word: keyof typeof RULE_ACTIONS) =>
  action === word || action === RULE_ACTIONS[word];

/** @internal Numbers up to 255 fit the header, and `ip` writes them there. */
export function target({ table, action = 'table', goto: to, l3mdev = false }: RuleOptions) {
  if (to !== undefined && !isAction(action, 'goto')) {
    throw new TypeError(`goto: it needs the action 'goto', got the action ${shown(action)}`);
  }
  if (table !== undefined && l3mdev) throw new TypeError('table: a rule with l3mdev has none');
  if (table !== undefined && !isAction(action, 'table')) {
    throw new TypeError(
      `table: only a rule with the action 'table' has one, got the action ${shown(action)}`,
    );
  }
  if (l3mdev) return { action, table8: 0, l3mdev: 1, ...defined({ goto: to }) };
  if (!isAction(action, 'table')) return { action, ...defined({ goto: to }) };
  const number = tableNumber(table ?? 'main');
  return { action, ...(number <= 0xff ? { table8: number } : { table: number }) };
}

/** @internal */
export function message(options: RuleOptions) {
  refuseUnknown(options.unknown, 'rule');
  const { priority, mark, tos, dscp, tunnelId, ipProtocol, iif, oif, realms } = options;
  // without a mask, the kernel takes no notice of a mark that is 0
  const mask = options.mask ?? (mark === 0 ? ALL_BITS : undefined);
  const [from, to] = [side(options.from, 'from'), side(options.to, 'to')];
  const families = new Set(
    [options.family, from?.family, to?.family].filter((family) => family !== undefined),
  );
  if (families.size > 1) throw new RangeError('from, to and family: expected all of one family');
  const [family = 4] = families;
  if (realms !== undefined && family === 6) refuse('realms', 'IPv6 has none', realms);
  return {
    family: familyNumber(family),
    flags: options.not === true ? FIB_RULE.invert : 0,
    ...defined({
      srcLength: from?.length,
      dstLength: to?.length,
      tos,
      dscp,
      tunnelId,
      flow: realms && ((realms.from << 16) | realms.to) >>> 0,
      priority,
      source: from?.address,
      dst: to?.address,
      mark,
      mask,
      inputDevice: iif,
      outputDevice: oif,
      uidRange: range(options.uid),
      ipProtocol: ipProtocol === undefined ? undefined : ipProtocolNumber(ipProtocol),
      sourcePorts: range(options.sourcePort),
      destinationPorts: range(options.destinationPort),
      suppressPrefixLength: options.suppressPrefixLength,
      suppressGroup: options.suppressGroup,
      protocol: options.protocol,
    }),
  };
}

/** @internal A length that no prefix has would make all routes count for nothing. A rule that has one can be removed. */
export function checkSuppressed({ suppressPrefixLength }: RuleOptions, family: number): void {
  if (suppressPrefixLength === undefined) return;
  checkInteger('suppressPrefixLength', suppressPrefixLength, 0, family === AF[4] ? 32 : 128);
}

function side(value: string | undefined, option: string) {
  if (value === undefined) return undefined;
  const prefix = parseDestination(value, option);
  if (prefix === 'default') throw new RangeError(`${option}: for any address it is left out`);
  return prefix;
}

function range(value: number | Range | undefined) {
  if (value === undefined) return undefined;
  if (typeof value === 'number') return { first: value, last: value };
  return { first: value.from, last: value.to };
}
