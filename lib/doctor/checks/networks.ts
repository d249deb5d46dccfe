import type { Link } from '../../links/link-view';
import { bridgeMac } from '../../network/options';
import { routeLocalnet } from '../../network/members/localnet';
import type { ListedNetwork } from '../../network/table/read-networks';
import { isLocalnetGuarded, missingParts } from '../../network/table/ruleset';
import { isOurTable, TABLE } from '../../network/table/sets';
import { isAttached } from '../../network/table/member-records';
import { command, nameOf, setLinkCommand, setSysctlCommand } from '../command';
import type { Facts } from '../facts';
import type { Finding } from '../finding';

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

/** Bridges with route_localnet without the rules that keep members from 127.0.0.0/8 of the host. */
export function localnetExposed(facts: Facts): Finding[] {
  const { links, networks, netns, ruleset, sysctls } = facts;
  if (ruleset === undefined) return [];
  const guarded = isLocalnetGuarded(ruleset) ? networks.map(({ name }) => name) : [];
  return links.flatMap(({ kind, name, mac }): Finding[] => {
    const key = routeLocalnet(name);
    const ours = kind === 'bridge' && mac === bridgeMac(name, netns.ino);
    if (!ours || sysctls[key] !== '1' || guarded.includes(name)) return [];
    return [
      {
        code: 'localnet-exposed',
        severity: 'error',
        what: `members of network ${name} reach services that listen at 127.0.0.1 of the host: route_localnet is set, and the rules that drop such packets are missing`,
        where: `sysctl ${key} of ${nameOf(facts)}`,
        fix: `${setSysctlCommand(facts, key, 0)}, or ${AGAIN}`,
      },
    ];
  });
}

export function rulesMissing(facts: Facts): Finding[] {
  const { networks, ruleset } = facts;
  if (networks.length === 0 || ruleset === undefined) return [];
  const own = {
    ...ruleset,
    tables: ruleset.tables.filter(isOurTable),
    chains: ruleset.chains.filter(({ table }) => isOurTable(table)),
    rules: ruleset.rules.filter(({ chain }) => isOurTable(chain.table)),
    sets: ruleset.sets.filter(({ table }) => isOurTable(table)),
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

interface Bridged {
  network: ListedNetwork;
  bridge: Link | undefined;
}

/** The networks, each with its bridge. */
function withBridges({ links, networks }: Facts): Bridged[] {
  return networks.map((network) => ({ network, bridge: links.find(({ name }) => name === network.name) }));
}

/** Bridges that are gone, or have lost an address. */
export function bridgesDamaged(facts: Facts): Finding[] {
  return withBridges(facts).flatMap(({ network: { name, gateways }, bridge }): Finding[] => {
    const where = `bridge ${name} of ${nameOf(facts)}`;
    if (bridge === undefined) {
      const what = `the bridge of network ${name} is gone: its members reach nobody`;
      const fix = `${AGAIN}, and attach its members again`;
      return [{ code: 'bridge-gone', severity: 'error', what, where, fix }];
    }
    const addrs = facts.addrs.filter(({ index }) => index === bridge.index);
    const own = addrs.map(({ addr }) => addr.split('/')[0]);
    const missing = gateways.filter((gateway) => !own.includes(gateway));
    return missing.map((gateway) => {
      const what = `the bridge of network ${name} has lost its address ${gateway}: members have no way out`;
      return { code: 'gateway-missing', severity: 'error', what, where, fix: AGAIN };
    });
  });
}

/** Members whose port is gone, or off the bridge. A member that a process is attaching or detaching is left out. */
export function membersGone(facts: Facts): Finding[] {
  return withBridges(facts).flatMap(({ network: { name, members }, bridge }) => {
    if (bridge === undefined) return [];
    return members.flatMap(({ port, addresses, state }): Finding[] => {
      const link = facts.links.find((one) => one.name === port);
      if (!isAttached(state) || link?.master === bridge.index) return [];
      const who = `the member with ${Object.values(addresses).join(' and ')}`;
      const where = `port ${port} of network ${name} in ${nameOf(facts)}`;
      if (link === undefined) {
        const what = `${who} is gone; its addresses and published ports are still taken`;
        const fix = 'call `network.repair()`, and attach it again if it is still wanted';
        return [{ code: 'member-gone', severity: 'warning', what, where, fix }];
      }
      const what = `the port of ${who} is off the bridge`;
      const fix = setLinkCommand(facts, port, ['master', name]);
      return [{ code: 'member-gone', severity: 'error', what, where, fix }];
    });
  });
}

/** Ports of a network's bridge with the alias of a member, which the table lacks: attached before the rules were flushed. */
export function membersUnknown(facts: Facts): Finding[] {
  return withBridges(facts).flatMap(({ network: { name, members }, bridge }) => {
    if (bridge === undefined) return [];
    const known = new Set(members.map(({ port }) => port));
    const unknown = facts.links.filter(
      (link) => link.master === bridge.index && link.alias?.startsWith('net:[') && !known.has(link.name),
    );
    return unknown.map((link) => ({
      code: 'member-unknown',
      severity: 'error',
      what: `${link.name} is on the bridge, but no member of the network any more: somebody flushed the rules of nf_tables since`,
      where: `port ${link.name} of network ${name} in ${nameOf(facts)}`,
      fix: 'attach its namespace to the network again',
    }));
  });
}
