import type { Chain, NamedReference, Rule } from '../../nft/language/model';
import { formatRule } from '../../nft/text/rule';
import { BR_NETFILTER } from '../../network/host';
import { isOurTable } from '../../network/table/sets';
import { command, nameOf, setSysctlCommand } from '../command';
import type { Facts } from '../facts';
import type { Finding } from '../finding';
import { isRouter } from './routing';

/** Names of bridges that packets are to be forwarded from and to. */
function inUse({ links, networks }: Facts): string[] {
  const own = networks.filter(({ internal }) => !internal).map(({ name }) => name);
  const others = links.filter(
    ({ kind, index }) => kind === 'bridge' && links.some(({ master }) => master === index),
  );
  return [...new Set([...own, ...others.map(({ name }) => name)])];
}

/** The text of a rule without what it counts. */
const textOf = (rule: Rule) => formatRule(rule).replace(/counter packets \d+ bytes \d+ /, '');

/**
 * Chains of other programs whose policy is 'drop'. A packet passes a hook only if all chains of the hook accept it, so an
 * `accept` in the table of the networks does not help. The rules of such a chain may accept what is wanted: a chain with
 * rules is reported only for forwarded packets, and only where this namespace forwards.
 */
export function foreignPolicies(facts: Facts): Finding[] {
  const { chains = [], rules = [], tables = [] } = facts.ruleset ?? {};
  const same = (one: Chain, { table, name }: NamedReference) =>
    one.name === name && one.table.name === table.name && one.table.family === table.family;
  const sleeps = ({ table }: Chain) =>
    tables.some(
      ({ family, name, flags }) =>
        family === table.family && name === table.name && flags?.includes('dormant') === true,
    );
  const dropping = chains.filter(
    (chain) => chain.policy === 'drop' && !isOurTable(chain.table) && !sleeps(chain),
  );
  return dropping.flatMap((chain): Finding[] => {
    const { table, name, hook = '' } = chain;
    const isForward = hook === 'forward';
    const own = rules.filter((rule) => same(chain, rule.chain));
    const count = own.length;
    if (isForward ? !isRouter(facts) : count > 0) return [];
    const accepted = new Set(own.map(textOf));
    const isAccepted = (bridge: string) =>
      ['iifname', 'oifname'].every((side) => accepted.has(`${side} "${bridge}" accept`));
    const bridges = inUse(facts);
    const left = bridges.filter((bridge) => !isAccepted(bridge));
    // What the fix below adds, and all that is known to be wanted, is accepted.
    if (isForward && bridges.length > 0 && left.length === 0) return [];
    const allow = (...match: string[]) =>
      command(facts, 'nft', 'insert', 'rule', table.family, table.name, name, ...match, 'accept');
    const fixes = isForward
      ? left.flatMap((bridge) => [allow('iifname', bridge), allow('oifname', bridge)])
      : [];
    const passes = count === 0 ? 'it has no rules, so everything' : `what none of its ${count} rules accepts`;
    return [
      {
        code: 'policy-drop',
        severity: isForward && count === 0 ? 'error' : 'warning',
        what: `${passes} is dropped, whatever other tables say (hook ${hook})`,
        where: `chain ${table.family} ${table.name} ${name} of ${nameOf(facts)}`,
        fix: fixes.length > 0 ? fixes.join(' and ') : 'accept in this chain what is to pass',
      },
    ];
  });
}

export function bridgeNetfilter(facts: Facts): Finding[] {
  const { links, sysctls } = facts;
  if (!links.some(({ kind }) => kind === 'bridge')) return [];
  return BR_NETFILTER.filter((key) => sysctls[key] === '1').map((key) => ({
    code: 'bridge-netfilter',
    severity: 'warning',
    what: 'frames that stay on a bridge go through the chains for forwarded packets: rules meant for routing drop what neighbours send each other',
    where: `sysctl ${key} of ${nameOf(facts)}`,
    fix: setSysctlCommand(facts, key, 0),
  }));
}
