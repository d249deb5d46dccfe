import { AF, checkDeviceName, type Family, familyNumber, parseDestination } from '../common/check';
import { addFlags, type IfExists, type IfMissing, onExisting, onMissing } from '../netlink/existence';
import { defined } from '../common/objects';
import type { Netns } from '../netns/netns';
import { shown } from '../common/shown';
import { type TableName, tableNumber } from './route-view';
import { type Range, type Rule, type RuleSelectors, toRule } from './rule-view';
import { refuseUnknown } from './unexpressed';
import { FIB_RULE, rule } from '../netlink/rtnetlink/rule';

export interface ListRulesOptions {
  family?: Family;
}

/**
 * The rules of the routing policy, of IPv4 first, in the order in which they are asked.
 *
 * @see rtnetlink(7) RTM_GETRULE, ip-rule(8)
 */
export async function listRules(netns: Netns, { family }: ListRulesOptions = {}): Promise<Rule[]> {
  const filter = { family: familyNumber(family) };
  const replies = await netns.request(rule.dump(filter, { operation: 'list rules' }));
  // without a family the kernel lists rules of all families: multicast routing has rules, too
  return replies.filter(({ family }) => family === AF[4] || family === AF[6]).map(toRule);
}

/** A rule as it is added, or looked for to be removed. */
export interface RuleOptions extends RuleSelectors {
  /** Needed where neither `from` nor `to` gives the family; 4 by default. */
  family?: Family;
  /** By default the kernel puts a new rule before all others but the first. */
  priority?: number;
  /** The table to ask; 'main' by default. */
  table?: TableName;
  /** In place of asking a table. */
  action?: 'table' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit';
  /** The priority of the rule to go on with, with the action 'goto'. */
  goto?: number;
  /** Routes that are no longer than this do not count. */
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

/**
 * Adds a rule: which table is asked for which packets.
 *
 * @throws {@link NetlinkError} EEXIST where there is the same already; EINVAL for what makes no sense together.
 * @see rtnetlink(7) RTM_NEWRULE, ip-rule(8)
 */
export async function addRule(
  netns: Netns,
  { ifExists = 'fail', ...options }: AddRuleOptions,
): Promise<void> {
  const value = { ...message(options), ...target(options) };
  const words = { EEXIST: 'there is the same rule already' };
  const attempt = { operation: `add rule${named(options)}`, words };
  await netns.request(rule.add(value, addFlags(ifExists), attempt)).catch(onExisting(ifExists));
}

export interface RemoveRuleOptions extends RuleOptions {
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

/**
 * Removes the first rule that matches these options. An option that is left out matches any value.
 *
 * @throws {@link NetlinkError} ENOENT where there is none.
 */
export async function removeRule(
  netns: Netns,
  { ifMissing = 'fail', ...options }: RemoveRuleOptions,
): Promise<void> {
  const told = options.table !== undefined || options.action !== undefined || options.goto !== undefined;
  const value = { ...message(options), ...(told && target(options)) };
  const attempt = { operation: `remove rule${named(options)}`, words: { ENOENT: 'there is no such rule' } };
  await netns.request(rule.remove(value, attempt)).catch(onMissing(ifMissing, 'ENOENT'));
}

function named({ priority }: RuleOptions): string {
  return priority === undefined ? '' : ` ${priority}`;
}

/** Numbers up to 255 fit the header, and `ip` writes them there. */
function target({ table, action = 'table', goto: to }: RuleOptions) {
  if (action !== 'table') return { action, ...defined({ goto: to }) };
  const number = tableNumber(table ?? 'main');
  return { action, ...(number <= 0xff ? { table8: number } : { table: number }) };
}

function message(options: RuleOptions) {
  refuseUnknown(options.unknown, 'rule');
  const { priority, mark, mask, tos, ipProtocol, iif, oif } = options;
  const [from, to] = [side(options.from, 'from'), side(options.to, 'to')];
  const families = new Set(
    [options.family, from?.family, to?.family].filter((family) => family !== undefined),
  );
  if (families.size > 1) throw new RangeError('from, to and family: expected all of one family');
  const [family = 4] = families;
  if (iif !== undefined) checkDeviceName(iif, 'iif');
  if (oif !== undefined) checkDeviceName(oif, 'oif');
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
      uidRange: range(options.uidRange, 'uidRange'),
      ipProtocol,
      sourcePorts: range(options.sourcePorts, 'sourcePorts'),
      destinationPorts: range(options.destinationPorts, 'destinationPorts'),
      suppressPrefixLength: options.suppressPrefixLength,
      suppressGroup: options.suppressGroup,
    }),
  };
}

function side(value: string | undefined, option: string) {
  if (value === undefined) return undefined;
  const prefix = parseDestination(value, option);
  if (prefix === 'default') throw new RangeError(`${option}: for any address it is left out`);
  return prefix;
}

function range(value: Range | undefined, option: string) {
  if (value === undefined) return undefined;
  const given: readonly unknown[] = value;
  if (!Array.isArray(given) || given.length !== 2) {
    throw new TypeError(`${option}: expected the first and the last, such as [80, 443], got ${shown(value)}`);
  }
  const [first, last] = value;
  return { first, last };
}
