import { checkOptions, optionTable } from '../common/options';
import { shown } from '../common/shown';
import { type Attempt, NetlinkError } from '../netlink/error';
import {
  addFlags,
  IF_EXISTS,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { rule } from '../netlink/rtnetlink/rule';
import { checkNetns } from '../netns/check-netns';
import { notSupported } from '../netns/known-attribute';
import type { Netns } from '../netns/netns';
import { findRules, RULE_FILTER, type RuleFilter } from './rule-filter';
import {
  CALLED,
  checkSuppressed,
  FINDS_NOTHING,
  message,
  named,
  RULE_OPTIONS,
  type RuleOptions,
  saysOneOf,
  SELECTORS,
  STATES,
  SUPPRESSORS,
  target,
  TARGETS,
} from './rule-request';
import { type Rule, toRule } from './rule-view';

/**
 * The rules of the routing policy, or those that the filter means: those of IPv4 first, in the order in which they are asked. A
 * kernel that is built without them has none.
 *
 * @see rtnetlink(7) RTM_GETRULE, ip-rule(8)
 * @example
 * ```ts
 * for (const { priority, from, table } of await listRules(red, { family: 4 })) {
 *   console.log(priority, from ?? 'all', table);
 * }
 * ```
 */
export async function listRules(netns: Netns, filter: RuleFilter = {}): Promise<Rule[]> {
  checkNetns(netns);
  checkOptions(filter, RULE_FILTER, { whole: 'filter' });
  return (await findRules(netns, filter, 'list')).map(toRule);
}

export interface AddRuleOptions extends RuleOptions {
  /** Where there is the same: 'fail' (default) with EEXIST, or 'ignore'. */
  ifExists?: IfExists;
}

const ADD_OPTIONS = optionTable<AddRuleOptions>({ ...RULE_OPTIONS, ifExists: IF_EXISTS });

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
  if (options.dscp !== undefined) await requireDscp(netns, value.family, attempt);
  await netns.request(rule.add(value, addFlags(ifExists), attempt)).catch(onExisting(ifExists));
}

export interface RemoveRuleOptions extends RuleOptions {
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

/** What a rule is found by; the family alone would be any rule. */
const REMOVABLE_BY = {
  ...SELECTORS,
  ...TARGETS,
  ...SUPPRESSORS,
  priority: true,
  protocol: true,
  realms: true,
  unknown: true,
} as const;

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
  if (options.dscp !== undefined) await requireDscp(netns, value.family, attempt);
  await netns.request(rule.remove(value, attempt)).catch(onMissing(ifMissing, 'ENOENT'));
}

/**
 * Removes all rules that the filter means. It has to say something. Rules of priority 0 are left, as with `ip`, unless the filter
 * has that priority: without the rule for the table 'local', the namespace answers nobody. The kernel finds a rule by what it has:
 * of two rules of one priority that differ in `not` alone, it removes the first one.
 *
 * @returns how many there were.
 * @see ip-rule(8), `ip rule flush`
 * @example
 * ```ts
 * await addRule(red, { from: '10.0.0.0/24', table: 100 });
 * await addRule(red, { to: '10.0.0.0/24', table: 100 });
 * console.log(await flushRules(red, { table: 100 })); // 2
 * ```
 */
export async function flushRules(netns: Netns, filter: RuleFilter): Promise<number> {
  checkNetns(netns);
  checkOptions(filter, RULE_FILTER, { whole: 'filter' });
  if (!saysOneOf(filter, { ...REMOVABLE_BY, ...STATES }, FINDS_NOTHING)) {
    throw new TypeError('filter: expected what the rules have, such as their table');
  }
  const all = await findRules(netns, filter, 'flush');
  const found = all.filter(({ priority = 0 }) => priority !== 0 || filter.priority === 0);
  // one after the other: a rule that is found by less than it has is found as the first one of those that are left
  const removals = found.map(async (one) =>
    netns
      .request(rule.remove(one, { operation: `flush rule ${one.priority ?? 0}` }))
      .catch(onMissing('ignore', 'ENOENT')),
  );
  await Promise.all(removals);
  return found.length;
}

/**
 * A kernel before 6.13 ignores the DSCP, and would take the rule for one of all packets. Such a kernel refuses this request for its
 * prefix without an address, later ones before that for a DSCP that is none.
 */
async function requireDscp(netns: Netns, family: number, attempt: Attempt): Promise<void> {
  const probe = rule.add({ family, srcLength: 1, dscp: 0xff }, addFlags('fail'), attempt);
  await netns.request(probe).catch((error: unknown) => {
    if (!(error instanceof NetlinkError)) throw error;
    if (error.code === 'EINVAL') throw notSupported(netns, 'dscp', attempt);
    if (error.code !== 'ERANGE') throw error;
  });
}
