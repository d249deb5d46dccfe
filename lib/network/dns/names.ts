import type { Family } from '../../common/check';
import type { Subnet } from '../plan';
import { placeInSubnets, reverseName } from './reverse';
import { isName } from '../dns-options';

/** The records of a name, by their types. */
export interface NameRecords {
  A: string[];
  AAAA: string[];
  PTR: string[];
}

export interface NamedMember {
  aliases: readonly string[];
  addresses: Readonly<Partial<Record<Family, string>>>;
}

/** Records by names in lower case. */
export type NameTable = ReadonlyMap<string, NameRecords>;

/** The records of all members' aliases, and of their addresses. */
export function nameTable(members: readonly NamedMember[], domain: string | undefined): NameTable {
  const table = new Map<string, NameRecords>();
  const at = (name: string): NameRecords => {
    const found = table.get(name);
    if (found !== undefined) return found;
    const fresh = { A: [], AAAA: [], PTR: [] };
    table.set(name, fresh);
    return fresh;
  };
  for (const { aliases, addresses } of members) {
    const names = [...new Set(aliases.map((alias) => alias.toLowerCase().replace(/\.$/, '')))].filter(isName);
    for (const name of names) {
      for (const full of inDomain(name, domain)) {
        if (addresses[4] !== undefined) at(full).A.push(addresses[4]);
        if (addresses[6] !== undefined) at(full).AAAA.push(addresses[6]);
      }
    }
    if (names.length === 0) continue;
    const targets = names.flatMap((name) => inDomain(name, domain).slice(-1));
    for (const address of Object.values(addresses)) at(reverseName(address)).PTR.push(...targets);
  }
  return table;
}

/** The name itself and, last of all, the one in the domain. */
function inDomain(name: string, domain: string | undefined): string[] {
  return domain === undefined ? [name] : [name, `${name}.${domain}`].filter(isName);
}

/** The records of a name. 'unknown': the name does not exist, and is not passed on; 'elsewhere': other servers are asked. */
export function lookUp(
  table: NameTable,
  name: string,
  { domain, subnets }: { domain: string | undefined; subnets: readonly Subnet[] },
): NameRecords | 'unknown' | 'elsewhere' {
  const found = table.get(name);
  if (found !== undefined) return found;
  const nothing = { A: [], AAAA: [], PTR: [] };
  const place = placeInSubnets(name, subnets);
  // Names below this one exist, so this one exists as well, without records (RFC 8020).
  if (name === domain || place === 'part') return nothing;
  const ours = place === 'address' || (domain !== undefined && name.endsWith(`.${domain}`));
  return ours ? 'unknown' : 'elsewhere';
}
