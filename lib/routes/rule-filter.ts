import { isDeepStrictEqual } from 'node:util';
import { AF, familyNumber } from '../common/check';
import { optionTable } from '../common/options';
import { Bytes } from '../netlink/bytes';
import { written } from '../netlink/codec';
import { NetlinkError } from '../netlink/error';
import { NOBODY_REGISTERED } from '../netlink/lacking';
import { rule, type RuleMessage } from '../netlink/rtnetlink/rule';
import type { Netns } from '../netns/netns';
import { message, RULE_OPTIONS, type RuleOptions, target } from './rule-request';
import { type Rule, toRule } from './rule-view';

/** Which rules are meant: those that have each of these properties, with this value. */
export type RuleFilter = Omit<RuleOptions, 'unknown'>;

const { unknown: _, ...PROPERTIES } = RULE_OPTIONS;

/** @internal */
export const RULE_FILTER = optionTable<RuleFilter>(PROPERTIES);

/** @internal The rules that the filter means, as the kernel has them. */
export async function findRules(
  netns: Netns,
  filter: RuleFilter,
  verb: 'list' | 'flush',
): Promise<RuleMessage[]> {
  const isMeant = matcher(filter);
  const request = rule.dump({ family: familyNumber(filter.family) }, { operation: `${verb} rules` });
  const replies = await netns.request(request).catch(noneWithoutPolicy);
  return replies.filter(isMeant);
}

function noneWithoutPolicy(error: unknown): [] {
  if (error instanceof NetlinkError && NOBODY_REGISTERED.includes(error.errno)) return [];
  throw error;
}

function matcher(filter: RuleFilter): (reply: RuleMessage) => boolean {
  const names = (Object.keys(PROPERTIES) as (keyof typeof PROPERTIES)[]).filter(
    (name) => name !== 'family' && filter[name] !== undefined,
  );
  const wanted = asReported(filter);
  return (reply) => {
    // without a family the kernel lists rules of all families: multicast routing has rules, too
    if (reply.family !== AF[4] && reply.family !== AF[6]) return false;
    const found = toRule(reply);
    return names.every((name) => isDeepStrictEqual(found[name], wanted[name]));
  };
}

/** A rule of these properties as the kernel would report it: a table by its name, and each prefix in the one way. */
function asReported(filter: RuleFilter): Partial<Rule> {
  const bytes = written(rule.codec, { ...message(filter), ...target(filter) });
  const { unresolved, iifDetached, oifDetached } = filter;
  return {
    ...toRule(rule.codec.read(new Bytes(bytes), 0, bytes.length)),
    ...(unresolved === true && { unresolved }),
    ...(iifDetached === true && { iifDetached }),
    ...(oifDetached === true && { oifDetached }),
  };
}
