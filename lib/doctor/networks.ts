import { bridgeMac } from '../network/options';
import { missingParts, TABLE } from '../network/ruleset';
import { isAttached } from '../network/members';
import { command, nameOf } from './command';
import type { Facts } from './facts';
import type { Finding } from './finding';

const AGAIN = 'call `createBridgeNetwork` with its options again';

export function flushedNetworks(facts: Facts): Finding[] {
  const { links, networks, netns, ruleset } = facts;
  if (ruleset === undefined) return [];
  const known = new Set(networks.map(({ name }) => name));
  return links
    .filter(
      ({ kind, name, mac }) => kind === 'bridge' && !known.has(name) && mac === bridgeMac(name, netns.ino),
    )
    .map(({ name }) => ({
      code: 'network-flushed',
      severity: 'error',
      what: `the bridge of network ${name} is there, but somebody flushed the rules of nf_tables: no NAT, no published ports`,
      where: `table ${TABLE.family} ${TABLE.name} of ${nameOf(facts)}`,
      fix: `${AGAIN}, and attach its members again`,
    }));
}

export function rulesMissing(facts: Facts): Finding[] {
  const { networks, ruleset } = facts;
  if (networks.length === 0 || ruleset === undefined) return [];
  const ours = <T extends { table: { family: string; name: string } }>(list: readonly T[]) =>
    list.filter(({ table }) => table.family === TABLE.family && table.name === TABLE.name);
  const own = {
    ...ruleset,
    tables: ruleset.tables.filter(({ family, name }) => family === TABLE.family && name === TABLE.name),
    chains: ours(ruleset.chains),
    rules: ruleset.rules.filter(({ chain }) => ours([chain]).length > 0),
    sets: ours(ruleset.sets),
  };
  const where = `table ${TABLE.family} ${TABLE.name} of ${nameOf(facts)}`;
  const findings: Finding[] = [];
  if (own.tables.some(({ flags }) => flags?.includes('dormant') === true)) {
    findings.push({
      code: 'table-dormant',
      severity: 'error',
      what: 'the table is dormant, so none of its rules holds: no NAT, no published ports, no isolation',
      where,
      fix: command(facts, 'nft', 'add', 'table', TABLE.family, TABLE.name),
    });
  }
  if (missingParts(own).length > 0) {
    findings.push({
      code: 'rules-missing',
      severity: 'error',
      what: 'rules, chains or sets of networks are missing, or others are among them',
      where,
      fix: AGAIN,
    });
  }
  return findings;
}

/** One in the midst of being attached or detached is left alone. */
export function membersGone(facts: Facts): Finding[] {
  const { links, networks } = facts;
  return networks.flatMap(({ name, members }) => {
    const bridge = links.find((link) => link.name === name)?.index;
    const lost = members.filter(({ port, state }) => {
      const link = links.find((one) => one.name === port);
      return isAttached(state) && (link === undefined || link.master !== bridge);
    });
    return lost.map(({ port, addresses }) => ({
      code: 'member-gone',
      severity: 'warning',
      what: `the member with ${Object.values(addresses).join(' and ')} is gone, or its port is off the bridge; its addresses and published ports are still taken`,
      where: `port ${port} of network ${name} in ${nameOf(facts)}`,
      fix: 'call `repair()` of the network',
    }));
  });
}
