import * as nft from '../../nft';

/** A chain with all of its rules. */
export interface ChainOfRules extends Omit<nft.Chain, 'table'> {
  rules: readonly (readonly nft.Statement[])[];
}

/** Sets and chains of one table, each before those that refer to it. */
export interface TableParts {
  table: nft.Table;
  sets: readonly nft.NftSet[];
  chains: readonly ChainOfRules[];
}

/** Operations that add to a table what it lacks, out of what was listed of it. Other parts of the table are left alone. */
export function lackingParts(
  { table, sets: wantedSets, chains: wantedChains }: TableParts,
  { tables, chains, rules, sets }: nft.Ruleset,
): nft.Operation[] {
  const existing = {
    chains: new Set(chains.map(({ name }) => name)),
    sets: new Set(sets.map(({ name }) => name)),
  };
  const parts: nft.Operation[] = [];
  if (tables.length === 0) parts.push(nft.addTable(table));
  for (const one of wantedSets) if (!existing.sets.has(one.name)) parts.push(nft.addSet(one));
  for (const { rules: wanted, ...chain } of wantedChains) {
    const own = { table, ...chain };
    const count = rules.filter((rule) => rule.chain.name === chain.name).length;
    if (existing.chains.has(chain.name) && count === wanted.length) continue;
    parts.push(nft.addChain(own), nft.flushChain(own));
    for (const statements of wanted) parts.push(nft.addRule(own, statements));
  }
  return parts;
}
