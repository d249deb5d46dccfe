import type { Chain } from '../nftables/model';
import { TABLE } from '../network/ruleset';
import { command, nameOf, setSysctlCommand } from './command';
import type { Facts } from './facts';
import type { Finding } from './finding';
import { isRouter } from './routing';
import { BRIDGE_FILTERS } from './sysctls';

const isOurs = ({ table }: Chain) => table.family === TABLE.family && table.name === TABLE.name;

/** A verdict of ours does not help: a packet passes if all chains of a hook let it. */
export function foreignPolicies(facts: Facts): Finding[] {
  const { ruleset, links } = facts;
  const dropping = (ruleset?.chains ?? []).filter((chain) => chain.policy === 'drop' && !isOurs(chain));
  const bridge = links.find(({ kind }) => kind === 'bridge')?.name ?? 'DEVICE';
  return dropping.map(({ table, name, hook = '' }) => {
    const rule = (...match: string[]) =>
      command(facts, 'nft', 'insert', 'rule', table.family, table.name, name, ...match, 'accept');
    const forward = `${rule('iifname', bridge)} and ${rule('oifname', bridge)}`;
    return {
      code: 'policy-drop',
      severity: hook === 'forward' && isRouter(facts) ? 'error' : 'warning',
      what: `what no rule of this chain accepts is dropped, whatever other tables say (hook ${hook})`,
      where: `chain ${table.family} ${table.name} ${name} of ${nameOf(facts)}`,
      fix: hook === 'forward' ? forward : rule('ct', 'state', 'established,related'),
    };
  });
}

export function bridgeNetfilter(facts: Facts): Finding[] {
  const { links, sysctls } = facts;
  if (!links.some(({ kind }) => kind === 'bridge')) return [];
  return BRIDGE_FILTERS.filter((key) => sysctls[key] === '1').map((key) => ({
    code: 'bridge-netfilter',
    severity: 'warning',
    what: 'frames that stay on a bridge go through the chains for forwarded packets: rules meant for routing drop what neighbours send each other',
    where: `sysctl ${key} of ${nameOf(facts)}`,
    fix: setSysctlCommand(facts, key, 0),
  }));
}
