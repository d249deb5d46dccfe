import {
  AF,
  checkDeviceName,
  checkFamily,
  checkInteger,
  checkU32,
  type Family,
  familyNumber,
  parseDestination,
} from '../common/check';
import {
  checkOptions,
  integerFrom,
  oneOf,
  type OptionCheck,
  optionTable,
  trueOrFalse,
} from '../common/options';
import {
  addFlags,
  IF_EXISTS,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { NOBODY_REGISTERED } from '../netlink/lacking';
import { NetlinkError } from '../netlink/error';
import { defined } from '../common/objects';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { shown } from '../common/shown';
import { type TableName, tableNumber } from './route-view';
import { ALL_BITS, type Range, type Rule, type RuleAction, type RuleSelectors, toRule } from './rule-view';
import { refuseUnknown } from './unexpressed';
import { PROTOCOLS } from '../netlink/rtnetlink/route';
import { FIB_RULE, rule, RULE_ACTIONS } from '../netlink/rtnetlink/rule';

/** Which rules are listed; those of both families by default. */
export interface ListRulesOptions {
  /** Only those of this family. */
  family?: Family;
}

const LIST_OPTIONS = optionTable<ListRulesOptions>({ family: checkFamily });

/**
 * The rules of the routing policy, of IPv4 first, in the order in which they are asked. A kernel that is built without them has
 * none.
 *
 * @see rtnetlink(7) RTM_GETRULE, ip-rule(8)
 * @example
 * ```ts
 * for (const { priority, from, table } of await listRules(red, { family: 4 })) {
 *   console.log(priority, from ?? 'all', table);
 * }
 * ```
 */
export async function listRules(netns: Netns, options: ListRulesOptions = {}): Promise<Rule[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { family } = options;
  const filter = { family: familyNumber(family) };
  const replies = await netns
    .request(rule.dump(filter, { operation: 'list rules' }))
    .catch(noneWithoutPolicy);
  // without a family the kernel lists rules of all families: multicast routing has rules, too
  return replies.filter(({ family }) => family === AF[4] || family === AF[6]).map(toRule);
}

function noneWithoutPolicy(error: unknown): [] {
  if (error instanceof NetlinkError && NOBODY_REGISTERED.includes(error.errno)) return [];
  throw error;
}

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
  /** Who made the rule, as `ip rule` shows it. */
  protocol?: Rule['protocol'];
  /** Routes that are no longer than this do not count: at most 32 with IPv4, 128 with IPv6. */
  suppressPrefixLength?: number;
  /** Routes by devices of this group do not count. */
  suppressGroup?: number;
  /** Of a rule that was listed. A rule with anything in it is refused, because another rule may be taken for it. */
  unknown?: Rule['unknown'];
}

export interface AddRuleOptions extends RuleOptions {
  /** Where there is the same: 'fail' (default) with EEXIST, or 'ignore'. */
  ifExists?: IfExists;
}

const isRange: OptionCheck = (value, path) => {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new TypeError(`${path}: expected the first and the last, such as [80, 443], got ${shown(value)}`);
  }
};

/** Which packets the rule is for. */
const SELECTORS = {
  from: true,
  to: true,
  iif: checkDeviceName,
  oif: checkDeviceName,
  mark: true,
  mask: true,
  tos: true,
  uidRange: isRange,
  ipProtocol: true,
  sourcePorts: isRange,
  destinationPorts: isRange,
  not: trueOrFalse,
} as const;

/** Where these packets are looked up. */
const TARGETS = {
  table: true,
  action: oneOf(Object.keys(RULE_ACTIONS), { number: true }),
  goto: true,
  l3mdev: trueOrFalse,
} as const;

/** Which routes do not count there. */
const SUPPRESSORS = {
  suppressPrefixLength: true,
  // the kernel takes the greatest number of 32 bits for no group
  suppressGroup: integerFrom(0, 0xfffffffe),
} as const;

const RULE_OPTIONS = optionTable<RuleOptions>({
  ...SELECTORS,
  ...TARGETS,
  ...SUPPRESSORS,
  family: checkFamily,
  priority: checkU32,
  protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  unknown: true,
});

const ADD_OPTIONS = optionTable<AddRuleOptions>({ ...RULE_OPTIONS, ifExists: IF_EXISTS });

type Names = Readonly<Partial<Record<keyof RuleOptions, unknown>>>;

/** Values to which the kernel pays no attention: a rule with nothing else is for all packets. */
const NOTHING: Readonly<Partial<Record<keyof RuleOptions, readonly unknown[]>>> = {
  not: [false],
  l3mdev: [false],
  tos: [0],
  ipProtocol: [0],
};

/** By these no rule is found either: the kernel (6.18) takes 0 for any. */
const FINDS_NOTHING: typeof NOTHING = {
  ...NOTHING,
  action: ['unspec', 0],
  protocol: ['unspec', 0],
};

const isAnywhere = (prefix: unknown) => typeof prefix === 'string' && prefix.endsWith('/0');

/** Whether one of these options is given, and with a value that says something. */
function saysOneOf(options: RuleOptions, names: Names, nothing = NOTHING): boolean {
  return (Object.keys(names) as (keyof RuleOptions)[]).some((name) => {
    const value = options[name];
    if (value === undefined) return false;
    if (name === 'from' || name === 'to') return !isAnywhere(value);
    if (name === 'mark' || name === 'mask') return options.mask !== 0;
    return nothing[name]?.includes(value) !== true;
  });
}

/**
 * Adds a rule: which table is asked for which packets. A rule without a selector is for all packets, and is refused unless
 * its options name what becomes of them: `table`, `action`, `l3mdev`, or which routes do not count. A value that says
 * nothing, such as `not: false`, `tos: 0` or a `mask` of 0, is no selector. A rule as `listRules` returns it can be added, too.
 *
 * @throws {@link NetlinkError} EEXIST where there is the same already; EINVAL for what makes no sense together.
 * @see rtnetlink(7) RTM_NEWRULE, ip-rule(8)
 * @example
 * ```ts
 * await addRoute(red, { to: 'default', via: '10.0.0.2', table: 100 });
 * await addRule(red, { from: '10.0.0.0/24', table: 100, priority: 1000 });
 * ```
 */
export async function addRule(netns: Netns, options: AddRuleOptions): Promise<void> {
  checkNetns(netns);
  checkOptions(options, ADD_OPTIONS);
  if (!saysOneOf(options, { ...SELECTORS, ...TARGETS, ...SUPPRESSORS })) {
    throw new TypeError('options: a rule for all packets needs its table, or its action');
  }
  if (options.mask !== undefined && options.mark === undefined) {
    throw new TypeError(`mask: it needs the option 'mark', got ${shown(options.mask)}`);
  }
  const { ifExists = 'fail' } = options;
  const value = { ...message(options), ...target(options) };
  checkSuppressed(options, value.family);
  const words = { EEXIST: 'there is the same rule already' };
  const attempt = { operation: `add rule${named(options)}`, words, called: CALLED };
  await netns.request(rule.add(value, addFlags(ifExists), attempt)).catch(onExisting(ifExists));
}

export interface RemoveRuleOptions extends RuleOptions {
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

/** What a rule is found by; the family alone would be any rule. */
const { family: _, ...REMOVABLE_BY } = RULE_OPTIONS;

const REMOVE_OPTIONS = optionTable<RemoveRuleOptions>({ ...RULE_OPTIONS, ifMissing: IF_MISSING });

/**
 * Removes the first rule that matches these options. An option that is left out matches any value; at least one has to be
 * given, and say something, because the first rule of all is the one for the table 'local'. A rule as `listRules` returns it is removed, and
 * no other one.
 *
 * @throws {@link NetlinkError} ENOENT where there is none.
 * @example
 * ```ts
 * await addRule(red, { from: '10.0.0.0/24', table: 100 });
 * await removeRule(red, { from: '10.0.0.0/24' });
 * ```
 */
export async function removeRule(netns: Netns, options: RemoveRuleOptions): Promise<void> {
  checkNetns(netns);
  checkOptions(options, REMOVE_OPTIONS);
  if (!saysOneOf(options, REMOVABLE_BY, FINDS_NOTHING)) {
    throw new TypeError('options: expected what the rule has, such as its priority');
  }
  const { ifMissing = 'fail' } = options;
  const told = saysOneOf(options, TARGETS);
  const value = { ...message(options), ...(told && target(options)) };
  const words = { ENOENT: 'there is no such rule' };
  const attempt = { operation: `remove rule${named(options)}`, words, called: CALLED };
  await netns.request(rule.remove(value, attempt)).catch(onMissing(ifMissing, 'ENOENT'));
}

/** What the attributes of a rule's message are called as options. */
const CALLED = { dst: 'to', inputDevice: 'iif', outputDevice: 'oif', source: 'from' };

function named({ priority }: RuleOptions): string {
  return priority === undefined ? '' : ` ${priority}`;
}

/** Whether an action is this one, by its word or by its number. */
const isAction = (action: RuleAction, word: keyof typeof RULE_ACTIONS) =>
  action === word || action === RULE_ACTIONS[word];

/** Numbers up to 255 fit the header, and `ip` writes them there. */
function target({ table, action = 'table', goto: to, l3mdev = false }: RuleOptions) {
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

function message(options: RuleOptions) {
  refuseUnknown(options.unknown, 'rule');
  const { priority, mark, tos, ipProtocol, iif, oif } = options;
  // without a mask, the kernel takes no notice of a mark that is 0
  const mask = options.mask ?? (mark === 0 ? ALL_BITS : undefined);
  const [from, to] = [side(options.from, 'from'), side(options.to, 'to')];
  const families = new Set(
    [options.family, from?.family, to?.family].filter((family) => family !== undefined),
  );
  if (families.size > 1) throw new RangeError('from, to and family: expected all of one family');
  const [family = 4] = families;
  return {
    family: familyNumber(family),
    flags: options.not === true ? FIB_RULE.invert : 0,
    ...defined({
      srcLength: from?.length,
      dstLength: to?.length,
      tos,
      priority,
      source: from?.address,
      dst: to?.address,
      mark,
      mask,
      inputDevice: iif,
      outputDevice: oif,
      uidRange: range(options.uidRange),
      ipProtocol,
      sourcePorts: range(options.sourcePorts),
      destinationPorts: range(options.destinationPorts),
      suppressPrefixLength: options.suppressPrefixLength,
      suppressGroup: options.suppressGroup,
      protocol: options.protocol,
    }),
  };
}

/** A length that no prefix has would make all routes count for nothing. A rule that has one can be removed. */
function checkSuppressed({ suppressPrefixLength }: RuleOptions, family: number): void {
  if (suppressPrefixLength === undefined) return;
  checkInteger('suppressPrefixLength', suppressPrefixLength, 0, family === AF[4] ? 32 : 128);
}

function side(value: string | undefined, option: string) {
  if (value === undefined) return undefined;
  const prefix = parseDestination(value, option);
  if (prefix === 'default') throw new RangeError(`${option}: for any address it is left out`);
  return prefix;
}

function range(value: Range | undefined) {
  if (value === undefined) return undefined;
  const [first, last] = value;
  return { first, last };
}
