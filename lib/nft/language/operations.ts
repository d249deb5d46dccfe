import type { Statement } from './match';
import type {
  Chain,
  Key,
  NamedReference,
  NftElement,
  NftFamily,
  NftObject,
  NftSet,
  RuleReference,
  SetReference,
  Table,
  TableReference,
} from './model';

// The operations of a transaction. Each is plain data, which `applyNft` encodes.

export interface AddRuleOptions {
  comment?: string;
  /** Handle of the rule before or after which the rule is added; by default it is added at the end of the chain. */
  before?: number;
  after?: number;
  /** Whether to add the rule at the beginning of the chain. */
  first?: boolean;
}

export interface AddOptions {
  /** What happens where the object exists: 'ignore' (default; its settings stay as they are) or 'fail' with EEXIST. */
  ifExists?: 'ignore' | 'fail';
}

export interface DeleteOptions {
  /** What happens where the object does not exist: 'fail' (default) with ENOENT, or 'ignore', which takes Linux 6.3. */
  ifMissing?: 'fail' | 'ignore';
}

export type Operation =
  | { op: 'addTable'; table: Table; options: AddOptions }
  | { op: 'deleteTable'; table: TableReference; options: DeleteOptions }
  | { op: 'addChain'; chain: Chain; options: AddOptions }
  | { op: 'flushChain'; chain: NamedReference }
  | { op: 'deleteChain'; chain: NamedReference; options: DeleteOptions }
  | { op: 'addRule'; chain: NamedReference; statements: readonly Statement[]; options: AddRuleOptions }
  | {
      op: 'replaceRule';
      rule: RuleReference;
      statements: readonly Statement[];
      options: { comment?: string };
    }
  | { op: 'deleteRule'; rule: RuleReference; options: DeleteOptions }
  | { op: 'addSet'; set: NftSet; options: AddOptions }
  | { op: 'flushSet'; set: NamedReference }
  | { op: 'deleteSet'; set: NamedReference; options: DeleteOptions }
  | { op: 'addElements'; set: SetReference; elements: readonly NftElement[]; options: AddOptions }
  | { op: 'deleteElements'; set: SetReference; keys: readonly Key[]; options: DeleteOptions }
  | { op: 'addObject'; object: NftObject; options: AddOptions }
  | { op: 'deleteObject'; object: NamedReference & Pick<NftObject, 'type'>; options: DeleteOptions }
  | { op: 'flushRuleset'; family?: NftFamily };

/** `nft add table`, or with `ifExists: 'fail'`, `nft create table`. */
export function addTable(table: Table, options: AddOptions = {}): Operation {
  return { op: 'addTable', table, options };
}

/** `nft delete table`, with all that is in it; or with `ifMissing: 'ignore'`, `nft destroy table`. */
export function deleteTable(table: TableReference, options: DeleteOptions = {}): Operation {
  return { op: 'deleteTable', table, options };
}

/** `nft add chain`. A base chain sees packets from the end of the transaction on. */
export function addChain(chain: Chain, options: AddOptions = {}): Operation {
  return { op: 'addChain', chain, options };
}

/** `nft flush chain`: deletes all rules of a chain. */
export function flushChain(chain: NamedReference): Operation {
  return { op: 'flushChain', chain };
}

/** `nft delete chain`, with its rules. EBUSY where a rule or an element jumps to the chain. */
export function deleteChain(chain: NamedReference, options: DeleteOptions = {}): Operation {
  return { op: 'deleteChain', chain, options };
}

/** `nft add rule`, or with `first` or `before`, `nft insert rule`. */
export function addRule(
  chain: NamedReference,
  statements: readonly Statement[],
  options: AddRuleOptions = {},
): Operation {
  return { op: 'addRule', chain, statements, options };
}

/** `nft replace rule`: replaces the rule with this handle. */
export function replaceRule(
  rule: RuleReference,
  statements: readonly Statement[],
  options: { comment?: string } = {},
): Operation {
  return { op: 'replaceRule', rule, statements, options };
}

/** `nft delete rule`: deletes the rule with this handle. */
export function deleteRule(rule: RuleReference, options: DeleteOptions = {}): Operation {
  return { op: 'deleteRule', rule, options };
}

/** `nft add set`, or `nft add map` for one with values. */
export function addSet(set: NftSet, options: AddOptions = {}): Operation {
  return { op: 'addSet', set, options };
}

/** `nft flush set`: deletes all elements of a set. */
export function flushSet(set: NamedReference): Operation {
  return { op: 'flushSet', set };
}

/** `nft delete set`. EBUSY where a rule refers to the set. */
export function deleteSet(set: NamedReference, options: DeleteOptions = {}): Operation {
  return { op: 'deleteSet', set, options };
}

/** `nft add element`: any number of elements. They are sent in as many messages as they need, all in one transaction. */
export function addElements(
  set: SetReference,
  elements: readonly NftElement[],
  options: AddOptions = {},
): Operation {
  return { op: 'addElements', set, elements, options };
}

/** `nft delete element`: deletes elements by their keys. With `ifMissing: 'ignore'`, the set itself still has to exist. */
export function deleteElements(
  set: SetReference,
  keys: readonly Key[],
  options: DeleteOptions = {},
): Operation {
  return { op: 'deleteElements', set, keys, options };
}

/** `nft add counter`, `nft add limit`, …: adds a named object, which rules can use. */
export function addObject(object: NftObject, options: AddOptions = {}): Operation {
  return { op: 'addObject', object, options };
}

/** `nft delete counter`, `nft delete limit`, … EBUSY where a rule or an element uses the object. */
export function deleteObject(
  object: NamedReference & Pick<NftObject, 'type'>,
  options: DeleteOptions = {},
): Operation {
  return { op: 'deleteObject', object, options };
}

/** `nft flush ruleset`: deletes all tables of a family, or of all families, including those of other programs. */
export function flushRuleset(family?: NftFamily): Operation {
  return { op: 'flushRuleset', ...(family !== undefined && { family }) };
}
